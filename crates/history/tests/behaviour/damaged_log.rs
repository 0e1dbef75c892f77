//! Damage within a file of the sweep log: what comes before it is kept, the rest is told of, and nothing is thrown away.

use std::{
    fs,
    path::{Path, PathBuf},
};

use muster_history::{Cancel, DamagedPart, History};
use muster_model::Metric;

use crate::common::{append, averages, open, plan, vm};

const SWEEPS: usize = 5;

#[test]
fn what_follows_a_damaged_record_is_told_of_and_the_file_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let (log, bytes) = damaged(directory.path());
    // Somebody has one of that name already.
    let earlier = directory.path().join("sweeps-00000001.log.damaged");
    fs::write(&earlier, "an earlier one").unwrap();

    let history = open(directory.path());
    assert_eq!(known(&history), 2);
    assert_eq!(history.stats().damaged_logs, 2, "this one, and the one that was set aside before");
    assert_eq!(damaged_files(&history), ["sweeps-00000001.log", "sweeps-00000001.log.damaged"]);
    drop(history);
    assert_eq!(fs::read(&log).unwrap(), bytes, "opening changes nothing");

    let history = open(directory.path());
    history.flush().unwrap();
    assert!(!log.exists());
    assert_eq!(fs::read(&earlier).unwrap(), b"an earlier one");
    assert_eq!(fs::read(directory.path().join("sweeps-00000001.log.damaged-2")).unwrap(), bytes);
    assert_eq!(known(&history), 2);
    assert_eq!(history.stats().damaged_logs, 2);
    assert_eq!(damaged_files(&history), ["sweeps-00000001.log.damaged", "sweeps-00000001.log.damaged-2"]);

    // Whoever has looked deletes it.
    fs::remove_file(&earlier).unwrap();
    fs::remove_file(directory.path().join("sweeps-00000001.log.damaged-2")).unwrap();
    assert_eq!(history.stats().damaged_logs, 0);
    assert!(damaged_files(&history).is_empty());
}

#[test]
fn a_crash_between_blocks_and_setting_aside_throws_nothing_away() {
    let directory = tempfile::tempdir().unwrap();
    let (log, bytes) = damaged(directory.path());
    open(directory.path()).close().unwrap();
    let aside = directory.path().join("sweeps-00000001.log.damaged");
    // As if it had not happened any more.
    fs::rename(&aside, &log).unwrap();
    let history = open(directory.path());
    assert_eq!(fs::read(&aside).unwrap(), bytes);
    assert_eq!(known(&history), 2);
}

#[test]
fn a_sound_log_has_nothing_damaged_and_its_samples_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::Cpu)]);
    append(&history, cpu, 0, &[1.0, 2.0]);
    history.flush().unwrap();
    append(&history, cpu, 1, &[3.0, f64::NAN]);
    let verified = history.verify(&Cancel::default(), |_| ()).unwrap();
    assert_eq!((verified.blocks, verified.logs, verified.points), (1, 1, 3));
    assert!(verified.damaged.is_empty(), "{:?}", verified.damaged);
}

/// A log of which the third record of five is damaged.
fn damaged(directory: &Path) -> (PathBuf, Vec<u8>) {
    let log = directory.join("sweeps-00000001.log");
    let history = open(directory);
    let both = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::NetIn)]);
    let mut lengths = Vec::new();
    for tick in 0..SWEEPS {
        append(&history, both, tick as i64, &[tick as f64, 1000.0]);
        lengths.push(fs::metadata(&log).unwrap().len() as usize);
    }
    drop(history);
    let mut bytes = fs::read(&log).unwrap();
    bytes[lengths[2] - 1] ^= 0x10;
    fs::write(&log, &bytes).unwrap();
    (log, bytes)
}

fn known(history: &History) -> usize {
    averages(history, vm("a"), Metric::Cpu, 0, SWEEPS as i64 - 1).iter().flatten().count()
}

fn damaged_files(history: &History) -> Vec<String> {
    let verified = history.verify(&Cancel::default(), |_| ()).unwrap();
    let files = verified.damaged.into_iter().map(|damage| match damage.part {
        DamagedPart::Log { file } => file,
        DamagedPart::Block { .. } | DamagedPart::Resource { .. } => panic!("{damage:?}"),
    });
    files.collect()
}
