//! Connections from the command line, to a simulated cluster over real TLS: what is approved, what is asked again, and where
//! no secret stands. Commands are waited for on the test's own thread, so the cluster has others.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use muster_testkit::pve::{Cluster, Credential, Running};
use serde_json::Value;

use crate::process::{Server, eventually, fails, free_address, muster, one_line, serve, token};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_approved_made_tested_examined_and_removed() {
    // D-20, D-21, D-26
    let (directory, cluster) = (tempfile::tempdir().unwrap(), cluster().await);
    let server = Server::from(serve(directory.path()).env("MUSTER_LOG__LEVEL", "debug"));
    let secret = secret_file(directory.path(), cluster.token().1);

    let (exit, said) = fails(add(directory.path(), &cluster).args(["--secret-file"]).arg(&secret));
    let line = one_line(&said);
    assert_eq!(exit, 1, "{line}");
    assert!(line.contains("compare its SHA-256") && line.contains("--pin"), "{line}");
    assert!(line.contains(&cluster.fingerprints()[0]), "{line}");
    assert!(
        cluster.requests().iter().all(|request| request.credential == Credential::None),
        "no secret before the approval"
    );

    let pins: Vec<String> = cluster.fingerprints().into_iter().flat_map(|pin| ["--pin".to_owned(), pin]).collect();
    let added = run(add(directory.path(), &cluster).args(&pins).args(["--secret-file"]).arg(&secret));
    assert!(added.contains("lab"), "{added}");
    let viewer = token(directory.path(), "viewer");
    let connections = eventually(&server, &viewer, "/api/connections", |answer| {
        answer["items"][0]["poll"]["lastSuccessAt"].is_string()
    });
    let source = connections.await["items"][0]["source"].as_str().unwrap().to_owned();
    eventually(&server, &viewer, &format!("/api/resources?source={source}"), |answer| {
        answer["items"].as_array().is_some_and(|items| !items.is_empty())
    })
    .await;
    let listed = run(on(directory.path(), &["list"]));
    assert!(listed.contains("STATE") && listed.contains("lab") && !listed.contains("failing"), "{listed}");
    let tested: Value = serde_json::from_str(&run(on(directory.path(), &["test", "LAB", "--output", "json"]))).unwrap();
    assert_eq!(tested["poll"]["lastError"], Value::Null, "{tested}");
    let examined = run(on(directory.path(), &["doctor", "lab"]));
    assert!(examined.contains("GET /") && examined.contains("granted") && examined.contains("pinned"), "{examined}");

    let said = server.said();
    for (place, content) in files(directory.path()).into_iter().chain([(PathBuf::from("log"), said.into_bytes())]) {
        let found = content.windows(cluster.token().1.len()).any(|it| it == cluster.token().1.as_bytes());
        assert_eq!(found, place == secret, "the secret stands in {}", place.display());
    }
    run(on(directory.path(), &["remove", "lab"]));
    let (_, said) = fails(&mut on(directory.path(), &["test", "lab"]));
    assert!(said.contains("there is no connection `lab`"), "{said}");
    eventually(&server, &viewer, &format!("/api/resources?source={source}"), |answer| {
        answer["items"].as_array().is_some_and(Vec::is_empty)
    })
    .await;
    assert!(server.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_told_before_anything_is_made() {
    let (directory, cluster) = (tempfile::tempdir().unwrap(), cluster().await);
    let server = Server::start(directory.path());
    let secret = secret_file(directory.path(), "00000000-0000-4000-8000-000000000000");
    let pins: Vec<String> = cluster.fingerprints().into_iter().flat_map(|pin| ["--pin".to_owned(), pin]).collect();
    let (exit, said) = fails(add(directory.path(), &cluster).args(&pins).args(["--secret-file"]).arg(&secret));
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("nothing was added") && said.contains("monitor@pve"), "{said}");
    assert!(cluster.requests().iter().any(|request| request.status == Some(401)), "{said}");
    let listed: Value = serde_json::from_str(&run(on(directory.path(), &["list", "--output", "json"]))).unwrap();
    assert_eq!(listed, serde_json::json!([]));
    assert!(server.stop().success());
}

#[test]
fn another_address_asks_for_the_secret_again() {
    // D-20
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    run_with(unprobed(directory.path()), "s3cret");
    run(on(directory.path(), &["edit", "attic", "--rename", "Attic 2", "--interval", "1m"]));
    let elsewhere = ["edit", "attic 2", "--address", "pve2.example.org"];
    let (exit, said) = fails(&mut on(directory.path(), &elsewhere));
    assert_eq!(exit, 2, "{said}");
    assert!(said.contains("give the secret again") && said.contains("standard input"), "{said}");
    let edited = run_with(on(directory.path(), &elsewhere), "another");
    assert!(edited.contains("1 min"), "{edited}");
    let listed: Value = serde_json::from_str(&run(on(directory.path(), &["list", "--output", "json"]))).unwrap();
    assert_eq!(listed[0]["endpoints"], serde_json::json!(["https://pve2.example.org:8006"]));
    assert!(server.stop().success());
}

#[test]
fn a_start_without_the_master_key_of_a_connection_fails() {
    // D-21
    let directory = tempfile::tempdir().unwrap();
    // No server runs: the command is its own, and polls nothing.
    run_with(unprobed(directory.path()), "s3cret");
    assert!(run(on(directory.path(), &["list"])).contains("disabled"));
    let (key, aside) = (directory.path().join("secret.key"), directory.path().join("aside"));
    fs::rename(&key, &aside).unwrap();
    let (exit, said) = fails(&mut serve(directory.path()));
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("secret.key is missing"), "{said}");
    fs::rename(&aside, &key).unwrap();
    assert!(Server::start(directory.path()).stop().success());
}

