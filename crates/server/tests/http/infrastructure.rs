//! Connected infrastructure over HTTP: rows, ignoring a machine and restoring it.

use std::sync::Arc;

use muster_engine::SubmitError;
use muster_model::{Identity, NativeKey, Record, Report, ResourceKind, Role, Status};
use muster_runtime::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Harness, host_report, send},
    matrix::foreign_token,
};

const PATH: &str = "/api/connected-infrastructure";

#[tokio::test]
async fn an_ignored_agent_leaves_what_platforms_report() {
    // as the test of R-175 says
    let (harness, token) = vault().await;
    let before = rows(&harness, &token).await;
    let [row] = before.as_array().unwrap().as_slice() else { panic!("one system, not {before}") };
    let kinds: Vec<_> = row["surfaces"].as_array().unwrap().iter().map(|surface| &surface["kind"]).collect();
    assert_eq!(kinds, [&json!("agent"), &json!("pbs")]);
    let agent = json!({
        "id": "a", "kind": "agent", "label": "vault", "controlId": "a", "action": "stop-monitoring",
        "idLabel": "Agent ID", "idValue": "a",
    });
    assert_eq!(row["surfaces"][0], agent);
    assert_eq!((&row["surfaces"][1]["controlId"], &row["surfaces"][1]["action"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&row["status"], &row["scopeAgentId"], &row["removedAt"]),
        (&json!("active"), &json!("a"), &Value::Null)
    );

    let now = harness.clock.now().as_millisecond();
    let ignored = post(&harness, &token, "ignore", &agent_a()).await;
    assert_eq!(ignored.status, StatusCode::OK, "{}", ignored.text);
    let ignored = ignored.json();
    assert_eq!((&ignored["id"], &ignored["status"]), (&json!("ignored:agent:a"), &json!("ignored")));
    assert_eq!((&ignored["hostname"], &row["hostname"]), (&json!("vault"), &json!("vault")));
    assert_eq!((&ignored["removedAt"], &ignored["lastSeen"]), (&json!(now), &Value::Null));
    assert_eq!(ignored["surfaces"][0]["action"], "allow-reconnect");
    assert!(ignored["removedBy"].as_str().unwrap().starts_with("token:"), "{ignored}");

    let after = rows(&harness, &token).await;
    assert_eq!(after[0]["surfaces"].as_array().unwrap().len(), 1, "{after}");
    assert_eq!((&after[0]["surfaces"][0]["kind"], &after[0]["status"]), (&json!("pbs"), &json!("active")));
    assert_eq!(after[1], ignored);
    assert_eq!(after.as_array().unwrap().len(), 2, "{after}");
    assert_eq!(harness.engine.submit(host_report("a", "vault", 1.0)).await, Err(SubmitError::Ignored));
}

#[tokio::test]
async fn state_and_list_say_the_same() {
    // D-25, R-26
    let (harness, token) = vault().await;
    post(&harness, &token, "ignore", &agent_a()).await;
    published(&harness).await;
    let (state, list) = (harness.json("/api/state", &token).await, harness.json("/api/resources", &token).await);
    assert_eq!(state["resources"], list["items"]);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(state["connectedInfrastructure"], rows(&harness, &token).await);
    assert_eq!(state["summary"]["systems"], 1);
}

#[tokio::test]
async fn what_is_restored_is_heard_again() {
    //
    let (harness, token) = vault().await;
    post(&harness, &token, "ignore", &agent_a()).await;
    published(&harness).await;
    let restored = post(&harness, &token, "restore", &agent_a()).await;
    assert_eq!(restored.status, StatusCode::NO_CONTENT, "{}", restored.text);
    assert_eq!(rows(&harness, &token).await.as_array().unwrap().len(), 1, "its row is gone at once");
    harness.submit(host_report("a", "vault", 1.0)).await;
    let row = rows(&harness, &token).await[0].take();
    assert_eq!(row["surfaces"].as_array().unwrap().len(), 2, "{row}");
    let id = row["resourceIds"][0].as_str().unwrap();
    let timeline = harness.json(&format!("/api/resources/{id}/timeline"), &token).await;
    let told: Vec<_> = timeline["items"].as_array().unwrap().iter().filter(|line| line["actor"].is_string()).collect();
    assert_eq!(told.len(), 2, "{timeline}");
    assert!(told.iter().all(|line| line["origin"] == "user_action"), "{timeline}");
}

#[tokio::test]
async fn asking_twice_changes_nothing_and_is_told_once() {
    // D-18
    let (harness, token) = vault().await;
    let admin = harness.token(Role::Admin).await;
    let first = post(&harness, &token, "ignore", &agent_a()).await.json();
    let again = post(&harness, &admin, "ignore", &agent_a()).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.clone()), "before the picture shows it");
    published(&harness).await;
    assert_eq!(post(&harness, &admin, "ignore", &agent_a()).await.json(), first, "and after");
    assert_eq!(post(&harness, &token, "restore", &agent_a()).await.status, StatusCode::NO_CONTENT);
    let late = post(&harness, &token, "restore", &agent_a()).await;
    assert_eq!((late.status, late.field().as_str()), (StatusCode::NOT_FOUND, "/controlId"));

    let rows = harness.json("/api/audit?action=infrastructure", &admin).await;
    let told: Vec<_> =
        rows["items"].as_array().unwrap().iter().map(|row| (row["action"].clone(), row["target"].clone())).collect();
    let expected = ["infrastructure.restore", "infrastructure.ignore"];
    assert_eq!(told, expected.map(|action| (json!(action), json!("vault"))));
    assert_eq!(rows["items"][1]["detail"], json!({"kind": "agent", "controlId": "a"}));
}

