//! What a node tells beside its processor, memory and disk: traffic, certificate, subscription, high availability.

use muster_model::{CertificateState, Metric, UnknownReason};
use muster_testkit::pve::{Cluster, Fault, Version, Where, recorded};

use super::lab::{Ask, Lab};

#[tokio::test]
async fn traffic_is_the_mean_of_the_last_whole_minute_on_every_release() {
    // R-44, D-9
    for version in Version::ALL {
        let lab = Lab::of(Cluster::builder().version(version)).await;
        let report = lab.report().await;
        let (received, sent) = (report.value("node/pve1", Metric::NetIn), report.value("node/pve1", Metric::NetOut));
        assert!(received > 0.0 && sent > 0.0, "{version}: {received} {sent}");
        assert_eq!(report.node("node/pve1").network_source.as_deref(), Some("rrd-average"), "{version}");
    }
}

#[tokio::test]
async fn traffic_that_was_not_told_lately_is_unknown() {
    // D-9
    let lab = Lab::new().await;
    lab.report().await;
    let fault = Fault::Status { code: 500, reason: "RRD error".to_owned() };
    lab.cluster.fail(Where::path("/nodes/pve1/rrddata"), fault);
    lab.pass(60);
    lab.look("nodes").await;
    assert!(lab.report().await.value("node/pve1", Metric::NetIn) > 0.0, "a minute is nothing");
    lab.pass(120);
    lab.look("nodes").await;
    assert_eq!(lab.report().await.why_not("node/pve1", Metric::NetIn), UnknownReason::NotReported);
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_told() {
    let lab = Lab::new().await;
    let body = |not_after: i64| {
        let text = recorded("certificates_info.v9").replace("1827705600", &not_after.to_string());
        Fault::Body { text }
    };
    let day = 24 * 3600;
    for (days, expected) in
        [(200, CertificateState::Good), (10, CertificateState::EndsSoon), (-1, CertificateState::Expired)]
    {
        lab.cluster.fail(Where::path("/nodes/pve1/certificates/info"), body(1_767_225_600 + days * day));
        lab.pass(300);
        lab.report().await;
        lab.look("nodes").await;
        let report = lab.report().await;
        assert_eq!(report.node("node/pve1").certificate_state, Some(expected), "{days}");
        lab.cluster.act(muster_testkit::pve::Action::Heal { place: Where::everywhere() });
    }
}

#[tokio::test]
async fn subscriptions_updates_and_high_availability_reach_the_node() {
    //
    let lab = Lab::new().await;
    lab.cluster.fail(Where::path("/nodes/pve1/subscription"), Fault::Body { text: recorded("subscription_active.v8") });
    lab.cluster.fail(Where::path("/nodes/pve1/apt/update"), Fault::Body { text: recorded("apt_update.v9") });
    let report = lab.whole().await;
    let paid = report.node("node/pve1");
    assert_eq!(
        (paid.subscription.as_deref(), paid.subscription_status.as_deref()),
        (Some("community"), Some("active"))
    );
    assert_eq!(paid.subscription_until.as_deref(), Some("2026-12-31"));
    assert!(paid.pending_updates.is_some_and(|count| count > 0) && paid.ha_state.is_some());
    let unpaid = report.node("node/pve2");
    assert_eq!((unpaid.subscription_status.as_deref(), unpaid.pending_updates), (Some("notfound"), None));
}
