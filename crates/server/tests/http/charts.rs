//! Charts of the whole estate: what they show, and that each is computed once.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use muster_history::{Archive, ArchiveBucket, ArchiveError, ArchiveQuery, Cancel};
use muster_model::{
    Completeness, Facet, FilesystemFacet, Identity, Metric, NativeKey, Record, Report, ResourceId, ResourceKind, Role,
    Sample, SampleValue, SourceId, SourceKind, Status, TenantId,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, START, hosts_report, send};

#[tokio::test]
async fn only_the_metrics_asked_for_are_looked_up() {
    //
    let (harness, token) = Estate::default().live(3).await;
    let before = harness.app.chart_counters();
    let charts = harness.json("/api/charts/infrastructure?metrics=cpu", &token).await;
    let after = harness.app.chart_counters();
    assert_eq!(after.series_asked - before.series_asked, 1, "one host, one metric");
    let series = charts["nodeData"].as_object().unwrap().values().next().unwrap();
    assert_eq!(series.as_object().unwrap().keys().collect::<Vec<_>>(), ["cpu"]);
    assert_eq!(last_known(&series["cpu"]), 30.0, "the last point is the current reading");
    assert_eq!(charts["times"].as_array().unwrap().len(), series["cpu"].as_array().unwrap().len());
    assert_eq!(charts["stats"]["series"], 1);
}

#[tokio::test]
async fn parallel_requests_share_one_computation() {
    //
    let (harness, token) = Estate::default().live(3).await;
    let path = "/api/charts/workloads?range=5m";
    let answers = futures::future::join_all((0..8).map(|_| harness.get(path, &token))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK && answer.text == answers[0].text));
    assert_eq!(harness.app.chart_counters().computed_on_request, 1);
    assert_eq!(harness.app.chart_counters().served_ready, 7);
    // Another question is another answer.
    harness.json("/api/charts/workloads?range=5m&maxPoints=30", &token).await;
    assert_eq!(harness.app.chart_counters().computed_on_request, 2);
}

#[tokio::test]
async fn an_unchanged_answer_is_not_sent_again() {
    let (harness, token) = Estate::default().live(3).await;
    for path in [
        "/api/charts/workloads",
        "/api/charts/infrastructure",
        "/api/charts/storage-summary",
        "/api/metrics/summary?metric=cpu",
    ] {
        let answer = harness.get(path, &token).await;
        let tag = answer.headers["etag"].to_str().unwrap().to_owned();
        let again = conditional(&harness, path, &token, &tag).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
    }
    let path = "/api/charts/workloads";
    let tag = harness.get(path, &token).await.headers["etag"].to_str().unwrap().to_owned();
    Estate::default().sweep(&harness, 4).await;
    let answer = conditional(&harness, path, &token, &tag).await;
    assert_eq!(answer.status, StatusCode::OK, "the sweep brought something new");
    assert_ne!(answer.headers["etag"].to_str().unwrap(), tag);
}

#[tokio::test]
async fn workloads_stand_under_their_own_ids() {
    //
    let (harness, token) = Estate::default().live(3).await;
    let rows = harness.json("/api/resources?kind=vm,app-container", &token).await;
    let charts = harness.json("/api/charts/workloads?range=5m&metrics=cpu,netin", &token).await;
    let (mut vms, mut containers) = (0, 0);
    for row in rows["items"].as_array().unwrap() {
        let (id, kind) = (row["id"].as_str().unwrap(), row["kind"].as_str().unwrap());
        assert_eq!(charts["guestTypes"][id], kind);
        let place = if kind == "vm" { "data" } else { "dockerData" };
        *(if kind == "vm" { &mut vms } else { &mut containers }) += 1;
        let series = charts[place][id].as_object().unwrap_or_else(|| panic!("{id} in {place}"));
        assert_eq!(series.keys().collect::<Vec<_>>(), ["cpu"], "nothing was recorded of netin");
        assert_eq!(known(&series["cpu"]).len(), 3);
    }
    assert_eq!((vms, containers), (2, 1));
}

#[tokio::test]
async fn workloads_of_one_host_can_be_asked_for_and_an_unknown_host_means_all() {
    //
    let (harness, token) = Estate::default().live(1).await;
    let count = async |query: &str| {
        let charts = harness.json(&format!("/api/charts/workloads?range=5m{query}"), &token).await;
        charts["guestTypes"].as_object().unwrap().len()
    };
    assert_eq!(count("").await, 3);
    assert_eq!(count("&node=PVE").await, 2, "the virtual machines; the container is nobody's");
    assert_eq!(count("&node=nowhere").await, 3);
}

