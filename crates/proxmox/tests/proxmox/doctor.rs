//! Probe and permission doctor: what a person sees before there is a connection.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_collect::{Auth, CallCheck, CallState, Connection, Driver, FailureCategory, ProbeReport};
use muster_proxmox::{Proxmox, client::Call};
use muster_testkit::pve::{Action, Cluster, Fault, Rights, SECRET, Shown, TOKEN, Token, Version, Where};

use crate::client::desk::{Desk, pins};

#[tokio::test]
async fn without_a_secret_it_shows_who_answers() {
    let desk = Desk::new().await;
    let mut connection = desk.connection.clone();
    connection.pins.clear();
    let report = probe(&desk, &connection, None).await;
    assert_eq!(report.endpoints.len(), 3);
    for (finding, fingerprint) in report.endpoints.iter().zip(desk.cluster.fingerprints()) {
        let certificate = finding.certificate.as_ref().unwrap();
        assert_eq!(certificate.fingerprint.to_string(), fingerprint);
        assert!(!certificate.trusted && !certificate.pinned && certificate.not_after > certificate.not_before);
        let failure = finding.failure.as_ref().unwrap();
        assert!(failure.category == FailureCategory::Tls && failure.message.contains(&fingerprint), "{failure}");
    }
    assert_eq!(desk.cluster.counts().requests, 0);
    connection.pins = pins(&desk.cluster.fingerprints());
    let report = probe(&desk, &connection, None).await;
    assert!(report.endpoints.iter().all(|finding| finding.failure.is_none()), "{report:?}");
    assert!(report.calls.is_empty() && report.version.is_none());
}

#[tokio::test]
async fn each_entry_point_is_looked_at_on_its_own() {
    let desk = Desk::new().await;
    desk.cluster.act(Action::NodeDown { node: "pve1".into() });
    desk.cluster.act(Action::Certificate { node: "pve2".into(), shown: Shown::Stranger });
    let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
    let category = |at: usize| report.endpoints[at].failure.as_ref().map(|failure| failure.category);
    assert_eq!(category(0), Some(FailureCategory::Unreachable));
    assert_eq!(category(1), Some(FailureCategory::PinMismatch));
    assert_eq!(category(2), None);
    assert_eq!(report.nodes, ["pve1", "pve2", "pve3"], "the third one answers for all");
}

#[tokio::test]
async fn an_auditor_of_version_9_may_do_nearly_everything() {
    let desk = Desk::new().await;
    let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
    assert_eq!((report.version.as_deref(), report.cluster.as_deref()), (Some("9.1.2"), Some("lab")));
    assert_eq!(report.failure, None);
    let refused = refused(&report);
    let expected = [Call::AptUpdate, Call::AgentFileRead, Call::StorageBackups].map(Call::name);
    let expected = BTreeSet::from(expected);
    assert_eq!(refused.keys().copied().collect::<BTreeSet<_>>(), expected);
    let grant = refused[Call::AgentFileRead.name()].grant.as_deref().unwrap();
    assert!(
        grant.starts_with("pveum role add Muster-VM-GuestAgent-FileRead --privs VM.GuestAgent.FileRead"),
        "{grant}"
    );
    let every: BTreeSet<&str> = report.calls.iter().map(|check| check.call.as_str()).collect();
    assert_eq!(every.len(), Call::ALL.len() - 1, "every call but the login is in the list");
}

#[tokio::test]
async fn before_version_9_agents_need_another_right() {
    let desk = Desk::of(Cluster::builder().version(Version::V8_4)).await;
    let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
    let refused = refused(&report);
    let check = refused[Call::AgentInfo.name()];
    assert_eq!(check.right, "VM.Monitor on /vms/{vmid}");
    let grant = check.grant.as_deref().unwrap();
    assert!(grant.contains("--privs VM.Monitor") && grant.contains("--tokens 'monitor@pve!muster'"), "{grant}");
}

#[tokio::test]
async fn silence_is_found_out() {
    // A list without rows and a list that leaves rows out look alike.
    let rights = Rights::auditor(Version::V9_1).without("/vms", "VM.Audit").without("/storage", "Datastore.Audit");
    let desk = Desk::of(Cluster::builder().rights(rights)).await;
    let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
    let silent: Vec<&CallCheck> = partial(&report, Call::ClusterResources);
    assert_eq!(silent.len(), 2, "{silent:?}");
    assert_eq!(silent[0].right, "VM.Audit on /vms");
    let grant = "pveum acl modify / --users monitor@pve --tokens 'monitor@pve!muster' --roles PVEAuditor";
    assert!(silent.iter().all(|check| check.grant.as_deref() == Some(grant)), "{silent:?}");
}

