//! Filesystems, and those that hang or fail.

use std::{io, time::Duration};

use muster_model::{Completeness, Facet, IssueClass, Metric, Status, UnknownReason};

use crate::{
    TEN_SECONDS,
    machine::{Machine, keys, record, sample},
};

#[test]
fn filesystems_and_their_use() {
    //
    let report = Machine::recorded().agent().collect();
    assert_eq!(keys(&report, "fs:"), ["fs:/"], "not the share, nor what is no storage");
    let percent = 100.0 * 1_359_912_960.0 / (1_359_912_960.0 + 3_551_256_576.0);
    assert_eq!(sample(&report, "fs:/", Metric::Usage), Ok(percent));
    assert_eq!(sample(&report, "fs:/", Metric::Used), Ok(1_359_912_960.0));
    assert_eq!(sample(&report, "fs:/", Metric::Avail), Ok(3_551_256_576.0));
    assert_eq!(sample(&report, "fs:/", Metric::Total), Ok(5_196_382_208.0));
    assert_eq!(sample(&report, "host", Metric::Disk), Ok(percent));
    let root = record(&report, "fs:/");
    assert_eq!(root.parent.as_ref().unwrap().as_str(), "host");
    let Facet::Filesystem(facet) = &*root.facets[0] else { panic!("{root:?}") };
    assert_eq!((facet.fs_type.as_str(), facet.inodes_total), ("ext4", Some(327_680)));
}

#[test]
fn subvolumes_are_aliases_of_one_storage() {
    let machine = Machine::recorded();
    machine.put_fixture("proc/self/mountinfo", "btrfs/mountinfo_btrfs.txt");
    let report = machine.agent().collect();
    assert_eq!(keys(&report, "fs:"), ["fs:/", "fs:/mnt/bt"]);
    let Facet::Filesystem(facet) = &*record(&report, "fs:/mnt/bt").facets[0] else { panic!("no filesystem") };
    assert_eq!(facet.aliases, ["/mnt/sub"]);
}

#[test]
fn what_protection_makes_read_only_for_the_service_is_not_read_only() {
    let own = "1 0 8:1 / / ro - ext4 /dev/a rw\n2 0 8:2 / /data ro - ext4 /dev/b rw\n\
        3 0 8:3 / /kept ro - ext4 /dev/c ro\n4 0 8:4 / /other ro - ext4 /dev/d rw\n";
    let first = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 0 8:2 / /data rw - ext4 /dev/b rw\n\
        3 0 8:3 / /kept rw - ext4 /dev/c ro\n4 0 8:5 / /other rw - ext4 /dev/e rw\n\
        5 0 8:6 / /unseen rw - ext4 /dev/f rw\n";
    let machine = Machine::recorded();
    machine.put("proc/self/mountinfo", own);
    let read_only = || -> Vec<_> {
        let report = machine.agent().collect();
        let read_only = |key: &&str| match &*record(&report, key).facets[0] {
            Facet::Filesystem(facet) => facet.read_only,
            other => panic!("{other:?}"),
        };
        keys(&report, "fs:").into_iter().filter(read_only).map(str::to_owned).collect()
    };
    let all = ["fs:/", "fs:/data", "fs:/kept", "fs:/other"];
    assert_eq!(read_only(), all, "the first process may not be looked at");
    machine.put("proc/1/mountinfo", first);
    assert_eq!(
        read_only(),
        ["fs:/kept", "fs:/other"],
        "what is at another place or is another filesystem says nothing"
    );
    machine.put("proc/1/mountinfo", format!("{first}half a line\n"));
    assert_eq!(read_only(), all, "half a table is none");
}

#[test]
fn a_pool_of_zfs_states_only_what_is_true_of_it() {
    let machine = Machine::recorded();
    machine.put_fixture("proc/self/mountinfo", "zfs/mountinfo_zfs.txt");
    let report = machine.agent().collect();
    assert_eq!(keys(&report, "fs:"), ["fs:/bulk", "fs:/tank"]);
    assert!(sample(&report, "fs:/tank", Metric::Avail).is_ok());
    assert_eq!(sample(&report, "fs:/tank", Metric::Usage), Err(UnknownReason::NotSupported));
}

#[test]
fn a_mount_that_hangs_holds_up_nobody_and_is_not_asked_twice() {
    let mut machine = Machine::recorded();
    machine.config.network_filesystems = true;
    // Long enough for a healthy filesystem on a busy machine; it is waited for once.
    machine.config.statvfs_deadline = Duration::from_secs(1);
    let mut agent = machine.agent();
    let before = agent.collect();
    assert!(sample(&before, "fs:/mnt/share", Metric::Usage).is_ok());

    machine.kernel.hang("/mnt/share");
    for _ in 0..3 {
        machine.clock.advance(TEN_SECONDS);
        let report = agent.collect();
        assert_eq!(sample(&report, "fs:/mnt/share", Metric::Usage), Err(UnknownReason::TimedOut));
        assert_eq!(record(&report, "fs:/mnt/share").status, Status::Warning);
        assert_eq!(record(&report, "fs:/mnt/share").facets, record(&before, "fs:/mnt/share").facets);
        assert!(sample(&report, "fs:/", Metric::Usage).is_ok());
        assert_eq!(report.completeness.issues()[0].class, IssueClass::TimedOut);
        assert_eq!(machine.kernel.calls("/mnt/share"), 2);
    }

    machine.kernel.release();
    let recovered = (0..1000).any(|_| {
        std::thread::yield_now();
        agent.collect().completeness == Completeness::Full
    });
    assert!(recovered);
}

#[test]
fn a_filesystem_that_may_not_be_asked_is_unknown() {
    let mut machine = Machine::recorded();
    machine.config.network_filesystems = true;
    machine.kernel.fail("/", io::ErrorKind::PermissionDenied);
    machine.kernel.fail("/mnt/share", io::ErrorKind::StaleNetworkFileHandle);
    let report = machine.agent().collect();
    assert_eq!(sample(&report, "fs:/", Metric::Usage), Err(UnknownReason::PermissionDenied));
    assert_eq!(record(&report, "fs:/").status, Status::Unknown);
    assert_eq!(sample(&report, "host", Metric::Disk), Err(UnknownReason::PermissionDenied));
    assert_eq!(record(&report, "fs:/mnt/share").status, Status::Offline);
    let issues = report.completeness.issues();
    assert_eq!(issues.len(), 1, "being refused is no failure: {issues:?}");
}
