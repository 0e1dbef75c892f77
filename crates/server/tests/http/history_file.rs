//! History as a file: what is exported comes in again, and what makes no sense is refused by its line.

use std::sync::Arc;

use jiff::SignedDuration;
use muster_history::{BackfillSeries, Cancel};
use muster_model::{Metric, Report, ResourceId, Role, SourceId, TenantId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, START, hosts_report, send};

const TEN_SECONDS: SignedDuration = SignedDuration::from_secs(10);

#[tokio::test]
async fn an_export_fills_an_empty_server_with_equal_answers() {
    let (full, ids) = recorded(120).await;
    for (format, content_type) in [("csv", "text/csv"), ("prometheus", "text/plain")] {
        let empty = without_history(&full).await;
        let file = export(&full, &format!("?format={format}")).await;
        let imported = import(&empty, content_type, "", file.text.clone()).await;
        assert_eq!(imported.status, StatusCode::OK, "{}", imported.text);
        let samples = imported.json()["samples"].as_u64().unwrap();
        assert_eq!(imported.json()["written"], samples);
        assert_eq!(samples, 2 * (120 - 12), "two machines, every tenth sweep was missed");
        for id in &ids {
            assert_eq!(columns(&empty, *id).await, columns(&full, *id).await, "{format} {id}");
        }
        let same = export(&empty, &format!("?format={format}")).await;
        assert_eq!(same.text, file.text);
    }
}

#[tokio::test]
async fn what_was_sampled_in_several_rhythms_has_no_gaps() {
    // D-10
    let (full, ids) = recorded(1).await;
    let empty = without_history(&full).await;
    let path = format!("/api/history/export?resources={}", ids[0]);
    let mixed = rhythms(ids[0]);
    assert_eq!(import(&full, "text/plain", "", mixed).await.json()["written"], 50);
    let charts = async |harness: &Harness| {
        let viewer = harness.token(Role::Viewer).await;
        let (from, to) = (START - SignedDuration::from_hours(14), START + TEN_SECONDS);
        let path = format!("/api/metrics/history?resource={}&metrics=cpu&from={from}&to={to}&points=1000", ids[0]);
        harness.json(&path, &viewer).await["series"][0].clone()
    };
    let shown = charts(&full).await;
    assert_eq!(shown["gaps"], json!([]));
    let file = full.get(&path, &full.token(Role::Viewer).await).await.text;
    assert_eq!(import(&empty, "text/csv", "", file).await.json()["written"], 51);
    assert_eq!(charts(&empty).await, shown);
}

#[tokio::test]
async fn ones_own_export_is_covered_after_a_join() {
    // D-11, R-40
    let (harness, ids) = joined().await;
    let file = export(&harness, "?format=csv").await.text;
    assert_eq!(file.lines().filter(|line| line.contains(&ids[0].to_string())).count(), 40, "{file}");
    assert!(!file.contains(&ids[1].to_string()), "the younger one gave way: {file}");
    let again = import(&harness, "text/csv", "", file.clone()).await.json();
    assert_eq!((&again["written"], &again["covered"]), (&json!(0), &json!(40)), "{again}");
    assert_eq!(export(&harness, "?format=csv").await.text, file);
}

