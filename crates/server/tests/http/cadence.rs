//! Sums over resources that are asked at different paces, or by a store elsewhere that is away.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use muster_history::{Archive, ArchiveBucket, ArchiveError, ArchiveQuery, Cancel};
use muster_model::{
    Completeness, Facet, FilesystemFacet, Identity, Metric, NativeKey, Record, Report, ResourceKind, Role, Sample,
    SampleValue, SourceId, SourceKind, Status, TenantId,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Harness, START, hosts_report, send};

/// Bytes that are stored exactly.
const UNIT: f64 = 4096.0 * 100.0;

/// Seconds between two looks at each of two storages.
const FAST: i64 = 10;
const SLOW: i64 = 60;

#[tokio::test]
async fn storages_asked_at_different_paces_make_a_steady_sum() {
    // R-59, D-10
    let (harness, token) = watched(600, 600).await;
    let summary = harness.json("/api/charts/storage-summary?range=3m", &token).await;
    assert_eq!(summary["stats"]["stepSeconds"], 10);
    let points = summary["times"].as_array().unwrap().len();
    assert!(points >= 18, "{points}");
    assert_eq!(known(&summary["used"]), vec![60.0 * UNIT; points], "in every point, the first ones too");
    assert_eq!(known(&summary["capacity"]), vec![30.0; points]);
    assert_eq!((numbers(&summary["counted"]), numbers(&summary["missing"])), (vec![2; points], vec![0; points]));
}

#[tokio::test]
async fn a_slow_storage_is_in_the_last_point_of_a_day_too() {
    // R-59, D-10: sums make points whole, and what lies behind now is no gap.
    let (harness, minute) = (Harness::start().await, 60);
    for second in (0..=180 * minute).step_by(60) {
        let at = START + SignedDuration::from_secs(second);
        if second % (10 * minute) == 2 * minute {
            harness.submit(storage("slow", 10 * minute, at, 50.0, 50.0)).await;
        }
        harness.submit(storage("fast", minute, at, 10.0, 90.0)).await;
        harness.pass(SignedDuration::from_mins(1));
        if second == 150 * minute {
            harness.history.flush().unwrap();
        }
    }
    harness.history.flush().unwrap();
    let token = harness.token(Role::Viewer).await;
    // Not the day that is computed ahead.
    let summary = harness.json("/api/charts/storage-summary?range=23h", &token).await;
    assert_eq!(
        (&summary["stats"]["tier"], &summary["stats"]["stepSeconds"]),
        (&json!("tenMinutes"), &json!(20 * minute))
    );
    let last = |column: &str| summary[column].as_array().unwrap().last().unwrap().as_f64();
    assert_eq!(times(&summary).last(), Some(&(START + SignedDuration::from_hours(3)).as_millisecond()));
    assert_eq!((last("counted"), last("missing"), last("used")), (Some(2.0), Some(0.0), Some(60.0 * UNIT)));
}

#[tokio::test]
async fn a_storage_that_falls_silent_is_missing_in_the_sum() {
    // R-59, D-10: a gap is drawn as a gap, and a sum of a part says so.
    let (harness, token) = watched(600, 300).await;
    let summary = harness.json("/api/charts/storage-summary?range=10m", &token).await;
    let (times, used) = (times(&summary), &summary["used"]);
    for (place, time) in times.iter().enumerate() {
        let since_start = (time - START.as_millisecond()) / 1000;
        let expected = match since_start {
            ..0 => (Value::Null, 0, 0),
            // The last look was at 240 seconds.
            0..250 => (json!(60.0 * UNIT), 2, 0),
            _ => (json!(10.0 * UNIT), 1, 1),
        };
        let told = (used[place].as_f64(), &summary["counted"][place], &summary["missing"][place]);
        assert_eq!(told, (expected.0.as_f64(), &json!(expected.1), &json!(expected.2)), "after {since_start} s");
    }
}

#[tokio::test]
async fn nothing_of_a_silent_storage_in_the_whole_span_is_missing_too() {
    let (harness, token) = watched(900, 60).await;
    let summary = harness.json("/api/charts/storage-summary?range=3m", &token).await;
    let (counted, missing) = (numbers(&summary["counted"]), numbers(&summary["missing"]));
    assert!(counted.iter().all(|counted| *counted == 1), "{counted:?}");
    assert!(missing.iter().all(|missing| *missing == 1), "{missing:?}");
}

#[tokio::test]
async fn a_summary_counts_everybody_in_every_point() {
    let (harness, token) = watched(600, 600).await;
    let summary = harness.json("/api/metrics/summary?metric=used&range=3m&points=30", &token).await;
    let points = summary["times"].as_array().unwrap().len();
    assert_eq!(numbers(&summary["count"]), vec![2; points]);
    assert_eq!(known(&summary["sum"]), vec![60.0 * UNIT; points]);
    assert_eq!(known(&summary["p50"]), vec![10.0 * UNIT; points]);
    assert_eq!(known(&summary["max"]), vec![50.0 * UNIT; points]);
}

