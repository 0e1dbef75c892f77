//! Rates of CPU, disks and interfaces, and what breaks their baseline.

use std::time::Duration;

use muster_model::{Metric, UnknownReason};

use crate::{
    TEN_SECONDS,
    machine::{Machine, host, keys, sample},
};

#[test]
fn rates_need_two_observations() {
    // D-9
    let machine = Machine::recorded();
    let mut agent = machine.agent();
    let first = agent.collect();
    for metric in [Metric::Cpu, Metric::DiskRead, Metric::DiskWrite, Metric::NetIn, Metric::NetOut] {
        assert_eq!(sample(&first, "host", metric), Err(UnknownReason::NoBaseline), "{metric}");
    }
    machine.put_fixture("proc/stat", "linux/stat_2.txt");
    machine.put_fixture("proc/diskstats", "linux/diskstats_2.txt");
    machine
        .put("proc/net/dev", "\n\n  ens9: 22852 0 0 0 0 0 0 0 9408 0 0 0 0 0 0 0\n vmbr0: 999999 0 0 0 0 0 0 0 1 0\n");
    machine.clock.advance(Duration::from_secs(204));
    let second = agent.collect();
    assert_eq!(sample(&second, "host", Metric::Cpu).map(|value| (value * 100.0).round()), Ok(7373.0));
    // vda: 251522 to 278658 sectors read, 164936 to 172152 written, 6492 to 7772 ms busy, in 204 s.
    assert_eq!(sample(&second, "disk:vda", Metric::DiskRead), Ok(27_136.0 * 512.0 / 204.0));
    assert_eq!(sample(&second, "disk:vda", Metric::DiskWrite), Ok(7216.0 * 512.0 / 204.0));
    assert_eq!(
        sample(&second, "disk:vda", Metric::Disk).map(|value| (value * 1e6).round()),
        Ok((1280.0f64 / 2040.0 * 1e6).round())
    );
    // Only the physical interface counts; the bridge restates it.
    assert_eq!(sample(&second, "host", Metric::NetIn), Ok(20_000.0 / 204.0));
    assert_eq!(sample(&second, "host", Metric::NetOut), Ok(4080.0 / 204.0));
    assert_eq!(sample(&second, "net:vmbr0", Metric::NetIn), Ok((999_999.0 - 2676.0) / 204.0));
}

#[test]
fn the_host_adds_up_its_disks_and_nothing_else() {
    let machine = Machine::recorded();
    let mut agent = machine.agent();
    agent.collect();
    machine.put_fixture("proc/diskstats", "linux/diskstats_2.txt");
    machine.clock.advance(Duration::from_secs(204));
    let report = agent.collect();
    let disks = keys(&report, "disk:");
    assert!(!disks.iter().any(|key| key.contains("zd0") || key.contains("fd0") || key.contains("loop")), "{disks:?}");
    let sum: f64 = disks.iter().map(|key| sample(&report, key, Metric::DiskRead).unwrap()).sum();
    assert_eq!(disks.len(), 11);
    assert!((sample(&report, "host", Metric::DiskRead).unwrap() - sum).abs() < 1e-6);
}

#[test]
fn a_counter_that_goes_back_gives_no_value() {
    // D-9
    let machine = Machine::recorded();
    machine.put_fixture("proc/stat", "linux/stat_2.txt");
    machine.put_fixture("proc/diskstats", "linux/diskstats_2.txt");
    let mut agent = machine.agent();
    agent.collect();
    machine.put_fixture("proc/stat", "linux/stat_1.txt");
    machine.put_fixture("proc/diskstats", "linux/diskstats_1.txt");
    machine.put_fixture("proc/net/dev", "linux/net_dev_1.txt");
    machine.clock.advance(TEN_SECONDS);
    let report = agent.collect();
    for (key, metric) in [
        ("host", Metric::Cpu),
        ("host", Metric::DiskRead),
        ("disk:vda", Metric::Disk),
        ("disk:vda", Metric::DiskWrite),
        ("net:ens9", Metric::NetIn),
        ("host", Metric::NetOut),
    ] {
        assert_eq!(sample(&report, key, metric), Err(UnknownReason::CounterReset), "{key} {metric}");
    }
}

#[test]
fn another_boot_is_another_baseline() {
    let machine = Machine::recorded();
    let mut agent = machine.agent();
    let before = agent.collect();
    machine.put("proc/sys/kernel/random/boot_id", "aaaaaaaa-0778-43ff-b1f7-ff1cca07b68f\n");
    machine.put("proc/uptime", "5.00 1.00\n");
    machine.put_fixture("proc/stat", "linux/stat_2.txt");
    machine.put_fixture("proc/diskstats", "linux/diskstats_2.txt");
    machine.clock.advance(TEN_SECONDS);
    let after = agent.collect();
    for (key, metric) in [("host", Metric::Cpu), ("disk:vda", Metric::DiskRead), ("net:ens9", Metric::NetIn)] {
        assert_eq!(sample(&after, key, metric), Err(UnknownReason::NoBaseline), "{key} {metric}");
    }
    assert_ne!(host(&before).boot_id, host(&after).boot_id);
    assert_eq!(host(&after).booted_at.unwrap().to_string(), "2026-11-21T08:00:05Z");
}
