//! A server that ships its history to a real store: what arrives there, what it says when it cannot, and what it draws from
//! there. In real time, so that each test waits for what a server waits for; `remote_history` has the long loops.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use muster_testkit::metrics_store::{MetricsStore, Program};
use serde_json::{Value, json};

use crate::process::{Server, eventually, fails, get, muster, one_line, post_text, serve, token};

/// What the store is asked for everything with.
const ALL_OF_OURS: &str = "/api/v1/export?match[]=%7B__name__%3D~%22muster_.%2B%22%7D";

const HOSTS: &str = "/api/resources?kind=host";

#[tokio::test]
async fn what_is_sampled_arrives_once_however_long_the_store_was_away() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let mut store = MetricsStore::start(Program::VictoriaMetrics).await;
    let viewer = record(data, &store).await;

    // The store is away: everything waits here, and that is said.
    store.kill();
    let server = Server::from(shipping(data, &store).arg("--no-local-agent"));
    let waits = |system: &Value| system["history"]["remote"]["state"] == "retrying";
    let system = eventually(&server, &viewer, "/api/system", waits).await;
    let detail = system["history"]["remote"]["detail"].as_str().unwrap();
    assert!(detail.contains(&store.address()) && detail.contains("check that it runs"), "{detail}");
    assert!(status(data).contains("is waited for; 0 samples confirmed"), "{}", status(data));

    store.restart().await;
    let confirmed = |system: &Value| system["history"]["remote"]["confirmedAt"].is_string();
    let system = eventually(&server, &viewer, "/api/system", confirmed).await;

    // What was confirmed survives there.
    store.kill();
    store.restart().await;
    let (here, there) = (samples(&exported(data)), stored(&store).await);
    assert_eq!(there, here, "lost, changed or doubled");
    let remote = &system["history"]["remote"];
    assert_eq!(remote["shipped"], here.values().map(Vec::len).sum::<usize>());
    assert_eq!([&remote["refused"], &remote["notKept"], &remote["notANumber"]], [0, 0, 0]);
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_server_without_its_own_history_draws_from_there() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let mut store = MetricsStore::start(Program::VictoriaMetrics).await;
    let viewer = record(data, &store).await;
    let export = an_hour_earlier(&exported(data));
    post_text(&format!("{}/api/v1/import/prometheus", store.address()), export.clone()).await;
    fs::remove_dir_all(data.join("history")).unwrap();
    let server = Server::from(&mut shipping(data, &store));
    let (_, hosts) = get(&server, &viewer, HOSTS).await;
    let id = hosts["items"][0]["id"].as_str().unwrap();
    let path = format!("/api/metrics/history?resource={id}&metrics=memory&range=2h&points=1000");
    let shipped = &samples(&export)[&format!("muster_memory_percent {id}")];
    let newest = shipped.iter().map(|(at, _)| *at).max().unwrap();
    let has_both = |answer: &Value| {
        let drawn = drawn(answer);
        drawn.contains_key(&newest) && drawn.keys().any(|at| *at > newest)
    };
    let answer = eventually(&server, &viewer, &path, has_both).await;
    assert_eq!(answer["archiveError"], Value::Null);
    let drawn_there: Vec<_> = shipped.iter().map(|(at, _)| (*at, drawn(&answer)[at])).collect();
    assert_eq!(&drawn_there, shipped);

    store.kill();
    let answer = eventually(&server, &viewer, &path, |answer| answer["archiveError"].is_string()).await;
    assert!(answer["archiveError"].as_str().unwrap().contains("no whole answer"), "{answer:#}");
    assert!(drawn(&answer).keys().any(|at| *at > newest), "what is here is still shown: {answer:#}");
}

#[tokio::test]
async fn a_wrong_token_stops_shipping_and_shows_nowhere() {
    // D-24
    const WRONG: &str = "s3cret-token-of-another-store";
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let store = MetricsStore::start(Program::GuardedVictoriaMetrics("another")).await;
    let viewer = record(data, &store).await;
    let secret = data.join("token");
    fs::write(&secret, format!("{WRONG}\n")).unwrap();
    let mut command = shipping(data, &store);
    command.arg("--no-local-agent").env("MUSTER_HISTORY__REMOTE_TOKEN_FILE", &secret).env("MUSTER_LOG__LEVEL", "debug");
    let server = Server::from(&mut command);
    let stopped = |system: &Value| system["history"]["remote"]["state"] == "stopped";
    let system = eventually(&server, &viewer, "/api/system", stopped).await;
    let detail = system["history"]["remote"]["detail"].as_str().unwrap();
    assert!(detail.contains("status 401") && detail.contains("correct them"), "{detail}");
    assert_eq!(system["history"]["remote"]["shipped"], 0);
    let (_, stats) = get(&server, &viewer, "/api/history/stats").await;
    assert_eq!(stats["remote"], system["history"]["remote"]);
    let line = status(data);
    assert!(line.contains("needs your help") && line.contains("refuses our credentials"), "{line}");
    let told = [system.to_string(), line, server.said()];
    assert!(told[2].contains("refuses our credentials"), "{}", told[2]);
    assert!(told.iter().all(|text| !text.contains(WRONG)), "{told:?}");
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_server_without_a_remote_store_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::from(serve(directory.path()).arg("--no-local-agent"));
    let viewer = token(directory.path(), "viewer");
    let (_, system) = get(&server, &viewer, "/api/system").await;
    assert_eq!(system["history"].get("remote"), Some(&json!(null)));
    assert!(status(directory.path()).contains("remote store none"));
}

