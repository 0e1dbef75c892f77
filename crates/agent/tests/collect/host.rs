//! What the host is, what tells it from others, and its memory.

use muster_model::{Completeness, Metric, ResourceKind, UnknownReason, Virtualisation};

use crate::machine::{Machine, host, record, sample};

#[test]
fn what_the_host_is() {
    let report = Machine::recorded().agent().collect();
    assert_eq!(report.completeness, Completeness::Full);
    let facts = host(&report);
    assert_eq!(facts.hostname, "nas01");
    assert_eq!(facts.os.pretty_name.as_deref(), Some("Debian GNU/Linux 13 (trixie)"));
    assert_eq!(facts.os.kernel.as_deref(), Some("6.12.107+deb13-amd64"));
    assert_eq!(facts.memory.total_bytes, Some(3_047_972 * 1024));
    assert_eq!(facts.memory.swap_total_bytes, Some(0));
    assert_eq!(facts.system.product.as_deref(), Some("X11SSH-F"));
    assert_eq!(facts.virtualisation, Virtualisation::Machine { technology: "qemu".into() });
    assert_eq!(facts.boot_id.as_deref(), Some("6121aae0-0778-43ff-b1f7-ff1cca07b68f"));
    assert_eq!(facts.booted_at.unwrap().to_string(), "2026-11-21T07:58:34Z");
    assert_eq!(record(&report, "host").kind, ResourceKind::Agent);
}

#[test]
fn what_tells_the_host_from_others() {
    //
    let report = Machine::recorded().agent().collect();
    let identity = &record(&report, "host").identity;
    assert_eq!(identity.machine_id.as_deref(), Some("34caa21e9c574287a53d415e31e72342"));
    assert_eq!(identity.dmi_uuid.as_deref(), Some("8f2c1d4e-5b6a-4c3d-9e8f-001b21aa55cc"));
    assert_eq!(identity.serial.as_deref(), Some("S219337X8123456"));
    assert_eq!(identity.hostnames, ["nas01".to_owned()].into());
    let macs: Vec<String> = identity.mac_addresses.iter().map(ToString::to_string).collect();
    assert_eq!(macs, ["52:54:00:12:34:56"], "only what is burnt into hardware");
    let addresses: Vec<String> = identity.ip_addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["10.0.2.15", "10.0.2.16", "10.20.0.5", "10.99.0.1", "2001:db8:20::5"]);
}

#[test]
fn placeholders_in_the_firmware_identify_nobody() {
    //
    let machine = Machine::recorded();
    machine.put("sys/class/dmi/id/product_uuid", "03000200-0400-0500-0006-000700080009\n");
    machine.put("sys/class/dmi/id/product_serial", "To be filled by O.E.M.\n");
    machine.put("sys/class/dmi/id/chassis_serial", "Default string\n");
    machine.put("sys/class/dmi/id/sys_vendor", "System manufacturer\n");
    machine.put("etc/machine-id", "uninitialized\n");
    let report = machine.agent().collect();
    let identity = &record(&report, "host").identity;
    assert_eq!((&identity.dmi_uuid, &identity.serial, &identity.machine_id), (&None, &None, &None));
    assert_eq!((&host(&report).system.vendor, &host(&report).system.serial), (&None, &None));
}

#[test]
fn a_container_does_not_claim_the_hardware_around_it() {
    for mark in ["run/systemd/container", "proc/1/environ"] {
        let machine = Machine::recorded();
        machine.put(mark, if mark.ends_with("environ") { "HOME=/\0container=lxc\0" } else { "lxc\n" });
        machine.put_fixture("proc/meminfo", "zfs/meminfo_with_arc.txt");
        machine.put_fixture("proc/spl/kstat/zfs/arcstats", "zfs/arcstats.txt");
        let report = machine.agent().collect();
        assert_eq!(host(&report).virtualisation, Virtualisation::Container { technology: "lxc".into() });
        let identity = &record(&report, "host").identity;
        assert_eq!((&identity.dmi_uuid, &identity.serial), (&None, &None));
        assert!(identity.machine_id.is_some());
        // The cache is the host's, the memory the container's.
        assert_eq!(sample(&report, "host", Metric::MemoryUsed), Ok(((3_047_972 - 2_633_744) * 1024) as f64));
    }
}

#[test]
fn memory_leaves_out_what_zfs_would_give_back() {
    let machine = Machine::recorded();
    machine.put_fixture("proc/meminfo", "zfs/meminfo_with_arc.txt");
    machine.put_fixture("proc/spl/kstat/zfs/arcstats", "zfs/arcstats.txt");
    let used = f64::from((3_047_972 - 2_633_744) * 1024 - 38_863_464);
    let report = machine.agent().collect();
    assert_eq!(sample(&report, "host", Metric::MemoryUsed), Ok(used));
    assert_eq!(sample(&report, "host", Metric::Memory), Ok(100.0 * used / (3_047_972.0 * 1024.0)));
    assert_eq!(sample(&report, "host", Metric::Swap), Err(UnknownReason::NotSupported));
}

#[test]
fn what_only_root_may_read_is_simply_not_known() {
    let machine = Machine::recorded();
    for name in ["product_uuid", "product_serial", "chassis_serial"] {
        machine.kernel.deny(machine.path("sys/class/dmi/id").join(name));
    }
    let report = machine.agent().collect();
    assert_eq!(report.completeness, Completeness::Full, "else nothing would ever be gone");
    assert_eq!(record(&report, "host").identity.dmi_uuid, None);
}
