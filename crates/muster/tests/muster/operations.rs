//! `muster doctor`, `muster reload`, completions: what whoever runs a server asks it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::process::{PATIENCE, Server, fails, get_as, muster, serve, token};

const SECRET: &str = "hunter2-and-more";

#[tokio::test]
async fn a_doctor_says_what_is_in_force_and_where_it_comes_from() {
    // UX-10
    let root = tempfile::tempdir().unwrap();
    let (data, config) = (root.path().join("data"), root.path().join("muster.toml"));
    fs::write(&config, "[sessions]\nidle = \"2h\"\n\n[log]\nlevel = \"warn\"\n").unwrap();
    let mut command = serve(&data);
    command.arg("--no-local-agent").arg("--config").arg(&config);
    command.env("MUSTER_HISTORY__REMOTE_TOKEN", SECRET);
    command.env("MUSTER_HISTORY__REMOTE_WRITE_URL", "http://127.0.0.1:9/api/v1/write");
    command.env("MUSTER_HISTORY__REMOTE_READ_URL", "http://127.0.0.1:9");
    let server = Server::from(&mut command);
    let report = doctor(&data, &[]).unwrap();
    let origin = |key: &str| setting(&report, key)["origin"].as_str().unwrap().to_owned();
    assert!(origin("sessions.idle").ends_with("muster.toml line 2"), "{}", origin("sessions.idle"));
    assert_eq!(origin("server.listen"), "option --listen");
    assert_eq!(origin("agent.interval"), "built-in default");
    assert_eq!(origin("history.remote_token"), "environment variable MUSTER_HISTORY__REMOTE_TOKEN");
    assert_eq!(setting(&report, "history.remote_token")["value"], Value::Null);
    assert_eq!(setting(&report, "history.remote_token")["secretIsSet"], true);
    assert_eq!(setting(&report, "log.level")["reloadable"], true);
    for check in ["configuration", "listen", "permissions", "disk", "database", "clock", "history"] {
        assert_eq!(finding(&report, check)["level"], "ok", "{report:#}");
    }
    let text = muster().args(["doctor", "--all", "--data-dir"]).arg(&data).output().unwrap().stdout;
    let told = [report.to_string(), String::from_utf8(text).unwrap(), server.said()];
    assert!(told.iter().all(|text| !text.contains(SECRET)), "{told:?}");
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_doctor_finds_what_is_wrong_without_a_server() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let report = doctor(&data, &[]).unwrap();
    assert!(finding(&report, "database")["what"].as_str().unwrap().contains("does not exist yet"));
    assert!(!data.exists(), "looking changes nothing");

    assert!(Server::from(serve(&data).arg("--no-local-agent")).stop().success());
    assert_eq!(finding(&doctor(&data, &[]).unwrap(), "permissions")["level"], "ok");
    fs::set_permissions(data.join("state.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let report = doctor(&data, &[]).unwrap_err();
    let open = finding(&report, "permissions");
    assert_eq!(open["level"], "fail");
    assert!(open["what"].as_str().unwrap().contains("state.db"), "{open}");
    assert!(open["remedy"].as_str().unwrap().starts_with("chmod"), "{open}");
    assert!(open["why"].is_string());
    assert_eq!(report["findings"][0]["level"], "fail", "what is worst stands first");

    fs::write(data.join("state.db"), "somebody's notes".repeat(1000)).unwrap();
    fs::write(data.join("history/history.db"), "somebody's notes".repeat(1000)).unwrap();
    let report = doctor(&data, &[]).unwrap_err();
    assert_eq!(finding(&report, "database")["level"], "fail");
    assert_eq!(finding(&report, "history")["level"], "fail");
}

#[test]
fn a_doctor_names_the_line_of_a_wrong_configuration() {
    let root = tempfile::tempdir().unwrap();
    let config = root.path().join("muster.toml");
    fs::write(&config, "[sesions]\n").unwrap();
    let (code, said) = fails(muster().args(["doctor", "--config"]).arg(&config));
    assert_eq!(code, 2);
    assert!(said.contains("muster.toml line 1: unknown section `sesions`; did you mean `sessions`?"), "{said}");
}

#[tokio::test]
async fn a_reload_brings_into_force_what_it_can_and_names_the_rest() {
    let root = tempfile::tempdir().unwrap();
    let (data, config) = (root.path().join("data"), root.path().join("muster.toml"));
    fs::write(&config, "[server]\n").unwrap();
    let server = Server::from(serve(&data).arg("--no-local-agent").arg("--config").arg(&config));
    let viewer = token(&data, "viewer");
    assert_eq!(get_as(&server, &viewer, "/api/system", "muster.example").await.0, 421);

    let changed = "[server]\nallowed_hosts = [\"muster.example\"]\n[history]\nretention_raw = \"3d\"\n[agent]\ninterval = \"20s\"\n";
    fs::write(&config, changed).unwrap();
    let told = reload(&data).unwrap();
    assert_eq!(told["inForce"], serde_json::json!(["server.allowed_hosts", "history.retention_raw"]));
    assert_eq!(told["needRestart"], serde_json::json!(["agent.interval"]));
    allowed(&server, &viewer, true).await;
    let (_, system) = get_as(&server, &viewer, "/api/system", "muster.example").await;
    assert_eq!(system["history"]["retention"]["rawSeconds"], 3 * 86_400);

    // Again: the rest still waits, and nothing else has changed.
    let told = reload(&data).unwrap();
    assert_eq!((&told["inForce"], &told["needRestart"][0]), (&serde_json::json!([]), &"agent.interval".into()));

    // A broken file changes nothing, and says where it is broken.
    fs::write(&config, "[server]\nallowed_hosts = []\nlisen = \"127.0.0.1:1\"\n").unwrap();
    let said = reload(&data).unwrap_err();
    assert!(said.contains("muster.toml line 3") && said.contains("did you mean `server.listen`?"), "{said}");
    allowed(&server, &viewer, true).await;

    // The same by a signal.
    fs::write(&config, "[server]\n").unwrap();
    server.signal(rustix::process::Signal::HUP);
    allowed(&server, &viewer, false).await;
    assert!(server.stop().success());

    let (code, said) = fails(muster().args(["reload", "--data-dir"]).arg(&data));
    assert_eq!(code, 3);
    assert!(said.contains("no server runs"), "{said}");
}

#[tokio::test]
async fn only_a_start_brings_a_database_to_another_level() {
    // D-15
    let root = tempfile::tempdir().unwrap();
    let (data, backup) = (root.path().join("data"), root.path().join("backup"));
    let server = Server::from(serve(&data).arg("--no-local-agent"));
    let known = level(&data, 0);
    let refuses = |command: &[&str], why: &str| {
        let before = level(&data, 0);
        let (code, said) = fails(muster().args(command).arg("--data-dir").arg(&data));
        assert!(code == 1 && said.contains(why), "{command:?}: {said}");
        assert_eq!(level(&data, 0), before, "{command:?}");
    };
    let backing_up = ["backup", backup.to_str().unwrap()];
    // A server of a newer version, whose database this program could use, and one of an older version.
    for by in [1, -2] {
        level(&data, by);
        for command in [&["status"][..], &["doctor"], &backing_up] {
            refuses(command, "the server runs another version");
        }
    }
    assert!(server.stop().success());
    assert_eq!(level(&data, 0), known - 1);
    for command in [&["user", "list"][..], &backing_up] {
        refuses(command, "only a start of the server brings it to");
    }
    assert!(!backup.exists());
    level(&data, 1);
    assert!(muster().args(["user", "list", "--data-dir"]).arg(&data).output().unwrap().status.success());
}

#[test]
fn a_command_needs_no_other_address_than_the_server() {
    // The provider's address is right for where the server listens, and for no other place.
    let root = tempfile::tempdir().unwrap();
    let mut command = muster();
    command.args(["user", "list", "--data-dir"]).arg(root.path()).envs([
        ("MUSTER_SERVER__LISTEN", "192.0.2.1:8420"),
        ("MUSTER_SERVER__TLS__SELF_SIGNED", "true"),
        ("MUSTER_SERVER__HTTP_REDIRECT", "192.0.2.1:80"),
        ("MUSTER_OIDC__ISSUER", "https://id.example.org"),
        ("MUSTER_OIDC__CLIENT_ID", "muster"),
        ("MUSTER_OIDC__ADDRESS", "https://192.0.2.1:8420"),
        ("MUSTER_OIDC__ADMIN_GROUPS", "admins"),
    ]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn completions_are_valid() {
    let script = |shell| muster().args(["completions", shell]).output().unwrap().stdout;
    let bash = script("bash");
    let mut checker = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut checker.stdin.take().unwrap(), &bash).unwrap();
    assert!(checker.wait().unwrap().success(), "bash understands it");
    for (shell, beginning) in [("bash", "_muster()"), ("zsh", "#compdef muster"), ("fish", "# Print an optspec")] {
        let text = String::from_utf8(script(shell)).unwrap();
        assert!(text.starts_with(beginning), "{shell}: {}", &text[..80]);
        assert!(text.contains("doctor") && text.contains("with-key"), "{shell}");
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let root = tempfile::tempdir().unwrap();
    let pages = root.path().join("man1");
    assert!(muster().arg("man").arg(&pages).status().unwrap().success());
    let page = fs::read_to_string(pages.join("muster-backup.1")).unwrap();
    assert!(page.starts_with(".ie") && page.contains("muster\\-backup"), "{page}");
    assert!(pages.join("muster.1").exists() && pages.join("muster-token-create.1").exists());
}

/// Asks until the server answers for the name, or no longer does.
async fn allowed(server: &Server, token: &str, wanted: bool) {
    let asking = async {
        while (get_as(server, token, "/api/system", "muster.example").await.0 == 200) != wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("the setting comes into force");
}

pub(crate) fn reload(data: &Path) -> Result<Value, String> {
    let output = muster().args(["reload", "--output", "json", "--data-dir"]).arg(data).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { Ok(serde_json::from_slice(&output.stdout).unwrap()) } else { Err(said) }
}

/// The level of the state database, once it is so much higher.
pub(crate) fn level(data: &Path, by: i64) -> i64 {
    let database = rusqlite::Connection::open(data.join("state.db")).unwrap();
    let raise = "UPDATE schema_version SET version = version + ?1 RETURNING version";
    database.query_row(raise, [by], |row| row.get(0)).unwrap()
}

/// The report, as an error where the command failed.
pub(crate) fn doctor(data: &Path, extra: &[&str]) -> Result<Value, Value> {
    let mut command = muster();
    command.env("MUSTER_SERVER__LISTEN", "127.0.0.1:0");
    let output = command.args(["doctor", "--output", "json", "--data-dir"]).arg(data).args(extra).output().unwrap();
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no report: {}", String::from_utf8_lossy(&output.stderr)));
    if output.status.success() { Ok(report) } else { Err(report) }
}

pub(crate) fn setting<'a>(report: &'a Value, key: &str) -> &'a Value {
    report["settings"].as_array().unwrap().iter().find(|setting| setting["key"] == key).unwrap()
}

pub(crate) fn finding<'a>(report: &'a Value, check: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("{check}: {report:#}"))
}