#[tokio::test]
async fn every_chart_says_when_the_store_elsewhere_is_away() {
    let harness = Harness::start().await;
    harness.history.set_archive(Arc::new(Away));
    harness.submit(hosts_report("local", &["nas"], 10.0)).await;
    harness.pass(SignedDuration::from_secs(10));
    let token = harness.token(Role::Viewer).await;
    let list = harness.json("/api/resources", &token).await;
    let id = list["items"][0]["id"].as_str().unwrap();
    for (path, place) in [
        (format!("/api/metrics/history?resource={id}&metrics=cpu&range=30d"), "/archiveError"),
        (format!("/api/metrics/sparklines?resources={id}&metrics=cpu&range=30d"), "/archiveError"),
        ("/api/metrics/summary?metric=cpu&range=30d".to_owned(), "/archiveError"),
        ("/api/charts/infrastructure?metrics=cpu&range=30d".to_owned(), "/stats/archiveError"),
    ] {
        let answer = harness.json(&path, &token).await;
        let error = answer.pointer(place).and_then(Value::as_str).unwrap_or_default();
        assert!(error.contains("it rains"), "{path}: {error}");
    }
}

#[tokio::test]
async fn what_a_store_elsewhere_did_not_tell_is_asked_again() {
    let harness = Harness::start().await;
    let archive = Arc::new(Recovering::default());
    harness.history.set_archive(archive.clone());
    harness.submit(hosts_report("local", &["nas"], 10.0)).await;
    harness.pass(SignedDuration::from_secs(10));
    let token = harness.token(Role::Viewer).await;
    let list = harness.json("/api/resources", &token).await;
    let path =
        format!("/api/metrics/history?resource={}&metrics=cpu&range=30d", list["items"][0]["id"].as_str().unwrap());
    let answer = harness.get(&path, &token).await;
    assert!(answer.json()["archiveError"].is_string());
    archive.0.store(true, std::sync::atomic::Ordering::Relaxed);
    let tag = answer.headers["etag"].to_str().unwrap();
    let again = send(harness.request(Method::GET, &path).bearer_auth(&token).header("if-none-match", tag)).await;
    assert_eq!(again.status, StatusCode::OK, "no sweep came, and yet there is more to tell");
    assert_eq!(again.json()["archiveError"], Value::Null);
}

type Tell<'a> = &'a mut dyn FnMut(Vec<Vec<ArchiveBucket>>);

/// A store that does not answer.
#[derive(Debug)]
struct Away;

impl Archive for Away {
    fn buckets(&self, _: &[ArchiveQuery], _: &Cancel, _: Tell<'_>) -> Result<(), ArchiveError> {
        Err(ArchiveError("it rains".into()))
    }
}

/// A store that answers once it is told to.
#[derive(Debug, Default)]
struct Recovering(std::sync::atomic::AtomicBool);

impl Archive for Recovering {
    fn buckets(&self, questions: &[ArchiveQuery], cancel: &Cancel, tell: Tell<'_>) -> Result<(), ArchiveError> {
        if !self.0.load(std::sync::atomic::Ordering::Relaxed) {
            return Away.buckets(questions, cancel, tell);
        }
        questions.iter().for_each(|question| tell(vec![Vec::new(); question.resources.len()]));
        Ok(())
    }
}

/// A server that has looked at two storages for so many seconds, at the slower one only for so many.
async fn watched(seconds: i64, slow_for: i64) -> (Harness, String) {
    let harness = Harness::start().await;
    for second in (0..seconds).step_by(FAST as usize) {
        let at = START + SignedDuration::from_secs(second);
        if second % SLOW == 0 && second < slow_for {
            harness.submit(storage("slow", SLOW, at, 50.0, 50.0)).await;
        }
        harness.submit(storage("fast", FAST, at, 10.0, 90.0)).await;
        let ahead = START + SignedDuration::from_secs(second + FAST);
        harness.pass(ahead.duration_since(muster_runtime::Clock::now(&harness.clock)));
    }
    let token = harness.token(Role::Viewer).await;
    (harness, token)
}

/// What a source says of its one storage, in [`UNIT`]s.
fn storage(name: &str, interval: i64, reported_at: Timestamp, used: f64, avail: f64) -> Report {
    let value = |metric, value: f64| Sample { record: 0, metric, value: SampleValue::Value(value * UNIT) };
    let record = Record {
        key: NativeKey::new(name).unwrap(),
        kind: ResourceKind::Storage,
        name: name.into(),
        status: Status::Online,
        technology: None,
        identity: Identity { hostnames: [name.to_owned()].into(), ..Identity::default() },
        parent: None,
        links: vec![],
        tags: BTreeSet::new(),
        facets: vec![Arc::new(Facet::Filesystem(FilesystemFacet::default()))],
    };
    Report {
        tenant: TenantId::DEFAULT,
        source: SourceId::new(SourceKind::Proxmox, name).unwrap(),
        reported_at,
        interval: SignedDuration::from_secs(interval),
        completeness: Completeness::Full,
        records: vec![Arc::new(record)],
        samples: vec![value(Metric::Used, used), value(Metric::Avail, avail)],
        activities: vec![],
    }
}

fn known(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

fn numbers(values: &Value) -> Vec<u64> {
    values.as_array().unwrap().iter().filter_map(Value::as_u64).collect()
}

fn times(answer: &Value) -> Vec<i64> {
    answer["times"].as_array().unwrap().iter().filter_map(Value::as_i64).collect()
}
