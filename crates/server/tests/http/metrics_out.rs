//! Metrics for a scraper: Debian's Prometheus reads them for real, and its values are the API's.

use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
};

use jiff::SignedDuration;
use muster_model::{Role, Scope};
use muster_server::families;
use muster_testkit::metrics_store::{MetricsStore, Program};
use reqwest::{Method, StatusCode, header::ACCEPT};
use serde_json::Value;

use crate::harness::{Harness, hosts_report, send};

#[tokio::test]
async fn prometheus_scrapes_what_the_api_says() {
    // UX-11
    let harness = Harness::start().await;
    let names = ["plain", "evil\"}\n\\name", "ünï"];
    harness.submit(hosts_report("agents", &names, 37.5)).await;
    let token = harness.token(Role::Viewer).await;
    let program = Program::Scraper { target: harness.address.to_string(), token: token.clone() };
    let prometheus = MetricsStore::start(program).await;
    let query = "/api/v1/query?query=muster_resource_cpu_usage_ratio";
    let answer = prometheus.eventually(query, |body| body.contains("\"value\"")).await;
    let scraped = by_resource(&serde_json::from_str(&answer).unwrap());

    let resources = harness.json("/api/resources?limit=200", &token).await;
    let resources = resources["items"].as_array().unwrap();
    assert_eq!((scraped.len(), resources.len()), (3, 3));
    for resource in resources {
        let (name, value) = &scraped[resource["id"].as_str().unwrap()];
        assert_eq!(name, resource["canonicalIdentity"]["displayName"].as_str().unwrap());
        let shown = resource["metrics"]["cpu"]["value"].as_f64().unwrap();
        assert!((value * 100.0 - shown).abs() < 1e-9, "{name}: {value} scraped, {shown} shown");
    }
    let up = prometheus.get("/api/v1/query?query=up").await.unwrap();
    assert!(up.contains("\"1\"]"), "{up}");
}

#[tokio::test]
async fn promtool_finds_nothing_to_say() {
    let harness = Harness::start().await;
    harness.submit(hosts_report("agents", &["a", "b"], 1.0)).await;
    let text = harness.get("/metrics", &harness.token(Role::Viewer).await).await.text;
    let mut promtool = Command::new("/usr/bin/promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("scripts/setup db installs promtool");
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
}

#[tokio::test]
async fn what_is_not_known_has_no_sample() {
    let harness = Harness::start().await;
    harness.submit(hosts_report("agents", &["a"], 1.0)).await;
    let token = harness.token(Role::Viewer).await;
    let fresh = harness.get("/metrics", &token).await.text;
    assert_eq!(values(&fresh, "muster_resource_stale"), [0.0]);
    assert_eq!(values(&fresh, "muster_resource_cpu_usage_ratio"), [0.01]);
    assert_eq!(values(&fresh, "muster_resource_memory_usage_ratio"), [0.0; 0], "unknown is not zero");
    assert_eq!(values(&fresh, "muster_source_lag_seconds"), [0.0]);

    // The other source's report makes the engine look at the time.
    harness.pass(SignedDuration::from_hours(1));
    harness.submit(hosts_report("others", &["b"], 2.0)).await;
    let token = harness.token(Role::Viewer).await;
    let later = harness.get("/metrics", &token).await.text;
    let of_a = |family: &str| {
        let lines = later.lines().filter(|line| line.starts_with(family) && line.contains("name=\"a\""));
        lines.map(value_of).collect::<Vec<_>>()
    };
    assert_eq!(of_a("muster_resource_stale"), [1.0], "{later}");
    assert_eq!(of_a("muster_resource_cpu_usage_ratio"), [0.0; 0], "what it said last is no sample");
    assert_eq!(of_a("muster_resource_info"), [1.0]);
    assert!(values(&later, "muster_source_lag_seconds")[0] > 3000.0);
}

#[tokio::test]
async fn every_family_is_in_the_catalogue() {
    let harness = Harness::start().await;
    harness.submit(hosts_report("agents", &["a"], 1.0)).await;
    let token = harness.token(Role::Viewer).await;
    harness.get("/api/state", &token).await;
    let text = harness.get("/metrics", &token).await.text;
    let known: BTreeMap<_, _> = families().map(|family| (family.name, family)).collect();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
        let family = known.get(name).or_else(|| known.get(base)).unwrap_or_else(|| panic!("unknown {line}"));
        for label in family.labels {
            assert!(line.contains(&format!("{label}=\"")), "{line} lacks {label}");
        }
    }
    let series = "muster_http_request_duration_seconds_count{method=\"GET\",route=\"/api/state\",status=\"2xx\"} 1";
    assert!(text.contains(series), "{text}");
    for own in ["muster_build_info", "process_cpu_seconds_total", "muster_store_queued_writes", "process_open_fds"] {
        assert_eq!(values(&text, own).len(), 1, "{own}");
    }
}

#[tokio::test]
async fn both_formats_end_as_they_should() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Viewer).await;
    let plain = harness.get("/metrics", &token).await;
    assert_eq!(plain.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert!(!plain.text.contains("# EOF"));
    let open = harness.request(Method::GET, "/metrics").bearer_auth(&token);
    let open = send(open.header(ACCEPT, "application/openmetrics-text; version=1.0.0")).await;
    assert_eq!(open.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(open.text.ends_with("# EOF\n") && open.text.contains("# TYPE muster_engine_sweeps counter\n"));
}

#[tokio::test]
async fn a_token_decides_what_is_told() {
    // The credential table: a token, not a session.
    let harness = Harness::start().await;
    harness.submit(hosts_report("agents", &["secret-host"], 1.0)).await;
    let (_, admin) = harness.token_with(Role::Admin, [Scope::SystemAdmin].into(), None).await;
    let own = harness.get("/metrics/server", &admin).await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(own.text.contains("muster_engine_resources 1\n") && !own.text.contains("secret-host"));
    assert_eq!(harness.get("/metrics", &admin).await.status, StatusCode::FORBIDDEN);
    harness.user("ada", Role::Admin).await;
    let browser = harness.login("ada").await;
    assert_eq!(browser.get(&harness, "/metrics").await.status, StatusCode::FORBIDDEN);
}

/// Name and value of each series of an instant query.
fn by_resource(answer: &Value) -> BTreeMap<String, (String, f64)> {
    let series = answer["data"]["result"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    series
        .map(|one| {
            let labels = &one["metric"];
            (text(&labels["resource"]), (text(&labels["name"]), text(&one["value"][1]).parse().unwrap()))
        })
        .collect()
}

fn values(text: &str, family: &str) -> Vec<f64> {
    let of_family = |line: &&str| line.strip_prefix(family).is_some_and(|rest| rest.starts_with(['{', ' ']));
    text.lines().filter(of_family).map(value_of).collect()
}

fn value_of(line: &str) -> f64 {
    line.rsplit(' ').next().unwrap().parse().unwrap()
}
