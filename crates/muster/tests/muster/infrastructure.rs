//! Ignoring the server's own machine from the command line, and restoring it.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::process::{Server, eventually, fails, muster, token};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_own_machine_is_ignored_until_it_is_restored() {
    //
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let viewer = token(directory.path(), "viewer");
    let is_empty = |answer: &Value| answer["items"].as_array().is_some_and(Vec::is_empty);
    eventually(&server, &viewer, "/api/resources", |answer| !is_empty(answer)).await;

    let ignored: Value =
        serde_json::from_str(&run(on(directory.path(), &["ignore", "local", "--output", "json"]))).unwrap();
    assert_eq!(ignored["id"], "ignored:agent:local");
    eventually(&server, &viewer, "/api/resources", is_empty).await;
    let listed = run(on(directory.path(), &["list"]));
    assert!(listed.contains("ignored") && listed.contains("agent local"), "{listed}");
    run(on(directory.path(), &["ignore", "local", "--kind", "agent"]));
    assert!(server.stop().success());

    let server = Server::start(directory.path());
    server.said_until("this machine is ignored from now on");
    eventually(&server, &viewer, "/api/resources", is_empty).await;
    run(on(directory.path(), &["restore", ignored["name"].as_str().unwrap()]));
    eventually(&server, &viewer, "/api/resources", |answer| !is_empty(answer)).await;
    server.said_until("this machine is heard again");
    assert_eq!(server.said().matches("this machine is ignored").count(), 1, "once, not with every report");
    let (exit, said) = fails(&mut on(directory.path(), &["restore", "local"]));
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("nothing called `local` is ignored"), "{said}");
    assert!(server.stop().success());
}

fn on(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = muster();
    command.arg("infrastructure").args(arguments).arg("--data-dir").arg(directory);
    command
}

fn run(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
