//! ZFS pools with their devices.

use muster_model::{Metric, PoolState, Report, ResourceKind, Status, ZfsPoolFacet};
use muster_testkit::pve::{Action, Fault, Where, recorded};

use super::lab::{Ask, Lab};

const TANK: &str = "zfs/pve1/tank";

#[tokio::test]
async fn a_pool_shows_on_the_storage_above_it_and_leads_to_the_disks_below() {
    //
    let lab = Lab::new().await;
    let report = lab.whole().await;
    let rpool = pool(&report, "storage/pve1/local-zfs");
    assert_eq!((rpool.pool.as_str(), rpool.node.as_str(), rpool.state), ("rpool", "pve1", PoolState::Healthy));
    let shown: Vec<_> = rpool.devices.iter().map(|device| (device.depth, device.disk.as_deref())).collect();
    assert_eq!(shown, [(0, None), (1, Some("nvme0n1")), (1, Some("nvme1n1"))]);
    assert!(rpool.scan.as_ref().unwrap().contains("with 0 errors") && rpool.data_errors.is_none());
    assert!(report.find("zfs/pve1/rpool").is_none(), "it is shown with its storage");
}

#[tokio::test]
async fn a_pool_that_no_storage_lies_on_is_a_resource_of_its_own() {
    //
    let lab = Lab::new().await;
    let report = lab.whole().await;
    let record = report.record(TANK);
    assert_eq!((record.kind, record.status), (ResourceKind::Storage, Status::Online));
    assert_eq!(record.parent.as_ref().unwrap().as_str(), "node/pve1");
    assert!(report.value(TANK, Metric::Usage) > 0.0);
    lab.act(Action::Zfs { node: "pve1".to_owned(), pool: "tank".to_owned(), degraded: true });
    lab.pass(300);
    lab.look("disks").await;
    let report = lab.report().await;
    assert_eq!(report.record(TANK).status, Status::Warning);
    let tank = pool(&report, TANK);
    let lost = tank.devices.iter().find(|device| device.state.as_deref() == Some("UNAVAIL")).unwrap();
    assert_eq!((lost.read_errors, lost.write_errors, lost.disk.as_deref()), (Some(3), Some(1100), Some("sdb")));
    assert!(tank.status.is_some() && tank.action.is_some());
}

#[tokio::test]
async fn devices_of_a_healthy_pool_are_asked_for_every_half_hour() {
    let lab = Lab::new().await;
    lab.whole().await;
    let looks = async |seconds| {
        lab.cluster.forget_requests();
        lab.pass(seconds);
        lab.look("disks").await;
        lab.cluster.requests().into_iter().filter(|request| request.path.contains("/disks/zfs/")).count()
    };
    assert_eq!(looks(300).await, 0);
    assert_eq!(looks(1500).await, 6, "two of each node");
    lab.act(Action::Zfs { node: "pve1".to_owned(), pool: "tank".to_owned(), degraded: true });
    assert_eq!(looks(300).await, 1, "one that is not as it should be with every look");
}

#[tokio::test]
async fn a_recorded_tree_is_understood() {
    //
    let lab = Lab::new().await;
    lab.cluster.fail(
        Where::path("/nodes/pve1/disks/zfs/tank"),
        Fault::Body { text: recorded("disks_zfs_detail_degraded.v9") },
    );
    let report = lab.whole().await;
    let tank = pool(&report, TANK);
    let shown: Vec<_> = tank.devices.iter().map(|device| (device.depth, device.name.as_str())).collect();
    let expected = [
        (0, "raidz1-0"),
        (1, "/dev/disk/by-id/ata-A"),
        (1, "/dev/disk/by-id/ata-B"),
        (0, "spares"),
        (1, "/dev/disk/by-id/ata-C"),
    ];
    assert_eq!(shown, expected);
    assert_eq!(tank.devices[2].message.as_deref(), Some("was /dev/sdb1"));
}

#[tokio::test]
async fn what_could_not_be_listed_is_not_gone() {
    //
    let lab = Lab::new().await;
    let fault = Fault::Status { code: 500, reason: "got timeout".to_owned() };
    lab.cluster.fail(Where::path("/nodes/pve1/disks/zfs"), fault.clone());
    let report = lab.whole().await;
    let sections: Vec<_> = report.completeness.issues().iter().map(|issue| issue.section.as_str()).collect();
    assert_eq!(sections, ["pool lists"]);
    lab.cluster.act(Action::Heal { place: Where::everywhere() });
    lab.pass(300);
    lab.look("disks").await;
    assert!(lab.report().await.is_full());
    lab.cluster.fail(Where::path("/nodes/pve1/disks/zfs"), fault);
    lab.pass(300);
    lab.look("disks").await;
    assert!(lab.report().await.find(TANK).is_some());
}

fn pool<'a>(report: &'a Report, key: &str) -> &'a ZfsPoolFacet {
    report.record(key).facets.iter().find_map(|facet| facet.as_zfs_pool()).expect("it lies on a pool")
}
