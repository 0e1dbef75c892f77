//! What an address shows in a handshake.

use muster_testkit::pve::{Action, Shown};
use sha2::{Digest, Sha256};

use crate::asker::{Asker, at_rest};

#[tokio::test]
async fn every_node_has_a_certificate_of_the_cluster_s_authority() {
    let (builder, _clock) = at_rest();
    let cluster = builder.start().await;
    for node in cluster.nodes() {
        let files = Asker::of(&cluster, &node).data(&format!("/nodes/{node}/certificates/info")).await;
        assert_eq!(files[0]["fingerprint"], cluster.authority_fingerprint());
        assert_eq!(files[0]["pem"], cluster.authority_pem());
        assert_eq!(files[1]["fingerprint"], cluster.fingerprint(&node));
    }
    let pairs: Vec<String> = Sha256::digest(cluster.certificate("pve2")).iter().map(|b| format!("{b:02X}")).collect();
    assert_eq!(pairs.join(":"), cluster.fingerprints()[1]);
    let nodes = Asker::of(&cluster, "pve1").data("/nodes").await;
    assert_eq!(nodes[1]["ssl_fingerprint"], cluster.fingerprints()[1]);
}

#[tokio::test]
async fn a_cluster_that_is_started_again_shows_the_same() {
    let (builder, _clock) = at_rest();
    let (one, other) = (builder.clone().start().await, builder.clone().start().await);
    assert_eq!(one.fingerprints(), other.fingerprints());
    assert_eq!(one.authority_fingerprint(), other.authority_fingerprint());
    // Two clusters of one name are two clusters.
    let twin = builder.seed(12).start().await;
    assert_ne!(one.authority_fingerprint(), twin.authority_fingerprint());
}

#[tokio::test]
async fn a_certificate_expires_or_is_a_stranger_s() {
    let (builder, _clock) = at_rest();
    let cluster = builder.start().await;
    let asker = Asker::of(&cluster, "pve1");
    let proper = cluster.fingerprint("pve1");
    let show = |shown| cluster.act(Action::Certificate { node: "pve1".to_owned(), shown });
    show(Shown::Expired);
    let why = asker.try_get("/version").await.unwrap_err();
    assert!(why.contains("expired"), "{why}");
    assert_ne!(cluster.fingerprint("pve1"), proper);
    show(Shown::Stranger);
    let why = asker.try_get("/version").await.unwrap_err();
    assert!(why.contains("UnknownIssuer"), "{why}");
    show(Shown::Proper);
    assert_eq!(asker.get("/version").await.status, 200);
    assert_eq!(cluster.fingerprint("pve1"), proper);
}

#[tokio::test]
async fn plain_http_is_sent_elsewhere_or_is_all_there_is() {
    let (builder, _clock) = at_rest();
    let cluster = builder.start().await;
    let asker = Asker::of(&cluster, "pve1");
    let answer = asker.plainly("/api2/json/version").await.unwrap();
    let there = format!("{}/api2/json/version", cluster.endpoint("pve1"));
    assert_eq!((answer.status, answer.location), (301, Some(there)));
    cluster.act(Action::Certificate { node: "pve1".to_owned(), shown: Shown::Plain });
    assert_eq!(asker.plainly("/api2/json/version").await.unwrap().status, 200);
    assert!(asker.try_get("/version").await.unwrap_err().starts_with("handshake"));
}