#[tokio::test]
async fn an_export_begins_at_the_oldest_there_is() {
    let (harness, ids) = recorded(1).await;
    let at = START - SignedDuration::from_hours(24 * 365 * 12);
    let line = format!("muster_cpu_percent{{resource=\"{}\"}} 33 {}\n", ids[0], at.as_millisecond());
    assert_eq!(import(&harness, "text/plain", "", line).await.json()["written"], 1);
    assert!(export(&harness, "").await.text.contains(&at.to_string()));
    assert!(export(&harness, "?range=13y").await.text.contains(&at.to_string()));
    assert!(!export(&harness, "?range=11y").await.text.contains(&at.to_string()));
    let path = format!("/api/metrics/history?resource={}&metrics=cpu&range=100y", ids[0]);
    let chart = harness.json(&path, &harness.token(Role::Viewer).await).await;
    assert_eq!(known(&chart["series"][0]["max"]), [33.0, 5.0]);
    for path in ["/api/charts/workloads?range=100y", "/api/metrics/summary?metric=cpu&range=100y"] {
        let answer = harness.get(path, &harness.token(Role::Viewer).await).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_import_that_fails_says_how_much_was_written() {
    let (harness, ids) = recorded(1).await;
    let at = (START - SignedDuration::from_mins(10)).as_millisecond();
    let line = format!("muster_cpu_percent{{resource=\"{}\"}} 64 {at}\n", ids[0]);
    harness.history.close().unwrap();
    let answer = import(&harness, "text/plain", "", line).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
    assert!(answer.text.contains("0 samples were written"), "{}", answer.text);
}

#[tokio::test]
async fn an_import_that_takes_long_goes_by_the_time_that_it_is() {
    let (harness, ids) = recorded(1).await;
    let admin = harness.token(Role::Admin).await;
    let later = START + SignedDuration::from_hours(1);
    let line = format!("muster_cpu_percent{{resource=\"{}\"}} 64 {}\n", ids[0], later.as_millisecond());
    let (sender, pieces) = tokio::sync::mpsc::channel::<String>(1);
    let request = harness.request(Method::POST, "/api/history/import").bearer_auth(&admin);
    let answer = send(request.header("content-type", "text/plain").body(streamed(pieces)));
    let sent = async {
        // More than a connection holds: once all of it is gone, the import has begun.
        let comments = format!("# {}\n", "x".repeat(8_000)).repeat(100);
        for _ in 0..30 {
            sender.send(comments.clone()).await.unwrap();
        }
        harness.clock.set_wall(later);
        sender.send(line).await.unwrap();
        drop(sender);
    };
    let (answer, ()) = tokio::join!(answer, sent);
    assert_eq!(answer.json()["written"], 1, "{}", answer.text);
}

#[tokio::test]
async fn what_is_covered_stays_as_it_is() {
    // R-40
    let (harness, ids) = recorded(20).await;
    let before = columns(&harness, ids[0]).await;
    let changed: String = export(&harness, "?format=csv").await.text.replace(",5,", ",77,");
    let again = import(&harness, "text/csv", "", changed).await.json();
    assert_eq!((&again["written"], &again["covered"]), (&json!(0), &again["samples"]), "{again}");
    assert_eq!(columns(&harness, ids[0]).await, before);
    let audit = harness.json("/api/audit", &harness.token(Role::Admin).await).await;
    let row = audit["items"].as_array().unwrap().iter().find(|row| row["action"] == "history.import").unwrap();
    assert_eq!((&row["target"], &row["outcome"]), (&json!("history"), &json!("ok")), "who changes the past is known");
}

#[tokio::test]
async fn charts_notice_that_the_past_has_changed() {
    let (harness, ids) = recorded(3).await;
    let viewer = harness.token(Role::Viewer).await;
    let path = format!("/api/metrics/history?resource={}&metrics=cpu&range=1h", ids[0]);
    let before = harness.get(&path, &viewer).await;
    let at = (START - SignedDuration::from_mins(10)).as_millisecond();
    let line = format!("muster_cpu_percent{{resource=\"{}\"}} 64 {at}\n", ids[0]);
    assert_eq!(import(&harness, "text/plain", "", line).await.json()["written"], 1);
    let again = harness.request(Method::GET, &path).bearer_auth(&viewer);
    let again = send(again.header("if-none-match", before.headers["etag"].to_str().unwrap())).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.text.contains("64"), "{}", again.text);
}

#[tokio::test]
async fn a_bad_line_is_named_and_nothing_of_its_part_is_written() {
    let (harness, ids) = recorded(1).await;
    let at = (START - SignedDuration::from_mins(10)).as_millisecond();
    let good = |minutes: i64| format!("muster_cpu_percent{{resource=\"{}\"}} 1 {}\n", ids[0], at - minutes * 60_000);
    let check = async |line: &str, code: &str, hint: &str| {
        let answer = import(&harness, "text/plain", "", format!("# TYPE\n{}{line}\n{}", good(1), good(2))).await;
        assert_eq!((answer.code().as_str(), answer.field().as_str()), (code, "line 3"), "{line}: {}", answer.text);
        assert!(answer.text.contains(hint) && answer.text.contains("Nothing was written"), "{}", answer.text);
    };
    check("muster_cpu_percent 1", "invalid_body", "timestamp").await;
    check("muster_cpu_percent{resource=\"x} 1 5", "invalid_body", "labels").await;
    check("node_load1 1 5", "invalid_value", "`node_load1` is no metric").await;
    check("muster_cpu_percent{resource=\"agent-0000000000000000\"} 1 5", "invalid_value", "?resource=").await;
    check("muster_cpu_percent 1 5", "invalid_value", "no resource is named").await;
    let future = format!("muster_cpu_percent{{resource=\"{}\"}} 1 4000000000000", ids[0]);
    check(&future, "invalid_value", "in the future").await;
    check(&"x".repeat(20_000), "invalid_body", "longer than").await;
    let answer = import(&harness, "text/csv", "", "time,value\n".into()).await;
    assert_eq!((answer.code().as_str(), answer.field().as_str()), ("invalid_body", "line 1"));
    let answer = import(&harness, "application/json", "", "{}".into()).await;
    assert_eq!(answer.code(), "unsupported_media_type");
    let recorded = columns(&harness, ids[0]).await;
    assert_eq!(known(&recorded["series"][0]["avg"]).len(), 1, "only what was live");
}

#[tokio::test]
async fn a_value_that_cannot_be_is_left_out_and_named() {
    let (harness, ids) = recorded(1).await;
    let at = (START - SignedDuration::from_mins(60)).as_millisecond();
    let line = |name: &str, value: &str, minute: i64| {
        format!("muster_{name}{{resource=\"{}\"}} {value} {}\n", ids[0], at + minute * 60_000)
    };
    let mut file = line("cpu_percent", "500", 0) + &line("cpu_percent", "40", 1) + &line("cpu_percent", "-5", 2);
    file += &line("netin_bytes_per_second", "-1", 2);
    // It would be stored as 100.
    file += &line("memory_percent", "100.004", 3);
    let imported = import(&harness, "text/plain", "", file).await.json();
    assert_eq!((&imported["samples"], &imported["written"], &imported["refused"]), (&json!(2), &json!(2), &json!(3)));
    let refusals = imported["refusals"].as_array().unwrap();
    let first = json!({
        "line": 1, "field": "value", "value": 500.0,
        "message": format!("cpu of {} cannot be 500; possible is 0 to 100", ids[0]),
    });
    assert_eq!(refusals[0], first);
    assert_eq!(refusals.iter().map(|line| line["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 3, 4]);
    assert!(refusals[2]["message"].as_str().unwrap().ends_with("possible is 0 or more"), "{imported}");
    let many: String = (0..25).map(|minute| line("cpu_percent", "101", minute)).collect();
    let imported = import(&harness, "text/plain", "", many).await.json();
    assert_eq!((&imported["refused"], imported["refusals"].as_array().unwrap().len()), (&json!(25), 10));
    let recorded = columns(&harness, ids[0]).await;
    assert!(known(&recorded["series"][0]["max"]).iter().all(|value| *value <= 100.0));
}

#[tokio::test]
async fn samples_that_share_a_tick_are_counted() {
    // D-10
    let (harness, ids) = recorded(1).await;
    let at = (START - SignedDuration::from_mins(10)).as_millisecond();
    let line =
        |value: u32, after: i64| format!("muster_cpu_percent{{resource=\"{}\"}} {value} {}\n", ids[0], at + after);
    let file = line(40, 0) + &line(50, 2_000) + &line(60, 3_000) + &line(70, 10_000);
    let imported = import(&harness, "text/plain", "", file).await.json();
    let counts = ["samples", "written", "covered", "sharedTick"].map(|name| imported[name].as_u64().unwrap());
    assert_eq!(counts, [4, 2, 0, 2], "{imported}");
    let columns = columns(&harness, ids[0]).await;
    assert_eq!(known(&columns["series"][0]["max"])[0], 70.0);
    assert!(known(&columns["series"][0]["min"])[0] >= 60.0, "the last one counts");
}

#[tokio::test]
async fn an_export_of_nobody_is_refused_and_one_of_nothing_is_empty() {
    let (harness, ids) = recorded(1).await;
    let viewer = harness.token(Role::Viewer).await;
    let stranger = "agent-00000000000000aa";
    let path = format!("/api/history/export?resources={},{stranger}", ids[0]);
    let answer = harness.get(&path, &viewer).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "resource_not_found"));
    assert!(answer.text.contains(stranger), "{}", answer.text);
    // It is gone, and history remembers it.
    let gone: ResourceId = stranger.parse().unwrap();
    long_past(&harness, gone);
    assert_eq!(harness.get(&path, &viewer).await.status, StatusCode::OK);
    let nothing = export(&harness, &format!("?resources={}&metrics=load1", ids[0])).await;
    assert_eq!(nothing.text.lines().count(), 1, "{}", nothing.text);
}

#[tokio::test]
async fn a_body_that_does_not_move_is_given_up() {
    let (harness, _) = recorded(1).await;
    let admin = harness.token(Role::Admin).await;
    let silent = futures::stream::pending::<std::io::Result<Vec<u8>>>();
    let request = harness.request(Method::POST, "/api/history/import").bearer_auth(admin);
    let mut answer =
        std::pin::pin!(send(request.header("content-type", "text/csv").body(reqwest::Body::wrap_stream(silent))));
    let waited = async {
        loop {
            // The server waits on simulated time; the answer comes once enough of it has passed.
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = tokio::task::yield_now() => harness.pass(SignedDuration::from_secs(1)),
            }
        }
    };
    let answer = tokio::time::timeout(std::time::Duration::from_secs(30), waited).await.expect("an answer");
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::GATEWAY_TIMEOUT, "timeout"));
}

