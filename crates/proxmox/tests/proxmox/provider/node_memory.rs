//! Where the memory of a node comes from, source by source.

use muster_model::{MemorySource, NodeMemoryDecision};
use serde_json::{Value, json};

use super::lab::{Ask, Lab};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;
const STATUS: &str = "/nodes/pve1/status";
const HISTORY: &str = "/nodes/pve1/rrddata";

#[tokio::test]
async fn each_source_of_a_node_in_turn() {
    //
    let lab = Lab::new().await;
    lab.whole().await;
    let check = async |memory: Value, history: Value, expected: (MemorySource, Option<&str>, u64)| {
        lab.answer(STATUS, &json!({ "memory": memory }));
        lab.answer(HISTORY, &json!([history]));
        let node = decided(&lab).await;
        let found = (node.memory_source, node.fallback_reason.as_deref(), node.memory.used_bytes);
        assert_eq!(found, (expected.0, expected.1, Some(expected.2)), "{memory}");
        assert_eq!(node.trust, expected.0.trust());
    };
    use MemorySource as S;
    let with = |more: Value| {
        let mut memory = json!({"total": 32 * GIB, "used": 20 * GIB});
        memory.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        memory
    };
    let none = || json!({"time": 60});
    check(with(json!({"available": 24 * GIB})), none(), (S::AvailableField, None, 8 * GIB)).await;
    check(with(json!({"avail": 25 * GIB})), none(), (S::AvailableField, None, 7 * GIB)).await;
    let parts = json!({"free": GIB, "buffers": GIB, "cached": 8 * GIB});
    check(with(parts), none(), (S::DerivedFreeBuffersCached, None, 22 * GIB)).await;
    let both = json!({"time": 60, "memavailable": 30 * GIB, "memused": 9 * GIB});
    check(with(json!({})), both, (S::RrdMemavailable, Some("rrd-memavailable"), 2 * GIB)).await;
    let used = json!({"time": 60, "memused": 9 * GIB});
    check(with(json!({})), used, (S::RrdMemused, Some("rrd-memused"), 9 * GIB)).await;
    let rest = Some("node-status-total-minus-used");
    check(with(json!({"free": 12 * GIB - 16 * MIB})), none(), (S::DerivedTotalMinusUsed, rest, 20 * GIB)).await;
    check(with(json!({"free": 12 * GIB - 15 * MIB})), none(), (S::NodesEndpoint, None, 20 * GIB)).await;
}

#[tokio::test]
async fn a_node_whose_status_cannot_be_read_has_the_value_of_the_list_and_says_why() {
    //
    let lab = Lab::new().await;
    lab.refuse(STATUS, 500, "no such luck");
    lab.report().await;
    let node = decided(&lab).await;
    assert_eq!(node.memory_source, MemorySource::NodesEndpoint);
    assert_eq!(node.fallback_reason.as_deref(), Some("node-status-unavailable"));
    assert_eq!((node.memory.used_bytes, node.raw.total), (node.raw.fallback_used, None));
    assert!(node.memory.used_bytes.is_some());
}

#[tokio::test]
async fn the_history_of_a_node_is_kept_for_half_a_minute_and_by_connection() {
    //
    let (one, other) = (Lab::new().await, Lab::new().await);
    let used = async |lab: &Lab| {
        lab.look("nodes").await;
        lab.report().await;
        lab.decisions().nodes[0].memory.used_bytes
    };
    for (lab, bytes) in [(&one, GIB), (&other, 2 * GIB)] {
        lab.answer(STATUS, &json!({"memory": {"total": 32 * GIB, "used": 20 * GIB}}));
        lab.answer(HISTORY, &json!([{"time": 60, "memused": bytes}]));
        assert_eq!(lab.after(10).await.node("node/pve1").memory_source, Some(MemorySource::RrdMemused));
        lab.answer(HISTORY, &json!([{"time": 60, "memused": 7 * GIB}]));
        lab.pass(29);
        assert_eq!(used(lab).await, Some(bytes));
        lab.pass(1);
        assert_eq!(used(lab).await, Some(7 * GIB));
        // Between two looks the source stays what it was.
        assert_eq!(lab.after(59).await.node("node/pve1").memory_source, Some(MemorySource::RrdMemused));
    }
}

#[tokio::test]
async fn a_nodes_history_is_waited_for_two_seconds() {
    //
    let lab = Lab::new().await;
    lab.answer(STATUS, &json!({"memory": {"total": 32 * GIB, "used": 20 * GIB}}));
    lab.report().await;
    lab.hang(HISTORY);
    lab.pass(60);
    let (_, took) = lab.look_in_time("nodes").await;
    assert_eq!(took.as_secs(), 2);
}

/// What is decided about the first node when it is asked again.
async fn decided(lab: &Lab) -> NodeMemoryDecision {
    lab.pass(60);
    lab.look("nodes").await;
    lab.report().await;
    lab.decisions().nodes.swap_remove(0)
}
