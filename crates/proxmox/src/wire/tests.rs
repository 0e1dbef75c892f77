//! Recorded answers of every version, and values that mean harm.

use std::collections::BTreeMap;

use muster_testkit::pve::recorded;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Rows,
    access::{Permissions, Ticket, UserRow},
    agent::{AgentAnswer, AgentInfo, AgentInterface, FileContent, FilesystemRow, HostName, OsInfo},
    backup::{BackupJobRow, BackupRow, UncoveredRow},
    ceph::CephStatus,
    cluster::{ResourceRow, StatusRow, Version},
    disk::{DiskRow, Smart, SmartAttribute, ZfsDetail, ZfsDevice, ZfsRow},
    guest::{ContainerInterface, GuestConfig, GuestRow, GuestStatus, SnapshotRow},
    metrics::{MetricRow, RrdRow},
    node::{CertificateRow, NetworkRow, NodeMemory, NodeRow, NodeStatus, Subscription, UpdateRow},
    storage::{NodeStorageRow, StorageConfigRow, StorageRow},
    tasks::{HaManagerStatus, HaStatusRow, ReplicationRow, TaskRow},
};

#[test]
fn lists_of_every_version_lose_no_row() {
    whole::<ResourceRow>(&["cluster_resources.v7", "cluster_resources.v9", "cluster_resources_unknown_status.v7"]);
    whole::<StatusRow>(&["cluster_status.v7", "cluster_status_node_offline.v6", "cluster_status_standalone"]);
    whole::<NodeRow>(&["nodes.v7", "nodes_unprivileged_offline"]);
    whole::<NodeStorageRow>(&["node_storage.v8", "node_storage_inactive.v9"]);
    whole::<StorageConfigRow>(&["storage_config.v7"]);
    whole::<RrdRow>(&["node_rrddata.v8", "node_rrddata.v9", "guest_rrddata.v8", "qemu_rrddata.v9"]);
    whole::<RrdRow>(&["qemu_rrddata_stopped.v7", "lxc_rrddata.v9", "storage_rrddata.v9"]);
    whole::<DiskRow>(&["disks_list_hdd_smart.v9", "disks_list_nvme_smart.v9", "disks_list_ssd_smart.v9"]);
    whole::<DiskRow>(&["disks_list_sas.v9", "disks_list_usages.v9"]);
    whole::<ZfsRow>(&["disks_zfs.v9"]);
    whole::<TaskRow>(&["cluster_tasks.v9"]);
    whole::<ReplicationRow>(&["cluster_replication.v9", "node_replication_failing.v9", "node_replication_healthy.v9"]);
    whole::<BackupJobRow>(&["cluster_backup_jobs.v8"]);
    whole::<UncoveredRow>(&["backup_info_not_backed_up.v9"]);
    whole::<BackupRow>(&["storage_content_pbs.v9"]);
    whole::<HaStatusRow>(&["ha_status_current.v8", "ha_status_current.v9"]);
    whole::<SnapshotRow>(&["qemu_snapshots.v8", "lxc_snapshots.v7"]);
    whole::<ContainerInterface>(&["lxc_interfaces.v8", "lxc_interfaces.v9"]);
    whole::<CertificateRow>(&["certificates_info.v9"]);
    whole::<UpdateRow>(&["apt_update.v9"]);
    whole::<NetworkRow>(&["network.v7", "network_bridge_active_string.v8", "network_dualstack_vlan.v7"]);
    whole::<UserRow>(&["access_users_full.v8"]);
}