#[tokio::test]
async fn what_cannot_be_ignored_is_refused_with_its_field() {
    let (harness, token) = vault().await;
    let check = async |body: Value, status: u16, code: &str, field: &str| {
        for what in ["ignore", "restore"] {
            let refused = post(&harness, &token, what, &body).await;
            assert_eq!(refused.status.as_u16(), status, "{what} {body}: {}", refused.text);
            assert_eq!((refused.code().as_str(), refused.field().as_str()), (code, field), "{what} {body}");
        }
    };
    check(json!({"kind": "pbs", "controlId": "b"}), 422, "invalid_value", "/kind").await;
    check(json!({"kind": "proxmox", "controlId": "p"}), 422, "invalid_value", "/kind").await;
    check(json!({"kind": "host", "controlId": "p"}), 400, "invalid_body", "/kind").await;
    check(json!({"kind": "agent"}), 400, "invalid_body", "/controlId").await;
    check(json!({"kind": "agent", "controlId": " "}), 422, "invalid_value", "/controlId").await;
    check(json!({"kind": "agent", "controlId": "b"}), 404, "not_found", "/controlId").await;
    check(json!({"kind": "docker", "controlId": "a"}), 404, "not_found", "/controlId").await;
    let stranger = foreign_token(&harness).await;
    assert_eq!(post(&harness, &stranger, "ignore", &agent_a()).await.status, StatusCode::NOT_FOUND, "D-4");
    let viewer = harness.token(Role::Viewer).await;
    assert_eq!(post(&harness, &viewer, "ignore", &agent_a()).await.code(), "forbidden");
    assert_eq!(rows(&harness, &viewer).await.as_array().unwrap().len(), 1);
}

/// A host with an agent and a backup server, and who may ignore it.
async fn vault() -> (Harness, String) {
    let harness = Harness::start().await;
    harness.submit(host_report("a", "vault", 1.0)).await;
    harness.submit(backup_server("vault")).await;
    let token = harness.token(Role::Operator).await;
    (harness, token)
}

fn agent_a() -> Value {
    json!({"kind": "agent", "controlId": "a"})
}

async fn rows(harness: &Harness, token: &str) -> Value {
    harness.json(PATH, token).await["items"].take()
}

async fn post(harness: &Harness, token: &str, what: &str, body: &Value) -> Answer {
    send(harness.request(Method::POST, &format!("{PATH}/{what}")).bearer_auth(token).json(body)).await
}

/// Waits until the picture shows what was decided: another report is published with it.
async fn published(harness: &Harness) {
    harness.submit(backup_server("vault")).await;
    harness.submit(host_report("other", "other", 1.0)).await;
    let gone = muster_model::SourceId::new(muster_model::SourceKind::Agent, "other").unwrap();
    let dismissed = harness.engine.dismiss(&muster_model::TenantId::DEFAULT, &gone).await.unwrap();
    while harness.engine.snapshot(&muster_model::TenantId::DEFAULT).revision() < dismissed.revision {
        harness.clock.advance(std::time::Duration::from_millis(250));
        tokio::task::yield_now().await;
    }
}

fn backup_server(hostname: &str) -> Report {
    let identity = Identity { hostnames: [hostname.to_owned()].into(), ..Identity::default() };
    let record = Record {
        key: NativeKey::new("pbs-main").unwrap(),
        kind: ResourceKind::Pbs,
        name: "Backup".into(),
        status: Status::Online,
        technology: None,
        identity,
        parent: None,
        links: vec![],
        tags: [].into(),
        facets: vec![],
    };
    let blank = host_report("unused", "unused", 1.0);
    Report { source: "pbs:b".parse().unwrap(), records: vec![Arc::new(record)], samples: vec![], ..blank }
}
