//! The estate at a glance, and finding things in it.

use jiff::SignedDuration;
use muster_model::{
    Completeness, Identity, Issue, IssueClass, Metric, NativeKey, Record, Report, ResourceKind, Role, Sample,
    SampleValue, Scope, SourceId, SourceKind, Status, TenantId, UnknownReason,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::harness::{Harness, START, host_report, send};

#[tokio::test]
async fn what_is_wrong_comes_first() {
    let harness = Harness::start().await;
    harness.submit(report()).await;
    let token = harness.token(Role::Viewer).await;
    let overview = harness.json("/api/overview", &token).await;
    assert_eq!(overview["total"], 4);
    assert_eq!(overview["byStatus"], json!({"online": 2, "warning": 1, "offline": 1}));
    let worst: Vec<_> =
        overview["worst"].as_array().unwrap().iter().map(|row| (&row["name"], &row["status"])).collect();
    assert_eq!(json!(worst), json!([["down", "offline"], ["tank", "warning"]]));
    assert_eq!(overview["worst"][1]["parentName"], "well");
    assert_eq!((&overview["worst"][0]["cause"], &overview["worstTotal"]), (&json!("reported"), &json!(2)));
    let storage = overview["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == "storage").unwrap();
    assert_eq!(*storage, json!({"kind": "storage", "total": 2, "byStatus": {"online": 1, "warning": 1}}));
}

#[tokio::test]
async fn what_cannot_be_seen_is_said_with_its_reason() {
    // D-9: unknown is never zero, and never nothing either.
    let harness = Harness::start().await;
    harness.submit(report()).await;
    let token = harness.token(Role::Viewer).await;
    let blindness = &harness.json("/api/overview", &token).await["blindness"];
    assert_eq!((&blindness["sources"], &blindness["silentTotal"]), (&json!(1), &json!(0)));
    assert_eq!(blindness["degraded"][0]["issues"][0]["section"], "smart");
    let unknown = blindness["unknownReadings"].as_array().unwrap();
    assert_eq!(unknown.len(), 1, "what a source does not support is nothing to see: {unknown:?}");
    assert_eq!((&unknown[0]["metric"], &unknown[0]["count"]), (&json!("temperature"), &json!(2)));
    assert_eq!(unknown[0]["reason"], "permission_denied");
    assert_eq!(blindness["knownReadings"], 3);

    harness.pass(SignedDuration::from_hours(2));
    // Another source's report makes the engine look at the time: the first has fallen silent.
    harness.submit(host_report("other", "other", 1.0)).await;
    let overview = harness.json("/api/overview", &token).await;
    assert_eq!(overview["blindness"]["silentTotal"], 1);
    assert_eq!(overview["blindness"]["silent"][0]["id"], "agent:one");
    assert_eq!(overview["blindness"]["silent"][0]["resources"], 4);
    assert_eq!(overview["blindness"]["unseenResources"], 4);
    let named: Vec<_> =
        overview["worst"].as_array().unwrap().iter().map(|row| (&row["name"], &row["silentParts"])).collect();
    assert_eq!(json!(named), json!([["down", 0], ["well", 2]]), "its parts are old because it is silent");
    assert_eq!(overview["worstTotal"], 4);
    let causes: Vec<_> = overview["worst"].as_array().unwrap().iter().map(|row| &row["cause"]).collect();
    assert!(causes.iter().all(|cause| **cause == json!("sources_silent")), "{causes:?}");
}

#[tokio::test]
async fn the_fullest_storage_stands_first_with_the_time_of_its_value() {
    let harness = Harness::start().await;
    harness.submit(report()).await;
    let token = harness.token(Role::Viewer).await;
    let overview = harness.json("/api/overview", &token).await;
    let fullest = overview["fullest"].as_array().unwrap();
    assert_eq!((&fullest[0]["name"], &fullest[0]["usage"]), (&json!("tank"), &json!(91.0)));
    assert_eq!((&fullest[1]["name"], &fullest[1]["avail"]), (&json!("boot"), &Value::Null));
    assert_eq!(fullest[0]["at"], START.to_string());
    // Who may not read metrics sees the facts and no numbers.
    let (_, facts) = harness.token_with(Role::Viewer, [Scope::InventoryRead].into(), None).await;
    let overview = harness.json("/api/overview", &facts).await;
    assert_eq!((&overview["fullest"], &overview["total"]), (&Value::Null, &json!(4)));
    assert_eq!(overview["blindness"]["unknownReadings"], Value::Null);
}

#[tokio::test]
async fn a_publication_is_counted_once() {
    let harness = Harness::start().await;
    harness.submit(report()).await;
    let token = harness.token(Role::Viewer).await;
    let answers = futures::future::join_all((0..8).map(|_| harness.get("/api/overview", &token))).await;
    assert!(answers.iter().all(|answer| answer.text == answers[0].text));
    assert_eq!(harness.app.overviews_computed(), 1);
    let tag = answers[0].headers["etag"].to_str().unwrap();
    let again = harness.request(Method::GET, "/api/overview").bearer_auth(&token).header("if-none-match", tag);
    assert_eq!(send(again).await.status, StatusCode::NOT_MODIFIED);
    harness.submit(host_report("other", "other", 1.0)).await;
    assert_eq!(harness.json("/api/overview", &token).await["total"], 5);
    assert_eq!(harness.app.overviews_computed(), 2);
}

#[tokio::test]
async fn anything_people_know_of_a_resource_finds_it() {
    // UX-5
    let harness = Harness::start().await;
    harness.submit(report()).await;
    let token = harness.token(Role::Viewer).await;
    for (query, name, field) in [
        ("well", "well", "name"),
        ("10.0.0.7", "well", "address"),
        ("52-54-00-12-34-56", "well", "mac"),
        ("sn-77", "well", "serial"),
        ("production", "tank", "tag"),
        ("qemu/104", "tank", "platform_id"),
        ("tank+production", "tank", "name"),
    ] {
        let found = harness.json(&format!("/api/search?q={query}"), &token).await;
        let hit = &found["hits"][0];
        assert_eq!((&hit["name"], &hit["field"]), (&json!(name), &json!(field)), "{query}: {found}");
    }
    let listed = harness.json("/api/resources?q=production", &token).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "lists find what the search finds");
    for nothing in ["", "%20", "nowhere", "well+nowhere"] {
        assert_eq!(harness.json(&format!("/api/search?q={nothing}"), &token).await["total"], 0, "{nothing}");
    }
    let refused = harness.get("/api/search?q=x&limit=0", &token).await;
    assert_eq!((refused.code().as_str(), refused.field().as_str()), ("invalid_query", "limit"));
}

/// A host that is well, one that is down, and two storages on the first; one of them nearly full.
fn report() -> Report {
    let well = Record {
        identity: Identity {
            serial: Some("SN-77".into()),
            machine_id: Some("0123456789abcdef0123456789abcdef".into()),
            ip_addresses: ["10.0.0.7".parse().unwrap()].into(),
            mac_addresses: ["52:54:00:12:34:56".parse().unwrap()].into(),
            ..Identity::default()
        },
        ..record("well", ResourceKind::Agent, Status::Online)
    };
    let below = Some(NativeKey::new("well").unwrap());
    let tank = Record {
        key: NativeKey::new("qemu/104").unwrap(),
        parent: below.clone(),
        tags: ["production".into()].into(),
        ..record("tank", ResourceKind::Storage, Status::Warning)
    };
    let boot = Record { parent: below, ..record("boot", ResourceKind::Storage, Status::Online) };
    let records = vec![well, record("down", ResourceKind::Agent, Status::Offline), tank, boot];
    let sample = |record, metric, value| Sample { record, metric, value };
    let denied = SampleValue::Unknown(UnknownReason::PermissionDenied);
    Report {
        tenant: TenantId::DEFAULT,
        source: SourceId::new(SourceKind::Agent, "one").unwrap(),
        reported_at: START,
        interval: SignedDuration::from_secs(10),
        completeness: Completeness::Degraded {
            issues: vec![Issue {
                class: IssueClass::PermissionDenied,
                section: "smart".into(),
                message: "Run the agent as root.".into(),
            }],
        },
        records: records.into_iter().map(Arc::new).collect(),
        samples: vec![
            sample(2, Metric::Usage, SampleValue::Value(91.0)),
            sample(2, Metric::Avail, SampleValue::Value(4096.0)),
            sample(3, Metric::Usage, SampleValue::Value(12.0)),
            sample(0, Metric::Temperature, denied),
            sample(1, Metric::Temperature, denied),
            sample(0, Metric::Cpu, SampleValue::Unknown(UnknownReason::NotSupported)),
        ],
        activities: vec![],
    }
}

fn record(name: &str, kind: ResourceKind, status: Status) -> Record {
    Record {
        key: NativeKey::new(name).unwrap(),
        kind,
        name: name.into(),
        status,
        technology: None,
        identity: Identity::default(),
        parent: None,
        links: vec![],
        tags: [].into(),
        facets: vec![],
    }
}
