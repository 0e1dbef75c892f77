//! Saved views through the API.

use muster_model::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Harness, send};

#[tokio::test]
async fn a_view_is_saved_shared_changed_and_deleted() {
    let harness = Harness::start().await;
    let (ada, bert) = two(&harness).await;
    let saved = post(&harness, &ada, &view("Busy")).await;
    assert_eq!(saved.status, StatusCode::CREATED, "{}", saved.text);
    let saved = saved.json();
    assert_eq!((&saved["own"], &saved["owner"], &saved["version"]), (&json!(true), &json!("ada"), &json!(1)));
    let path = format!("/api/views/{}", saved["id"].as_str().unwrap());
    assert_eq!(bert.get(&harness, &path).await.code(), "not_found", "nobody else sees it");

    let change = json!({"name": "Busy", "query": "sort=-memory", "shared": true, "default": true, "version": 1});
    let changed = send(ada.request(&harness, Method::PUT, &path).json(&change)).await;
    assert_eq!(changed.json()["version"], 2, "{}", changed.text);
    let again = send(ada.request(&harness, Method::PUT, &path).json(&change)).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "changed_meanwhile"));

    let seen = bert.get(&harness, "/api/views").await.json();
    let seen = &seen["items"][0];
    assert_eq!(
        (&seen["query"], &seen["own"], &seen["default"]),
        (&json!("sort=-memory"), &json!(false), &json!(false))
    );
    for (method, body) in [(Method::PUT, change.clone()), (Method::DELETE, Value::Null)] {
        let refused = send(bert.request(&harness, method, &path).json(&body)).await;
        assert_eq!(refused.code(), "forbidden", "others look and do no more");
    }
    assert_eq!(send(ada.request(&harness, Method::DELETE, &path)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.get(&harness, &path).await.code(), "not_found");
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let harness = Harness::start().await;
    let (ada, _) = two(&harness).await;
    post(&harness, &ada, &view("Busy")).await;
    let check = async |change: Value, code: &str, field: &str| {
        let mut body = view("Other");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = post(&harness, &ada, &body).await;
        assert_eq!((answer.code().as_str(), answer.field().as_str()), (code, field), "{body}");
    };
    check(json!({"name": " busy"}), "name_taken", "/name").await;
    check(json!({"name": ""}), "invalid_value", "/name").await;
    check(json!({"page": "elsewhere"}), "invalid_body", "/page").await;
    check(json!({"query": "a=b\nc"}), "invalid_value", "/query").await;
    check(json!({"query": "a=b#c"}), "invalid_value", "/query").await;
    check(json!({"query": "x".repeat(2001)}), "invalid_value", "/query").await;
}

fn view(name: &str) -> Value {
    json!({"page": "workloads", "name": name, "query": "sort=-cpu"})
}

async fn two(harness: &Harness) -> (Browser, Browser) {
    harness.user("ada", Role::Viewer).await;
    harness.user("bert", Role::Viewer).await;
    (harness.login("ada").await, harness.login("bert").await)
}

async fn post(harness: &Harness, browser: &Browser, body: &Value) -> Answer {
    send(browser.request(harness, Method::POST, "/api/views").json(body)).await
}