#[test]
fn a_secret_may_stand_where_the_configuration_allows() {
    // D-23
    let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secret = secret_file(elsewhere.path(), "s3cret");
    let reference = format!("--secret-reference=file:{}", secret.display());
    let server = Server::start(directory.path());
    let (_, said) = fails(unprobed(directory.path()).arg(&reference));
    assert!(said.contains("none of the roots"), "{said}");
    assert!(server.stop().success());
    let server = Server::from(serve(directory.path()).env("MUSTER_SECRETS__DIRECTORIES", elsewhere.path()));
    run(unprobed(directory.path()).arg(&reference));
    assert!(server.stop().success());
    let (exit, said) = fails(serve(directory.path()).env("MUSTER_SECRETS__DIRECTORIES", "/nonexistent/of/muster"));
    assert_eq!(exit, 2, "{said}");
    assert!(said.contains("secrets.directories"), "{said}");
}

async fn cluster() -> Running {
    Cluster::builder().nodes(2).guests(4).start().await
}

/// `muster connections add` of a simulated cluster.
fn add(data_dir: &Path, cluster: &Running) -> Command {
    let mut command = on(data_dir, &["add", "lab"]);
    command.args(cluster.endpoints()).args(["--user", cluster.token().0]);
    command
}

/// `muster connections add` of something that nobody asks.
fn unprobed(data_dir: &Path) -> Command {
    let nowhere = free_address().to_string();
    on(data_dir, &["add", "attic", &nowhere, "--user", "monitor@pve!muster", "--no-probe", "--disabled"])
}

/// A connections command on a data directory.
fn on(data_dir: &Path, args: &[&str]) -> Command {
    let mut command = muster();
    command.arg("connections").args(args).arg("--data-dir").arg(data_dir);
    command
}

fn secret_file(directory: &Path, secret: &str) -> PathBuf {
    let path = directory.join("platform-secret");
    fs::write(&path, format!("{secret}\n")).unwrap();
    path
}

/// Runs a command to its good end and returns what it printed.
fn run(mut command: impl std::borrow::BorrowMut<Command>) -> String {
    let output = command.borrow_mut().stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The same, with a line on standard input.
fn run_with(mut command: Command, line: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every file of a directory, with what is in it.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let content =
        |path: PathBuf| if path.is_dir() { files(&path) } else { vec![(path.clone(), fs::read(path).unwrap())] };
    entries.flat_map(content).collect()
}
