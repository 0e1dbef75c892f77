//! Lists of resources, one resource, the whole picture, and what happened.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use muster_model::{ResourceKind, Role, Scope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, host_report, hosts_report, send};

#[tokio::test]
async fn a_resource_looks_like_this() {
    //
    let (harness, token) = estate(&["nas"]).await;
    let list = harness.json("/api/resources", &token).await;
    let mut resource = list["items"][0].clone();
    assert_eq!(harness.json(&format!("/api/resources/{}", id(&resource)), &token).await, resource);
    for stamp in ["firstSeenAt", "changedAt", "lastSeen"] {
        assert!(resource[stamp].take().is_string(), "{stamp}");
    }
    resource["sources"][0]["lastSeen"].take();
    insta::assert_json_snapshot!(resource);
}

#[tokio::test]
async fn facts_are_revalidated() {
    let (harness, token) = estate(&["nas"]).await;
    for path in [
        "/api/resources?fields=facts".to_owned(),
        format!("/api/resources/{}?fields=facts", first_id(&harness, &token).await),
    ] {
        let first = harness.get(&path, &token).await;
        let tag = first.headers["etag"].to_str().unwrap().to_owned();
        assert!(tag.starts_with('"'), "strong: {tag}");
        assert!(!first.text.contains("lastSeen") && !first.text.contains("metrics\":"), "{}", first.text);
        let again = conditional(&harness, &path, &token, &tag).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
        // D-1: new readings change no fact.
        harness.submit(hosts_report("local", &["nas"], 99.0)).await;
        assert_eq!(conditional(&harness, &path, &token, &tag).await.status, StatusCode::NOT_MODIFIED);
    }
    let tag = harness.get("/api/resources?fields=facts", &token).await.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(conditional(&harness, "/api/resources?fields=facts&limit=7", &token, &tag).await.status, StatusCode::OK);
    harness.submit(host_report("other", "printer", 1.0)).await;
    assert_eq!(conditional(&harness, "/api/resources?fields=facts", &token, &tag).await.status, StatusCode::OK);
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let (harness, token) = estate(&["nas", "Router", "printer"]).await;
    harness.submit(host_report("far", "tower", 1.0)).await;
    let check = async |query: &str, expected: &[&str]| {
        let list = harness.json(&format!("/api/resources?{query}"), &token).await;
        assert_eq!(names(&list), expected, "{query}");
    };
    check("", &["nas", "printer", "Router", "tower"]).await;
    check("kind=host", &["nas", "printer", "Router", "tower"]).await;
    check("kind=vm,storage", &[]).await;
    check("status=online", &["nas", "printer", "Router", "tower"]).await;
    check("status=offline", &[]).await;
    check("source=agent:far", &["tower"]).await;
    check("source=proxmox", &[]).await;
    check("q=ROUT", &["Router"]).await;
    check("q=agent-", &["nas", "printer", "Router", "tower"]).await;
    check("tag=prod", &[]).await;
    check(&format!("parent={}", first_id(&harness, &token).await), &[]).await;
}

