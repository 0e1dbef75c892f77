//! A tool of others agrees: VictoriaMetrics reads an export, and answers the same questions with the same numbers.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use muster_model::{ResourceId, Role};
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Harness, hosts_report};

/// Other tools refuse samples that lie in their own future, so this must be past by the machine's clock. A whole minute.
const BEGIN: Timestamp = Timestamp::constant(1_700_000_040, 0);

const SWEEP: SignedDuration = SignedDuration::from_secs(10);
const SWEEPS: i32 = 360;
const BUCKET_SECONDS: i64 = 60;

#[tokio::test]
async fn an_outside_tool_answers_with_the_same_numbers() {
    let (harness, id) = recorded().await;
    let token = harness.token(Role::Viewer).await;
    let file = harness.get("/api/history/export?format=prometheus", &token).await;
    let outside = VictoriaMetrics::start(&harness.http).await;
    outside.import(&harness.http, file.text).await;

    let to = BEGIN + SWEEP * (SWEEPS - 1);
    let path = format!("/api/metrics/history?resource={id}&metrics=cpu&from={BEGIN}&to={to}&points=60");
    let ours = harness.json(&path, &token).await;
    assert_eq!((&ours["stepSeconds"], ours["times"].as_array().unwrap().len()), (&Value::from(BUCKET_SECONDS), 60));
    let mut gaps = 0;
    for (column, function) in [("avg", "avg_over_time"), ("min", "min_over_time"), ("max", "max_over_time")] {
        let theirs = outside.buckets(&harness.http, function, id, &ours["times"]).await;
        let ours: Vec<_> = ours["series"][0][column].as_array().unwrap().iter().map(Value::as_f64).collect();
        assert_eq!(ours.len(), theirs.len());
        for (place, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            match (ours, theirs) {
                // Averages leave with two decimals, everything else as it was stored.
                (Some(ours), Some(theirs)) if column == "avg" => assert!((ours - theirs).abs() < 0.005_001, "{place}"),
                (Some(ours), Some(theirs)) => assert_eq!(ours, theirs, "{column} {place}"),
                (None, None) => gaps += 1,
                (ours, theirs) => panic!("{column} {place}: {ours:?} here, {theirs:?} there"),
            }
        }
    }
    assert_eq!(gaps, 3 * 5, "five minutes were not recorded");
}

/// An hour of one machine, with five minutes missing.
async fn recorded() -> (Harness, ResourceId) {
    let harness = Harness::start_at(BEGIN, |_| {}).await;
    for sweep in 0..SWEEPS {
        if !(120..150).contains(&sweep) {
            let cpu = 50.0 + 45.0 * (f64::from(sweep) / 17.0).sin() + f64::from(sweep % 13) / 3.0;
            let mut report = hosts_report("local", &["nas"], cpu);
            report.reported_at = BEGIN + SWEEP * sweep;
            harness.submit(report).await;
        }
        harness.pass(SWEEP);
    }
    let token = harness.token(Role::Viewer).await;
    let list = harness.json("/api/resources", &token).await;
    let id = list["items"][0]["id"].as_str().unwrap().parse().unwrap();
    (harness, id)
}

/// A server of its own on a free port.
struct VictoriaMetrics {
    process: Child,
    base: String,
    _directory: TempDir,
}

impl VictoriaMetrics {
    async fn start(http: &reqwest::Client) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
        let process = Command::new("victoria-metrics")
            .arg(format!("-httpListenAddr={address}"))
            .arg(format!("-storageDataPath={}", directory.path().display()))
            .args(["-retentionPeriod=100y", "-search.latencyOffset=0s", "-loggerLevel=ERROR"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`apt-get install victoria-metrics` provides the outside tool of this test");
        let server = Self { process, base: format!("http://{address}"), _directory: directory };
        let ready = async {
            while http.get(format!("{}/health", server.base)).send().await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), ready).await.expect("it answers within a minute");
        server
    }

    async fn import(&self, http: &reqwest::Client, file: String) {
        let answer = http.post(format!("{}/api/v1/import/prometheus", self.base)).body(file).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        // What was just written is searched only after this.
        let flushed = http.get(format!("{}/internal/force_flush", self.base)).send().await.unwrap();
        assert!(flushed.status().is_success());
    }

    /// A function over each bucket. Its windows are open at their start and closed at their end, so that a bucket is
    /// the window that ends a millisecond before the next one begins.
    async fn buckets(
        &self,
        http: &reqwest::Client,
        function: &str,
        id: ResourceId,
        starts: &Value,
    ) -> Vec<Option<f64>> {
        let ends: Vec<i64> = starts
            .as_array()
            .unwrap()
            .iter()
            .map(|start| start.as_i64().unwrap() + BUCKET_SECONDS * 1000 - 1)
            .collect();
        let seconds = |ms: i64| format!("{}.{:03}", ms / 1000, ms % 1000);
        let query = format!("{function}(muster_cpu_percent{{resource=\"{id}\"}}[{BUCKET_SECONDS}s])");
        let answer = http
            .get(format!("{}/api/v1/query_range", self.base))
            .query(&[
                ("query", query.as_str()),
                ("start", &seconds(ends[0])),
                ("end", &seconds(ends[ends.len() - 1])),
                ("step", &format!("{BUCKET_SECONDS}s")),
                // Otherwise start and end are moved to multiples of the step.
                ("nocache", "1"),
            ])
            .send()
            .await
            .unwrap();
        let answer: Value = answer.json().await.unwrap();
        let values = answer["data"]["result"][0]["values"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        let at = |end: &i64| {
            let found = values.iter().find(|pair| (pair[0].as_f64().unwrap() * 1000.0).round() == *end as f64)?;
            found[1].as_str().unwrap().parse().ok()
        };
        ends.iter().map(at).collect()
    }
}

impl Drop for VictoriaMetrics {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
