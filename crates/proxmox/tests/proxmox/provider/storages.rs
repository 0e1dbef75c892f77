//! Storages by what their definitions and nodes say, kinds of containers, replication, disks by what SMART says.

use muster_model::{Facet, Metric, PoolState, ReplicationState, SmartHealth, Status};
use serde_json::json;

use super::lab::{Ask, Lab, key, path};

#[tokio::test]
async fn a_storage_has_the_state_of_the_pool_that_its_definition_names() {
    //
    let lab = Lab::new().await;
    lab.answer(
        "/cluster/resources",
        &json!([
            {"type": "node", "node": "pve1", "status": "online"},
            {"type": "storage", "storage": "vmdata", "node": "pve1", "status": "available", "plugintype": "zfspool"},
            {"type": "storage", "storage": "tank", "node": "pve1", "status": "available", "plugintype": "zfspool"},
            {"type": "storage", "storage": "rpool-zfs", "node": "pve1", "status": "available", "plugintype": "dir"},
            {"type": "storage", "storage": "nas", "node": "pve1", "status": "available", "plugintype": "nfs"},
        ]),
    );
    lab.answer(
        "/storage",
        &json!([
            {"storage": "vmdata", "type": "zfspool", "pool": "tank/vm"}, {"storage": "tank", "type": "zfspool"},
        ]),
    );
    lab.answer(
        "/nodes/pve1/disks/zfs",
        &json!([
            {"name": "tank", "health": "DEGRADED", "size": 9, "alloc": 1, "free": 8},
            {"name": "rpool", "health": "ONLINE", "size": 9, "alloc": 1, "free": 8},
        ]),
    );
    let report = lab.whole().await;
    let pool = |name: &str| report.storage(&format!("storage/pve1/{name}")).pool_state;
    assert_eq!(pool("vmdata"), Some(PoolState::Degraded), "by its pool, not by its name");
    assert_eq!(report.storage("storage/pve1/vmdata").pool.as_deref(), Some("tank/vm"));
    assert_eq!((pool("tank"), pool("rpool-zfs")), (Some(PoolState::Degraded), Some(PoolState::Healthy)));
    assert_eq!(pool("nas"), None);
}

#[tokio::test]
async fn a_storage_that_is_switched_off_is_neither_there_nor_broken() {
    // disabled before available before inactive.
    let lab = Lab::new().await;
    lab.whole().await;
    let row = |enabled: u8, active: u8| {
        json!([{"storage": "local", "type": "dir", "content": "iso", "enabled": enabled, "active": active,
                "total": 100, "used": 10, "avail": 90}])
    };
    let mut found = Vec::new();
    for (enabled, active) in [(1, 1), (1, 0), (0, 0)] {
        lab.answer("/nodes/pve1/storage", &row(enabled, active));
        lab.pass(300);
        lab.look("nodes").await;
        let report = lab.report().await;
        let storage = report.storage("storage/pve1/local");
        found.push((storage.enabled, storage.active, report.record("storage/pve1/local").status));
    }
    assert_eq!(found[0], (Some(true), Some(true), Status::Online));
    assert_eq!((found[1].0, found[1].1), (Some(true), Some(false)));
    assert_ne!(found[1].2, Status::Online);
    assert_eq!((found[2].0, found[2].1), (Some(false), Some(false)));
    assert_ne!(found[2].2, Status::Online);
}

#[tokio::test]
async fn a_container_of_an_image_stays_one_when_its_configuration_cannot_be_read() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    let config = path(&guest, "config");
    lab.answer(&config, &json!({"arch": "amd64", "hostname": guest.name, "entrypoint": "/bin/app"}));
    let technology = |report: &muster_model::Report| report.record(&key(&guest)).technology.clone().unwrap();
    assert_eq!(technology(&lab.report().await), "oci");
    lab.refuse(&config, 500, "no such luck");
    lab.pass(1800);
    lab.report().await;
    lab.look("configs").await;
    assert_eq!(technology(&lab.report().await), "oci");
    lab.answer(&config, &json!({"arch": "amd64", "hostname": guest.name}));
    lab.pass(1800);
    lab.report().await;
    lab.look("configs").await;
    assert_eq!(technology(&lab.report().await), "oci", "what it was made of does not change");
    let other = lab.guest(|other| other.kind == "lxc" && other.id != guest.id);
    assert_eq!(lab.report().await.record(&key(&other)).technology.as_deref(), Some("lxc"));
}

#[tokio::test]
async fn replication_is_read_in_any_dress_and_gone_where_the_platform_has_none() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    let id = format!("{}-0", guest.id);
    let job = json!({"id": id, "guest": guest.id.to_string(), "jobnum": "0", "source": "pve1", "target": "pve2",
                     "type": "local", "schedule": "*/15", "comment": " nightly ", "rate": null});
    lab.answer("/cluster/replication", &json!([job]));
    lab.answer(
        &format!("/nodes/{}/replication", guest.node),
        &json!([{
            "id": id, "guest": guest.id, "fail_count": "3", "duration": 12.5, "rate": null, "last_sync": "1767225600",
            "next_sync": 1_767_226_500.0, "error": "no route to host"
        }]),
    );
    let report = lab.whole().await;
    let [job] = report.guest(&key(&guest)).replication.as_slice() else { panic!("one job") };
    assert_eq!((job.state, job.fail_count, job.duration_seconds), (ReplicationState::Failing, Some(3), Some(12.5)));
    assert_eq!((job.source.as_deref(), job.target.as_deref()), (Some("pve1"), Some("pve2")));
    assert_eq!((job.comment.as_deref(), job.rate_limit_mb_per_second), (Some("nightly"), None));
    assert_eq!(job.next_sync.map(jiff::Timestamp::as_second), Some(1_767_226_500));
    lab.refuse("/cluster/replication", 501, "Method 'GET /cluster/replication' not implemented");
    lab.pass(60);
    let look = lab.look("health").await;
    assert!(look.observed.issues.is_empty(), "{:?}", look.observed);
    assert!(lab.report().await.guest(&key(&guest)).replication.is_empty());
}

#[tokio::test]
async fn replication_is_waited_for_ten_seconds() {
    //
    let lab = Lab::new().await;
    lab.whole().await;
    lab.hang("/cluster/replication");
    lab.pass(60);
    let (look, took) = lab.look_in_time("health").await;
    assert_eq!((took.as_secs(), look.observed.issues.len()), (10, 1));
}

#[tokio::test]
async fn a_disk_of_which_the_list_knows_nothing_speaks_for_itself() {
    // a disk behind a controller.
    let lab = Lab::new().await;
    lab.answer("/nodes/pve1/disks/list", &json!([
        {"devpath": "/dev/nvme9n1", "type": "nvme", "serial": "S9", "wwn": "eui.9", "size": 1000, "health": "UNKNOWN",
         "wearout": "N/A"},
    ]));
    lab.answer(
        "/nodes/pve1/disks/smart",
        &json!({
            "health": "PASSED", "type": "text", "text": "Temperature: 41 Celsius\nPercentage Used: 12%\n",
        }),
    );
    let report = lab.whole().await;
    let disk = "disk/pve1//dev/nvme9n1";
    let smart = report.record(disk).facets.iter().find_map(|facet| match &**facet {
        Facet::PhysicalDisk(disk) => Some(disk.smart),
        _ => None,
    });
    assert_eq!(smart, Some(SmartHealth::Passed));
    assert_eq!(report.value(disk, Metric::SmartPercentageUsed), 12.0);
    assert_eq!(report.value(disk, Metric::SmartTemp), 41.0);
}
