//! What a report of a healthy cluster says.

use std::collections::BTreeSet;

use muster_model::{Metric, ResourceKind, Status, UnknownReason};
use muster_testkit::pve::{Action, Cluster, GuestFacts, Version};

use super::lab::{Ask, Lab, key};

#[tokio::test]
async fn the_first_report_shows_every_guest_whole() {
    // R-86, D-6
    let lab = Lab::new().await;
    let report = lab.report().await;
    for guest in lab.cluster.guests().into_iter().filter_map(|guest| lab.cluster.guest(guest)) {
        let key = key(&guest);
        if guest.is_template {
            assert!(report.find(&key).is_none(), "{key} is a template");
            continue;
        }
        let record = report.record(&key);
        let facet = report.guest(&key);
        assert_eq!((record.name.as_str(), facet.node.as_str()), (guest.name.as_str(), guest.node.as_str()));
        assert_eq!(record.parent.as_ref().unwrap().as_str(), format!("node/{}", guest.node));
        let macs: BTreeSet<String> = record.identity.mac_addresses.iter().map(ToString::to_string).collect();
        assert_eq!(macs, guest.macs.iter().cloned().collect());
        let status = if guest.runs { Status::Online } else { Status::Offline };
        assert_eq!(record.status, status, "{key}");
        if guest.kind == "qemu" {
            assert_eq!(record.identity.dmi_uuid.as_deref(), Some(guest.uuid.as_str()));
            assert_eq!(facet.created_at.map(jiff::Timestamp::as_second), Some(guest.created));
        }
    }
}

#[tokio::test]
async fn keys_over_connections_rest_on_the_clusters_authority() {
    // D-6
    let lab = Lab::new().await;
    let report = lab.report().await;
    let authority = lab.cluster.authority_fingerprint().replace(':', "").to_ascii_lowercase();
    let guest = lab.guest(|guest| guest.kind == "qemu");
    let found = report.record(&key(&guest)).identity.platform_key.clone().unwrap();
    assert_eq!(found, format!("lab@{authority}/{}", key(&guest)));
    let node = report.record("node/pve1");
    assert_eq!(node.identity.platform_key.as_deref(), Some(format!("lab@{authority}/node/pve1").as_str()));
    assert_eq!((node.kind, node.status), (ResourceKind::Agent, Status::Online));
}

#[tokio::test]
async fn a_report_is_full_once_everything_that_decides_existence_was_read() {
    //
    let lab = Lab::new().await;
    let first = lab.report().await;
    assert!(!first.is_full());
    assert_eq!(
        first.completeness.issues().iter().map(|issue| issue.section.as_str()).collect::<Vec<_>>(),
        ["disk lists"]
    );
    lab.look("disks").await;
    assert!(lab.report().await.is_full());
}

#[tokio::test]
async fn every_release_is_understood() {
    //
    for version in Version::ALL {
        let lab = Lab::of(Cluster::builder().version(version)).await;
        let report = lab.whole().await;
        assert!(report.is_full(), "{version}: {:?}", report.completeness);
        assert!(report.record("node/pve1").facets.len() == 2, "{version}");
        assert!((0.0..=100.0).contains(&report.value("node/pve1", Metric::Memory)), "{version}");
        assert!(report.node("node/pve1").version.as_ref().unwrap().starts_with(&version.to_string()), "{version}");
    }
}

#[tokio::test]
async fn a_node_on_its_own_has_no_cluster() {
    let lab = Lab::of(Cluster::builder().standalone()).await;
    let report = lab.whole().await;
    assert_eq!((report.node("node/pve1").cluster.clone(), report.node("node/pve1").quorate), (None, None));
    let key = report.record("node/pve1").identity.platform_key.clone().unwrap();
    assert!(key.starts_with("standalone@") && key.ends_with("/node/pve1"), "{key}");
}

#[tokio::test]
async fn rates_come_from_counters_and_cpu_is_percent() {
    // D-9, R-44
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    let first = lab.report().await;
    assert_eq!(first.why_not(&key(&guest), Metric::NetIn), UnknownReason::NoBaseline);
    let second = lab.after(10).await;
    assert!(second.value(&key(&guest), Metric::NetIn) >= 0.0);
    let cpu = second.value(&key(&guest), Metric::Cpu);
    let now = lab.cluster.guest(guest.id).unwrap().cpu * 100.0;
    assert!((cpu - now).abs() < 60.0 && cpu >= 0.0, "{cpu} against {now}");
}

