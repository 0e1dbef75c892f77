//! Everything that can go wrong on the way of an answer.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, poll};
use hyper::Method;
use muster_runtime::ManualClock;
use muster_testkit::pve::{Action, Fault, Running, Where};
use serde_json::json;

use crate::asker::{Asker, at_rest, row};

#[tokio::test]
async fn a_node_that_is_gone_answers_nobody_and_others_say_so() {
    let (builder, _clock) = at_rest();
    let cluster = builder.start().await;
    let (one, two) = (Asker::of(&cluster, "pve1"), Asker::of(&cluster, "pve2"));
    assert_eq!(two.get("/version").await.status, 200);
    cluster.act(Action::NodeDown { node: "pve2".to_owned() });
    assert!(two.try_get("/version").await.is_err());
    let refused = one.get("/nodes/pve2/status").await;
    assert_eq!(refused.status, 595);
    assert_eq!(refused.reason, "Errors during connection establishment, proxy handshake: No route to host");
    assert!(refused.body.is_empty());
    let status = one.data("/cluster/status").await;
    assert_eq!(row(&status, "name", "pve2")["online"], 0);
    // Its past is known to every node.
    assert_eq!(one.get("/nodes/pve2/rrddata?timeframe=hour").await.status, 200);

    cluster.act(Action::NodeUp { node: "pve2".to_owned() });
    let back = eventually(&two).await;
    assert_eq!(back, 200);
    assert_eq!(one.get("/nodes/pve2/status").await.status, 200);
}

#[tokio::test]
async fn answers_end_early_or_never() {
    let (cluster, asker, clock) = started().await;
    cluster.fail(Where::path("/version"), Fault::Truncated);
    let why = asker.try_get("/version").await.unwrap_err();
    assert!(why.starts_with("half an answer"), "{why}");
    cluster.fail(Where::path("/version"), Fault::Reset);
    let why = asker.try_get("/version").await.unwrap_err();
    assert!(why.starts_with("no answer"), "{why}");
    cluster.fail(Where::path("/version"), Fault::Close);
    assert!(asker.try_get("/version").await.unwrap_err().starts_with("no answer"));

    cluster.fail(Where::path("/version"), Fault::NeverEnding);
    let (other, path) = (asker.clone(), "/version");
    let mut endless = Box::pin(async move { other.try_get(path).await }).fuse();
    for _ in 0..20 {
        wait_for(&clock, &mut endless).await;
        clock.advance(Duration::from_secs(1));
    }
    assert!(poll!(&mut endless).is_pending());
    // Everything else is answered.
    assert_eq!(asker.get("/cluster/status").await.status, 200);
    cluster.heal();
    assert_eq!(asker.get("/version").await.status, 200);
}

#[tokio::test]
async fn answers_come_late_by_the_clock() {
    let (cluster, asker, clock) = started().await;
    cluster.fail(Where::node("pve2"), Fault::Slow { seconds: 12.0 });
    let late = asker.clone();
    let mut late = Box::pin(async move { late.get("/nodes/pve2/status").await.status }).fuse();
    wait_for(&clock, &mut late).await;
    clock.advance(Duration::from_secs(11));
    assert!(poll!(&mut late).is_pending());
    clock.advance(Duration::from_secs(1));
    assert_eq!(late.await, 200);

    // Nodes wait 30 s for each other.
    cluster.fail(Where::node("pve2"), Fault::Slow { seconds: 90.0 });
    let lost = asker.clone();
    let mut lost = Box::pin(async move { lost.get("/nodes/pve2/status").await }).fuse();
    wait_for(&clock, &mut lost).await;
    clock.advance(Duration::from_secs(30));
    let lost = lost.await;
    assert_eq!((lost.status, lost.reason.as_str()), (596, "Connection timed out"));
}

