//! What agents inside guests tell, and what stays when they do not.

use muster_model::{DiskStatus, GuestAgent, Metric, UnknownReason};
use muster_testkit::pve::{Action, AgentState, Fault, GuestFacts, Where};

use super::lab::{Ask, Lab, key};

#[tokio::test]
async fn an_agent_tells_addresses_names_and_how_full_the_disks_are() {
    //
    let lab = Lab::new().await;
    let guest = talker(&lab);
    let report = lab.whole().await;
    let facet = report.guest(&key(&guest));
    assert_eq!((facet.agent, facet.disk_status), (GuestAgent::Running, None));
    let addresses: Vec<_> = facet.interfaces.iter().flat_map(|interface| &interface.addresses).collect();
    for expected in &guest.addresses {
        assert!(addresses.iter().any(|address| address.address == *expected), "{expected} of {addresses:?}");
    }
    assert!(facet.os.is_some() && facet.agent_version.is_some());
    assert!((0.0..=100.0).contains(&report.value(&key(&guest), Metric::Disk)));
}

#[tokio::test]
async fn a_value_is_carried_over_one_failure_and_not_over_two() {
    //
    let lab = Lab::new().await;
    let guest = talker(&lab);
    let key = key(&guest);
    let before = lab.whole().await.value(&key, Metric::Disk);
    lab.act(Action::Agent { guest: guest.id, state: AgentState::Dead });
    let first = asked_again(&lab, 200).await;
    assert_eq!(first.guest(&key).disk_status, Some(DiskStatus::PrevAgentNotRunning));
    assert_eq!(first.value(&key, Metric::Disk), before);
    assert_eq!(first.guest(&key).agent, GuestAgent::Silent);
    let second = asked_again(&lab, 1900).await;
    assert_eq!(second.guest(&key).disk_status, Some(DiskStatus::AgentNotRunning));
    assert_eq!(second.why_not(&key, Metric::Disk), UnknownReason::NotReported);
}

#[tokio::test]
async fn a_silent_agent_is_left_alone() {
    //
    let lab = Lab::new().await;
    let guest = talker(&lab);
    lab.act(Action::Agent { guest: guest.id, state: AgentState::Dead });
    lab.whole().await;
    lab.cluster.forget_requests();
    for _ in 0..10 {
        asked_again(&lab, 60).await;
    }
    let path = format!("/nodes/{}/qemu/{}/agent/", guest.node, guest.id);
    let asked = lab.cluster.requests().into_iter().filter(|request| request.path.contains(&path)).count();
    assert_eq!(asked, 0);
}

#[tokio::test]
async fn network_and_names_survive_a_status_that_cannot_be_read() {
    //
    let lab = Lab::new().await;
    let guest = talker(&lab);
    let before = lab.whole().await;
    lab.cluster
        .fail(Where::path("/nodes/*/qemu/*/status/current"), Fault::Status { code: 500, reason: "got timeout".into() });
    lab.pass(200);
    lab.look("guests").await;
    let after = asked_again(&lab, 10).await;
    assert_eq!(after.guest(&key(&guest)).interfaces, before.guest(&key(&guest)).interfaces);
    assert_eq!(after.guest(&key(&guest)).os, before.guest(&key(&guest)).os);
}

#[tokio::test]
async fn a_stopped_machine_says_so_and_one_without_agent_too() {
    //
    let lab = Lab::new().await;
    let talker = talker(&lab);
    lab.whole().await;
    lab.act(Action::Stop { guest: talker.id });
    lab.pass(20);
    lab.report().await;
    let report = asked_again(&lab, 200).await;
    assert_eq!(report.guest(&key(&talker)).disk_status, Some(DiskStatus::VmStopped));
    if let Some(mute) = mute(&lab) {
        assert_eq!(report.guest(&key(&mute)).disk_status, Some(DiskStatus::NoAgent));
        assert_eq!(report.guest(&key(&mute)).agent, GuestAgent::NotConfigured);
    }
}

#[tokio::test]
async fn a_refused_right_is_a_reason() {
    //
    let lab = Lab::new().await;
    let guest = talker(&lab);
    lab.right("/vms", "VM.GuestAgent.Audit", false);
    let report = lab.whole().await;
    assert_eq!(report.guest(&key(&guest)).disk_status, Some(DiskStatus::PermissionDenied));
    assert_eq!(report.guest(&key(&guest)).agent, GuestAgent::Unknown);
}

async fn asked_again(lab: &Lab, seconds: u64) -> muster_model::Report {
    lab.pass(seconds);
    lab.look("agents").await;
    lab.report().await
}

/// A machine whose agent answers.
fn talker(lab: &Lab) -> GuestFacts {
    lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent)
}

/// A running machine without an agent, if there is one.
fn mute(lab: &Lab) -> Option<GuestFacts> {
    let facts = lab.cluster.guests().into_iter().filter_map(|guest| lab.cluster.guest(guest));
    facts.into_iter().find(|guest| guest.runs && guest.kind == "qemu" && !guest.has_agent && !guest.is_template)
}
