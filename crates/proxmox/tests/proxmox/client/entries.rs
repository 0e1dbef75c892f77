//! Several entry points of one cluster: one is used, another stands in, and what fails behind one is not its fault.

use std::time::Duration;

use muster_collect::FailureCategory;
use muster_proxmox::client::{ApiError, Call, Client, ErrorKind, Place};
use muster_testkit::pve::{Action, Fault, Shown, Where};
use serde::de::IgnoredAny;

use super::desk::{Desk, pins, resources};

const RESOURCES: &str = "/cluster/resources";

#[tokio::test]
async fn another_entry_point_stands_in_and_stays() {
    let desk = Desk::new().await;
    let client = desk.client();
    desk.cluster.act(Action::NodeDown { node: "pve1".into() });
    resources(&client).await.unwrap();
    desk.up("pve1").await;
    resources(&client).await.unwrap();
    assert_eq!(desk.asked_at(RESOURCES), ["pve2", "pve2"]);
    let failed = client.failed_entries();
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0].0, failed[0].1.category), (&desk.entry("pve1"), FailureCategory::Unreachable));
    desk.clock.advance(Duration::from_secs(15 * 60));
    resources(&client).await.unwrap();
    assert_eq!(desk.asked_at(RESOURCES).last().unwrap(), "pve1", "the preferred one is tried again after a while");
    assert!(client.failed_entries().is_empty());
}

#[tokio::test]
async fn one_that_is_not_believed_is_passed_over() {
    let mut desk = Desk::new().await;
    desk.connection.pins = pins(&[desk.cluster.fingerprint("pve2")]);
    desk.cluster.act(Action::Certificate { node: "pve1".into(), shown: Shown::Stranger });
    let client = desk.client();
    resources(&client).await.unwrap();
    assert_eq!(client.failed_entries()[0].1.category, FailureCategory::PinMismatch);
}

#[tokio::test]
async fn a_node_behind_an_entry_point_is_not_the_entry_points_fault() {
    let desk = Desk::new().await;
    let client = desk.client();
    let reason = "Errors during connection establishment, proxy handshake: No route to host";
    desk.cluster.fail(Where::path("/nodes/pve3/status"), Fault::Status { code: 595, reason: reason.into() });
    for _ in 0..2 {
        let error = status(&client, "pve3").await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::PeerUnreachable { status: 595, .. }), "{error:?}");
        assert_eq!(error.category(), FailureCategory::Unreachable);
        assert!(error.failure().message.contains("No route to host"), "{}", error.failure());
    }
    status(&client, "pve2").await.unwrap();
    resources(&client).await.unwrap();
    assert_eq!(desk.asked_at("/nodes/{node}/status"), ["pve1", "pve2", "pve1"], "only that node takes another way");
    assert_eq!(desk.asked_at(RESOURCES), ["pve1"]);
    assert_eq!(desk.cluster.asked("/access/ticket"), 0);
    assert!(client.failed_entries().is_empty());
}

#[tokio::test]
async fn one_call_that_goes_wrong_costs_no_entry_point() {
    let desk = Desk::new().await;
    let client = desk.client();
    for fault in [Fault::Truncated, Fault::Html, Fault::Status { code: 500, reason: "locked".into() }] {
        desk.cluster.fail(Where::path("/nodes/pve1/status").times(1), fault);
        status(&client, "pve1").await.unwrap_err();
    }
    resources(&client).await.unwrap();
    assert_eq!(desk.asked_at(RESOURCES), ["pve1"]);
}

#[tokio::test]
async fn with_nobody_left_the_failure_is_told() {
    let desk = Desk::new().await;
    let client = desk.client();
    for node in ["pve1", "pve2", "pve3"] {
        desk.cluster.act(Action::NodeDown { node: node.into() });
    }
    for _ in 0..2 {
        assert_eq!(resources(&client).await.unwrap_err().category(), FailureCategory::Unreachable);
    }
    assert_eq!(client.failed_entries().len(), 3);
    desk.up("pve1").await;
    desk.clock.advance(Duration::from_secs(30));
    resources(&client).await.unwrap();
}

async fn status(client: &Client, node: &str) -> Result<IgnoredAny, ApiError> {
    client.get(Call::NodeStatus, Place::node(node), &[]).await
}
