//! Which disk stands for a node, and how long its storages are waited for.

use muster_model::Metric;
use serde_json::{Value, json};

use super::lab::{Ask, Lab};

const GB: u64 = 1_000_000_000;
const STATUS: &str = "/nodes/pve1/status";
const STORAGES: &str = "/nodes/pve1/storage";

#[tokio::test]
async fn each_source_of_a_nodes_disk_in_turn() {
    // what a host agent says comes before all of these, by the precedence of sources.
    let lab = Lab::new().await;
    lab.answer(STORAGES, &storages());
    lab.answer(STATUS, &json!({"rootfs": {"total": 50 * GB, "used": 10 * GB, "avail": 40 * GB}}));
    lab.whole().await;
    let source = async || {
        lab.pass(300);
        lab.look("nodes").await;
        let report = lab.report().await;
        (report.node("node/pve1").disk_source.clone(), report.sample("node/pve1", Metric::Disk))
    };
    let (first, value) = source().await;
    assert_eq!(first.as_deref(), Some("node-status-rootfs"), "it is never overridden");
    assert_eq!(value, Some(muster_model::SampleValue::Value(20.0)));
    lab.answer(STATUS, &json!({"uptime": 5}));
    assert_eq!(source().await.0.as_deref(), Some("nodes-endpoint"));
    lab.answer("/cluster/resources", &json!([{"type": "node", "node": "pve1", "status": "online"}]));
    let (third, value) = source().await;
    assert_eq!(third.as_deref(), Some("local-zfs"), "neither the share nor the disk for backups");
    assert_eq!(value, Some(muster_model::SampleValue::Value(25.0)));
    lab.answer(STORAGES, &json!([]));
    let (none, value) = source().await;
    assert_eq!(none, None);
    assert!(matches!(value, Some(muster_model::SampleValue::Unknown(_))), "D-9: {value:?}");
}

#[tokio::test]
async fn storages_that_hang_hold_up_neither_the_first_report_nor_the_rest_of_the_node() {
    // 10 s for the list, of which a report waits for 2 s.
    let lab = Lab::new().await;
    lab.hang(STORAGES);
    let (look, took) = lab.look_in_time("bulk").await;
    assert_eq!(took.as_secs(), 2);
    assert!(look.report.unwrap().node("node/pve1").version.is_some(), "the rest is there");
    lab.pass(60);
    let (look, took) = lab.look_in_time("nodes").await;
    assert_eq!(took.as_secs(), 10);
    assert!(look.observed.issues.iter().any(|issue| issue.message.contains("pve1")), "{:?}", look.observed);
    lab.heal(STORAGES);
    lab.cluster.forget_requests();
    lab.pass(300);
    lab.look("nodes").await;
    assert_eq!(lab.asked_for("/nodes/pve1/storage"), 0, "what hung is left alone for a while");
    lab.pass(900);
    lab.look("nodes").await;
    assert_eq!(lab.asked_for("/nodes/pve1/storage"), 1);
}

fn storages() -> Value {
    let row = |name: &str, kind: &str, content: &str, shared: u8, total: u64| {
        json!({"storage": name, "type": kind, "content": content, "shared": shared, "active": 1, "enabled": 1,
               "total": total * GB, "used": total * GB / 4, "avail": total * GB / 4 * 3})
    };
    json!([
        row("nas", "nfs", "images,backup", 1, 100_000),
        row("backups", "dir", "backup", 0, 50_000),
        row("data", "lvmthin", "images", 0, 4000),
        row("local-zfs", "zfspool", "images,rootdir", 0, 100),
    ])
}
