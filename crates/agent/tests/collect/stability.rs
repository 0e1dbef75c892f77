//! What stays the same from one report to the next, and what is noticed.

use std::{sync::Arc, time::Duration};

use muster_model::Status;

use crate::{
    TEN_SECONDS,
    machine::{Machine, host, keys, record},
};

#[test]
fn facts_of_an_unchanged_machine_do_not_move() {
    let machine = Machine::recorded();
    let mut agent = machine.agent();
    let first = agent.collect();
    // Everything that moves by itself moves; the wall clock is corrected; cached facts are read again.
    machine.put_fixture("proc/stat", "linux/stat_2.txt");
    machine.put_fixture("proc/diskstats", "linux/diskstats_2.txt");
    machine.put_fixture("proc/uptime", "linux/uptime_2.txt");
    machine.put("proc/loadavg", "0.10 0.20 0.30 1/137 684\n");
    machine.clock.advance(Duration::from_secs(3600));
    let second = agent.collect();
    assert_eq!(first.records.len(), second.records.len());
    for (one, two) in first.records.iter().zip(&second.records) {
        assert!(Arc::ptr_eq(one, two), "{one:?}\n{two:?}");
    }
    // A restarted agent says the same of everything but the second of the boot.
    let restarted = machine.agent().collect();
    assert_eq!(first.records[1..], restarted.records[1..]);
}

#[test]
fn a_change_is_seen() {
    let machine = Machine::recorded();
    let mut agent = machine.agent();
    let first = agent.collect();
    machine.put("proc/sys/kernel/hostname", "NAS02.lan\n");
    machine.put("sys/class/net/ens9/operstate", "down\n");
    machine.clock.advance(TEN_SECONDS);
    let second = agent.collect();
    assert_eq!(record(&second, "host").identity.hostnames, ["nas02.lan".to_owned()].into());
    assert_eq!(record(&second, "net:ens9").status, Status::Offline);
    assert!(Arc::ptr_eq(record(&first, "fs:/"), record(&second, "fs:/")));
}

#[test]
fn an_upgrade_is_seen_in_time_and_a_new_disk_at_once() {
    let machine = Machine::recorded();
    let mut agent = machine.agent();
    agent.collect();
    machine.put("etc/os-release", "ID=debian\nVERSION_ID=14\n");
    machine.put("sys/block/sdz/size", "1000");
    machine.clock.advance(TEN_SECONDS);
    assert_eq!(keys(&agent.collect(), "disk:sdz"), ["disk:sdz"]);
    machine.clock.advance(Duration::from_secs(600));
    assert_eq!(host(&agent.collect()).os.version.as_deref(), Some("14"));
}
