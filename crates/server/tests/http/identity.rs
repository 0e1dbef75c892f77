//! Who is who over HTTP: what is open, what people decide, what that means for history, and how it is told.

use std::sync::Arc;

use jiff::SignedDuration;
use muster_model::{Report, ResourceKind, Role};
use muster_runtime::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, START, host_report, send};

#[tokio::test]
async fn two_become_one_and_two_again_and_history_with_them() {
    // R-12, D-5, D-11
    let (harness, [first, second]) = twins().await;
    let (operator, viewer) = (harness.token(Role::Operator).await, harness.token(Role::Viewer).await);
    let conflict = &harness.json("/api/conflicts", &viewer).await["items"][0];
    assert_eq!((&conflict["kind"], &conflict["suggestion"]), (&json!("same"), &json!("join")), "{conflict}");
    assert_eq!((&conflict["evidence"][0]["kind"], &conflict["confidencePercent"]), (&json!("hostname"), &json!(50)));
    assert_eq!(cpu(&harness, &viewer, &first).await, [10.0]);

    let pair = json!({"first": second, "second": first, "note": "one box, two agents"});
    let joined = post(&harness, &operator, "/api/conflicts/join", &pair).await.json();
    assert_eq!((&joined["isNew"], &joined["ruling"]["survivor"]), (&json!(true), &json!(first)), "{joined}");
    assert_eq!(post(&harness, &operator, "/api/conflicts/join", &pair).await.json()["isNew"], false);
    assert_eq!(harness.json("/api/conflicts", &viewer).await["items"], json!([]), "shown at once");
    let shown = harness.json(&format!("/api/resources/{second}"), &viewer).await;
    assert_eq!((&shown["id"], &shown["canonicalIdentity"]["aliases"]), (&json!(first), &json!([second])));
    assert_eq!(shown["rulings"][0]["note"], "one box, two agents");
    assert_eq!(
        (&shown["sources"][1]["formerId"], &shown["sources"][1]["evidence"][0]["kind"]),
        (&json!(second), &json!("operator"))
    );
    assert_eq!(cpu(&harness, &viewer, &first).await, [10.0, 50.0], "united");
    report(&harness, "local", "nas", (20, 60.0)).await;

    let order = json!({"formerId": second, "note": "two boxes after all"});
    let path = format!("/api/resources/{first}/split");
    let split = post(&harness, &operator, &path, &order).await;
    assert_eq!(split.status, StatusCode::OK, "{}", split.text);
    assert_eq!(split.json()["ruling"]["verdict"], "distinct");
    let again = post(&harness, &operator, &path, &order).await.json();
    assert_eq!((&again["isNew"], &again["ruling"]), (&json!(false), &split.json()["ruling"]), "what stands is told");
    assert_eq!(cpu(&harness, &viewer, &first).await, [10.0, 60.0], "the joined span stays with the survivor");
    assert_eq!(cpu(&harness, &viewer, &second).await, [50.0], "returned");
    for id in [&first, &second] {
        let told = harness.json(&format!("/api/resources/{id}/timeline"), &viewer).await["items"].clone();
        let line = told.as_array().unwrap().iter().find(|line| reason(line).contains("the two were one")).unwrap();
        assert!(reason(line).ends_with("two boxes after all"), "{line}");
        assert!(line["actor"].is_string() && line["origin"] == "user_action", "{line}");
    }
}

