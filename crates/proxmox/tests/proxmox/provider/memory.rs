//! Where values of memory come from.

use muster_model::{MemorySource, Metric};
use muster_testkit::pve::{Action, AgentState, Cluster, Fault, Rights, Version, Where};

use super::lab::{Ask, Lab, key};

#[tokio::test]
async fn the_kernels_own_words_come_before_the_status() {
    //
    let version = Version::V9_1;
    let rights = Rights::auditor(version).with("/vms", "VM.GuestAgent.FileRead");
    let lab = Lab::of(Cluster::builder().version(version).rights(rights)).await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent && !guest.is_windows);
    let report = lab.whole().await;
    assert_eq!(report.guest(&key(&guest)).memory_source, Some(MemorySource::GuestAgentMeminfo));
    assert!((0.0..100.0).contains(&report.value(&key(&guest), Metric::Memory)));
}

#[tokio::test]
async fn without_the_right_the_status_has_to_do() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_balloon);
    let report = lab.whole().await;
    let source = report.guest(&key(&guest)).memory_source.unwrap();
    assert!(matches!(source, MemorySource::StatusMem | MemorySource::StatusFreemem), "{source:?}");
    assert!(report.value(&key(&guest), Metric::MemoryUsed) <= guest.memory as f64);
}

#[tokio::test]
async fn a_guest_whose_status_was_not_read_has_the_value_of_the_list() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.cluster.fail(Where::path("/nodes/*/qemu/*/status/current"), Fault::Status { code: 500, reason: "no".into() });
    let report = lab.whole().await;
    assert_eq!(report.guest(&key(&guest)).memory_source, Some(MemorySource::ClusterResources));
}

#[tokio::test]
async fn a_good_value_is_kept_while_a_balloon_fills_a_silent_guest() {
    // for as long as the value is at most two minutes old.
    let version = Version::V9_1;
    let rights = Rights::auditor(version).with("/vms", "VM.GuestAgent.FileRead");
    let lab = Lab::of(Cluster::builder().version(version).rights(rights)).await;
    let guest = lab
        .guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent && guest.has_balloon && !guest.is_windows);
    let key = key(&guest);
    let before = lab.whole().await.value(&key, Metric::MemoryUsed);
    lab.act(Action::Agent { guest: guest.id, state: AgentState::Dead });
    lab.act(Action::Balloon { guest: guest.id, bytes: guest.memory });
    lab.pass(61);
    lab.look("guests").await;
    let kept = lab.report().await;
    assert_eq!(kept.guest(&key).memory_source, Some(MemorySource::PreviousSnapshot));
    assert_eq!(kept.value(&key, Metric::MemoryUsed), before);
    lab.pass(61);
    lab.look("guests").await;
    let later = lab.report().await;
    assert_ne!(later.guest(&key).memory_source, Some(MemorySource::GuestAgentMeminfo));
}

#[tokio::test]
async fn a_container_without_a_history_of_memory_has_the_value_of_the_list() {
    // and its history is not asked for again and again.
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    let report = lab.whole().await;
    assert_eq!(report.guest(&key(&guest)).memory_source, Some(MemorySource::ClusterResources));
    lab.cluster.forget_requests();
    for _ in 0..5 {
        lab.pass(60);
        lab.look("guests").await;
    }
    let histories = lab.cluster.requests().into_iter().filter(|request| request.path.contains("rrddata")).count();
    assert_eq!(histories, 0);
}

#[tokio::test]
async fn a_guest_that_is_off_uses_no_memory() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.whole().await;
    lab.act(Action::Stop { guest: guest.id });
    lab.pass(10);
    let report = lab.after(10).await;
    assert_eq!(report.guest(&key(&guest)).memory_source, Some(MemorySource::PoweredOff));
    assert_eq!(report.value(&key(&guest), Metric::Memory), 0.0);
}

#[tokio::test]
async fn a_nodes_memory_is_what_its_release_can_tell() {
    //
    let check = |version, expected: &'static [MemorySource]| async move {
        let lab = Lab::of(Cluster::builder().version(version)).await;
        let source = lab.whole().await.node("node/pve1").memory_source.unwrap();
        assert!(expected.contains(&source), "{version}: {source:?}");
    };
    check(Version::V9_1, &[MemorySource::AvailableField]).await;
    check(Version::V9_0, &[MemorySource::RrdMemavailable]).await;
    check(Version::V7_4, &[MemorySource::RrdMemused]).await;
}

#[tokio::test]
async fn a_node_whose_status_is_refused_has_the_value_of_the_list() {
    //
    let lab = Lab::new().await;
    lab.cluster.fail(Where::path("/nodes/*/status"), Fault::Status { code: 500, reason: "no".into() });
    let report = lab.whole().await;
    assert_eq!(report.node("node/pve1").memory_source, Some(MemorySource::NodesEndpoint));
    assert_eq!(report.node("node/pve1").disk_source.as_deref(), Some("nodes-endpoint"));
}
