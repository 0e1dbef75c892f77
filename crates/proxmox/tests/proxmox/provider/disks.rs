//! Storages, pools, physical disks, replication.

use muster_model::{Facet, Metric, PoolState, ReplicationState, ResourceKind, SmartHealth, Status};
use muster_testkit::pve::Action;

use super::lab::{Ask, Lab};

#[tokio::test]
async fn shared_storages_are_one_thing_with_all_their_nodes() {
    //
    let lab = Lab::new().await;
    let report = lab.whole().await;
    let storages = report.records.iter().filter(|record| record.key.as_str().starts_with("storage/"));
    let mut shared = 0;
    for record in storages {
        let facet = report.storage(record.key.as_str());
        assert_eq!(facet.shared, record.key.as_str().split('/').count() == 2, "{}", record.key);
        shared += usize::from(facet.shared && facet.nodes.len() == 3);
        assert_eq!(record.parent.is_none(), facet.shared, "{}", record.key);
    }
    assert!(shared > 0);
}

#[tokio::test]
async fn a_degraded_pool_shows_on_the_storage_above_it() {
    //
    let lab = Lab::new().await;
    let before = lab.whole().await;
    let on_pool = |report: &muster_model::Report| {
        let of_node = |record: &&std::sync::Arc<muster_model::Record>| record.key.as_str().starts_with("storage/pve1/");
        let keys = report.records.iter().filter(of_node).map(|record| record.key.to_string());
        keys.into_iter().find(|key| report.storage(key).pool_state.is_some()).expect("a storage lies on a pool")
    };
    let key = on_pool(&before);
    assert_eq!(before.storage(&key).pool_state, Some(PoolState::Healthy));
    let pool = before.storage(&key).pool.clone().unwrap();
    let pool = pool.split('/').next().unwrap().to_owned();
    lab.act(Action::Zfs { node: "pve1".to_owned(), pool, degraded: true });
    lab.pass(300);
    lab.look("disks").await;
    let after = lab.report().await;
    assert_eq!(after.storage(&key).pool_state, Some(PoolState::Degraded));
    assert_eq!(after.record(&key).status, Status::Warning);
}

#[tokio::test]
async fn disks_have_serials_and_what_they_say_of_themselves() {
    //
    let lab = Lab::new().await;
    let report = lab.whole().await;
    let disks: Vec<_> = report.records.iter().filter(|record| record.kind == ResourceKind::PhysicalDisk).collect();
    assert!(!disks.is_empty());
    for disk in disks {
        assert!(disk.identity.serial.is_some(), "{}", disk.key);
        assert!(disk.parent.as_ref().is_some_and(|node| disk.key.as_str().contains(&node.as_str()["node/".len()..])));
        let facet = disk.facets.iter().find_map(|facet| match &**facet {
            Facet::PhysicalDisk(facet) => Some(facet),
            _ => None,
        });
        assert_eq!(facet.unwrap().smart, SmartHealth::Passed, "{}", disk.key);
        assert!(report.value(disk.key.as_str(), Metric::SmartTemp) > 0.0);
    }
}

#[tokio::test]
async fn disks_are_not_counted_before_a_node_has_listed_them() {
    let lab = Lab::new().await;
    let counts = async || lab.look("bulk").await.observed.counts;
    assert_eq!(counts().await.get("disks"), None, "unknown is not zero");
    lab.look("nodes").await;
    lab.look("disks").await;
    lab.pass(10);
    assert!(counts().await["disks"] > 0);
}

#[tokio::test]
async fn smart_is_asked_for_every_half_hour_and_a_failing_disk_shows() {
    //
    let lab = Lab::new().await;
    let report = lab.whole().await;
    let disk = report.records.iter().find(|record| record.kind == ResourceKind::PhysicalDisk).unwrap();
    let (node, device) = disk.key.as_str().strip_prefix("disk/").unwrap().split_once('/').unwrap();
    lab.act(Action::DiskFails { node: node.to_owned(), disk: device.to_owned() });
    lab.cluster.forget_requests();
    lab.pass(300);
    lab.look("disks").await;
    assert_eq!(smart_calls(&lab), 0);
    lab.pass(1500);
    lab.look("disks").await;
    assert!(smart_calls(&lab) > 0);
    let report = lab.report().await;
    let told = report.record(disk.key.as_str()).facets.iter().find_map(|facet| facet.as_disk());
    assert_eq!(told.unwrap().smart, SmartHealth::Failed);
}

#[tokio::test]
async fn replication_is_told_of_its_guest() {
    //
    let lab = Lab::new().await;
    let report = lab.whole().await;
    let replicated = report.records.iter().find(|record| {
        record.facets.iter().filter_map(|facet| facet.as_guest()).any(|guest| !guest.replication.is_empty())
    });
    let key = replicated.expect("a guest is replicated").key.to_string();
    assert_eq!(report.guest(&key).replication[0].state, ReplicationState::Healthy);
    let guest = key.split('/').nth(1).unwrap().parse().unwrap();
    lab.act(Action::Replication { guest, error: Some("no route to host".to_owned()) });
    lab.pass(1800);
    lab.look("health").await;
    let job = lab.report().await.guest(&key).replication[0].clone();
    assert_eq!(job.state, ReplicationState::Failing);
    assert!(job.error.is_some() && job.fail_count > Some(0));
}

fn smart_calls(lab: &Lab) -> usize {
    lab.cluster.requests().into_iter().filter(|request| request.path.contains("/disks/smart")).count()
}