#[tokio::test]
async fn a_compressed_file_is_refused_unread() {
    // D-22: what is not unpacked cannot unfold.
    let (harness, _) = recorded(1).await;
    let admin = harness.token(Role::Admin).await;
    for encoding in ["gzip", "zstd", "identity, br"] {
        let request = harness.request(Method::POST, "/api/history/import").bearer_auth(&admin).body("1f8b");
        let answer = send(request.header("content-type", "text/csv").header("content-encoding", encoding)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (415, "unsupported_media_type"), "{encoding}");
    }
}

#[tokio::test]
async fn samples_of_strangers_can_be_given_to_a_resource() {
    let (harness, ids) = recorded(1).await;
    let at = (START - SignedDuration::from_mins(10)).as_millisecond();
    let file = format!(
        "muster_cpu_percent 40 {at}\nmuster_cpu_percent{{resource=\"old-name\"}} 50 {}\nmuster_cpu_percent NaN {at}",
        at + 60_000
    );
    let imported = import(&harness, "text/plain", &format!("?resource={}", ids[0]), file).await.json();
    let expected = json!({
        "lines": 3, "samples": 2, "written": 2, "covered": 0, "sharedTick": 0, "withoutValue": 1, "refused": 0, "refusals": [],
    });
    assert_eq!(imported, expected);
    let columns = columns(&harness, ids[0]).await;
    assert_eq!(known(&columns["series"][0]["max"]), [40.0, 50.0, 5.0]);
    let answer = import(&harness, "text/plain", "?resource=agent-0000000000000000", String::new()).await;
    assert_eq!(answer.field(), "resource");
}