#[tokio::test]
async fn what_is_off_uses_nothing_and_its_disks_are_unknown() {
    // D-9
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    lab.report().await;
    lab.act(Action::Stop { guest: guest.id });
    lab.pass(10);
    let report = lab.after(10).await;
    let key = key(&guest);
    assert_eq!(report.record(&key).status, Status::Offline);
    for metric in [Metric::Cpu, Metric::Memory, Metric::NetIn, Metric::DiskWrite] {
        assert_eq!(report.value(&key, metric), 0.0, "{metric}");
    }
    assert_eq!(report.why_not(&key, Metric::Disk), UnknownReason::NotReported);
}

#[tokio::test]
async fn a_migration_changes_neither_key_nor_identity() {
    // D-6, D-9
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    let key = key(&guest);
    lab.whole().await;
    let before = lab.after(10).await;
    let to = lab.other_node(&guest.node);
    lab.act(Action::Migrate { guest: guest.id, to: to.clone() });
    lab.pass(10);
    let after = lab.after(10).await;
    assert_eq!(after.record(&key).identity, before.record(&key).identity);
    assert_eq!(after.record(&key).parent.as_ref().unwrap().as_str(), format!("node/{to}"));
    assert_eq!(after.guest(&key).node, to);
    // Counters begin anew on the other node: no rate, and above all none made up.
    assert!(after.sample(&key, Metric::NetIn).is_some());
    lab.look("tasks").await;
    let report = lab.after(10).await;
    let lines: Vec<_> = report.activities.iter().filter(|activity| activity.key.as_str() == key).collect();
    assert!(lines.iter().all(|line| line.activity_type != "qmigrate"), "{lines:?}");
}

#[tokio::test]
async fn unchanged_records_are_shared_with_the_report_before() {
    let lab = Lab::new().await;
    lab.whole().await;
    let (first, second) = (lab.after(10).await, lab.after(10).await);
    let shared = first.records.iter().zip(&second.records).filter(|(a, b)| std::sync::Arc::ptr_eq(a, b)).count();
    assert_eq!(shared, first.records.len());
}

#[tokio::test]
async fn a_quiet_cluster_costs_one_call_a_look() {
    let lab = Lab::new().await;
    lab.whole().await;
    lab.cluster.forget_requests();
    for _ in 0..6 {
        lab.after(10).await;
    }
    assert_eq!(lab.cluster.counts().requests, 6 + 2, "six lists and two statuses");
}

#[tokio::test]
async fn tasks_become_activities_of_the_guest() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.whole().await;
    lab.act(Action::Stop { guest: guest.id });
    lab.pass(60);
    lab.look("tasks").await;
    let report = lab.report().await;
    let of_guest = |activity: &&muster_model::Activity| activity.key.as_str() == key(&guest);
    let stops: Vec<_> =
        report.activities.iter().filter(of_guest).filter(|task| task.activity_type == "qmstop").collect();
    assert!(!stops.is_empty(), "{:?}", report.activities);
    let ids: BTreeSet<_> = report.activities.iter().map(|activity| activity.native_id.clone()).collect();
    assert_eq!(ids.len(), report.activities.len());
}

#[tokio::test]
async fn a_guest_made_anew_under_the_same_number_has_another_birth() {
    // D-6
    let lab = Lab::new().await;
    let machines = |guest: &GuestFacts| guest.runs && guest.kind == "qemu" && !guest.is_template;
    let old: Vec<_> =
        lab.cluster.guests().into_iter().filter_map(|guest| lab.cluster.guest(guest)).filter(machines).collect();
    lab.whole().await;
    lab.pass(100);
    old.iter().for_each(|guest| lab.act(Action::Recreate { guest: guest.id }));
    lab.pass(20);
    lab.report().await;
    lab.look("configs").await;
    let report = lab.report().await;
    let mut compared = 0;
    for guest in old {
        let new = lab.cluster.guest(guest.id).unwrap();
        let record = report.record(&key(&new));
        if new.kind == "qemu" {
            assert_eq!(record.identity.dmi_uuid.as_ref(), Some(&new.uuid));
            assert_eq!(report.guest(&key(&new)).created_at.map(jiff::Timestamp::as_second), Some(new.created));
            // Nothing of what an agent told of the one before is true of it.
            assert_eq!(report.guest(&key(&new)).agent_version, None);
            compared += 1;
        }
    }
    assert!(compared > 0);
}

#[tokio::test]
async fn names_from_outside_are_only_names() {
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.whole().await;
    let name = "<script>alert(1)</script>\u{7}\u{202e}";
    lab.act(Action::Rename { guest: guest.id, name: name.to_owned() });
    lab.pass(10);
    assert!(lab.after(10).await.record(&key(&guest)).name.contains("<script>"));
}
