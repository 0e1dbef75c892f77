//! What we cost the platform: how much runs at once, and that it is counted.

use futures::future::join_all;
use muster_proxmox::client::{Call, Place};
use muster_testkit::pve::{Fault, Where};
use serde::de::IgnoredAny;

use super::desk::{Desk, resources};

#[tokio::test]
async fn no_node_and_no_entry_point_has_more_to_do_than_it_can() {
    let desk = Desk::new().await.alone();
    desk.cluster.fail(Where::everywhere(), Fault::Slow { seconds: 1.0 });
    let client = desk.client();
    let nodes = ["pve1", "pve2", "pve3"];
    let calls = (0..30).map(|n| client.get::<IgnoredAny>(Call::NodeStatus, Place::node(nodes[n % 3]), &[]));
    let answers = desk.while_cluster_works(&client, join_all(calls)).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let counts = desk.cluster.counts();
    assert!(nodes.iter().all(|node| counts.peak_by_node[*node] <= 2), "{counts:?}");
    // Two more places are kept for what the report rests on.
    assert_eq!(counts.peak_by_entry["pve1"], 3, "{counts:?}");
}

#[tokio::test]
async fn heavy_calls_run_one_at_a_time_on_each_node() {
    let desk = Desk::new().await.alone();
    desk.cluster.fail(Where::everywhere(), Fault::Slow { seconds: 1.0 });
    let client = desk.client();
    let calls = (0..4).map(|_| client.get::<IgnoredAny>(Call::Zfs, Place::node("pve2"), &[]));
    assert!(desk.while_cluster_works(&client, join_all(calls)).await.iter().all(Result::is_ok));
    assert_eq!(desk.cluster.counts().peak_by_node["pve2"], 1);
}

#[tokio::test]
async fn every_request_is_counted_by_its_call() {
    let desk = Desk::new().await.alone();
    let client = desk.client();
    resources(&client).await.unwrap();
    resources(&client).await.unwrap();
    client.get::<IgnoredAny>(Call::NodeTime, Place::node("pve1"), &[]).await.unwrap();
    let by_call: Vec<(&str, u64)> = client.requests_by_call().collect();
    assert_eq!(by_call, [("GET /cluster/resources", 2), ("GET /nodes/{node}/time", 1)]);
    assert_eq!(client.requests(), desk.cluster.counts().requests);
}

#[tokio::test]
async fn answers_are_packed_and_connections_are_used_again() {
    let desk = Desk::new().await.alone();
    let client = desk.client();
    for _ in 0..5 {
        resources(&client).await.unwrap();
    }
    assert_eq!(desk.cluster.counts().connections, 1);
}