#[tokio::test]
async fn what_is_set_apart_is_listed_and_can_be_taken_back() {
    //
    let (harness, [first, second]) = twins().await;
    let (operator, viewer) = (harness.token(Role::Operator).await, harness.token(Role::Viewer).await);
    let pair = json!({"first": first, "second": second});
    let apart = post(&harness, &operator, "/api/conflicts/distinct", &pair).await.json();
    let id = apart["ruling"]["id"].as_str().unwrap();
    let listed = harness.json("/api/rulings?limit=1", &viewer).await;
    assert_eq!((&listed["items"][0]["id"], &listed["nextPageToken"]), (&json!(id), &Value::Null));
    assert_eq!(harness.json("/api/conflicts", &viewer).await["items"], json!([]));
    let refused = post(&harness, &operator, "/api/conflicts/join", &pair).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "ruling_conflict"));
    assert!(refused.text.contains(id), "{}", refused.text);

    let path = format!("/api/rulings/{id}?note=seen%20again");
    let withdraw = || send(harness.request(Method::DELETE, &path).bearer_auth(&operator));
    assert_eq!(withdraw().await.status, StatusCode::NO_CONTENT);
    assert_eq!(withdraw().await.code(), "not_found");
    assert_eq!(harness.json("/api/conflicts", &viewer).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn conflicts_and_rulings_come_page_by_page() {
    let (harness, [first, second]) = twins().await;
    let operator = harness.token(Role::Operator).await;
    report(&harness, "third", "nas", (10, 1.0)).await;
    let seen = pages(&harness, &operator, "/api/conflicts?limit=2").await;
    assert_eq!(seen.len(), 3);
    let pairs: std::collections::BTreeSet<_> =
        seen.iter().map(|it| (it["first"]["id"].to_string(), it["second"]["id"].to_string())).collect();
    assert_eq!(pairs.len(), 3, "each once");
    for conflict in &seen {
        let pair = json!({"first": conflict["first"]["id"], "second": conflict["second"]["id"]});
        assert_eq!(post(&harness, &operator, "/api/conflicts/distinct", &pair).await.status, StatusCode::OK);
    }
    let rulings = pages(&harness, &operator, "/api/rulings?limit=1").await;
    assert_eq!(rulings.len(), 3);
    assert_eq!(harness.get("/api/conflicts?pageToken=x", &operator).await.code(), "invalid_page_token");
    let shown = harness.json(&format!("/api/resources/{first}"), &operator).await;
    assert_eq!(shown["rulings"].as_array().unwrap().len(), 2);
    assert!(harness.json("/api/resources", &operator).await["items"][0]["rulings"].is_null(), "not in lists");
    drop(second);
}

#[tokio::test]
async fn what_cannot_be_names_the_field() {
    let (harness, [first, second]) = twins().await;
    let operator = harness.token(Role::Operator).await;
    let nobody = "agent-0000000000000000";
    let check = async |path: &str, body: Value, status: u16, code: &str, field: &str| {
        let answer = post(&harness, &operator, path, &body).await;
        let said = (answer.status.as_u16(), answer.code(), answer.field());
        assert_eq!(said, (status, code.to_owned(), field.to_owned()), "{}", answer.text);
    };
    check("/api/conflicts/join", json!({"first": nobody, "second": second}), 404, "resource_not_found", "/first").await;
    check("/api/conflicts/join", json!({"first": first, "second": nobody}), 404, "resource_not_found", "/second").await;
    check("/api/conflicts/join", json!({"first": first, "second": first}), 409, "ruling_conflict", "/second").await;
    check("/api/conflicts/inside", json!({"host": first, "guest": second}), 422, "invalid_value", "/guest").await;
    check("/api/conflicts/join", json!({"first": "x", "second": second}), 400, "invalid_body", "/first").await;
    let noted = |note: &str| json!({"first": first, "second": second, "note": note});
    check("/api/conflicts/join", noted("two\nlines"), 422, "invalid_value", "/note").await;
    check("/api/conflicts/join", noted(&"x".repeat(501)), 422, "invalid_value", "/note").await;
    let split = format!("/api/resources/{first}/split");
    check(&split, json!({}), 422, "invalid_value", "/records").await;
    check(&split, json!({"formerId": second}), 422, "invalid_value", "/formerId").await;
    let record = |key: &str| json!({"source": "agent:local", "key": key});
    check(&split, json!({"records": [record("nas"), record("x")]}), 422, "invalid_value", "/records/1").await;
    check(&split, json!({"records": [record("nas")]}), 422, "invalid_value", "/records").await;
    assert_eq!(harness.json("/api/rulings", &operator).await["items"], json!([]), "nothing was decided");
}

#[tokio::test]
async fn every_decision_leaves_a_row_of_the_audit_log() {
    // D-18, D-19
    let (harness, [first, second]) = twins().await;
    let (operator, admin) = (harness.token(Role::Operator).await, harness.token(Role::Admin).await);
    let viewer = harness.token(Role::Viewer).await;
    let pair = json!({"first": first, "second": second, "note": "rack 4"});
    assert_eq!(post(&harness, &viewer, "/api/conflicts/join", &pair).await.code(), "forbidden");
    for _ in 0..2 {
        post(&harness, &operator, "/api/conflicts/join", &pair).await;
    }
    post(&harness, &operator, &format!("/api/resources/{first}/split"), &json!({"formerId": second})).await;
    let refused = post(&harness, &operator, "/api/conflicts/join", &pair).await;
    assert_eq!(refused.code(), "ruling_conflict");
    let rows = harness.json("/api/audit?action=identity", &admin).await["items"].clone();
    let mut mine = rows.as_array().unwrap().clone();
    // Simulated time stands still, so that they are of one moment.
    mine.sort_by_key(|row| std::cmp::Reverse((row["action"].to_string(), row["detail"]["isNew"].as_bool())));
    let told: Vec<_> = mine.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["identity.split", "identity.join", "identity.join"], "one for each that was not refused");
    let is_new: Vec<_> = mine.iter().map(|row| row["detail"]["isNew"].as_bool().unwrap()).collect();
    assert_eq!(is_new, [true, true, false]);
    assert!(mine.iter().all(|row| row["detail"]["stored"] == true));
    assert_eq!(mine[0]["detail"]["formerId"], json!(second));
    assert_eq!(mine[1]["detail"]["note"], "rack 4");
    assert_eq!(mine[1]["detail"]["resources"], json!([first, second]));
}

