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
    let memory: Value =
        serde_json::from_str(&run(on(directory.path(), &["memory", "lab", "--output", "json"]))).unwrap();
    let guest = memory["guests"][0]["vmid"].to_string();
    assert!(memory["guests"][0]["memorySource"].is_string(), "{memory}");
    let told = run(on(directory.path(), &["memory", "lab", "--guest", &guest]));
    assert!(told.contains("SOURCE") && told.contains(&guest) && !told.contains("node/pve1"), "{told}");

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
async fn whoever_sits_at_a_terminal_compares_fingerprints_there() {
    // D-21
    let (directory, cluster) = (tempfile::tempdir().unwrap(), cluster().await);
    let server = Server::start(directory.path());
    let secret = secret_file(directory.path(), cluster.token().1);
    let add = || {
        let mut command = add(directory.path(), &cluster);
        command.args(["--secret-file"]).arg(&secret);
        command
    };
    let (ended_well, said) = at_a_terminal(&add(), "no\n");
    assert!(!ended_well && said.contains("nothing was added"), "{said}");
    assert!(said.contains(&cluster.fingerprints()[0]) && said.contains("Type yes to trust it"), "{said}");
    assert!(cluster.requests().iter().all(|request| request.credential == Credential::None), "no secret was sent");
    let listed: Value = serde_json::from_str(&run(on(directory.path(), &["list", "--output", "json"]))).unwrap();
    assert_eq!(listed, serde_json::json!([]));

    // Each node shows a certificate of its own.
    let (ended_well, said) = at_a_terminal(&add(), "yes\nyes\n");
    assert!(ended_well, "{said}");
    let listed: Value = serde_json::from_str(&run(on(directory.path(), &["list", "--output", "json"]))).unwrap();
    let mut pins: Vec<_> = listed[0]["pins"].as_array().unwrap().iter().map(|pin| pin.as_str().unwrap()).collect();
    pins.sort_unstable();
    let mut shown = cluster.fingerprints();
    shown.sort_unstable();
    assert_eq!(pins, shown);
    assert!(server.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_connection_is_polled_with_the_master_key_and_asks_for_it_without() {
    // D-17, D-21
    let (root, cluster) = (tempfile::tempdir().unwrap(), cluster().await);
    let place = |name: &str| root.path().join(name);
    let server = Server::start(&place("data"));
    let secret = secret_file(root.path(), cluster.token().1);
    let pins: Vec<String> = cluster.fingerprints().into_iter().flat_map(|pin| ["--pin".to_owned(), pin]).collect();
    run(add(&place("data"), &cluster).args(&pins).args(["--secret-file"]).arg(&secret));
    for (archive, extra) in [("whole", Some("--with-key")), ("keyless", None)] {
        run(muster().args(["backup", "--data-dir"]).arg(place("data")).arg(place(archive)).args(extra));
    }
    assert!(server.stop().success());
    for (archive, to) in [("whole", "restored"), ("keyless", "without")] {
        run(muster().args(["restore", "--data-dir"]).arg(place(to)).arg(place(archive)));
    }
    cluster.forget_requests();
    is_polled(&place("restored"), &cluster).await;

    let (exit, said) = fails(&mut serve(&place("without")));
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("secret.key is missing") && said.contains("put the key back"), "{said}");
    fs::copy(place("data").join("secret.key"), place("without").join("secret.key")).unwrap();
    cluster.forget_requests();
    is_polled(&place("without"), &cluster).await;
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
fn what_is_chosen_at_the_command_line_is_kept_until_it_is_taken_back() {
    //
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let (zfs, retries) = ("--option=zfs.enabled=false", "--option=guest-agent.retries=0");
    let mut add = unprobed(directory.path());
    add.args([zfs, retries]);
    run_with(add, "s3cret");
    let options = || {
        let listed: Value = serde_json::from_str(&run(on(directory.path(), &["list", "--output", "json"]))).unwrap();
        let options = &listed[0]["options"];
        [&options["zfs"]["enabled"], &options["guestAgent"]["retries"], &options["disks"]["everyMinutes"]]
            .map(Value::clone)
    };
    assert_eq!(options(), [Value::Bool(false), 0.into(), Value::Null]);
    run(on(directory.path(), &["edit", "attic", "--option=zfs.enabled=", "--option=disks.every-minutes=60"]));
    assert_eq!(options(), [Value::Null, 0.into(), 60.into()]);
    let (exit, said) = fails(&mut on(directory.path(), &["edit", "attic", "--option=guest-agent.retries=9"]));
    assert_eq!(exit, 2, "{said}");
    assert!(said.contains("guest-agent.retries=9: use 0 to 3"), "{said}");
    assert_eq!(options(), [Value::Null, 0.into(), 60.into()]);
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

/// Runs a command at a terminal at which somebody types, and returns whether it ended well and what stood there then.
fn at_a_terminal(command: &Command, typed: &str) -> (bool, String) {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted: Vec<String> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &quoted.join(" "), "/dev/null"]);
    terminal.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts a server on a data directory and sees that it reads the cluster.
async fn is_polled(data_dir: &Path, cluster: &Running) {
    let server = Server::start(data_dir);
    let viewer = token(data_dir, "viewer");
    let source = eventually(&server, &viewer, "/api/connections", |answer| {
        answer["items"][0]["poll"]["lastSuccessAt"].is_string()
    });
    assert_eq!(source.await["items"][0]["poll"]["lastError"], Value::Null);
    assert!(cluster.requests().iter().any(|request| request.credential == Credential::Token(cluster.token().0.into())));
    assert!(server.stop().success());
}

async fn cluster() -> Running {
    Cluster::builder().nodes(2).guests(4).start().await
}

/// `muster connections add` of a simulated cluster.
pub(crate) fn add(data_dir: &Path, cluster: &Running) -> Command {
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

pub(crate) fn secret_file(directory: &Path, secret: &str) -> PathBuf {
    let path = directory.join("platform-secret");
    fs::write(&path, format!("{secret}\n")).unwrap();
    path
}

/// Runs a command to its good end and returns what it printed.
pub(crate) fn run(mut command: impl std::borrow::BorrowMut<Command>) -> String {
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