#[tokio::test]
async fn storage_is_summed_up_before_it_is_divided() {
    //
    let estate = Estate { pools: vec![(10.0, 90.0), (50.0, 50.0)], ..Estate::default() };
    let (harness, token) = estate.live(2).await;
    let summary = harness.json("/api/charts/storage-summary", &token).await;
    assert_eq!(known(&summary["capacity"]), [30.0]);
    let unit = 4096.0 * 100.0;
    assert_eq!((known(&summary["used"]), known(&summary["avail"])), (vec![60.0 * unit], vec![140.0 * unit]));
    assert_eq!(summary["stats"]["rangeSeconds"], 24 * 3600, "R-52");
    assert_eq!(summary["stats"]["series"], 4, "R-39: used and avail of each");
    assert!(summary["times"].as_array().unwrap().len() <= 97);
}

#[tokio::test]
async fn what_does_not_tell_both_or_lies_within_another_is_not_counted() {
    //
    let estate = Estate { pools: vec![(10.0, 90.0)], nested: vec![(10.0, 90.0)], lone_used: Some(7.0) };
    let (harness, token) = estate.live(1).await;
    let summary = harness.json("/api/charts/storage-summary", &token).await;
    assert_eq!(known(&summary["capacity"]), [10.0]);
}

#[tokio::test]
async fn a_day_of_storage_is_ready_after_a_sweep() {
    //
    let (harness, token) = Estate::default().live(1).await;
    let ready = async {
        while harness.app.chart_counters().computed_ahead == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), ready).await.expect("computed ahead of requests");
    for sweep in 2..4 {
        let summary = harness.json("/api/charts/storage-summary", &token).await;
        assert!(!known(&summary["capacity"]).is_empty());
        let counters = harness.app.chart_counters();
        assert_eq!((counters.computed_on_request, counters.served_ready), (0, sweep - 1));
        Estate::default().sweep(&harness, i32::try_from(sweep).unwrap()).await;
    }
}

