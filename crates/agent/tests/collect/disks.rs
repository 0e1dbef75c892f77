//! Disks, their temperatures, and arrays of them.

use muster_model::{Facet, Metric, ResourceKind, SmartFacts, Status, TemperatureBand, UnknownReason};

use crate::machine::{Machine, keys, record, sample};

#[test]
fn disks_are_known_by_serial_where_they_have_one() {
    //
    let report = Machine::recorded().agent().collect();
    let mut disks = keys(&report, "disk:");
    disks.sort_unstable();
    let expected = [
        "disk:NVME0001ABC",
        "disk:WD-WX11A0000000",
        "disk:sdb",
        "disk:sdc",
        "disk:sdd",
        "disk:sde",
        "disk:sdf",
        "disk:vda",
        "disk:vdb",
        "disk:vdc",
        "disk:vdd",
    ];
    assert_eq!(disks, expected);
    let sda = record(&report, "disk:WD-WX11A0000000");
    let Facet::PhysicalDisk(facet) = &*sda.facets[0] else { panic!("{sda:?}") };
    assert_eq!((facet.device.as_str(), facet.transport.as_deref()), ("sda", Some("sata")));
    assert_eq!(facet.model.as_deref(), Some("QEMU-HDD-0"));
    assert_eq!(facet.vendor, None, "ATA is no vendor");
    assert_eq!(facet.size_bytes, Some(393_216 * 512));
    assert_eq!(sda.identity.wwn.as_deref(), Some("0x50014ee2b0000000"));
    let Facet::PhysicalDisk(virtio) = &*record(&report, "disk:vda").facets[0] else { panic!("no disk") };
    assert_eq!((virtio.rotational, &virtio.vendor), (None, &None));
}

#[test]
fn one_serial_on_two_disks_identifies_neither_twice() {
    let machine = Machine::recorded();
    machine.put("sys/block/sdb/device/serial", "BRIDGE1");
    machine.put("sys/block/sdc/device/serial", "BRIDGE1");
    // The same disk by a second path.
    machine.put("sys/block/sdd/device/serial", "WD-WX11A0000000");
    machine.put("sys/block/sdd/wwid", "naa.50014ee2b0000000");
    let report = machine.agent().collect();
    assert_eq!(record(&report, "disk:BRIDGE1").identity.serial.as_deref(), Some("BRIDGE1"));
    assert_eq!(record(&report, "disk:BRIDGE1:sdc").identity.serial, None);
    assert_eq!(keys(&report, "disk:WD-").len(), 1);
    assert!(keys(&report, "disk:sdd").is_empty());
}

#[test]
fn temperatures_of_cpu_and_disks() {
    let machine = Machine::recorded();
    machine.put_sensors(include_str!("../fixtures/linux/hwmon_tree_nvme.txt"));
    let report = machine.agent().collect();
    assert_eq!(sample(&report, "disk:NVME0001ABC", Metric::SmartTemp), Ok(49.85));
    assert_eq!(sample(&report, "disk:vda", Metric::SmartTemp), Err(UnknownReason::NotSupported));
    assert_eq!(sample(&report, "host", Metric::Temperature), Err(UnknownReason::NotSupported));
}

#[test]
fn a_sleeping_disk_is_not_asked_and_says_nothing() {
    //
    let machine = Machine::recorded();
    machine.put_sensors(include_str!("../fixtures/linux/hwmon_tree_intel_desktop.txt"));
    let sata = "sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0";
    machine.put("sys/block/sdz/size", "1000");
    std::os::unix::fs::symlink(machine.path(sata), machine.path("sys/block/sdz/device")).unwrap();
    let condition = |report: &muster_model::Report| record(report, "disk:sdz").facets[0].as_disk().unwrap().condition;
    let mut agent = machine.agent();
    let awake = condition(&agent.collect());
    assert_eq!((awake.standby, awake.temperature), (false, Some(TemperatureBand::Normal)));
    machine.put(format!("{sata}/power/runtime_status"), "suspended\n");
    let report = agent.collect();
    assert_eq!(condition(&report), SmartFacts { standby: true, ..SmartFacts::default() });
    assert_eq!(sample(&report, "disk:sdz", Metric::SmartTemp), Err(UnknownReason::NotReported));
}

#[test]
fn a_temperature_at_a_bound_is_one_fact_and_a_failed_look_none() {
    //
    let machine = Machine::recorded();
    machine.put_sensors(include_str!("../fixtures/linux/hwmon_tree_nvme.txt"));
    let chip = std::fs::read_dir(machine.path("sys/class/hwmon")).unwrap().map(|chip| chip.unwrap().path());
    let chip = chip.into_iter().find(|chip| std::fs::read_to_string(chip.join("name")).unwrap().trim() == "nvme");
    let sensor = chip.unwrap().join("temp1_input");
    let mut agent = machine.agent();
    let mut band = |millidegrees: &str| {
        std::fs::write(&sensor, millidegrees).unwrap();
        let report = agent.collect();
        record(&report, "disk:NVME0001ABC").facets[0].as_disk().unwrap().condition.temperature
    };
    assert_eq!(band("59000"), Some(TemperatureBand::Normal));
    assert_eq!(band("60000"), Some(TemperatureBand::Warm));
    assert_eq!(band("59000"), Some(TemperatureBand::Warm));
    assert_eq!(band("not now"), Some(TemperatureBand::Warm));
    assert_eq!(band("50000"), Some(TemperatureBand::Normal));
}

#[test]
fn temperatures_of_an_intel_desktop() {
    let machine = Machine::recorded();
    machine.put_sensors(include_str!("../fixtures/linux/hwmon_tree_intel_desktop.txt"));
    // Its SATA disk, where the recorded listing puts the sensor's device.
    let sata = "sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0";
    machine.put("sys/block/sdz/size", "1000");
    std::os::unix::fs::symlink(machine.path(sata), machine.path("sys/block/sdz/device")).unwrap();
    let report = machine.agent().collect();
    assert_eq!(sample(&report, "host", Metric::Temperature), Ok(47.0));
    assert_eq!(sample(&report, "disk:sdz", Metric::SmartTemp), Ok(34.0));
    assert_eq!(sample(&report, "disk:NVME0001ABC", Metric::SmartTemp), Ok(41.85));
}

#[test]
fn temperatures_of_an_amd_server() {
    let machine = Machine::recorded();
    machine.put_sensors(include_str!("../fixtures/linux/hwmon_tree_amd_server.txt"));
    let report = machine.agent().collect();
    assert_eq!(sample(&report, "host", Metric::Temperature), Ok(58.375));
}

#[test]
fn arrays_with_their_health() {
    let machine = Machine::recorded();
    machine.put_fixture("proc/mdstat", "mdraid/mdstat_degraded_recovering.txt");
    machine.put("sys/block/md0/dev", "9:0\n");
    machine.put("run/udev/data/b9:0", "E:MD_UUID=6ac81ee5:2c3b1d4e:5f607182:93a4b5c6\n");
    let report = machine.agent().collect();
    assert_eq!(keys(&report, "md:"), ["md:6ac81ee5:2c3b1d4e:5f607182:93a4b5c6", "md:md1"]);
    assert_eq!(record(&report, "md:md1").status, Status::Warning);
    assert_eq!(record(&report, "md:md1").kind, ResourceKind::Storage);
}
