//! `muster backup` and `muster restore`: the drill with whole servers, and whoever is killed on the way.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use muster_testkit::database::Database;
use serde_json::{Value, json};

use crate::process::{Server, eventually, fails, get, muster, serve, token};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_backup_is_the_server_that_it_was_taken_of() {
    // D-17: the drill.
    let root = tempfile::tempdir().unwrap();
    let (data, restored, archive) = places(root.path());
    fill(&data, &["ada", "brian"]).await;
    let server = Server::from(serve(&data).arg("--no-local-agent"));
    let pressed = Pressure::on(&server);
    let made = backup(&data, &archive, &[]);
    pressed.end().await;
    assert_eq!(made["bytes"], fs::metadata(&archive).unwrap().len());
    assert_eq!(made["manifest"]["members"][0]["name"], "state.db");
    assert_eq!(fs::metadata(&archive).unwrap().permissions().mode() & 0o777, 0o600);
    let before = exported(&server, &data).await;
    assert!(server.stop().success());

    let told = run(muster().args(["restore", "--data-dir"]).arg(&restored).arg(&archive));
    assert!(told.contains("is as it was on"), "{told}");
    let server = Server::from(serve(&restored).arg("--no-local-agent"));
    let after = exported(&server, &restored).await;
    for (name, value) in &before {
        let counterpart = after.iter().find(|(other, _)| other == name).unwrap();
        assert_eq!(&counterpart.1, value, "{name}");
    }
    let (code, said) = fails(muster().args(["restore", "--data-dir"]).arg(&restored).arg(&archive));
    assert_eq!(code, 1);
    assert!(said.contains("is not empty"), "{said}");
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_stopped_data_directory_is_backed_up_too() {
    let root = tempfile::tempdir().unwrap();
    let (data, restored, archive) = places(root.path());
    fill(&data, &["ada"]).await;
    backup(&data, &archive, &[]);
    run(muster().args(["restore", "--data-dir"]).arg(&restored).arg(&archive));
    let users = |data: &Path| run(muster().args(["user", "list", "--data-dir"]).arg(data));
    assert_eq!(users(&restored), users(&data));

    // To standard output, for a pipe.
    let output = muster().args(["backup", "--data-dir"]).arg(&data).arg("-").output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]), "zstd's magic number");
}

#[tokio::test]
async fn damage_is_refused_and_the_reason_said() {
    let root = tempfile::tempdir().unwrap();
    let (data, restored, archive) = places(root.path());
    fill(&data, &["ada"]).await;
    backup(&data, &archive, &[]);
    let mut damaged = fs::read(&archive).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x10;
    fs::write(&archive, damaged).unwrap();
    let (code, said) = fails(muster().args(["restore", "--data-dir"]).arg(&restored).arg(&archive));
    assert_eq!(code, 1);
    assert!(said.contains("is not restored") && said.contains('`'), "the member is named: {said}");
    assert!(!restored.exists());
}

#[tokio::test]
async fn a_killed_backup_leaves_nothing_wrong() {
    // D-30, for both sides of it: who asks, and who answers.
    let root = tempfile::tempdir().unwrap();
    let (data, restored, archive) = places(root.path());
    fill(&data, &["ada"]).await;
    let mut server = Some(Server::from(serve(&data).arg("--no-local-agent")));
    for round in 0..rounds() {
        // What a killed client has left says nothing of this one.
        let _ = fs::remove_file(part(&archive));
        let mut client = begin_backup(&data, &archive);
        // The part appears when the server has drawn the line and begins to answer.
        until(|| part(&archive).exists() || archive.exists() || client.try_wait().unwrap().is_some());
        if round % 2 == 0 {
            client.kill().unwrap();
        } else {
            server.take().unwrap().kill();
        }
        client.wait().unwrap();
        if archive.exists() {
            is_whole(&archive, &root.path().join(format!("whole-{round}")));
            fs::remove_file(&archive).unwrap();
        }
        if server.is_none() {
            server = Some(Server::from(serve(&data).arg("--no-local-agent")));
            assert!(!data.join("backup.part").exists(), "a start removes what a killed backup has left");
        }
    }
    // One whose client was killed may still be copying.
    assert!(server.take().unwrap().stop().success());
    fs::write(part(&archive), "half").unwrap();
    backup(&data, &archive, &[]);
    assert!(!part(&archive).exists());
    run(muster().args(["restore", "--data-dir"]).arg(&restored).arg(&archive));
}

#[tokio::test]
async fn a_state_in_postgresql_is_named_with_the_pg_dump_to_use() {
    // D-17
    let root = tempfile::tempdir().unwrap();
    let (data, restored, archive) = places(root.path());
    let database = Database::postgres();
    let url = database.url().to_owned();
    let server = Server::from(serve(&data).arg("--no-local-agent").env("MUSTER_DATABASE__URL", &url));
    let mut command = muster();
    command
        .args(["backup", "--output", "json", "--data-dir"])
        .arg(&data)
        .arg(&archive)
        .env("MUSTER_DATABASE__URL", &url);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("pg_dump --format=custom"), "{said}");
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let state = &made["manifest"]["state"];
    assert_eq!(state["engine"], "postgresql");
    assert!(state["database"].as_str().is_some_and(|place| !place.contains('@')), "no user, no password: {state}");
    assert_eq!(made["manifest"]["members"][0]["name"], "history/history.db");
    let doctor = run(muster().args(["doctor", "--data-dir"]).arg(&data).env("MUSTER_DATABASE__URL", &url));
    assert!(doctor.contains("ok    database: postgresql://"), "{doctor}");
    assert!(server.stop().success());
    let stopped = run(muster()
        .args(["doctor", "--data-dir"])
        .arg(&data)
        .envs([("MUSTER_DATABASE__URL", url.as_str()), ("MUSTER_SERVER__LISTEN", "127.0.0.1:0")]));
    assert!(stopped.contains("ok    database: postgresql://"), "{stopped}");
    let output = muster().args(["restore", "--data-dir"]).arg(&restored).arg(&archive).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("pg_restore"));
    assert!(restored.join("history/history.db").exists() && !restored.join("state.db").exists());
}