#[tokio::test]
async fn many_resources_become_one_summary() {
    let harness = Harness::start().await;
    for (sweep, cpu) in [(0, 10.0), (1, 20.0)] {
        for (host, add) in [("alpha", 0.0), ("beta", 30.0), ("gamma", 60.0)] {
            let mut report = hosts_report(host, &[host], cpu + add);
            report.reported_at = START + SignedDuration::from_secs(10) * sweep;
            harness.submit(report).await;
        }
    }
    harness.pass(SignedDuration::from_secs(20));
    let token = harness.token(Role::Viewer).await;
    let summary = harness.json("/api/metrics/summary?metric=cpu&kind=host&range=5m&top=2&points=60", &token).await;
    assert_eq!((&summary["unit"], &summary["resources"]), (&json!("percent"), &json!(3)));
    // The third point is now: nobody was due since the second sweep.
    assert_eq!(known(&summary["sum"]), [120.0, 150.0, 150.0]);
    assert_eq!(known(&summary["avg"]), [40.0, 50.0, 50.0]);
    assert_eq!((known(&summary["min"]), known(&summary["max"])), (vec![10.0, 20.0, 20.0], vec![70.0, 80.0, 80.0]));
    assert_eq!((known(&summary["p50"]), known(&summary["p95"])), (vec![40.0, 50.0, 50.0], vec![70.0, 80.0, 80.0]));
    let counts: Vec<_> = summary["count"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    assert_eq!(counts.iter().filter(|count| **count == 3).count(), 3);
    let top: Vec<_> = summary["top"].as_array().unwrap().iter().map(|top| (&top["name"], &top["avg"])).collect();
    assert_eq!(top, [(&json!("gamma"), &json!(75.0)), (&json!("beta"), &json!(45.0))]);
    let bins = summary["distribution"].as_array().unwrap();
    let filled: Vec<_> = bins.iter().filter(|bin| bin["count"] == 1).map(|bin| bin["from"].as_f64().unwrap()).collect();
    assert_eq!((bins.len(), filled), (10, vec![10.0, 40.0, 70.0]));
    let nobody = harness.json("/api/metrics/summary?metric=smart_temp", &token).await;
    assert_eq!((&nobody["resources"], &nobody["times"], &nobody["top"]), (&json!(0), &json!([]), &json!([])));
}

#[tokio::test]
async fn a_refusal_names_the_parameter() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Viewer).await;
    for (path, field) in [
        ("/api/charts/infrastructure?metrics=cpu,load1", "metrics"),
        ("/api/charts/infrastructure?metrics=", "metrics"),
        ("/api/charts/workloads?metrics=cpuu", "metrics"),
        ("/api/charts/workloads?range=banana", "range"),
        ("/api/charts/storage-summary?metrics=used", "metrics"),
        ("/api/metrics/summary", "metric"),
        ("/api/metrics/summary?metric=cpu,memory", "metric"),
        ("/api/metrics/summary?metric=cpu&kind=hosts", "kind"),
        ("/api/metrics/summary?metric=cpu&top=101", "top"),
        ("/api/metrics/summary?metric=cpu&points=0", "points"),
    ] {
        let answer = harness.get(path, &token).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::BAD_REQUEST, field.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_refusal_names_what_is_allowed() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Viewer).await;
    let id = ResourceId::mint(ResourceKind::Vm, "x");
    let twice =
        format!("/api/metrics/history?resource={id}&metrics=cpu&from=2027-02-01T00:00:00Z&to=2027-01-01T00:00:00Z");
    let (history, lines) = ("/api/metrics/history?metrics=cpu", "/api/metrics/sparklines?metrics=cpu");
    for (path, field, told) in [
        ("/api/metrics/summary?metric=cpu&top=many".into(), "top", "`many` does not fit; use 0 to 100"),
        ("/api/metrics/summary?metric=cpu&top=101".into(), "top", "`101` does not fit; use 0 to 100"),
        ("/api/metrics/summary?metric=cpu&points=-1".into(), "points", "`-1` does not fit; use 1 to 500"),
        ("/api/metrics/summary?metric=cpuu".into(), "metric", "did you mean `cpu`?"),
        ("/api/charts/workloads?maxPoints=1.5".into(), "maxPoints", "`1.5` does not fit"),
        ("/api/charts/workloads?limit=0".into(), "limit", "`0` does not fit; use 1 to 5000"),
        ("/api/charts/infrastructure?limit=5001".into(), "limit", "`5001` does not fit; use 1 to 5000"),
        (format!("{history}&resource={id}&points=0"), "points", "`0` does not fit; use 1 to 5000"),
        (format!("{history}&resource=nas"), "resource", "`nas` is not a valid"),
        (format!("{history}&resource={id}&metrics=cpu"), "metrics", "twice"),
        (twice, "from", "2027-02-01T00:00:00Z is not before the end of the span, 2027-01-01T00:00:00Z"),
        (format!("{lines}&resources={id}&points=201"), "points", "`201` does not fit; use 1 to 200"),
        (format!("{lines}&resources="), "resources", "0 do not fit; name 1 to 500 resources"),
        (format!("{lines}&resources={id},nas"), "resources", "`nas` is not a valid"),
    ] {
        let answer = harness.get(&path, &token).await;
        let message = answer.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!((answer.status, answer.field().as_str()), (StatusCode::BAD_REQUEST, field), "{path}");
        assert!(message.contains(told), "{path}: {message}");
    }
}

#[tokio::test]
async fn sparklines_show_each_resource_once_and_say_which_ids_nobody_has() {
    let (harness, token) = Estate::default().live(2).await;
    let rows = harness.json("/api/resources?kind=vm", &token).await;
    let id = rows["items"][0]["id"].as_str().unwrap();
    let nobody = ResourceId::mint(ResourceKind::Vm, "nobody");
    let path = format!("/api/metrics/sparklines?metrics=cpu,cpu&resources={id},{nobody},{id},{nobody}");
    let lines = harness.json(&path, &token).await;
    assert_eq!(lines["series"].as_array().unwrap().len(), 1);
    assert_eq!(lines["unknownResources"], json!([nobody]));
    assert_eq!(lines["archiveError"], Value::Null);
}

