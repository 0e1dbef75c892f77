//! Metrics over time, from report to chart.

use jiff::SignedDuration;
use muster_model::{ResourceId, Role};
use serde_json::{Value, json};

use crate::harness::{Harness, hosts_report};

#[tokio::test]
async fn a_report_becomes_a_chart() {
    let (harness, token, ids) = history().await;
    let path = format!("/api/metrics/history?resource={}&metrics=memory,cpu&range=5m&points=60", ids[0]);
    let history = harness.json(&path, &token).await;
    assert_eq!((&history["resourceId"], &history["tier"]), (&json!(ids[0]), &json!("raw")));
    assert_eq!(history["stepSeconds"], 10);
    // One entry for each metric asked for, in that order; nothing was recorded of memory.
    assert_eq!((&history["series"][0]["metric"], &history["series"][1]["metric"]), (&json!("memory"), &json!("cpu")));
    assert!(known(&history["series"][0]["avg"]).is_empty());
    assert_eq!(history["series"][1]["unit"], "percent");
    for column in ["avg", "min", "max"] {
        let values = &history["series"][1][column];
        assert_eq!(values.as_array().unwrap().len(), history["times"].as_array().unwrap().len());
        assert_eq!(known(values), [10.0, 20.0, 30.0], "{column}");
    }
    // D-10: nothing before the first sample, and nothing at all of memory.
    let start = crate::harness::START.as_millisecond();
    assert_eq!(history["series"][1]["gaps"], json!([[start - 270_000, start]]));
    assert_eq!(history["series"][0]["gaps"], json!([[start - 270_000, start + 30_000]]));
}

#[tokio::test]
async fn sparklines_share_one_time_column() {
    let (harness, token, ids) = history().await;
    let path = format!("/api/metrics/sparklines?resources={},{},agent-0000000000000000&metrics=cpu", ids[0], ids[1]);
    let lines = harness.json(&path, &token).await;
    let series = lines["series"].as_array().unwrap();
    assert_eq!(series.len(), 2, "{lines}");
    for line in series {
        assert_eq!(line["values"].as_array().unwrap().len(), lines["times"].as_array().unwrap().len());
        assert!(!known(&line["values"]).is_empty());
        assert_eq!(line["gaps"][0][1], crate::harness::START.as_millisecond());
    }
    let nobody = harness.json("/api/metrics/sparklines?resources=agent-0000000000000000&metrics=cpu", &token).await;
    assert_eq!((&nobody["times"], &nobody["series"]), (&json!([]), &json!([])));
}

/// Two machines that were looked at three times.
async fn history() -> (Harness, String, Vec<ResourceId>) {
    let harness = Harness::start().await;
    for sweep in 0..3 {
        let mut report = hosts_report("local", &["nas", "tower"], 10.0 * f64::from(sweep + 1));
        report.reported_at = crate::harness::START + SignedDuration::from_secs(10) * sweep;
        harness.submit(report).await;
        harness.pass(SignedDuration::from_secs(10));
    }
    let token = harness.token(Role::Viewer).await;
    let list = harness.json("/api/resources", &token).await;
    let ids = list["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().parse().unwrap());
    let ids = ids.collect();
    (harness, token, ids)
}

fn known(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}