#[tokio::test]
async fn an_export_can_be_narrowed() {
    let (harness, ids) = recorded(3).await;
    let lines = async |query: &str| export(&harness, query).await.text.lines().count() - 1;
    assert_eq!(lines("").await, 6);
    assert_eq!(lines(&format!("?resources={}", ids[0])).await, 3);
    assert_eq!(lines("?metrics=memory").await, 0);
    let until = START + TEN_SECONDS;
    assert_eq!(lines(&format!("?from={START}&to={until}")).await, 4);
    let file = export(&harness, "?format=prometheus&metrics=cpu").await;
    assert_eq!(file.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert!(file.text.starts_with("# HELP muster_cpu_percent "), "{}", file.text);
    assert_eq!(file.text.lines().filter(|line| line.starts_with("# TYPE muster_cpu_percent gauge")).count(), 1);
}

#[tokio::test]
async fn an_export_whose_reader_left_ends() {
    let (harness, ids) = recorded(1).await;
    long_past(&harness, ids[0]);
    let viewer = harness.token(Role::Viewer).await;
    let request = || harness.request(Method::GET, "/api/history/export").bearer_auth(&viewer);
    // Two readers that do not read hold both turns.
    let held = (request().send().await.unwrap(), request().send().await.unwrap());
    assert_eq!((held.0.status(), held.1.status()), (StatusCode::OK, StatusCode::OK));
    let third = send(request()).await;
    assert_eq!((third.status, third.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
    assert!(third.headers.contains_key("retry-after"));
    drop(held);
    let freed = async {
        while request().send().await.unwrap().status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), freed).await.expect("the turns came back");
}

#[tokio::test]
async fn an_export_ends_with_its_credential() {
    // D-22
    let (harness, ids) = recorded(1).await;
    long_past(&harness, ids[0]);
    let (id, token) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), None).await;
    let mut response = harness.request(Method::GET, "/api/history/export").bearer_auth(&token).send().await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    let admin = harness.token(Role::Admin).await;
    let revoke = harness.request(Method::DELETE, &format!("/api/tokens/{id}")).bearer_auth(admin);
    assert_eq!(send(revoke).await.status, StatusCode::NO_CONTENT);
    let end = loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(end.is_err(), "a file that was cut off must not look whole");
}

