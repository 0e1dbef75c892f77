//! Why the memory of a guest or node is the number that is shown.

use std::sync::Arc;

use muster_model::{Metric, Record, Report, Role, Sample, SampleValue};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    connections::made,
    harness::{Harness, host_report},
};

#[tokio::test]
async fn who_may_read_resources_may_ask_why_memory_is_what_it_is() {
    // D-9
    let harness = Harness::start().await;
    let (operator, viewer) = (harness.token(Role::Operator).await, harness.token(Role::Viewer).await);
    let path = made(&harness, &operator).await;
    let told = harness.json(&format!("{path}/memory"), &viewer).await;
    let guest = &told["guests"][0];
    assert_eq!((&guest["key"], &guest["memorySource"]), (&json!("qemu/101"), &json!("rrd-memused")), "{told}");
    assert_eq!((&guest["fallbackReason"], &guest["trust"]), (&json!("rrd-memused"), &json!("fallback")));
    assert_eq!((&guest["memory"]["usedBytes"], &guest["memory"]["totalBytes"]), (&json!(7), &Value::Null));
    assert_eq!((&guest["raw"]["listingMem"], &guest["raw"]["statusMem"]), (&json!(9), &Value::Null));
    let of = async |key: &str| harness.json(&format!("{path}/memory?key={key}"), &viewer).await;
    assert_eq!(of("qemu/101").await, told, "asked about one of them");
    assert_eq!(of("qemu/102").await, json!({"nodes": [], "guests": []}));
    let stranger = format!("/api/connections/{}/memory", Uuid::from_u128(7));
    assert_eq!(harness.get(&stranger, &viewer).await.code(), "not_found");
}

#[tokio::test]
async fn the_memory_that_an_agent_tells_is_the_one_that_is_explained() {
    // R-69 step 4, R-67: the platform's choice yields to the agent inside.
    let harness = Harness::start().await;
    let (operator, viewer) = (harness.token(Role::Operator).await, harness.token(Role::Viewer).await);
    let path = made(&harness, &operator).await;
    let connection = harness.json(&path, &operator).await;
    let source = connection["source"].as_str().unwrap();
    let mut guest =
        record("qemu/101", "vm", &json!({"facet": "guest", "memoryBytes": 8000, "memorySource": "status-mem"}));
    guest.identity.dmi_uuid = Some("0a1b2c3d-0000-4000-8000-00000000abcd".into());
    let mut host = record("host", "agent", &json!({"facet": "host", "memory": {"totalBytes": 7000}}));
    host.identity.dmi_uuid = guest.identity.dmi_uuid.clone();
    let blank = host_report("inside", "web", 1.0);
    let platforms =
        Report { source: source.parse().unwrap(), records: vec![Arc::new(guest)], samples: vec![], ..blank.clone() };
    harness.submit(platforms).await;
    let value = SampleValue::Value(4000.0);
    let samples = vec![Sample { record: 0, metric: Metric::MemoryUsed, value }];
    harness.submit(Report { records: vec![Arc::new(host)], samples, ..blank }).await;
    let told = harness.json(&format!("{path}/memory?key=qemu/101"), &viewer).await;
    let guest = &told["guests"][0];
    assert_eq!(
        (&guest["memorySource"], &guest["fallbackReason"]),
        (&json!("agent"), &json!("host-agent-memory")),
        "{told}"
    );
    let memory = json!({"totalBytes": 8000, "usedBytes": 5000, "freeBytes": 3000, "usagePercent": 62.5});
    assert_eq!((&guest["memory"], &guest["raw"]["listingMem"]), (&memory, &json!(9)), "what was read stays");
}

fn record(key: &str, kind: &str, facet: &Value) -> Record {
    let record = json!({
        "key": key, "kind": kind, "name": "web", "status": "online", "technology": null, "identity": {}, "parent": null,
        "links": [], "tags": [], "facets": [facet],
    });
    serde_json::from_value(record).unwrap()
}
