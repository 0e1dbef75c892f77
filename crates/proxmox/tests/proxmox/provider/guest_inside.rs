//! What is inside a guest, as its agent lists it.

use muster_model::{DiskStatus, Metric, Report};
use muster_testkit::pve::GuestFacts;
use serde_json::{Value, json};

use super::lab::{Ask, Lab, key, path};

#[tokio::test]
async fn each_pool_counts_once_and_every_mount_is_listed() {
    //
    let filesystem = |mountpoint: &str, kind: &str, total: u64, used: u64| json!({"name": mountpoint, "mountpoint": mountpoint, "type": kind, "total-bytes": total, "used-bytes": used});
    let subvolumes = ["/", "/home", "/srv", "/var", "/opt"].map(|place| filesystem(place, "zfs", 1000, 250));
    let mut listed = subvolumes.to_vec();
    listed.extend([
        filesystem("/boot", "ext4", 200, 50),
        filesystem("/run", "tmpfs", 5000, 5000),
        filesystem("/mnt/cd", "iso9660", 700, 700),
        filesystem("/mnt/nas", "nfs4", 90_000, 1),
        filesystem("/empty", "ext4", 0, 0),
    ]);
    let (report, guest) = with("agent/get-fsinfo", &json!({ "result": listed })).await;
    let facet = report.guest(&key(&guest));
    let mounts: Vec<_> = facet.filesystems.iter().map(|filesystem| filesystem.mountpoint.as_str()).collect();
    assert_eq!(mounts, ["/", "/boot", "/home", "/opt", "/srv", "/var"]);
    assert_eq!(facet.filesystems[0].total_bytes, Some(1000));
    assert!((report.value(&key(&guest), Metric::Disk) - 300.0 * 100.0 / 1200.0).abs() < 1e-9);
}

#[tokio::test]
async fn lists_without_data_say_why() {
    //
    let check = async |rows: Value, status: DiskStatus| {
        let (report, guest) = with("agent/get-fsinfo", &json!({ "result": rows })).await;
        assert_eq!(report.guest(&key(&guest)).disk_status, Some(status));
        assert!(
            matches!(report.sample(&key(&guest), Metric::Disk), Some(muster_model::SampleValue::Unknown(_))),
            "D-9"
        );
    };
    check(json!([]), DiskStatus::NoFilesystems).await;
    let special = json!([{"name": "tmpfs", "mountpoint": "/run", "type": "tmpfs", "total-bytes": 9, "used-bytes": 1}]);
    check(special, DiskStatus::SpecialFilesystemsOnly).await;
}

#[tokio::test]
async fn every_refusal_has_its_reason() {
    //
    let check = async |code: u16, words: &str, status: DiskStatus| {
        let lab = Lab::new().await;
        let guest = talker(&lab);
        lab.refuse(&path(&guest, "agent/get-fsinfo"), code, words);
        lab.report().await;
        lab.look_in_time("agents").await;
        assert_eq!(lab.report().await.guest(&key(&guest)).disk_status, Some(status), "{code} {words}");
    };
    check(500, "QEMU guest agent is not running", DiskStatus::AgentNotRunning).await;
    check(500, "VM 100 qga command 'guest-get-fsinfo' failed - got timeout", DiskStatus::AgentTimeout).await;
    check(500, "something else", DiskStatus::AgentNotRunning).await;
    check(403, "Permission check failed (/vms/100, VM.GuestAgent.Audit)", DiskStatus::PermissionDenied).await;
    check(400, "Parameter verification failed.", DiskStatus::AgentError).await;
}

#[tokio::test]
async fn a_card_with_nothing_but_a_link_local_address_is_listed_without_one() {
    //
    let address = |text: &str, kind: &str| json!({"ip-address": text, "ip-address-type": kind, "prefix": 16});
    let interfaces = json!({"result": [
        {"name": "lo", "hardware-address": "00:00:00:00:00:00", "ip-addresses": [address("127.0.0.1", "ipv4")]},
        {"name": "eth7", "hardware-address": "02:00:00:00:00:07", "ip-addresses": [address("fe80::1", "ipv6")]},
        {"name": "eth8", "hardware-address": "02:00:00:00:00:08",
         "ip-addresses": [address("10.9.0.8", "ipv4"), address("10.8.0.8", "ipv4"), address("::1", "ipv6")]},
    ]});
    let (report, guest) = with("agent/network-get-interfaces", &interfaces).await;
    let inside = &report.guest(&key(&guest)).interfaces;
    let named = |name: &str| inside.iter().find(|interface| interface.guest_name.as_deref() == Some(name));
    assert_eq!(named("eth7").unwrap().addresses, []);
    let sorted: Vec<_> = named("eth8").unwrap().addresses.iter().map(|it| it.address.to_string()).collect();
    assert_eq!(sorted, ["10.8.0.8", "10.9.0.8"]);
    assert!(named("lo").is_none());
}

/// The report after the agent of a machine answered a question with this.
async fn with(question: &str, answer: &Value) -> (Report, GuestFacts) {
    let lab = Lab::new().await;
    let guest = talker(&lab);
    lab.answer(&path(&guest, question), answer);
    (lab.whole().await, guest)
}

fn talker(lab: &Lab) -> GuestFacts {
    lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent)
}
