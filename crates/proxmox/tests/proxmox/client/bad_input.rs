//! Everything that an address may turn out to be: each is told apart, in time, without filling the memory.

use muster_collect::FailureCategory;
use muster_proxmox::client::{ApiError, Call, ErrorKind, Place};
use muster_testkit::pve::{Action, Cluster, Fault, Rights, SECRET, Shown, Version, Where};

use super::desk::{Desk, pins, resources};

#[tokio::test]
async fn a_certificate_of_no_known_authority_is_refused_and_shown() {
    let mut desk = Desk::new().await.alone();
    let found = desk.cluster.fingerprint("pve1");
    desk.connection.pins.clear();
    let error = resources(&desk.client()).await.unwrap_err();
    check(&error, FailureCategory::Tls, &["not trusted", &found, "pin it"]);
    assert_eq!(desk.cluster.counts().requests, 0, "nothing is told to somebody who is not believed");
}

#[tokio::test]
async fn a_pin_decides_about_expired_and_changed_certificates() {
    let mut desk = Desk::new().await.alone();
    for shown in [Shown::Expired, Shown::Stranger] {
        desk.cluster.act(Action::Certificate { node: "pve1".into(), shown });
        let found = desk.cluster.fingerprint("pve1");
        desk.connection.pins = pins(&[desk.cluster.fingerprint("pve2")]);
        let error = resources(&desk.client()).await.unwrap_err();
        check(&error, FailureCategory::PinMismatch, &["not the pinned one", &found]);
        desk.connection.pins = pins(&[found]);
        resources(&desk.client()).await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_port_has_nobody() {
    let mut desk = Desk::new().await;
    desk.connection.endpoints = vec!["https://127.0.0.1:1".parse().unwrap()];
    let error = resources(&desk.client()).await.unwrap_err();
    let told =
        "no whole answer from https://127.0.0.1:1: Connection refused (os error 111); check address, port and firewall";
    check(&error, FailureCategory::Unreachable, &[told]);
    assert_eq!(error.failure().message.matches("127.0.0.1").count(), 1, "{error}");
}

#[tokio::test]
async fn plain_http_and_redirects_to_https_are_told() {
    let mut desk = Desk::new().await.alone();
    let http = desk.cluster.endpoint("pve1").replace("https", "http");
    desk.cluster.act(Action::Certificate { node: "pve1".into(), shown: Shown::Plain });
    let error = resources(&desk.client()).await.unwrap_err();
    check(&error, FailureCategory::Tls, &["does not speak TLS"]);
    desk.connection.endpoints = vec![http.parse().unwrap()];
    desk.cluster.fail(Where::everywhere(), Fault::Status { code: 301, reason: "Moved".into() });
    let error = resources(&desk.client()).await.unwrap_err();
    check(&error, FailureCategory::Malformed, &["redirect", "use https"]);
}

#[tokio::test]
async fn a_page_for_people_is_no_answer() {
    let desk = Desk::new().await.alone();
    let error = desk.hears(Fault::Html).await.unwrap_err();
    check(&error, FailureCategory::Malformed, &["not JSON", "portal"]);
}

#[tokio::test]
async fn no_answer_fills_the_memory() {
    // D-22: what counts is what comes out.
    let desk = Desk::new().await.alone();
    for fault in [Fault::Huge { bytes: 100_000_000 }, Fault::Bomb { bytes: 100_000_000 }] {
        let error = desk.hears(fault).await.unwrap_err();
        check(&error, FailureCategory::Malformed, &["larger than 16777216 bytes"]);
    }
    assert!(desk.hears(Fault::Huge { bytes: 16_000_000 }).await.is_ok());
}

#[tokio::test]
async fn every_answer_ends() {
    let desk = Desk::new().await.alone();
    for fault in [Fault::NeverEnding, Fault::Hang, Fault::Slow { seconds: 16.0 }] {
        desk.cluster.forget_requests();
        let error = desk.once_asked("/cluster/resources", desk.hears(fault)).await.unwrap_err();
        check(&error, FailureCategory::TimedOut, &["within 15 s"]);
    }
}

#[tokio::test]
async fn what_breaks_off_is_no_answer() {
    let desk = Desk::new().await.alone();
    let error = desk.hears(Fault::Truncated).await.unwrap_err();
    check(&error, FailureCategory::Unreachable, &["no whole answer"]);
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_tried_once_more() {
    let desk = Desk::new().await.alone();
    let client = desk.client();
    for (times, works) in [(1, true), (2, false)] {
        desk.cluster.forget_requests();
        desk.cluster.fail(Where::path("/cluster/resources").times(times), Fault::Reset);
        assert_eq!(resources(&client).await.is_ok(), works, "{times}");
        assert_eq!(desk.cluster.counts().requests, 2, "{times}");
        desk.cluster.heal();
    }
    assert_eq!(client.requests(), 4, "repetitions are load, too");
}

#[tokio::test]
async fn refusals_name_the_missing_right_in_every_version() {
    // The words stand in the body since 8.4, before only beside the status.
    for version in [Version::V7_4, Version::V9_1] {
        let desk = Desk::of(Cluster::builder().version(version).rights(Rights::none())).await.alone();
        let error =
            desk.client().get::<serde::de::IgnoredAny>(Call::ClusterStatus, Place::CLUSTER, &[]).await.unwrap_err();
        let ErrorKind::Forbidden { path, privileges, .. } = &error.kind else { panic!("{error:?}") };
        assert_eq!((path.as_deref(), privileges.as_slice()), (Some("/"), ["Sys.Audit".to_owned()].as_slice()));
        let command = "pveum acl modify / --users monitor@pve --tokens 'monitor@pve!muster' --roles PVEAuditor";
        check(&error, FailureCategory::Forbidden, &["Sys.Audit", command]);
    }
}

#[tokio::test]
async fn the_platforms_own_words_are_kept() {
    let desk = Desk::new().await.alone();
    let heard = desk.hears(Fault::Status { code: 500, reason: "storage 'nfs' is not online".into() }).await;
    check(&heard.unwrap_err(), FailureCategory::Api, &["500", "storage 'nfs' is not online"]);
    let heard = desk.hears(Fault::Status { code: 501, reason: "Method 'GET /x' not implemented".into() }).await;
    assert!(matches!(heard.unwrap_err().kind, ErrorKind::NotImplemented(text) if text.contains("GET /x")));
}

#[tokio::test]
async fn what_is_no_answer_of_the_api_is_told() {
    let desk = Desk::new().await.alone();
    for text in ["", "null", "{\"data\":[1", "{}"] {
        let error = desk.hears(Fault::Body { text: text.into() }).await.unwrap_err();
        assert_eq!(error.category(), FailureCategory::Malformed, "{text}");
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_not_asked_for() {
    let desk = Desk::new().await.alone();
    let client = desk.client();
    let answer = client.get::<serde::de::IgnoredAny>(Call::NodeStatus, Place::node(".."), &[]);
    assert_eq!(answer.await.unwrap_err().category(), FailureCategory::Malformed);
    assert_eq!(desk.cluster.counts().requests, 0);
}

/// A failure of a sort, whose message says these things and tells no secret.
fn check(error: &ApiError, category: FailureCategory, words: &[&str]) {
    let failure = error.failure();
    assert_eq!(failure.category, category, "{failure}");
    for word in words {
        assert!(failure.message.contains(word), "`{word}` is not in: {failure}");
    }
    let all = format!("{error} {error:?} {failure:?}");
    assert!(!all.contains(SECRET), "{all}");
}