#[test]
fn a_wrong_address_is_refused_before_anything_starts() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let write = "MUSTER_HISTORY__REMOTE_WRITE_URL";
    let (exit, said) = fails(serve(&data).env(write, "http://muster:hunter2@tsdb:8428/api/v1/write"));
    assert_eq!(exit, 2);
    let line = one_line(&said);
    assert!(
        line.contains(write) && line.contains("history.remote_write_url") && line.contains("credentials"),
        "{line}"
    );
    assert!(!line.contains("hunter2"), "{line}");
    assert!(!data.exists());
}

/// Runs a server until this machine has some history, which waits to be shipped afterwards. Returns a viewer's token.
async fn record(data: &Path, store: &MetricsStore) -> String {
    let server = Server::from(&mut shipping(data, store));
    let viewer = token(data, "viewer");
    let recorded = |system: &Value| system["history"]["samples"].as_u64().is_some_and(|samples| samples > 0);
    eventually(&server, &viewer, "/api/system", recorded).await;
    assert!(server.stop().success());
    viewer
}

/// `muster serve` that ships to a store.
fn shipping(data: &Path, store: &MetricsStore) -> Command {
    let mut command = serve(data);
    command.env("MUSTER_HISTORY__REMOTE_WRITE_URL", format!("{}/api/v1/write", store.address()));
    command.env("MUSTER_HISTORY__REMOTE_READ_URL", store.address());
    command
}

/// What `muster status` prints of a server.
fn status(data: &Path) -> String {
    let output = muster().args(["status", "--data-dir"]).arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Samples by series, which is its name and its resource.
type Samples = BTreeMap<String, Vec<(i64, f64)>>;

/// The averages of an answer's first metric, by time.
fn drawn(answer: &Value) -> BTreeMap<i64, f64> {
    let points = answer["times"].as_array().unwrap().iter().zip(answer["series"][0]["avg"].as_array().unwrap());
    points.filter_map(|(at, value)| Some((at.as_i64()?, value.as_f64()?))).collect()
}

/// All that a data directory holds, as `muster history export` writes it.
fn exported(data: &Path) -> String {
    let output =
        muster().args(["history", "export", "--format", "prometheus", "--data-dir"]).arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// An export as a shipper would have written it, with other times, so that it ends before what a server samples now.
fn an_hour_earlier(export: &str) -> String {
    let earlier = |line: &str| match line.rsplit_once(' ') {
        Some((sample, at)) if !line.starts_with('#') => {
            let sample = sample.replacen('{', "{tenant=\"default\",", 1);
            format!("{sample} {}\n", at.parse::<i64>().unwrap() - 3_600_000)
        }
        Some(_) | None => String::new(),
    };
    export.lines().map(earlier).collect()
}

/// The samples of an export.
fn samples(export: &str) -> Samples {
    let mut samples = Samples::new();
    for line in export.lines().filter(|line| !line.starts_with('#')) {
        let (series, rest) = line.rsplit_once("} ").unwrap();
        let (name, labels) = series.split_once('{').unwrap();
        let resource = labels.split("resource=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let (value, at) = rest.split_once(' ').unwrap();
        let sample = (at.parse().unwrap(), value.parse().unwrap());
        samples.entry(format!("{name} {resource}")).or_default().push(sample);
    }
    sorted(samples)
}

/// All that VictoriaMetrics' own export says; copies are there twice.
async fn stored(store: &MetricsStore) -> Samples {
    let mut samples = Samples::new();
    for line in store.get(ALL_OF_OURS).await.unwrap().lines() {
        let series: Value = serde_json::from_str(line).unwrap();
        let label = |name: &str| series["metric"][name].as_str().unwrap().to_owned();
        let times = series["timestamps"].as_array().unwrap().iter().filter_map(Value::as_i64);
        let values = series["values"].as_array().unwrap().iter().filter_map(Value::as_f64);
        samples.entry(format!("{} {}", label("__name__"), label("resource"))).or_default().extend(times.zip(values));
    }
    sorted(samples)
}

fn sorted(mut samples: Samples) -> Samples {
    samples.values_mut().for_each(|samples| samples.sort_by_key(|(at, _)| *at));
    samples
}
