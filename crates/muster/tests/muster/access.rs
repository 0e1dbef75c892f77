//! Users and tokens from the command line, the master key that second factors are sealed with, and where no secret stands.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use crate::process::{Server, eventually, fails, get, muster, one_line, serve};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn tokens_are_scoped_rotated_and_revoked() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let scopes = ["--scopes", "inventory:read,metrics:read"];
    let old = run(directory.path(), &[&["token", "create", "--name", "ci"], &scopes[..]].concat());
    let works = async |secret: &str| get(&server, secret.trim(), "/api/resources").await.0 == 200;
    assert!(works(&old).await);
    assert_eq!(get(&server, old.trim(), "/api/users").await.0, 403);
    let new = run(directory.path(), &["token", "rotate", "ci", "--overlap", "1h"]);
    assert!(works(&old).await && works(&new).await, "both work for the overlap");
    let listed = run(directory.path(), &["token", "list"]);
    assert!(listed.contains("inventory:read metrics:read") && !listed.contains(new.trim()), "{listed}");
    let third = run(directory.path(), &["token", "rotate", "ci", "--overlap", "0"]);
    assert!(!works(&old).await && !works(&new).await && works(&third).await);
    run(directory.path(), &["token", "revoke", "ci"]);
    assert!(!works(&third).await);
    let (exit, said) = fails(muster().args(["token", "create", "--name", "x", "--scopes", "everything"]));
    assert_eq!(exit, 2);
    assert!(said.contains("expected one of inventory:read"), "{said}");
}

#[tokio::test]
async fn users_are_kept_out_and_let_in() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    add_user(directory.path(), "ada", "admin");
    add_user(directory.path(), "eve", "viewer");
    let (cookie, _) = sign_in(&server, "eve").await;
    let sessions = run(directory.path(), &["user", "sessions", "eve"]);
    assert!(sessions.contains("127.0.0.1"), "{sessions}");
    run(directory.path(), &["user", "disable", "eve"]);
    assert_eq!(with_cookie(&server, &cookie).await, 401);
    assert!(run(directory.path(), &["user", "list"]).contains("disabled"));
    run(directory.path(), &["user", "enable", "eve"]);
    run(directory.path(), &["user", "role", "eve", "operator"]);
    let (cookie, _) = sign_in(&server, "eve").await;
    assert_eq!(with_cookie(&server, &cookie).await, 200);
    run(directory.path(), &["user", "sessions", "eve", "--end"]);
    assert_eq!(with_cookie(&server, &cookie).await, 401);
    let (exit, said) = fails(muster().args(["user", "disable", "ada", "--data-dir"]).arg(directory.path()));
    assert_eq!(exit, 1);
    assert!(said.contains("administrator"), "{said}");
    let (_, said) = fails(muster().args(["user", "reset-second-factor", "eve", "--data-dir"]).arg(directory.path()));
    assert!(said.contains("second factor"), "{said}");
}

#[tokio::test]
async fn a_start_without_the_master_key_fails_where_secrets_exist() {
    // D-21
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    add_user(directory.path(), "ada", "admin");
    let key = directory.path().join("secret.key");
    assert!(fs::read_to_string(&key).unwrap().starts_with("muster-key-1:"));
    let (cookie, csrf) = sign_in(&server, "ada").await;
    let request = http().post(format!("http://{}/api/account/second-factor", server.address));
    let request = request.header("cookie", &cookie).header("x-csrf-token", &csrf);
    let offered = request.json(&json!({"currentPassword": PASSWORD})).send().await.unwrap();
    assert_eq!(offered.status(), 200);
    assert!(server.stop().success());

    let aside = directory.path().join("aside");
    fs::rename(&key, &aside).unwrap();
    let (exit, said) = fails(&mut serve(directory.path()));
    let line = one_line(&said);
    assert_eq!(exit, 1, "{line}");
    assert!(line.contains("secret.key is missing") && line.contains("MUSTER_SECRET_KEY_FILE"), "{line}");
    assert!(!key.exists(), "no new key hides that the old one is gone");
    let server = Server::from(serve(directory.path()).env("MUSTER_SECRET_KEY_FILE", &aside));
    eventually(
        &server,
        run(directory.path(), &["token", "create", "--name", "t", "--role", "viewer"]).trim(),
        "/api/system",
        |_| true,
    )
    .await;
    assert!(server.stop().success());
}

#[tokio::test]
async fn what_lets_somebody_in_stands_in_no_log_and_no_database() {
    // D-21: the set-up link goes into its own file where there is no terminal, and is never logged.
    let directory = tempfile::tempdir().unwrap();
    let server = Server::from(serve(directory.path()).env("MUSTER_LOG__LEVEL", "trace"));
    let link = fs::read_to_string(directory.path().join("setup-link")).unwrap();
    let setup = link.trim().split_once("/#setup=").unwrap().1;
    let body = json!({"token": setup, "username": "ada", "password": PASSWORD});
    let answer = http().post(format!("http://{}/api/setup", server.address)).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = run(directory.path(), &["token", "create", "--name", "ci", "--role", "viewer"]);
    assert_eq!(with_cookie(&server, &cookie).await, 200);
    assert_eq!(get(&server, token.trim(), "/api/resources").await.0, 200);
    let said = server.said_until("/api/resources");
    let (_, session) = cookie.split_once('=').unwrap();
    for secret in [setup, PASSWORD, session, token.trim()] {
        assert!(!said.contains(secret), "`{secret}` was logged");
        for (path, content) in files(directory.path()) {
            let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert_eq!(found, secret == setup && path.ends_with("setup-link"), "`{secret}` in {}", path.display());
        }
    }
    assert!(server.stop().success());
}

fn run(data_dir: &Path, arguments: &[&str]) -> String {
    let mut command = muster();
    let key = data_dir.join("aside");
    if key.exists() {
        command.env("MUSTER_SECRET_KEY_FILE", key);
    }
    let output = command.args(arguments).arg("--data-dir").arg(data_dir).output().unwrap();
    text(arguments, output)
}

/// Every file below a directory with what is in it.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let below =
        |path: PathBuf| if path.is_dir() { files(&path) } else { vec![(path.clone(), fs::read(path).unwrap())] };
    entries.flat_map(below).collect()
}

fn add_user(data_dir: &Path, name: &str, role: &str) {
    let arguments = ["user", "add", name, "--role", role];
    let mut child = muster()
        .args(arguments)
        .arg("--data-dir")
        .arg(data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    text(&arguments, child.wait_with_output().unwrap());
}

fn text(arguments: &[&str], output: Output) -> String {
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The session's cookie and its CSRF token.
async fn sign_in(server: &Server, name: &str) -> (String, String) {
    let login = http().post(format!("http://{}/api/login", server.address));
    let answer = login.json(&json!({"username": name, "password": PASSWORD})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let session: Value = answer.json().await.unwrap();
    (cookie, session["csrfToken"].as_str().unwrap().to_owned())
}

async fn with_cookie(server: &Server, cookie: &str) -> u16 {
    let request = http().get(format!("http://{}/api/system", server.address)).header("cookie", cookie);
    request.send().await.unwrap().status().as_u16()
}

fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
