//! Snapshots of guests.

use muster_model::{GuestSnapshots, Report};
use muster_testkit::pve::{Action, Cluster, Fault, Where, recorded};

use super::lab::{Ask, Lab, key};

#[tokio::test]
async fn a_new_snapshot_shows_once_its_task_has_ended() {
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    let before = snapshots(&lab.whole().await, &key(&guest)).clone();
    for (name, memory) in [("first", false), ("second", true)] {
        lab.pass(60);
        lab.act(Action::Snapshot { guest: guest.id, name: name.to_owned(), memory });
        lab.pass(10);
    }
    lab.look("tasks").await;
    lab.look("snapshots").await;
    let report = lab.report().await;
    let after = snapshots(&report, &key(&guest));
    assert_eq!(after.count, before.count + 2);
    assert_eq!((after.newest[0].name.as_str(), after.newest[0].with_memory), ("second", Some(true)));
    assert_eq!((after.newest[0].parent.as_deref(), after.current.as_deref()), (Some("first"), Some("second")));
    assert!(after.newest_at > before.newest_at && after.newest_at > after.newest[1].taken_at);
    lab.act(Action::RemoveSnapshot { guest: guest.id, name: "first".to_owned() });
    lab.pass(10);
    lab.look("tasks").await;
    lab.look("snapshots").await;
    assert_eq!(snapshots(&lab.report().await, &key(&guest)).count, before.count + 1);
}

#[tokio::test]
async fn a_configuration_that_follows_from_another_one_is_a_hint_too() {
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    let before = snapshots(&lab.whole().await, &key(&guest)).count;
    lab.act(Action::Snapshot { guest: guest.id, name: "quiet".to_owned(), memory: false });
    lab.pass(1800);
    lab.look("configs").await;
    lab.look("snapshots").await;
    assert_eq!(snapshots(&lab.report().await, &key(&guest)).count, before + 1);
}

#[tokio::test]
async fn a_look_asks_few_guests_of_a_node_and_the_next_one_goes_on() {
    let lab = Lab::of(Cluster::builder().nodes(1).guests(40)).await;
    let guests = lab.report().await.records.iter().filter(|record| record.kind.is_workload()).count();
    let mut asked = Vec::new();
    for _ in 0..6 {
        lab.cluster.forget_requests();
        lab.look("snapshots").await;
        asked.push(lab.cluster.counts().requests);
        lab.pass(60);
    }
    assert!(asked.iter().all(|count| *count <= 10), "{asked:?}");
    assert_eq!(asked.iter().sum::<u64>(), guests as u64, "each once, and then none for hours");
    lab.pass(6 * 3600);
    lab.look("snapshots").await;
    assert!(lab.cluster.counts().requests > 0);
}

#[tokio::test]
async fn what_could_not_be_read_is_unknown_and_stays_what_it_was() {
    // D-9
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    let path = format!("/nodes/{}/qemu/{}/snapshot", guest.node, guest.id);
    lab.cluster.fail(Where::path(&path), Fault::Status { code: 500, reason: "locked".to_owned() });
    let report = lab.whole().await;
    assert_eq!(protection(&report, &key(&guest)).snapshots, None);
    lab.cluster.act(Action::Heal { place: Where::everywhere() });
    lab.cluster.fail(Where::path(&path), Fault::Body { text: recorded("qemu_snapshots.v8") });
    lab.pass(6 * 3600);
    lab.report().await;
    lab.look("snapshots").await;
    let report = lab.report().await;
    let read = snapshots(&report, &key(&guest));
    assert_eq!((read.count, read.newest[1].description.as_deref()), (2, Some("Before upgrade")));
}

fn protection<'a>(report: &'a Report, key: &str) -> &'a muster_model::ProtectionFacet {
    report.record(key).facets.iter().find_map(|facet| facet.as_protection()).expect("it was looked at")
}

fn snapshots<'a>(report: &'a Report, key: &str) -> &'a GuestSnapshots {
    protection(report, key).snapshots.as_ref().expect("its snapshots were read")
}
