//! A real server that speaks TLS: its own certificate, somebody's files, commands on the same machine, reload.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use muster_outbound::{Fingerprint, pinned_tls};
use rustix::process::Signal;
use secrecy::ExposeSecret;

use crate::process::{PATIENCE, Server, fails, free_address, muster, one_line, serve, token};

#[tokio::test]
async fn a_server_makes_a_certificate_on_request_and_keeps_it() {
    let directory = tempfile::tempdir().unwrap();
    let redirect = free_address().to_string();
    let start = || {
        let mut command = serve(directory.path());
        command.env("MUSTER_SERVER__TLS__SELF_SIGNED", "true").env("MUSTER_SERVER__HTTP_REDIRECT", &redirect);
        Server::from(&mut command)
    };
    let server = start();
    let said = server.said_until("SHA-256");
    assert!(said.contains("Nobody vouches for its certificate"), "{said}");
    let first = shown(directory.path());
    assert_eq!(healthz(&server, first).await.unwrap(), 200);
    assert!(healthz(&server, Fingerprint::of(b"another")).await.is_err());
    // Commands on this machine know whom to believe.
    let viewer = token(directory.path(), "viewer");
    assert!(viewer.starts_with("mst_"));
    let plain = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = plain.get(format!("http://{redirect}/x?y")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"].to_str().unwrap(), format!("https://{}/x?y", server.address));
    assert!(server.stop().success());
    assert_eq!(fs::metadata(directory.path().join("tls.key")).unwrap().permissions().mode() & 0o777, 0o600);
    let again = start();
    assert_eq!(shown(directory.path()), first, "whoever compared it need not do so again");
    assert!(again.stop().success());
}

#[tokio::test]
async fn a_signal_brings_another_certificate_into_force() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = write_pair(files.path());
    let server = Server::from(with_files(&mut serve(directory.path()), files.path()));
    assert_eq!(healthz(&server, first).await.unwrap(), 200);
    let second = write_pair(files.path());
    server.signal(Signal::HUP);
    let reloaded = async {
        while shown(directory.path()) != second {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, reloaded).await.expect("the signal is heard");
    assert_eq!(healthz(&server, second).await.unwrap(), 200);
    assert!(server.stop().success());
}

#[test]
fn a_key_that_others_can_read_stops_the_start() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_pair(files.path());
    fs::set_permissions(files.path().join("tls.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let (exit, said) = fails(with_files(&mut serve(directory.path()), files.path()));
    assert_eq!(exit, 1);
    let line = one_line(&said);
    assert!(line.contains("(mode 644)") && line.contains("chmod 600") && line.contains("tls.key"), "{line}");
}

#[test]
fn half_a_pair_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = muster();
    command.args(["serve", "--data-dir"]).arg(directory.path()).env("MUSTER_SERVER__TLS__KEY", "/a");
    let (exit, said) = fails(&mut command);
    assert_eq!(exit, 2);
    assert!(
        one_line(&said).contains("MUSTER_SERVER__TLS__KEY: server.tls.key: needs server.tls.certificate"),
        "{said}"
    );
}

fn with_files<'a>(command: &'a mut Command, files: &Path) -> &'a mut Command {
    command
        .env("MUSTER_SERVER__TLS__CERTIFICATE", files.join("tls.crt"))
        .env("MUSTER_SERVER__TLS__KEY", files.join("tls.key"))
}

/// A new pair in a directory.
fn write_pair(directory: &Path) -> Fingerprint {
    let now = jiff::Timestamp::constant(1_800_000_000, 0);
    let made = muster_server::self_signed("Muster", &["127.0.0.1".to_owned()], now).unwrap();
    let (certificate, key) = (directory.join("tls.crt"), directory.join("tls.key"));
    fs::write(&key, made.key.expose_secret()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&certificate, made.certificate).unwrap();
    let files = muster_server::PairFiles { certificate, key };
    muster_server::Certificates::load(files, now).unwrap().facts().fingerprint
}

/// The fingerprint that the server leaves for commands on its machine.
fn shown(data_dir: &Path) -> Fingerprint {
    let said = fs::read_to_string(data_dir.join("server.address")).unwrap();
    said.lines().nth(1).unwrap().parse().unwrap()
}

async fn healthz(server: &Server, pin: Fingerprint) -> Result<u16, reqwest::Error> {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).tls_backend_preconfigured(pinned_tls(pin));
    let answer = client.build().unwrap().get(format!("https://{}/healthz", server.address)).send().await?;
    Ok(answer.status().as_u16())
}