#[tokio::test]
async fn charts_come_in_pages() {
    let (harness, token) = Estate::default().live(1).await;
    let page =
        async |query: &str| harness.json(&format!("/api/charts/workloads?range=5m&metrics=cpu{query}"), &token).await;
    let whole = page("").await;
    assert_eq!(whole["nextPageToken"], Value::Null);
    let first = page("&limit=2").await;
    let next = first["nextPageToken"].as_str().unwrap();
    let second = page(&format!("&limit=2&pageToken={next}")).await;
    assert_eq!((&second["nextPageToken"], &second["stats"]["resources"]), (&Value::Null, &json!(1)));
    let ids = |charts: &Value| charts["guestTypes"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!((ids(&first).len(), ids(&second).len()), (2, 1));
    assert_eq!(&ids(&first) | &ids(&second), ids(&whole));
    let of_node = harness.get(&format!("/api/charts/workloads?node=pve&pageToken={next}"), &token).await;
    assert_eq!((of_node.status, of_node.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_page_token"));
    let hosts = harness.get(&format!("/api/charts/infrastructure?pageToken={next}"), &token).await;
    assert_eq!(hosts.field(), "pageToken");
}

#[tokio::test]
async fn more_resources_than_one_question_may_be_about_have_one_summary_and_pages_of_charts() {
    let harness = Harness::start().await;
    let count = 10_001;
    let names: Vec<String> = (0..count).map(|number| format!("host-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut report = hosts_report("many", &names, 0.0);
    for (sample, place) in report.samples.iter_mut().zip(0..) {
        sample.value = SampleValue::Value(f64::from(place % 100));
    }
    harness.submit(report).await;
    harness.pass(SignedDuration::from_secs(10));
    let token = harness.token(Role::Viewer).await;
    let summary = harness.json("/api/metrics/summary?metric=cpu&range=5m&top=1", &token).await;
    assert_eq!(summary["resources"], count);
    let last = |column: &str| *known(&summary[column]).last().unwrap();
    assert_eq!((last("count"), last("p50"), last("p95"), last("max")), (f64::from(count), 49.0, 94.0, 99.0));
    assert_eq!(last("sum"), f64::from(100 * (0..100).sum::<i32>()));
    assert_eq!(summary["top"][0]["avg"], 99.0);
    let bins = summary["distribution"].as_array().unwrap().iter().filter_map(|bin| bin["count"].as_i64());
    assert_eq!(bins.sum::<i64>(), i64::from(count));
    let (mut seen, mut query) = (BTreeSet::new(), String::new());
    for expected in [5000, 5000, 1] {
        let charts = harness.json(&format!("/api/charts/infrastructure?range=5m&metrics=cpu{query}"), &token).await;
        assert_eq!(charts["stats"]["resources"], expected);
        seen.extend(charts["agentData"].as_object().unwrap().keys().cloned());
        query = charts["nextPageToken"].as_str().map(|token| format!("&pageToken={token}")).unwrap_or_default();
    }
    assert_eq!((seen.len(), query.as_str()), (count as usize, ""));
}

#[tokio::test]
async fn a_large_estate_is_asked_for_in_few_questions() {
    // history is asked in passes of 500 resources; more resources than that share one answer all the same.
    let (harness, questions) = (Harness::start().await, Arc::new(Questions::default()));
    harness.history.set_archive(questions.clone());
    let names: Vec<String> = (0..600).map(|number| format!("host-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    harness.submit(hosts_report("many", &names, 12.5)).await;
    harness.pass(SignedDuration::from_secs(10));
    let token = harness.token(Role::Viewer).await;
    let charts = harness.json("/api/charts/infrastructure?metrics=cpu&range=5m", &token).await;
    let series = charts["agentData"].as_object().unwrap();
    assert_eq!(series.len(), 600);
    assert!(series.values().all(|series| known(&series["cpu"]) == [12.5]));
    assert_eq!(questions.take(), [500, 100]);
    let ids: Vec<ResourceId> = series.keys().map(|id| id.parse().unwrap()).collect();
    let list = |count: usize| ids[..count].iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let lines = harness.json(&format!("/api/metrics/sparklines?metrics=cpu&resources={}", list(500)), &token).await;
    assert_eq!(lines["series"].as_array().unwrap().len(), 500);
    assert_eq!(questions.take(), [500]);
    let path = format!("/api/metrics/sparklines?metrics=cpu&resources={}", list(501));
    let answer = harness.get(&path, &token).await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::BAD_REQUEST, "resources"));
    let all: Vec<_> = Metric::ALL.iter().map(|metric| metric.as_str()).collect();
    let path = format!("/api/metrics/sparklines?metrics={}&resources={}", all.join(","), list(500));
    let answer = harness.get(&path, &token).await;
    assert_eq!(
        (answer.code().as_str(), answer.field().as_str()),
        ("invalid_query", "metrics"),
        "it is the caller's to change"
    );
}

/// A store elsewhere that knows nothing. History asks it once for each question that goes back beyond its own beginning;
/// it notes about how many resources.
#[derive(Debug, Default)]
struct Questions(Mutex<Vec<usize>>);

impl Questions {
    fn take(&self) -> Vec<usize> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Archive for Questions {
    fn buckets(
        &self,
        questions: &[ArchiveQuery],
        _: &Cancel,
        _: &mut dyn FnMut(Vec<Vec<ArchiveBucket>>),
    ) -> Result<(), ArchiveError> {
        self.0.lock().unwrap().push(questions.iter().map(|question| question.resources.len()).sum());
        Ok(())
    }
}

async fn conditional(harness: &Harness, path: &str, token: &str, tag: &str) -> Answer {
    send(harness.request(Method::GET, path).bearer_auth(token).header("if-none-match", tag)).await
}

/// A node of a Proxmox VE with two virtual machines, a container that is nobody's, and storages.
struct Estate {
    /// Use and free space of each, in steps of 100 pages.
    pools: Vec<(f64, f64)>,
    /// The same within the first pool.
    nested: Vec<(f64, f64)>,
    /// A storage that does not tell its free space.
    lone_used: Option<f64>,
}

impl Default for Estate {
    fn default() -> Self {
        Self { pools: vec![(1.0, 1.0)], nested: Vec::new(), lone_used: None }
    }
}

impl Estate {
    /// A server that has seen so many sweeps of it, ten seconds apart.
    async fn live(&self, sweeps: i32) -> (Harness, String) {
        let harness = Harness::start().await;
        for sweep in 1..=sweeps {
            self.sweep(&harness, sweep).await;
        }
        let token = harness.token(Role::Viewer).await;
        (harness, token)
    }

    /// In the n-th sweep, everything uses 10 n percent of its CPU.
    async fn sweep(&self, harness: &Harness, number: i32) {
        let at = START + SignedDuration::from_secs(10) * (number - 1);
        harness.submit(self.report(f64::from(number) * 10.0, at)).await;
        harness.pass(SignedDuration::from_secs(10));
    }

    fn report(&self, cpu: f64, reported_at: Timestamp) -> Report {
        let mut report = Report {
            tenant: TenantId::DEFAULT,
            source: SourceId::new(SourceKind::Proxmox, "lab").unwrap(),
            reported_at,
            interval: SignedDuration::from_secs(10),
            completeness: Completeness::Full,
            records: vec![],
            samples: vec![],
            activities: vec![],
        };
        add(&mut report, ResourceKind::Agent, "pve", None, &[(Metric::Cpu, cpu)]);
        for name in ["web", "db"] {
            add(&mut report, ResourceKind::Vm, name, Some("pve"), &[(Metric::Cpu, cpu)]);
        }
        add(&mut report, ResourceKind::AppContainer, "proxy", None, &[(Metric::Cpu, cpu)]);
        let unit = 4096.0 * 100.0;
        let space = |(used, avail): (f64, f64)| [(Metric::Used, used * unit), (Metric::Avail, avail * unit)];
        for (number, pool) in self.pools.iter().enumerate() {
            add(&mut report, ResourceKind::Storage, &format!("pool-{number}"), Some("pve"), &space(*pool));
        }
        for (number, dataset) in self.nested.iter().enumerate() {
            add(&mut report, ResourceKind::Storage, &format!("set-{number}"), Some("pool-0"), &space(*dataset));
        }
        if let Some(used) = self.lone_used {
            add(&mut report, ResourceKind::Storage, "lone", Some("pve"), &[(Metric::Used, used * unit)]);
        }
        report
    }
}

fn add(report: &mut Report, kind: ResourceKind, name: &str, parent: Option<&str>, values: &[(Metric, f64)]) {
    let facet = (kind == ResourceKind::Storage).then(|| Arc::new(Facet::Filesystem(FilesystemFacet::default())));
    let record = u32::try_from(report.records.len()).unwrap();
    report.records.push(Arc::new(Record {
        key: NativeKey::new(name).unwrap(),
        kind,
        name: name.into(),
        status: Status::Online,
        technology: None,
        identity: Identity { hostnames: [name.to_owned()].into(), ..Identity::default() },
        parent: parent.map(|parent| NativeKey::new(parent).unwrap()),
        links: vec![],
        tags: BTreeSet::new(),
        facets: facet.into_iter().collect(),
    }));
    let sample =
        |(metric, value): &(Metric, f64)| Sample { record, metric: *metric, value: SampleValue::Value(*value) };
    report.samples.extend(values.iter().map(sample));
}

fn known(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

fn last_known(values: &Value) -> f64 {
    *known(values).last().unwrap()
}
