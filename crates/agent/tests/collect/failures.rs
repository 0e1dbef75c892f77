//! Files that are missing, malformed, forbidden, or not text.

use std::{collections::BTreeSet, ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

use muster_model::{Completeness, HostFacet, IssueClass, Metric, Report, ResourceKind, SampleValue, UnknownReason};
use proptest::prelude::*;

use crate::{
    TEN_SECONDS,
    machine::{Machine, host, keys, record, sample},
};

#[test]
fn a_section_that_fails_costs_itself() {
    let cases = [
        ("proc/stat", "cpu", "host", Metric::Cpu),
        ("proc/meminfo", "memory", "host", Metric::Memory),
        ("proc/loadavg", "load", "host", Metric::Load5),
        ("proc/diskstats", "diskstats", "disk:vda", Metric::DiskRead),
        ("proc/net/dev", "traffic", "net:ens9", Metric::NetIn),
        ("proc/self/mountinfo", "filesystems", "host", Metric::Disk),
    ];
    for (file, section, key, metric) in cases {
        let check = |break_it: &dyn Fn(&Machine), reason, class| {
            let machine = Machine::recorded();
            let mut agent = machine.agent();
            let whole = agent.collect();
            break_it(&machine);
            machine.clock.advance(TEN_SECONDS);
            let report = agent.collect();
            assert_eq!(sample(&report, key, metric), Err(reason), "{file}");
            let issues = report.completeness.issues();
            assert_eq!(issues.len(), 1, "{file}: {issues:?}");
            assert_eq!((issues[0].section.as_str(), issues[0].class), (section, class), "{file}");
            // The size of the disk tells that its use is known (R-90).
            let disk_bytes = host(&whole).disk_bytes.filter(|_| metric != Metric::Disk);
            assert_eq!(host(&report).disk_bytes, disk_bytes, "{file}");
            let known = |of: &Report| HostFacet { disk_bytes: None, ..host(of).clone() };
            assert_eq!(known(&report), known(&whole), "{file}: what is known stays");
            let identities = [&report, &whole].map(|of| &record(of, "host").identity);
            assert_eq!(identities[0], identities[1], "{file}: what is known stays");
        };
        check(&|machine| machine.remove(file), UnknownReason::NotSupported, IssueClass::Unavailable);
        check(&|machine| machine.put(file, "cpu 1\n"), UnknownReason::Malformed, IssueClass::Malformed);
        let deny = |machine: &Machine| machine.kernel.deny(machine.path(file));
        check(&deny, UnknownReason::PermissionDenied, IssueClass::PermissionDenied);
    }
}

#[test]
fn what_a_kernel_does_not_offer_is_no_failure() {
    let machine = Machine::recorded();
    machine.remove("proc/pressure/cpu");
    let report = machine.agent().collect();
    assert_eq!(report.completeness, Completeness::Full);
    assert_eq!(sample(&report, "host", Metric::PressureCpu), Err(UnknownReason::NotSupported));
}

#[test]
fn a_machine_without_any_file_still_reports() {
    let report = Machine::empty().agent().collect();
    assert_eq!(report.records.len(), 1);
    assert!(report.samples.iter().all(|sample| matches!(sample.value, SampleValue::Unknown(_))));
    assert!(!report.completeness.issues().is_empty());
}

#[test]
fn names_that_are_not_text_lose_nothing() {
    let machine = Machine::recorded();
    machine.put("proc/sys/kernel/hostname", b"n\xffs\n");
    let mounts = b"1 0 8:1 / / rw - ext4 /dev/a rw\n2 0 8:2 / /mnt/\xfe rw - ext4 /dev/\xff rw\n\
        3 0 8:3 / /mnt/\xff rw - ext4 /dev/b rw\n4 0 8:4 / /mnt/\\\\xff rw - ext4 /dev/c rw\n\
        5 0 8:5 / /mnt/\\\\xff\\040 rw - ext4 /dev/d rw\n";
    machine.put("proc/self/mountinfo", mounts);
    let interface = Path::new("sys/class/net").join(OsStr::from_bytes(b"e\xff"));
    machine.put(interface.join("type"), "1");
    machine.put(interface.join("device/uevent"), "");
    machine.put("proc/net/dev", b"\n\n e\xff: 1 2 3 4 5 6 7 8 9 10\n");
    let disk = Path::new("sys/block").join(OsStr::from_bytes(b"sd\xff"));
    machine.put(disk.join("size"), "2048");
    let report = machine.agent().collect();
    assert_eq!(report.completeness, Completeness::Full);
    assert_eq!(host(&report).hostname, "n\u{fffd}s");
    let filesystems = keys(&report, "fs:");
    assert_eq!(filesystems.len(), 5, "{filesystems:?}");
    assert_eq!(machine.kernel.calls("/"), 1);
    let raw = Path::new(OsStr::from_bytes(b"/mnt/\xfe"));
    assert_eq!(machine.kernel.calls(raw.as_os_str()), 1, "asked by its real name");
    assert_eq!(sample(&report, r"net:e\xff", Metric::NetIn), Err(UnknownReason::NoBaseline));
    assert_eq!(record(&report, "disk:sd\u{fffd}").kind, ResourceKind::PhysicalDisk);
    let unique: BTreeSet<_> = report.records.iter().map(|record| &record.key).collect();
    assert_eq!(unique.len(), report.records.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn files_cut_short_or_full_of_noise_never_cost_the_report(
        keep in prop::collection::vec(0.0..1.0f64, FILES.len()), noise in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let machine = Machine::recorded();
        machine.put_fixture("proc/mdstat", "mdraid/mdstat_clean.txt");
        let mut agent = machine.agent();
        agent.collect();
        for (file, keep) in FILES.iter().zip(&keep) {
            let whole = std::fs::read(machine.path(file)).unwrap();
            let cut = (whole.len() as f64 * keep) as usize;
            machine.put(file, if *keep < 0.1 { &noise } else { &whole[..cut] });
        }
        machine.clock.advance(TEN_SECONDS);
        let report = agent.collect();
        let unique: BTreeSet<_> = report.records.iter().map(|record| &record.key).collect();
        prop_assert_eq!(unique.len(), report.records.len());
        for sample in &report.samples {
            if let SampleValue::Value(value) = sample.value {
                prop_assert!(value.is_finite());
            }
        }
    }
}

/// Files that are read at every observation.
const FILES: &[&str] = &[
    "proc/stat",
    "proc/meminfo",
    "proc/loadavg",
    "proc/diskstats",
    "proc/mdstat",
    "proc/net/dev",
    "proc/net/if_inet6",
    "proc/pressure/cpu",
    "proc/self/mountinfo",
    "proc/sys/kernel/hostname",
    "proc/sys/kernel/random/boot_id",
    "proc/uptime",
    "sys/class/net/ens9/type",
];