#[tokio::test]
async fn pages_stay_in_place_while_resources_come_and_go() {
    let (harness, token) = estate(&["b", "D", "f", "h", "j"]).await;
    let first = harness.json("/api/resources?limit=2", &token).await;
    assert_eq!(names(&first), ["b", "D"]);
    // One before and one behind the cursor appear; the row that the cursor stands on disappears.
    harness.submit(hosts_report("local", &["a", "b", "f", "g", "h", "j"], 1.0)).await;
    let mut seen = Vec::new();
    let mut next = first["nextPageToken"].as_str().map(str::to_owned);
    while let Some(page_token) = next {
        let page = harness.json(&format!("/api/resources?limit=2&pageToken={page_token}"), &token).await;
        seen.extend(names(&page));
        next = page["nextPageToken"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["f", "g", "h", "j"]);
}

#[tokio::test]
async fn a_page_token_belongs_to_its_filters() {
    let (harness, token) = estate(&["a", "b"]).await;
    let page = harness.json("/api/resources?limit=1", &token).await;
    let next = page["nextPageToken"].as_str().unwrap();
    let answer = harness.get(&format!("/api/resources?limit=1&q=b&pageToken={next}"), &token).await;
    assert_eq!((answer.code().as_str(), answer.field().as_str()), ("invalid_page_token", "pageToken"));
}

#[tokio::test]
async fn a_bad_query_names_its_parameter() {
    let (harness, token) = estate(&["nas"]).await;
    let id = first_id(&harness, &token).await;
    let check = async |path: String, field: &str| {
        let answer = harness.get(&path, &token).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "invalid_query"), "{path}");
        assert_eq!(answer.field(), field, "{path}");
    };
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("limit=1&limit=2", "limit"),
        ("kinds=vm", "kinds"),
        ("kind=toaster", "kind"),
        ("status=fine", "status"),
        ("source=vcenter", "source"),
        ("parent=x", "parent"),
        ("fields=all", "fields"),
        (&format!("q={}", "x".repeat(201)), "q"),
    ] {
        check(format!("/api/resources?{query}"), field).await;
    }
    check("/api/state?parts=everything".into(), "parts").await;
    check(format!("/api/resources/{id}/timeline?kind=nap"), "kind").await;
    check("/api/resources/timeline?since=yesterday".into(), "since").await;
    check("/api/audit?limit=501".into(), "limit").await;
    check(format!("/api/metrics/history?resource={id}"), "metrics").await;
    check("/api/metrics/history?metrics=cpu".into(), "resource").await;
    check(format!("/api/metrics/history?resource={id}&metrics=cpus"), "metrics").await;
    check(format!("/api/metrics/history?resource={id}&metrics=cpu&range=1w"), "range").await;
    check(format!("/api/metrics/history?resource={id}&metrics=cpu&points=5001"), "points").await;
    check(format!("/api/metrics/history?resource={id}&metrics=cpu&to=2026-01-01T00:00:00Z"), "to").await;
    check("/api/metrics/sparklines?resources=x&metrics=cpu".into(), "resources").await;
}

#[tokio::test]
async fn unknown_resources_are_not_found() {
    let (harness, token) = estate(&["nas"]).await;
    for id in ["agent-0000000000000000", "nonsense", "../../etc/passwd", "%00"] {
        let escaped = id.replace('/', "%2F");
        for path in [format!("/api/resources/{escaped}"), format!("/api/resources/{escaped}/timeline")] {
            let answer = harness.get(&path, &token).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "resource_not_found"), "{path}");
        }
    }
    let answer = harness.get("/api/metrics/history?resource=agent-0000000000000000&metrics=cpu", &token).await;
    assert_eq!(answer.code(), "resource_not_found");
}

#[tokio::test]
async fn readings_need_their_scope() {
    // D-19
    let (harness, everything) = estate(&["nas"]).await;
    let (_, facts_only) = harness.token_with(Role::Viewer, [Scope::InventoryRead].into(), None).await;
    for path in ["/api/resources", "/api/state"] {
        assert!(harness.get(path, &everything).await.text.contains("\"metrics\":{\"cpu\""), "{path}");
        assert!(!harness.get(path, &facts_only).await.text.contains("\"metrics\""), "{path}");
    }
}

#[tokio::test]
async fn unknown_is_never_a_number() {
    // D-9
    let harness = Harness::start().await;
    let token = harness.token(Role::Viewer).await;
    let mut report = host_report("local", "nas", 1.0);
    report.samples[0].value = muster_model::SampleValue::Unknown(muster_model::UnknownReason::NoBaseline);
    harness.submit(report).await;
    let list = harness.json("/api/resources", &token).await;
    assert_eq!(list["items"][0]["metrics"]["cpu"], json!({"state": "unknown", "reason": "no_baseline"}));
}

#[tokio::test]
async fn the_state_is_the_list() {
    // R-26, D-25
    let (harness, token) = estate(&["nas", "tower"]).await;
    let (list, state) = (harness.json("/api/resources", &token).await, harness.json("/api/state", &token).await);
    assert_eq!(state["resources"], list["items"]);
    assert_eq!(state["revision"], list["revision"]);
    assert_eq!(state["summary"]["byKind"], json!({"agent": 2}));
    assert_eq!(state["connectedInfrastructure"].as_array().unwrap().len(), 2);
    let summary = harness.json("/api/state?parts=summary", &token).await;
    assert_eq!(summary["summary"], state["summary"]);
    for part in ["resources", "connectedInfrastructure", "activeAlerts", "recentlyResolved"] {
        assert_eq!(summary[part], json!([]), "{part}");
    }
}