/// Two machines that were looked at so many times, except every tenth time. Ids in ascending order.
async fn recorded(sweeps: i32) -> (Harness, Vec<ResourceId>) {
    let harness = Harness::start().await;
    for sweep in 0..sweeps {
        if sweep % 10 != 9 {
            let mut report = hosts_report("local", &["nas", "tower, \"=1\""], f64::from(sweep % 7 + 5));
            report.reported_at = START + TEN_SECONDS * sweep;
            harness.submit(report).await;
        }
        harness.pass(TEN_SECONDS);
    }
    let token = harness.token(Role::Viewer).await;
    let list = harness.json("/api/resources", &token).await;
    let ids = list["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().parse().unwrap());
    let mut ids: Vec<ResourceId> = ids.collect();
    ids.sort_unstable();
    (harness, ids)
}

/// A machine that was known as two, each of which was looked at twenty times; its id, and the one that leads to it.
async fn joined() -> (Harness, [ResourceId; 2]) {
    let harness = Harness::start().await;
    let (dmi, mac) = ("4c4c4544-0000-0000-0000-000000000001", "ac:1f:6b:00:00:01");
    for source in ["a", "b"] {
        for _ in 0..20 {
            let evidence = if source == "a" { (Some(dmi), None) } else { (None, Some(mac)) };
            harness.submit(same_machine(&harness, source, evidence)).await;
            harness.pass(TEN_SECONDS);
        }
    }
    let viewer = harness.token(Role::Viewer).await;
    let listed = harness.json("/api/resources", &viewer).await;
    let ids = listed["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().parse().unwrap());
    let ids: Vec<ResourceId> = ids.collect();
    let mut both = same_machine(&harness, "c", (Some(dmi), Some(mac)));
    both.samples.clear();
    harness.submit(both).await;
    let listed = harness.json("/api/resources", &viewer).await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!((ids.len(), items.len()), (2, 1), "{listed}");
    let survivor: ResourceId = items[0]["id"].as_str().unwrap().parse().unwrap();
    let absorbed = ids.into_iter().find(|id| *id != survivor).unwrap();
    (harness, [survivor, absorbed])
}

fn same_machine(harness: &Harness, source: &str, (dmi, mac): (Option<&str>, Option<&str>)) -> Report {
    let mut report = hosts_report(source, &["nas"], 5.0);
    report.reported_at = muster_runtime::Clock::now(&harness.clock);
    let identity = &mut Arc::make_mut(&mut report.records[0]).identity;
    identity.dmi_uuid = dmi.map(str::to_owned);
    identity.mac_addresses = mac.into_iter().map(|mac| mac.parse().unwrap()).collect();
    report
}

/// Ten samples each of an hour, ten minutes, a minute and twice ten seconds apart, as exports of long spans are; the
/// first live sample follows.
fn rhythms(id: ResourceId) -> String {
    let steps = [3600, 600, 60, 10, 10].into_iter().flat_map(|seconds| [seconds; 10]);
    let mut at = START - SignedDuration::from_secs(10 * (3600 + 600 + 60 + 10 + 10));
    let line = |seconds| {
        let line = format!("muster_cpu_percent{{resource=\"{id}\"}} 20 {}\n", at.as_millisecond());
        at += SignedDuration::from_secs(seconds);
        line
    };
    steps.map(line).collect()
}

/// A server at the same time that knows the same machines and has recorded nothing.
async fn without_history(other: &Harness) -> Harness {
    let harness = Harness::start_at(muster_runtime::Clock::now(&other.clock), |_| {}).await;
    let mut report = hosts_report("local", &["nas", "tower, \"=1\""], 0.0);
    report.samples.clear();
    harness.submit(report).await;
    harness
}

/// A day of several metrics: more than fits between server and client.
fn long_past(harness: &Harness, resource: ResourceId) {
    let metrics = &Metric::ALL[..8];
    let samples: Vec<_> = (1..8_640).map(|tick| (START - TEN_SECONDS * tick, f64::from(tick % 50))).collect();
    let series =
        |metric: &Metric| BackfillSeries { resource, former: Vec::new(), metric: *metric, samples: samples.clone() };
    let (series, period) = (metrics.iter().map(series).collect::<Vec<_>>(), harness.history.period(TEN_SECONDS));
    let source = SourceId::local_agent();
    harness.history.backfill(&TenantId::DEFAULT, &source, period, &series, &Cancel::default()).unwrap();
}

async fn export(harness: &Harness, query: &str) -> Answer {
    let viewer = harness.token(Role::Viewer).await;
    let answer = harness.get(&format!("/api/history/export{query}"), &viewer).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer
}

async fn import(harness: &Harness, content_type: &str, query: &str, body: String) -> Answer {
    let admin = harness.token(Role::Admin).await;
    let request = harness.request(Method::POST, &format!("/api/history/import{query}")).bearer_auth(admin);
    send(request.header("content-type", content_type).body(body)).await
}

/// A body whose pieces come when they are sent.
fn streamed(pieces: tokio::sync::mpsc::Receiver<String>) -> reqwest::Body {
    reqwest::Body::wrap_stream(futures::stream::unfold(pieces, async |mut pieces| {
        pieces.recv().await.map(|piece| (Ok::<_, std::io::Error>(piece), pieces))
    }))
}

/// What a chart of an hour shows.
async fn columns(harness: &Harness, id: ResourceId) -> Value {
    let viewer = harness.token(Role::Viewer).await;
    let (from, to) = (START - SignedDuration::from_mins(30), START + SignedDuration::from_mins(30));
    let path = format!("/api/metrics/history?resource={id}&metrics=cpu&from={from}&to={to}&points=100");
    let mut answer = harness.json(&path, &viewer).await;
    let fields = answer.as_object_mut().unwrap();
    // Where it was read, and what the store knows of gaps, is not the file's.
    fields.remove("source");
    fields.remove("knownGaps");
    answer
}

fn known(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}
