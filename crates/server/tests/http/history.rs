//! The metrics history as a whole: what it costs, whether it is sound; and how one history is revalidated and tabulated.

use jiff::SignedDuration;
use muster_model::{ResourceId, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, START, hosts_report, send};

#[tokio::test]
async fn an_unchanged_history_is_not_sent_again() {
    let (harness, token, id) = recorded().await;
    let path = format!("/api/metrics/history?resource={id}&metrics=cpu&range=5m");
    let tag = tag(&harness.get(&path, &token).await);
    let again = conditional(&harness, &path, &token, &tag).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    sweep(&harness, 3, 40.0).await;
    let answer = conditional(&harness, &path, &token, &tag).await;
    assert_eq!(answer.status, StatusCode::OK, "a sweep came");
    assert_eq!(known(&answer.json()["series"][0]["avg"]), [10.0, 20.0, 30.0, 40.0]);
}

#[tokio::test]
async fn a_settled_past_is_not_sent_again_whatever_comes() {
    let (harness, token, id) = recorded().await;
    let (from, to) = (START - SignedDuration::from_mins(5), START + SignedDuration::from_secs(20));
    harness.pass(SignedDuration::from_hours(2));
    let path = format!("/api/metrics/history?resource={id}&metrics=cpu&from={from}&to={to}");
    let answer = harness.get(&path, &token).await;
    assert_eq!(known(&answer.json()["series"][0]["avg"]), [10.0, 20.0, 30.0]);
    let mut report = hosts_report("local", &["nas"], 99.0);
    report.reported_at = harness.clock_now();
    harness.submit(report).await;
    let again = conditional(&harness, &path, &token, &tag(&answer)).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_history_is_a_table_for_those_who_ask_for_one() {
    let (harness, token, id) = recorded().await;
    let path = format!("/api/metrics/history?resource={id}&metrics=cpu,memory&range=1m&points=60");
    let request = || harness.request(Method::GET, &path).bearer_auth(&token);
    let answer = send(request().header("accept", "text/csv")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers["vary"], "accept");
    let mut lines = answer.text.lines();
    assert_eq!(lines.next(), Some("time,cpu_avg,cpu_min,cpu_max,memory_avg,memory_min,memory_max"));
    let filled: Vec<&str> = lines.filter(|line| !line.ends_with(",,,,,,")).collect();
    assert_eq!(filled[0], format!("{START},10,10,10,,,"));
    assert_eq!(filled.len(), 3);
    // The two forms are two answers.
    let csv = tag(&answer);
    assert_eq!(conditional(&harness, &path, &token, &csv).await.status, StatusCode::OK);
}

#[tokio::test]
async fn numbers_have_no_more_digits_than_they_are_worth() {
    let (harness, token, id) = recorded().await;
    sweep(&harness, 3, 41.0).await;
    let path = format!("/api/metrics/history?resource={id}&metrics=cpu&range=5m&points=1");
    let answer = harness.get(&path, &token).await;
    assert!(answer.text.contains("\"avg\":[25.25]"), "{}", answer.text);
    assert_eq!(answer.json()["source"], "mixed", "memory holds less than the span");
}

#[tokio::test]
async fn a_longer_retention_is_tried_out_without_being_set() {
    let (harness, token, _) = recorded().await;
    let stats = harness.json("/api/history/stats", &token).await;
    assert_eq!(stats["proposal"], Value::Null);
    assert_eq!(stats["retention"]["rawSeconds"], 7 * 86_400);
    assert_eq!(stats["forecast"]["tiers"].as_array().unwrap().len(), 4);
    let tried = harness.json("/api/history/stats?raw=30d&hour=9y", &token).await;
    assert_eq!(tried["proposal"]["retention"]["rawSeconds"], 30 * 86_400);
    assert_eq!(tried["proposal"]["retention"]["minuteSeconds"], 90 * 86_400);
    assert_eq!(tried["retention"], stats["retention"], "nothing is changed by asking");
    let answer = harness.get("/api/history/stats?raw=1y", &token).await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::BAD_REQUEST, "minute"));
    let system = harness.json("/api/system", &token).await;
    for field in ["activeSeries", "samplesPerDay", "tiers", "retention", "forecast", "shedSamples", "damagedChunks"] {
        assert!(!system["history"][field].is_null(), "{field}");
    }
    assert_eq!(system["engine"]["rejected"], 0);
    assert_eq!((&system["engine"]["skewedReports"], &system["engine"]["lostChanges"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn a_check_ends_in_its_result() {
    let (harness, _, _) = recorded().await;
    harness.history.flush().unwrap();
    let admin = harness.token(Role::Admin).await;
    let answer = send(harness.request(Method::POST, "/api/history/verify").bearer_auth(admin)).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (result, progress) = lines.split_last().unwrap();
    assert_eq!((&result["type"], &result["damaged"]), (&json!("result"), &json!([])));
    assert!(!progress.is_empty() && progress.iter().all(|line| line["type"] == "progress"), "{lines:?}");
}

impl Harness {
    fn clock_now(&self) -> jiff::Timestamp {
        muster_runtime::Clock::now(&self.clock)
    }
}

async fn conditional(harness: &Harness, path: &str, token: &str, tag: &str) -> Answer {
    send(harness.request(Method::GET, path).bearer_auth(token).header("if-none-match", tag)).await
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

fn known(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

/// A machine that was looked at three times: 10, 20 and 30 percent of CPU.
async fn recorded() -> (Harness, String, ResourceId) {
    let harness = Harness::start().await;
    for (number, cpu) in [(0, 10.0), (1, 20.0), (2, 30.0)] {
        sweep(&harness, number, cpu).await;
    }
    let token = harness.token(Role::Viewer).await;
    let list = harness.json("/api/resources", &token).await;
    let id = list["items"][0]["id"].as_str().unwrap().parse().unwrap();
    (harness, token, id)
}

async fn sweep(harness: &Harness, number: i32, cpu: f64) {
    let mut report = hosts_report("local", &["nas"], cpu);
    report.reported_at = START + SignedDuration::from_secs(10) * number;
    harness.submit(report).await;
    harness.pass(SignedDuration::from_secs(10));
}