#[tokio::test]
async fn a_connected_system_looks_like_this() {
    //
    let (harness, token) = estate(&["nas"]).await;
    let mut system = harness.json("/api/state?parts=infrastructure", &token).await["connectedInfrastructure"][0].take();
    assert!(system["lastSeen"].take().is_i64());
    insta::assert_json_snapshot!(system);
}

#[tokio::test]
async fn the_timeline_is_read_page_by_page() {
    let (harness, token) = estate(&["nas"]).await;
    for name in ["a", "b", "c"] {
        harness.pass(SignedDuration::from_secs(1));
        harness.submit(host_report(name, name, 1.0)).await;
    }
    let all = harness.json("/api/resources/timeline", &token).await["items"].as_array().unwrap().clone();
    assert!(all.len() >= 4, "{all:?}");
    let times: Vec<&str> = all.iter().map(|change| change["observedAt"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let page = harness.json(&format!("/api/resources/timeline?limit=1{next}"), &token).await;
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(token) = page["nextPageToken"].as_str() else { break };
        next = format!("&pageToken={token}");
    }
    assert_eq!(paged, all);
    let id = first_id(&harness, &token).await;
    let own = harness.json(&format!("/api/resources/{id}/timeline"), &token).await;
    assert!(own["items"].as_array().unwrap().iter().all(|change| change["resourceId"] == id), "{own}");
}

#[tokio::test]
async fn a_removed_resource_keeps_its_timeline() {
    let (harness, token) = estate(&["nas", "tower"]).await;
    let id = first_id(&harness, &token).await;
    harness.submit(hosts_report("local", &["tower"], 1.0)).await;
    assert_eq!(harness.get(&format!("/api/resources/{id}"), &token).await.status, StatusCode::NOT_FOUND);
    let timeline = harness.json(&format!("/api/resources/{id}/timeline"), &token).await;
    assert_eq!(timeline["items"][0]["to"], "absent", "{timeline}");
}

#[tokio::test]
async fn sources_and_the_server_say_how_they_are() {
    let (harness, token) = estate(&["nas"]).await;
    let sources = harness.json("/api/sources", &token).await;
    let source = &sources["items"][0];
    assert_eq!((&source["id"], &source["status"]), (&json!("agent:local"), &json!("online")));
    assert_eq!(source["poll"]["intervalSeconds"], 10); // D-26
    assert_eq!(source["observed"]["resourceCount"], 1);
    let system = harness.json("/api/system", &token).await;
    assert_eq!(system["engine"]["resources"], 1);
    assert_eq!(system["store"]["engine"], "sqlite");
    assert!(system["memoryBytes"].as_u64().unwrap() > 1024 * 1024);
    assert_eq!(send(harness.request(Method::GET, "/readyz")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn ids_are_kinds_and_digits() {
    let (harness, token) = estate(&["nas"]).await;
    let id: muster_model::ResourceId = first_id(&harness, &token).await.parse().unwrap();
    assert_eq!(id.kind(), ResourceKind::Agent);
    let ids: BTreeSet<String> =
        harness.json("/api/state", &token).await["resources"].as_array().unwrap().iter().map(self::id).collect();
    assert_eq!(ids, [id.to_string()].into());
}

/// A server that knows some machines, and a viewer's token.
async fn estate(names: &[&str]) -> (Harness, String) {
    let harness = Harness::start().await;
    harness.submit(hosts_report("local", names, 12.5)).await;
    let token = harness.token(Role::Admin).await;
    (harness, token)
}

async fn conditional(harness: &Harness, path: &str, token: &str, tag: &str) -> Answer {
    send(harness.request(Method::GET, path).bearer_auth(token).header("if-none-match", tag)).await
}

async fn first_id(harness: &Harness, token: &str) -> String {
    id(&harness.json("/api/resources", token).await["items"][0])
}

fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

fn names(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|resource| resource["name"].as_str().unwrap().to_owned()).collect()
}