#[tokio::test]
async fn a_token_without_rights_of_its_own_sees_what_to_do() {
    let desk = Desk::of(Cluster::builder().rights(Rights::none())).await;
    let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
    assert_eq!((report.failure.as_ref(), report.version.is_some()), (None, true));
    let guests = &partial(&report, Call::ClusterResources)[0];
    assert!(guests.grant.as_deref().unwrap().contains("--tokens 'monitor@pve!muster'"), "{guests:?}");
    assert!(refused(&report).contains_key(Call::ClusterStatus.name()));
}

#[tokio::test]
async fn a_right_that_was_taken_away_further_down_is_named() {
    let rights = Rights::auditor(Version::V9_1).no_access("/vms/101");
    let desk = Desk::of(Cluster::builder().rights(rights.with("/vms/101", "VM.GuestAgent.Audit"))).await;
    let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
    let CallState::Partial(what) = &partial(&report, Call::ClusterResources)[0].state else { unreachable!() };
    assert!(what.contains("/vms/101"), "{what}");
}

#[tokio::test]
async fn clocks_that_differ_are_told() {
    let desk = Desk::new().await;
    for (seconds, words) in [(130, "130 s ahead of ours"), (-7200, "7200 s behind ours")] {
        desk.cluster.act(Action::ClockSkew { node: "pve1".into(), seconds });
        let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
        let CallState::Partial(what) = &partial(&report, Call::NodeTime)[0].state else { unreachable!() };
        assert!(what.contains(words), "{what}");
    }
}

#[tokio::test]
async fn a_token_that_ends_soon_is_told() {
    let day = 24 * 3600;
    for (days, told) in [(3, true), (60, false)] {
        let mut token = Token::new("monitor@pve!short", SECRET, Rights::auditor(Version::V9_1));
        token.expires = Some(1_767_225_600 + days * day);
        let desk = Desk::of(Cluster::builder().token(token)).await;
        let mut connection = desk.connection.clone();
        connection.auth = Auth::Token { user: "monitor@pve".into(), token: "short".into() };
        let report = probe(&desk, &connection, Some(SECRET)).await;
        let partial = partial(&report, Call::Users);
        assert_eq!(partial.len(), usize::from(told), "{partial:?}");
        assert!(
            !told || matches!(&partial[0].state, CallState::Partial(what) if what.contains("the token expires at"))
        );
    }
}

#[tokio::test]
async fn credentials_that_are_not_accepted_end_the_examination() {
    let desk = Desk::new().await;
    let report = probe(&desk, &desk.connection, Some("00000000-0000-0000-0000-000000000000")).await;
    assert_eq!(report.failure.map(|failure| failure.category), Some(FailureCategory::Unauthorised));
    assert!(report.calls.is_empty());
    assert_eq!(desk.cluster.counts().requests, 1);
}

#[tokio::test]
async fn an_examination_ends_though_a_node_hangs() {
    let desk = Desk::new().await;
    desk.cluster.fail(Where::path("/nodes/pve1/**"), Fault::Hang);
    let report = desk.once_asked("/nodes/pve1/", probe(&desk, &desk.connection, Some(&desk.secret))).await;
    let status = report.calls.iter().find(|check| check.call == Call::NodeStatus.name()).unwrap();
    let CallState::Failed(failure) = &status.state else { panic!("{status:?}") };
    assert_eq!(failure.category, FailureCategory::TimedOut);
}

#[tokio::test]
async fn versions_without_a_call_say_so() {
    let desk = Desk::of(Cluster::builder().version(Version::V7_4)).await;
    let report = probe(&desk, &desk.connection, Some(&desk.secret)).await;
    let export = report.calls.iter().find(|check| check.call == Call::MetricsExport.name()).unwrap();
    assert_eq!(export.state, CallState::Absent);
    assert_eq!(TOKEN, "monitor@pve!muster", "the commands above name it");
}

async fn probe(desk: &Desk, connection: &Connection, secret: Option<&str>) -> ProbeReport {
    Proxmox::new(Arc::new(desk.clock.clone())).probe(connection, secret.map(Into::into)).await
}

fn refused(report: &ProbeReport) -> BTreeMap<&str, &CallCheck> {
    let refused = report.calls.iter().filter(|check| matches!(check.state, CallState::Refused(_)));
    refused.map(|check| (check.call.as_str(), check)).collect()
}

fn partial(report: &ProbeReport, call: Call) -> Vec<&CallCheck> {
    let of_call = report.calls.iter().filter(|check| check.call == call.name());
    of_call.filter(|check| matches!(check.state, CallState::Partial(_))).collect()
}