#[tokio::test]
async fn a_host_that_shows_other_hardware_than_a_guest_of_its_name_is_suggested_not_to_be_inside() {
    // R-13, D-7
    let harness = Harness::start().await;
    let viewer = harness.token(Role::Viewer).await;
    let carded = |mut report: Report, card: &str| {
        let record = Arc::make_mut(&mut report.records[0]);
        record.identity.mac_addresses.insert(card.parse().unwrap());
        report
    };
    let mut guest = carded(host_report("platform", "web", 1.0), "bc:24:11:00:00:01");
    guest.source = "proxmox:lab".parse().unwrap();
    guest.samples.clear();
    let record = Arc::make_mut(&mut guest.records[0]);
    (record.kind, record.facets) = (ResourceKind::Vm, vec![]);
    record.identity.machine_id = None;
    harness.submit(guest).await;
    harness.submit(carded(host_report("local", "web", 1.0), "bc:24:11:00:00:02")).await;
    let conflict = &harness.json("/api/conflicts", &viewer).await["items"][0];
    assert_eq!((&conflict["kind"], &conflict["suggestion"]), (&json!("inside"), &json!("distinct")), "{conflict}");
    assert_eq!(conflict["against"], json!(["mac_address"]));
}

/// Two agents on one host name, the first of which was there first.
async fn twins() -> (Harness, [String; 2]) {
    let harness = Harness::start().await;
    report(&harness, "local", "nas", (0, 10.0)).await;
    report(&harness, "other", "NAS", (10, 50.0)).await;
    let token = harness.token(Role::Viewer).await;
    let mut ids = Vec::new();
    for source in ["agent:local", "agent:other"] {
        let listed = harness.json(&format!("/api/resources?source={source}"), &token).await;
        ids.push(listed["items"][0]["id"].as_str().unwrap().to_owned());
    }
    (harness, ids.try_into().unwrap())
}

/// A report at so many seconds after the start.
async fn report(harness: &Harness, source: &str, name: &str, (seconds, cpu): (i64, f64)) {
    let at = START + SignedDuration::from_secs(seconds);
    harness.pass(at.duration_since(harness.clock.now()).max(SignedDuration::ZERO));
    let mut report = host_report(source, name, cpu);
    report.reported_at = at;
    harness.submit(report).await;
}

async fn post(harness: &Harness, token: &str, path: &str, body: &Value) -> Answer {
    send(harness.request(Method::POST, path).bearer_auth(token).json(body)).await
}

/// The processor's history of the last minutes, without gaps.
async fn cpu(harness: &Harness, token: &str, id: &str) -> Vec<f64> {
    let path = format!("/api/metrics/history?resource={id}&metrics=cpu&range=5m");
    let history = harness.json(&path, token).await;
    history["series"][0]["avg"].as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

async fn pages(harness: &Harness, token: &str, path: &str) -> Vec<Value> {
    let (mut seen, mut next) = (Vec::new(), path.to_owned());
    loop {
        let page = harness.json(&next, token).await;
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(token) = page["nextPageToken"].as_str() else { return seen };
        next = format!("{path}&pageToken={token}");
    }
}

fn reason(line: &Value) -> &str {
    line["reason"].as_str().unwrap_or_default()
}
