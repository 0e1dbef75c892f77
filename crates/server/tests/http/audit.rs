//! The audit log over HTTP: what is recorded, how it is found, exported and checked.

use std::time::Duration;

use jiff::SignedDuration;
use muster_model::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, send};

#[tokio::test]
async fn a_change_tells_what_was_before() {
    // D-18
    let harness = Harness::start().await;
    let id = harness.user("anna", Role::Viewer).await;
    let admin = harness.token(Role::Admin).await;
    let change = harness.request(Method::PATCH, &format!("/api/users/{id}")).bearer_auth(&admin);
    let changed = send(change.json(&json!({"role": "operator", "password": "another good one"}))).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let rows = harness.json("/api/audit?action=user.update", &admin).await;
    let rows = rows["items"].as_array().unwrap();
    let patch = json!([
        {"op": "test", "path": "/role", "value": "viewer"},
        {"op": "replace", "path": "/role", "value": "operator"},
    ]);
    assert_eq!(rows.len(), 1, "it is one change");
    assert_eq!(rows[0]["target"], "anna");
    assert_eq!(rows[0]["detail"], json!({"patch": patch, "password": "changed"}));
    assert!(!harness.get("/api/audit/export", &admin).await.text.contains("another good one"));
}

#[tokio::test]
async fn a_change_that_is_refused_by_the_store_leaves_no_row() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let create = async || {
        let body = json!({"name": "twice", "role": "viewer"});
        send(harness.request(Method::POST, "/api/tokens").bearer_auth(&admin).json(&body)).await.status
    };
    assert_eq!((create().await, create().await), (StatusCode::CREATED, StatusCode::CONFLICT));
    let rows = harness.json("/api/audit?action=token.create&target=twice", &admin).await;
    assert_eq!(rows["items"].as_array().unwrap().len(), 1, "{rows}");
}

#[tokio::test]
async fn a_check_takes_as_long_as_it_takes() {
    // D-18: a log of many rows can be checked, too.
    let harness =
        Harness::with(|settings| settings.changeable.limits.request_timeout = std::time::Duration::ZERO).await;
    let admin = harness.token(Role::Admin).await;
    assert_eq!(harness.get("/api/audit/verify", &admin).await.status, StatusCode::OK);
}

#[tokio::test]
async fn refusals_are_told_and_cannot_fill_the_log() {
    let harness = Harness::start().await;
    harness.user("anna", Role::Viewer).await;
    let viewer = harness.token(Role::Viewer).await;
    let admin = harness.token(Role::Admin).await;
    for _ in 0..30 {
        harness.try_login("anna", "wrong password").await;
        assert_eq!(harness.get("/api/users", &viewer).await.status, StatusCode::FORBIDDEN);
    }
    let refused = async || harness.json("/api/audit?outcome=refused", &admin).await["items"].clone();
    let outcomes = |rows: &Value| {
        let row = |row: &Value| format!("{} {} × {}", row["action"], row["outcome"], row["occurrences"]);
        rows.as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let at_once = outcomes(&refused().await);
    assert_eq!(at_once.len(), 3, "one of each kind: {at_once:?}");
    // A minute later the rest is told.
    let all = async {
        loop {
            harness.pass(SignedDuration::from_secs(10));
            let told = outcomes(&refused().await);
            if told.len() == 6 {
                return told;
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(60), all).await.expect("the rest is told");
    assert!(told.contains(&"\"request\" \"forbidden\" × 29".to_owned()), "{told:?}");
    let rows = refused().await;
    let forbidden = rows.as_array().unwrap().iter().find(|row| row["occurrences"] == 29).unwrap();
    assert_eq!(forbidden["target"], "GET /api/users");
    assert!(forbidden["actor"].as_str().unwrap().starts_with("token:"), "{forbidden}");
}

#[tokio::test]
async fn rows_are_found_paged_and_exported() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    for name in ["one", "two", "=cmd()"] {
        let body = json!({"name": name, "role": "viewer"});
        send(harness.request(Method::POST, "/api/tokens").bearer_auth(&admin).json(&body)).await;
        // Rows of the same moment have no order.
        harness.pass(SignedDuration::from_secs(1));
    }
    let page = harness.json("/api/audit?action=token&limit=2", &admin).await;
    let token = page["nextPageToken"].as_str().unwrap();
    let next = harness.json(&format!("/api/audit?action=token&limit=2&pageToken={token}"), &admin).await;
    assert_eq!((next["items"].as_array().unwrap().len(), &next["items"][0]["target"]), (1, &json!("one")));
    let foreign = harness.get(&format!("/api/audit?pageToken={token}"), &admin).await;
    assert_eq!(foreign.code(), "invalid_page_token");
    assert_eq!(harness.get("/api/audit?from=yesterday", &admin).await.field(), "from");

    let lines = harness.get("/api/audit/export?q=TWO", &admin).await;
    assert_eq!(lines.text.lines().count(), 1, "{}", lines.text);
    let row: Value = serde_json::from_str(&lines.text).unwrap();
    assert_eq!(row["target"], "two");
    // D-22
    let csv = harness.get("/api/audit/export?format=csv&action=token.create", &admin).await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.text.lines().count(), 4);
    assert!(csv.text.contains(",'=cmd(),"), "{}", csv.text);
}

#[tokio::test]
async fn the_chain_is_checked_and_compared_with_what_was_noted() {
    // D-18
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    harness.user("anna", Role::Viewer).await;
    let heads = harness.json("/api/audit/head", &admin).await;
    let head = heads["heads"][0]["head"].as_str().unwrap().to_owned();
    harness.user("bert", Role::Viewer).await;
    let verdict = harness.json(&format!("/api/audit/verify?anchor={head}"), &admin).await;
    assert_eq!((&verdict["sound"], &verdict["faults"]), (&json!(true), &json!(0)), "{verdict}");
    assert_eq!(verdict["anchors"][0]["state"], "confirmed");

    let digit = if head.ends_with('0') { '1' } else { '0' };
    let other = format!("{}{digit}", &head[..head.len() - 1]);
    let verdict = harness.json(&format!("/api/audit/verify?anchor={other}"), &admin).await;
    assert_eq!((&verdict["sound"], &verdict["anchors"][0]["state"]), (&json!(false), &json!("contradicted")));
    let bad: Answer = harness.get("/api/audit/verify?anchor=nonsense", &admin).await;
    assert_eq!((bad.status, bad.field()), (StatusCode::BAD_REQUEST, "anchor".to_owned()));
}
