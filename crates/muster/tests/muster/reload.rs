//! Limits and trusted proxies come into force with a reload; what cannot waits for a restart, and is named.

use std::{fs, path::Path};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    operations::{doctor, reload, setting},
    process::{PATIENCE, Server, get, http, muster, serve, token},
};

#[tokio::test]
async fn what_one_client_may_cost_changes_without_a_restart() {
    let root = tempfile::tempdir().unwrap();
    let (data, config) = (root.path().join("data"), root.path().join("muster.toml"));
    fs::write(&config, "[limits]\nbody_bytes = 16384\nrequests_per_credential = 0\n").unwrap();
    let server = configured(&data, &config);
    let viewer = token(&data, "viewer");
    assert_eq!(sign_in(&server, 20_000, "").await, StatusCode::PAYLOAD_TOO_LARGE);

    fs::write(&config, "[limits]\nbody_bytes = 32768\nrequests_per_credential = 1\nstall_timeout = \"30s\"\n").unwrap();
    let told = reload(&data).unwrap();
    let changed = ["limits.requests_per_credential", "limits.stall_timeout", "limits.body_bytes"];
    assert_eq!((&told["inForce"], &told["needRestart"]), (&json!(changed), &json!([])));
    assert_ne!(sign_in(&server, 20_000, "").await, StatusCode::PAYLOAD_TOO_LARGE);
    let report = doctor(&data, &[]).unwrap();
    for (key, value) in [("body_bytes", "32768"), ("stall_timeout", "30s"), ("request_timeout", "30s")] {
        let shown = setting(&report, &format!("limits.{key}"));
        assert_eq!((shown["value"].as_str(), &shown["reloadable"]), (Some(value), &true.into()), "{shown}");
    }
    let refused = async { while get(&server, &viewer, "/api/system").await.0 != 429 {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("one request a second is soon too few");

    // Without a rate again, and by a signal.
    fs::write(&config, "[limits]\nbody_bytes = 16384\nrequests_per_credential = 0\n").unwrap();
    server.signal(rustix::process::Signal::HUP);
    let smaller = async { while sign_in(&server, 20_000, "").await != StatusCode::PAYLOAD_TOO_LARGE {} };
    tokio::time::timeout(PATIENCE, smaller).await.expect("the limit comes into force");
    assert_eq!(get(&server, &viewer, "/api/system").await.0, 200);
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_proxy_is_trusted_without_a_restart() {
    let root = tempfile::tempdir().unwrap();
    let (data, config) = (root.path().join("data"), root.path().join("muster.toml"));
    fs::write(&config, "").unwrap();
    let server = configured(&data, &config);
    let admin = token(&data, "admin");
    let from = async |address: &str| {
        assert_eq!(sign_in(&server, 10, address).await, StatusCode::UNAUTHORIZED);
        let audit = get(&server, &admin, "/api/audit?limit=500").await.1;
        audit["items"].as_array().unwrap().iter().any(|row| row["remoteAddr"] == address)
    };
    assert!(!from("192.0.2.9").await);
    fs::write(&config, "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n").unwrap();
    assert_eq!(reload(&data).unwrap()["inForce"], json!(["server.trusted_proxies"]));
    assert!(from("192.0.2.10").await);
    fs::write(&config, "").unwrap();
    reload(&data).unwrap();
    assert!(!from("192.0.2.11").await);
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_wrong_value_changes_nothing_and_what_must_wait_is_named() {
    let root = tempfile::tempdir().unwrap();
    let (data, config) = (root.path().join("data"), root.path().join("muster.toml"));
    let place = format!("[server]\nlisten = \"127.0.0.1:0\"\ndata_dir = \"{}\"\n", data.display());
    fs::write(&config, format!("{place}[limits]\nbody_bytes = 32768\n")).unwrap();
    let server = Server::from(muster().args(["serve", "--no-local-agent", "--config"]).arg(&config));
    let viewer = token(&data, "viewer");
    for (line, problem) in [
        ("stall_timeout = \"1s\"", "limits.stall_timeout: expected a span from 5s to 10m, found `1s`"),
        ("request_timeout = \"1h\"", "limits.request_timeout: expected a span from 5s to 10m, found `1h`"),
        ("connections = 1", "limits.connections: expected a number from 16 to 100000, found `1`"),
        ("[sessions]\nidle = \"1s\"", "sessions.idle: expected a span from 1m to 90d, found `1s`"),
    ] {
        fs::write(&config, format!("{place}[limits]\nbody_bytes = 16384\n{line}\n")).unwrap();
        let said = reload(&data).unwrap_err();
        assert!(said.contains("muster.toml line ") && said.contains(problem), "{said}");
        assert_ne!(sign_in(&server, 20_000, "").await, StatusCode::PAYLOAD_TOO_LARGE, "nothing beside it holds");
    }
    let listen = get(&server, &viewer, "/api/system").await.1["listen"].clone();

    let elsewhere = "[server]\nlisten = \"127.0.0.1:1\"\ndata_dir = \"elsewhere\"\ntls.self_signed = true\n\
        [database]\nurl = \"postgres://muster@127.0.0.1:2/muster\"\n[limits]\nbody_bytes = 32768\n";
    fs::write(&config, elsewhere).unwrap();
    let told = reload(&data).unwrap();
    let waiting = ["server.listen", "server.data_dir", "server.tls.self_signed", "database.url"];
    assert_eq!((&told["inForce"], &told["needRestart"]), (&json!([]), &json!(waiting)));
    assert_eq!(get(&server, &viewer, "/api/system").await.1["listen"], listen);
    assert!(server.stop().success());
}

fn configured(data: &Path, config: &Path) -> Server {
    Server::from(serve(data).arg("--no-local-agent").arg("--config").arg(config))
}

/// Tries a password of so many bytes, through a proxy where an address is given. Nobody has it.
async fn sign_in(server: &Server, bytes: usize, forwarded_for: &str) -> StatusCode {
    let body = json!({"username": "nobody", "password": "x".repeat(bytes)});
    let mut request = http().post(format!("http://{}/api/login", server.address)).json(&body);
    if !forwarded_for.is_empty() {
        request = request.header("x-forwarded-for", forwarded_for);
    }
    request.send().await.unwrap().status()
}