#[test]
fn numbers_as_texts_are_numbers() {
    // R-88
    let rows: Rows<GuestRow> = read("cluster_resources_vm_strings.v6");
    assert!(rows.odd == 0 && !rows.is_empty(), "{rows:?}");
    let container: GuestStatus = read("lxc_status_current.v9");
    assert_eq!((container.pressurecpusome, container.pressureiosome), (Some(0.46), Some(0.0)));
    let container: GuestStatus = read("lxc_status_current_strings.v6");
    assert!(container.maxmem.is_some_and(|bytes| bytes > 0), "{container:?}");
    let node: NodeStatus = read("node_status.v9");
    assert_eq!(node.loadavg.iter().map(|load| load.0).collect::<Vec<_>>(), [3.44, 3.12, 2.98]);
    assert_eq!(node.memory.and_then(|memory| memory.available), Some(20_682_371_072));
}

#[test]
fn rows_without_numbers_are_kept_without_numbers() {
    // D-9
    let rows: Rows<ResourceRow> = read("cluster_resources.v9");
    let unknown = rows.iter().find_map(|row| match row {
        ResourceRow::Qemu(guest) if guest.vmid == 900 => Some(guest.clone()),
        _ => None,
    });
    let expected =
        GuestRow { vmid: 900, node: Some("pve2".into()), status: Some("unknown".into()), ..GuestRow::default() };
    assert_eq!(unknown, Some(expected));
    let rrd: Rows<RrdRow> = read("qemu_rrddata_stopped.v7");
    assert!(rrd.iter().any(|row| row.cpu.is_none() && row.netin.is_none()), "a gap is no zero");
}

