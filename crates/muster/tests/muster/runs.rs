//! A whole server process: this machine is in it, it survives kill -9 and a full disk, and stops when asked.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use serde_json::{Value, json};

use crate::process::{Server, eventually, get, muster, post, serve, token};

const HOSTS: &str = "/api/resources?kind=host";

fn has_readings(hosts: &Value) -> bool {
    hosts["items"][0]["metrics"]["memory"]["state"] == "known"
}

fn text_of(path: &str) -> String {
    fs::read_to_string(path).expect("the machine has it").trim().to_owned()
}

#[tokio::test]
async fn this_machine_appears_with_its_true_values() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let viewer = token(directory.path(), "viewer");
    let hosts = eventually(&server, &viewer, HOSTS, has_readings).await;
    let host = &hosts["items"][0];
    assert_eq!(host["kind"], "agent");
    assert_eq!(host["status"], "online");
    assert_eq!(host["canonicalIdentity"]["hostname"], text_of("/proc/sys/kernel/hostname").to_lowercase());

    let meminfo = text_of("/proc/meminfo");
    let kib = |name: &str| -> f64 {
        let line = meminfo.lines().find(|line| line.starts_with(name)).expect("meminfo names it");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("meminfo is in KiB")
    };
    let facet = &host["facets"][0];
    assert_eq!(facet["memory"]["totalBytes"].as_f64().unwrap(), kib("MemTotal:") * 1024.0);
    let used = 100.0 * (1.0 - kib("MemAvailable:") / kib("MemTotal:"));
    let reported = host["metrics"]["memory"]["value"].as_f64().unwrap();
    assert!((reported - used).abs() < 15.0, "memory: {reported} reported, {used} now");
    assert_eq!(facet["os"]["kernel"], text_of("/proc/sys/kernel/osrelease"));

    let root = Command::new("df").args(["-B1", "--output=size", "/"]).output().unwrap();
    let size: f64 = String::from_utf8(root.stdout).unwrap().lines().nth(1).unwrap().trim().parse().unwrap();
    let (_, storages) = get(&server, &viewer, "/api/resources?kind=storage").await;
    let sizes: Vec<_> =
        storages["items"].as_array().unwrap().iter().map(|s| s["metrics"]["total"]["value"].as_f64()).collect();
    if !sizes.is_empty() {
        assert!(sizes.contains(&Some(size)) || size == 0.0, "df says {size}, the API {sizes:?}");
    }
    assert!(server.stop().success());
}

#[tokio::test]
async fn kill_nine_and_a_restart_keep_state_and_history() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let viewer = token(directory.path(), "viewer");
    let hosts = eventually(&server, &viewer, HOSTS, has_readings).await;
    let id = hosts["items"][0]["id"].as_str().unwrap().to_owned();
    let history = format!("/api/metrics/history?resource={id}&metrics=memory&range=1h");
    let recorded = |answer: &Value| {
        answer["series"][0]["avg"].as_array().map_or(0, |points| points.iter().filter(|point| !point.is_null()).count())
    };
    eventually(&server, &viewer, &history, |answer| recorded(answer) > 0).await;
    let revision = hosts["revision"].as_u64().unwrap();
    server.kill();

    let server = Server::from(serve(directory.path()).arg("--no-local-agent"));
    let (_, hosts) = get(&server, &viewer, HOSTS).await;
    assert_eq!(hosts["items"][0]["id"], id.as_str());
    assert_eq!(hosts["items"][0]["status"], "warning", "nobody has reported since: stale is not OK");
    assert!(hosts["revision"].as_u64().unwrap() > revision);
    let (_, answer) = get(&server, &viewer, &history).await;
    assert!(recorded(&answer) > 0, "{answer:#}");
}

#[tokio::test]
async fn a_full_disk_is_said_and_survived() {
    let directory = tempfile::tempdir().unwrap();
    assert!(Server::start(directory.path()).stop().success());
    let viewer = token(directory.path(), "viewer");
    // No file may grow beyond 36 KiB: what a full disk does to a writer, for this process alone. The journal's index
    // alone takes 32 KiB.
    let limited = "trap '' XFSZ; ulimit -f 72; exec \"$0\" \"$@\"";
    let plain = serve(directory.path());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", limited]).arg(plain.get_program()).args(plain.get_args());
    let server = Server::from(&mut command);
    let hosts = eventually(&server, &viewer, HOSTS, has_readings).await;
    assert_eq!(hosts["items"][0]["status"], "online", "the picture stays live");
    for attempt in 0..20 {
        // Each wrong password is a row of the audit log, so that the journal grows.
        post(&server, "/api/login", &json!({"username": format!("nobody{attempt}"), "password": "wrong"})).await;
    }
    eventually(&server, &viewer, "/api/system", |system| system["store"]["lastError"].is_string()).await;
    let (status, hosts) = get(&server, &viewer, HOSTS).await;
    assert_eq!((status, &hosts["items"][0]["status"]), (200, &json!("online")));
}

#[tokio::test]
async fn what_a_server_leaves_on_disk_is_its_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let link = fs::read_to_string(directory.path().join("setup-link")).unwrap();
    assert!(link.starts_with(&format!("http://{}/#setup=", server.address)), "{link}");
    let mut pending = vec![directory.path().to_owned()];
    while let Some(path) = pending.pop() {
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{} can be read by others", path.display());
        if metadata.is_dir() {
            pending.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(server.stop().success());
}

#[tokio::test]
async fn the_command_line_speaks_to_a_running_server_and_to_its_data() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let viewer = token(directory.path(), "viewer");
    eventually(&server, &viewer, HOSTS, has_readings).await;
    let run = |arguments: &[&str]| {
        let output = muster().args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let url = format!("http://{}", server.address);
    let by_url = run(&["resources", "--kind", "host", "--url", &url, "--token", &viewer, "--output", "json"]);
    let by_url: Value = serde_json::from_str(&by_url).unwrap();
    assert_eq!(by_url[0]["kind"], "agent");
    let data_dir = directory.path().to_str().unwrap();
    let table = run(&["resources", "--kind", "host", "--data-dir", data_dir]);
    assert!(table.contains(by_url[0]["id"].as_str().unwrap()), "{table}");
    assert!(run(&["status", "--data-dir", data_dir]).contains("agent:local"));
    assert!(run(&["token", "list", "--data-dir", data_dir]).contains("viewer"));
    run(&["token", "revoke", "viewer", "--data-dir", data_dir]);
    let (status, _) = get(&server, &viewer, HOSTS).await;
    assert_eq!(status, 401, "a revoked token is refused at once");

    let (exit, said) = crate::process::fails(muster().args(["status", "--url", &url, "--token", &viewer]));
    assert_eq!(exit, 1, "{said}");
    assert!(server.stop().success());
    let (exit, said) = crate::process::fails(muster().args(["status", "--url", &url, "--token", &viewer]));
    assert_eq!(exit, 3, "{said}");
    let stopped = run(&["resources", "--kind", "host", "--data-dir", data_dir, "--output", "json"]);
    let stopped: Value = serde_json::from_str(&stopped).unwrap();
    assert_eq!(stopped[0]["id"], by_url[0]["id"], "what was known last can be read without a server");
    assert_eq!(stopped[0]["status"], "warning");
}