#[tokio::test]
async fn answers_are_something_else() {
    let (cluster, asker, _clock) = started().await;
    cluster.fail(Where::everywhere(), Fault::Html);
    let page = asker.get("/version").await;
    assert!(page.status == 200 && page.body.starts_with(b"<!DOCTYPE html>"), "{page:?}");
    cluster.fail(Where::everywhere(), Fault::Body { text: "{\"data\":null}".to_owned() });
    assert_eq!(asker.get("/cluster/resources").await.json(), json!({"data": null}));
    cluster.fail(Where::everywhere(), Fault::Status { code: 500, reason: "got no worker upid".to_owned() });
    let failed = asker.get("/version").await;
    assert_eq!((failed.status, failed.reason.as_str(), failed.body.len()), (500, "got no worker upid", 0));
    cluster.fail(Where::everywhere(), Fault::Huge { bytes: 3_000_000 });
    let huge = asker.get("/version").await;
    assert_eq!((huge.body.len(), huge.json()), (3_000_000, json!({"data": []})));
    cluster.fail(Where::everywhere(), Fault::Bomb { bytes: 3_000_000 });
    let bomb = asker.get("/version").await;
    assert!(bomb.is_gzip && bomb.body.len() < 100_000, "{}", bomb.body.len());
}

#[tokio::test]
async fn a_fault_meets_what_it_is_for_and_as_often_as_it_says() {
    let (cluster, asker, _clock) = started().await;
    cluster.fail(Where::path("/nodes/*/disks/**").times(1), Fault::Html);
    assert_eq!(asker.get("/nodes/pve1/status").await.json()["data"]["idle"], 0);
    assert!(asker.get("/nodes/pve1/disks/list").await.body.starts_with(b"<!"));
    assert!(asker.get("/nodes/pve1/disks/list").await.body.starts_with(b"{"));
    cluster.fail(Where::entry("pve2"), Fault::Html);
    assert!(asker.get("/nodes/pve2/status").await.body.starts_with(b"{"));
    assert!(Asker::of(&cluster, "pve2").get("/version").await.body.starts_with(b"<!"));
}

#[tokio::test]
async fn what_the_vendor_does_not_take_is_refused() {
    let (_cluster, asker, _clock) = started().await;
    let with_body = asker.ask(Method::GET, "/api2/json/version", "a=b").await.unwrap();
    assert_eq!(with_body.status, 501);
    let written = asker.ask(Method::POST, "/api2/json/nodes/pve1/status", "").await.unwrap();
    assert_eq!((written.status, written.reason.as_str()), (501, "Method 'POST /nodes/pve1/status' not implemented"));
    let page = asker.ask(Method::GET, "/", "").await.unwrap();
    assert!(page.body.starts_with(b"<!DOCTYPE html>"));
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_take_it() {
    let (_cluster, asker, _clock) = started().await;
    let plain = asker.get("/cluster/resources").await;
    let asker = asker.with("accept-encoding", "gzip");
    let small = asker.get("/cluster/resources").await;
    assert!(small.is_gzip && small.body.len() * 3 < plain.body.len(), "{} {}", small.body.len(), plain.body.len());
    assert!(!asker.get("/version").await.is_gzip);
}

async fn started() -> (Arc<Running>, Asker, ManualClock) {
    let (builder, clock) = at_rest();
    let cluster = builder.start().await;
    let asker = Asker::of(&cluster, "pve1");
    (Arc::new(cluster), asker, clock)
}

/// Lets a request go on until the simulator waits for its clock because of it.
async fn wait_for<T>(clock: &ManualClock, request: &mut (impl Future<Output = T> + Unpin)) {
    while clock.sleepers() == 0 {
        assert!(poll!(&mut *request).is_pending(), "it was answered at once");
        tokio::task::yield_now().await;
    }
}

/// The status of the first answer.
async fn eventually(asker: &Asker) -> u16 {
    for _ in 0..10_000 {
        if let Ok(answer) = asker.try_get("/version").await {
            return answer.status;
        }
        tokio::task::yield_now().await;
    }
    panic!("nobody answers");
}