#[test]
fn placeholders_are_not_taken_for_values() {
    let disks: Rows<DiskRow> = read("disks_list_usages.v9");
    assert!(disks.iter().all(|disk| disk.wearout.is_none()), "N/A is no number");
    let disks: Rows<DiskRow> = read("disks_list_ssd_smart.v9");
    assert_eq!(disks[1].wearout, Some(97.0));
    let jobs: Rows<ReplicationRow> =
        read_text(r#"[{"id":"100-0","last_sync":0,"fail_count":"3","duration":12.5,"rate":null}]"#);
    assert_eq!(
        (jobs[0].last_sync, jobs[0].fail_count, jobs[0].duration, jobs[0].rate),
        (None, Some(3), Some(12.5), None)
    );
}

#[test]
fn trees_are_read_to_their_leaves() {
    let pool: ZfsDetail = read("disks_zfs_detail_degraded.v9");
    let mut names = vec![];
    leaves(&pool.children, &mut names);
    assert!(names.contains(&("/dev/disk/by-id/ata-B".to_owned(), Some("UNAVAIL".to_owned()))), "{names:?}");
}

#[test]
fn an_agent_may_refuse_with_200() {
    let refused: AgentAnswer<Rows<AgentInterface>> = read("agent_network_get_interfaces_unsupported_200.v6");
    assert!(matches!(refused, AgentAnswer::Refused(error) if error.class.as_deref() == Some("Unsupported")));
    for name in ["agent_network_get_interfaces.v6", "agent_network_get_interfaces_many.v6"] {
        let AgentAnswer::Result(rows) = read::<AgentAnswer<Rows<AgentInterface>>>(name) else { panic!("{name}") };
        assert!(rows.odd == 0 && rows.iter().any(|row| row.name == "eth0"), "{name}");
    }
    let AgentAnswer::Result(os) = read::<AgentAnswer<OsInfo>>("agent_get_osinfo.v9") else { panic!() };
    assert_eq!(os.pretty_name.as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
    let AgentAnswer::Result(info) = read::<AgentAnswer<AgentInfo>>("agent_info.v9") else { panic!() };
    assert!(info.version.is_some(), "{info:?}");
    let AgentAnswer::Result(mounts) = read::<AgentAnswer<Rows<FilesystemRow>>>("agent_get_fsinfo.v9") else { panic!() };
    assert_eq!((mounts[0].used_bytes, mounts[0].disk.len()), (Some(1_234_567_890), 1));
    let AgentAnswer::Result(name) = read::<AgentAnswer<HostName>>("agent_get_host_name.v9") else { panic!() };
    assert_eq!(name.host_name.as_deref(), Some("vm-101.example.com"));
}

#[test]
fn the_content_of_a_file_is_put_together_again() {
    let check = |content: &str, text: &str| {
        let file = FileContent { content: Some(content.into()) };
        assert_eq!(file.to_text().as_deref(), Some(text));
    };
    check("MemTotal: 1 kB\n", "MemTotal: 1 kB\n");
    check("\u{c3}\u{a4}", "ä");
    check("\u{e4}", "\u{e4}");
    check("\u{20ac}", "\u{20ac}");
}

#[test]
fn disks_tell_their_attributes() {
    let hdd: Smart = read("disks_smart_hdd.v9");
    let five = hdd.attributes.iter().find(|attribute| attribute.id == Some(5));
    assert_eq!(five.and_then(SmartAttribute::raw_number), Some(0));
    let check = |raw: &str, number| {
        let attribute = SmartAttribute { id: None, raw: Some(raw.into()) };
        assert_eq!(attribute.raw_number(), number, "{raw}");
    };
    check("41 (Min/Max 20/45)", Some(41));
    check("3728h+12m+30.5s", Some(3728));
    check("-", None);
    check("99999999999999999999999", None);
    for name in ["disks_smart_nvme.v9", "disks_smart_sas.v9"] {
        let smart: Smart = read(name);
        assert!(smart.text.is_some() && smart.wearout.is_some() && smart.attributes.is_empty(), "{name}");
    }
    assert_eq!(read::<Smart>("disks_smart_ssd_no_attributes.v9").attributes.len(), 1);
}

#[test]
fn pseudo_entries_are_no_snapshots() {
    let count = |name| read::<Rows<SnapshotRow>>(name).iter().filter(|row| row.is_snapshot()).count();
    assert_eq!((count("qemu_snapshots.v8"), count("lxc_snapshots.v7")), (2, 2));
}

#[test]
fn configurations_keep_no_secrets() {
    let of = |config: &GuestConfig, key| config.iter().find(|(of, _)| *of == key).map(|(_, value)| value.to_owned());
    let config: GuestConfig = read("qemu_config_ipam.v9");
    assert_eq!(of(&config, "memory").as_deref(), Some("8192"));
    assert_eq!(of(&config, "onboot").as_deref(), Some("1"), "a number becomes its digits");
    for key in ["cipassword", "sshkeys", "description"] {
        assert_eq!(of(&config, key), None, "{key}");
    }
    assert!(of(&read("lxc_config.v7"), "digest").is_some());
}

#[test]
fn the_export_has_two_levels() {
    let export: BTreeMap<String, Rows<MetricRow>> = read("cluster_metrics_export.v9");
    assert_eq!(export["data"].odd, 0);
    let counter = export["data"].iter().find(|row| row.metric == "net_in").unwrap();
    assert_eq!(counter.value, 95_589_450_123.0);
}

#[test]
fn rights_are_inherited_and_taken_away() {
    let auditor: Permissions = read("access_permissions_auditor.v8");
    assert!(auditor.hold("/vms/100", "VM.Audit") && auditor.hold("/nodes/pve", "Sys.Audit"));
    assert!(!auditor.hold("/vms/100", "VM.Monitor"));
    assert!(read::<Permissions>("access_permissions_auditor.v9").hold("/vms", "VM.GuestAgent.Audit"));
    let mixed: Permissions =
        read_text(r#"{"/":{"Sys.Audit":0,"VM.Audit":1},"/vms":{"VM.Audit":1},"/vms/101":{"Sys.Audit":"1"}}"#);
    assert!(mixed.hold("/", "Sys.Audit"), "a right that is not inherited counts where it stands");
    assert!(!mixed.hold("/nodes/pve", "Sys.Audit"));
    assert!(mixed.hold("/vms/100", "VM.Audit") && !mixed.hold("/vms/101", "VM.Audit"));
    assert_eq!(mixed.holes("/vms", "VM.Audit").collect::<Vec<_>>(), ["/vms/101"]);
    let nothing: Permissions = read_text("{}");
    assert!(!nothing.hold("/", "Sys.Audit"));
    assert!(read::<Permissions>("access_permissions_admin.v7").hold("/pools", "Sys.Audit"));
}

#[test]
fn single_answers_are_read() {
    assert_eq!(read::<Version>("version.v7").number(), Some((7, 4)));
    assert_eq!(read::<Version>("version.v9").number(), Some((9, 0)));
    assert_eq!(read::<Subscription>("subscription_active.v8").level.as_deref(), Some("c"));
    assert_eq!(read::<Subscription>("subscription_notfound.v9").status.as_deref(), Some("notfound"));
    let ha: HaManagerStatus = read("ha_manager_status.v9");
    let nodes = ha.manager_status.unwrap().node_status;
    assert_eq!(nodes["pve2"].0.as_deref(), Some("unknown"));
    for name in ["ceph_status_reef.v8", "ceph_status_short_squid.v9"] {
        let ceph: CephStatus = read(name);
        assert!(ceph.health.and_then(|health| health.status).is_some(), "{name}");
    }
    for name in ["qemu_status_current.v8", "qemu_status_current_paused.v6"] {
        assert!(read::<GuestStatus>(name).maxmem.is_some(), "{name}");
    }
    assert_eq!(read::<GuestStatus>("qemu_status_current_minimal.v6"), GuestStatus::default());
    let machine: GuestStatus = read("qemu_status_current.v9");
    assert_eq!((machine.agent, machine.pressurecpusome.is_some()), (Some(true), true));
    assert_eq!(read::<Ticket>("access_ticket_needtfa.v8").second_factor, Some(true));
    assert!(!format!("{:?}", read::<Ticket>("access_ticket.v7")).contains("REDACTED"));
    assert_eq!(read::<Rows<ContainerInterface>>("lxc_interfaces_stopped_null"), Rows::default());
}

#[test]
fn odd_rows_are_left_out_counted_and_named() {
    let rows: Rows<StorageRow> =
        read_text(r#"[{"storage":"a","node":"n"},{"storage":"b"},7,null,{"storage":"c","node":"n"}]"#);
    assert_eq!((rows.len(), rows.odd), (2, 3));
    let issue = rows.issue("storages", "the storages of the cluster").unwrap();
    assert!(
        issue.message.starts_with("3 of the storages of the cluster") && issue.message.contains("node"),
        "{issue:?}"
    );
    assert_eq!(Rows::<StorageRow>::default().issue("storages", "storages"), None);
    assert_eq!(read_text::<Rows<StorageRow>>("{}"), Rows::default());
    assert_eq!(read_text::<Rows<StorageRow>>(r#"{"a":1}"#).odd, 1);
}

#[test]
fn sizes_are_checked() {
    // R-88, D-9
    let check = |value: &str, size: Option<u64>| {
        let memory: NodeMemory = read_text(&format!("{{\"total\":{value}}}"));
        assert_eq!(memory.total, size, "{value}");
    };
    check("1024", Some(1024));
    check("1024.6", Some(1025));
    check("\"1024\"", Some(1024));
    check("\" 1,024 \"", Some(1024));
    check("\"\\\"1024\\\"\"", Some(1024));
    check("\"1e3\"", Some(1000));
    check("18446744073709551615", Some(u64::MAX));
    check("18446744073709551616", Some(u64::MAX));
    check("\"99999999999999999999999\"", Some(u64::MAX));
    check("1e300", Some(u64::MAX));
    check("-1", None);
    check("\"-5\"", None);
    check("-1e300", None);
    check("\"NaN\"", None);
    check("\"inf\"", None);
    check("\"\"", None);
    check("\"N/A\"", None);
    check("null", None);
    check("true", None);
    check("[1]", None);
    check("{\"a\":1}", None);
}

#[test]
fn other_numbers_are_checked() {
    // R-88
    let check = |value: &str, uptime: Option<u64>, cpu: Option<f64>| {
        let guest: GuestRow = read_text(&format!("{{\"vmid\":100,\"uptime\":{value},\"cpu\":{value}}}"));
        assert_eq!((guest.uptime, guest.cpu), (uptime, cpu), "{value}");
    };
    check("1.5", Some(2), Some(1.5));
    check("\"1.5\"", Some(2), Some(1.5));
    check("18446744073709551616", None, Some(1.8446744073709552e19));
    check("-3", None, Some(-3.0));
    check("\"NaN\"", None, None);
    check("\"infinity\"", None, None);
    check("\"1e999\"", None, None);
    check("{}", None, None);
}

#[test]
fn flags_and_texts_are_what_they_mean() {
    let check = |value: &str, flag: Option<bool>, text: Option<&str>| {
        let row: NetworkRow = read_text(&format!("{{\"iface\":\"a\",\"active\":{value},\"cidr\":{value}}}"));
        assert_eq!((row.active, row.cidr.as_deref()), (flag, text), "{value}");
    };
    check("1", Some(true), Some("1"));
    check("\"1\"", Some(true), Some("1"));
    check("true", Some(true), None);
    check("\"off\"", Some(false), Some("off"));
    check("\"\"", Some(false), Some(""));
    check("2", None, Some("2"));
    check("null", None, None);
    check("[]", None, None);
}

proptest! {
    #[test]
    fn no_value_panics_or_wraps_around(value in json(), field in 0_usize..6) {
        // R-88
        let key = ["vmid", "mem", "netin", "cpu", "uptime", "fail_count"][field];
        let text = serde_json::json!({ "vmid": 100, "id": "100-0", "type": "qemu", key: value }).to_string();
        for row in read_text::<Rows<ResourceRow>>(&format!("[{text}]")) {
            let ResourceRow::Qemu(guest) = row else { panic!("{text}") };
            prop_assert!((100..=999_999_999).contains(&guest.vmid));
            prop_assert!(guest.cpu.is_none_or(f64::is_finite));
            if let (Some(bytes), Some(exact)) = (guest.mem, value.as_u64()) {
                prop_assert!(key != "mem" || bytes == exact);
            }
            prop_assert!(key != "netin" || value.as_f64().is_none_or(|number| number > -0.6) || guest.netin.is_none());
        }
        for row in read_text::<Rows<ReplicationRow>>(&format!("[{text}]")) {
            prop_assert!(row.fail_count.is_none() || !value.is_null() || key != "fail_count");
        }
    }

    #[test]
    fn any_object_is_a_configuration(config in proptest::collection::btree_map(".{0,12}", json(), 0..8)) {
        let text = serde_json::to_string(&config).unwrap();
        let read: GuestConfig = read_text(&text);
        prop_assert!(read.iter().all(|(key, _)| config.contains_key(key)));
    }
}

/// Values as they come from a stranger.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[-+]?[0-9]{0,30}(\\.[0-9]{0,5})?([eE][-+]?[0-9]{1,4})?".prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(Value::from("NaN")),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,5}", inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

fn whole<T: DeserializeOwned + std::fmt::Debug>(names: &[&str]) {
    for name in names {
        let rows: Rows<T> = read(name);
        assert!(rows.odd == 0 && !rows.is_empty(), "{name}: {rows:?}");
    }
}

fn leaves(devices: &[ZfsDevice], names: &mut Vec<(String, Option<String>)>) {
    for device in devices {
        names.push((device.name.to_string(), device.state.as_ref().map(ToString::to_string)));
        leaves(&device.children, names);
    }
}

/// What stands in the envelope of a recorded answer.
fn read<T: DeserializeOwned>(name: &str) -> T {
    let body: Value = serde_json::from_str(&recorded(name)).unwrap();
    read_text(&body["data"].to_string())
}

fn read_text<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
