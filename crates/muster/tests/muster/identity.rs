//! Who is who from the command line, on a simulated cluster.

use std::{path::Path, process::Command};

use muster_testkit::pve::{Cluster, Running};
use serde_json::Value;

use crate::{
    connections::{add, run, secret_file},
    process::{Server, eventually, fails, muster, token},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_made_listed_kept_over_a_restart_and_taken_back() {
    // R-12, D-3
    let directory = tempfile::tempdir().unwrap();
    let cluster = Cluster::builder().nodes(2).guests(12).start().await;
    let server = Server::start(directory.path());
    let [first, second] = guests(directory.path(), &server, &cluster).await;

    let (exit, said) = fails(&mut on(directory.path(), &["join", &first, "vm-0000000000000000"]));
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("there is no resource vm-0000000000000000"), "{said}");
    let (exit, said) = fails(&mut on(directory.path(), &["join", &first, "nothing of that name"]));
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("nothing is called `nothing of that name`"), "{said}");
    assert!(run(on(directory.path(), &["conflicts"])).contains("SUGGESTION"));
    let apart = json(on(directory.path(), &["distinct", &first, &second, "--note", "two shops", "--output", "json"]));
    let ruling = apart["ruling"]["id"].as_str().unwrap().to_owned();
    assert!(server.stop().success());

    let server = Server::start(directory.path());
    let listed = run(on(directory.path(), &["rulings"]));
    assert!(listed.contains(&ruling) && listed.contains("is not") && listed.contains("two shops"), "{listed}");
    run(on(directory.path(), &["withdraw", &ruling]));
    let (exit, said) = fails(&mut on(directory.path(), &["withdraw", &ruling]));
    assert_eq!(exit, 1, "{said}");

    let joined = json(on(directory.path(), &["join", &first, &second, "--output", "json"]));
    let (survivor, absorbed) = (&joined["ruling"]["survivor"], joined["ruling"]["absorbed"].as_str().unwrap());
    let split = || run(on(directory.path(), &["split", survivor.as_str().unwrap(), "--former", absorbed]));
    let said = split();
    assert!(said.contains("is not") && said.contains(absorbed), "{said}");
    assert_eq!(split(), said.replace('\n', " stood already\n"));
    assert!(server.stop().success());
}

/// Two virtual machines of a cluster that is connected for it.
async fn guests(directory: &Path, server: &Server, cluster: &Running) -> [String; 2] {
    let secret = secret_file(directory, cluster.token().1);
    let pins: Vec<String> = cluster.fingerprints().into_iter().flat_map(|pin| ["--pin".to_owned(), pin]).collect();
    run(add(directory, cluster).args(&pins).arg("--secret-file").arg(&secret));
    let viewer = token(directory, "viewer");
    let guests = eventually(server, &viewer, "/api/resources?kind=vm", |answer| {
        answer["items"].as_array().is_some_and(|items| items.len() > 1)
    });
    let guests = guests.await;
    [0, 1].map(|place| guests["items"][place]["id"].as_str().unwrap().to_owned())
}

fn on(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = muster();
    command.arg("identity").args(arguments).arg("--data-dir").arg(directory);
    command
}

fn json(command: Command) -> Value {
    serde_json::from_str(&run(command)).unwrap()
}