#[tokio::test]
async fn only_an_administrator_backs_up() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::from(serve(root.path()).arg("--no-local-agent"));
    let url = format!("http://{}", server.address);
    let operator = token(root.path(), "operator");
    let file = root.path().join("backup.tar.zst");
    let (code, said) = fails(muster().args(["backup", "--url", &url, "--token", &operator]).arg(&file));
    assert_eq!(code, 1);
    assert!(said.contains("(forbidden)"), "{said}");
    assert!(!file.exists() && !part(&file).exists());
}

fn places(root: &Path) -> (PathBuf, PathBuf, PathBuf) {
    (root.join("data"), root.join("restored"), root.join("backup.tar.zst"))
}

fn part(archive: &Path) -> PathBuf {
    archive.with_added_extension("part")
}

/// A data directory with users, tokens, this machine, and some history of it.
pub(crate) async fn fill(data: &Path, users: &[&str]) {
    let server = Server::start(data);
    let viewer = token(data, "viewer");
    let recorded = |system: &Value| system["history"]["samples"].as_u64().is_some_and(|samples| samples > 0);
    eventually(&server, &viewer, "/api/system", recorded).await;
    for user in users {
        let mut adding = muster();
        adding.args(["user", "add", user, "--role", "operator", "--data-dir"]).arg(data).stdin(Stdio::piped());
        let mut child = adding.stdout(Stdio::null()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"correct horse battery\n").unwrap();
        assert!(child.wait().unwrap().success());
    }
    assert!(server.stop().success());
}

/// Wrong passwords as fast as they are answered: each is a row of the audit log.
struct Pressure {
    done: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<u64>,
}

impl Pressure {
    #[expect(clippy::disallowed_methods, reason = "the test awaits what the load counted")]
    fn on(server: &Server) -> Self {
        let (done, address) = (Arc::new(AtomicBool::new(false)), server.address);
        let until = Arc::clone(&done);
        let task = tokio::spawn(async move {
            let mut rows = 0;
            loop {
                let attempt = json!({"username": format!("nobody{rows}"), "password": "wrong"});
                crate::process::post_to(address, "/api/login", &attempt).await;
                rows += 1;
                if until.load(Ordering::Relaxed) {
                    return rows;
                }
            }
        });
        Self { done, task }
    }

    async fn end(self) {
        self.done.store(true, Ordering::Relaxed);
        assert!(self.task.await.unwrap() > 0, "there was a load");
    }
}

/// All that must be the same: state, history, users, tokens.
async fn exported(server: &Server, data: &Path) -> Vec<(&'static str, Value)> {
    let admin = token(data, "admin");
    let (_, mut state) = get(server, &admin, "/api/state").await;
    forget_revisions(&mut state);
    state.as_object_mut().unwrap().remove("lastUpdate");
    let history = run(muster().args(["history", "export", "--data-dir"]).arg(data));
    assert!(history.lines().count() > 10);
    let (_, users) = get(server, &admin, "/api/users").await;
    let (_, tokens) = get(server, &admin, "/api/tokens").await;
    let mut tokens = tokens["items"].clone();
    let lasting = |token: &Value| {
        let name = token["name"].as_str().unwrap();
        // What commands grant themselves comes and goes; the administrator's was made to ask.
        !name.starts_with("cli-") && name != "admin"
    };
    tokens.as_array_mut().unwrap().retain(lasting);
    assert!(!tokens.as_array().unwrap().is_empty());
    vec![("state", state), ("history", history.into()), ("users", users["items"].clone()), ("tokens", tokens)]
}

/// A start skips revisions, at random.
fn forget_revisions(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("revision");
            fields.values_mut().for_each(forget_revisions);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_revisions),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn backup(data: &Path, archive: &Path, extra: &[&str]) -> Value {
    let mut command = muster();
    command.args(["backup", "--output", "json", "--data-dir"]).arg(data).arg(archive).args(extra);
    serde_json::from_str(&run(&mut command)).unwrap()
}

fn begin_backup(data: &Path, archive: &Path) -> Child {
    let mut command = muster();
    command.args(["backup", "--data-dir"]).arg(data).arg(archive).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn is_whole(archive: &Path, to: &Path) {
    run(muster().args(["restore", "--data-dir"]).arg(to).arg(archive));
}

pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("results are UTF-8")
}

/// Waits for something that another process does.
fn until(mut happened: impl FnMut() -> bool) {
    while !happened() {
        std::thread::yield_now();
    }
}

fn rounds() -> u32 {
    std::env::var("MUSTER_SOAK_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap())
}
