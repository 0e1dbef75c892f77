//! What a day of a small site costs the disk: every byte that the process writes, with the real sync, on a disk.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use muster_history::{History, Options};
use muster_model::{Metric, ResourceId};
use muster_runtime::Entropy;

use crate::common::{append, plan, vm};

/// Turns this test into its own child: only a process of its own has a counter of its own.
const CHILD: &str = "MUSTER_TEST_WRITTEN_HISTORY";

const MOST_BYTES: u64 = 200_000_000;

const METRICS: [Metric; 8] = [
    Metric::Cpu,
    Metric::Memory,
    Metric::Disk,
    Metric::MemoryUsed,
    Metric::NetIn,
    Metric::NetOut,
    Metric::DiskRead,
    Metric::DiskWrite,
];

#[test]
fn a_day_of_sixty_guests_writes_less_than_200_megabytes() {
    if std::env::var(CHILD).is_ok() {
        return live_a_day();
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "budget::a_day_of_sixty_guests_writes_less_than_200_megabytes", "--nocapture"])
        .env(CHILD, "1")
        .status()
        .unwrap();
    assert!(status.success());
}

#[expect(clippy::print_stdout, reason = "the figure is what the test is for")]
fn live_a_day() {
    // Temporary files may lie in memory; what is built lies on a disk.
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let before = written();
    let history = History::open(directory.path(), Options::default()).unwrap();
    let series: Vec<(ResourceId, Metric)> =
        (0..60).flat_map(|guest| METRICS.map(|metric| (vm(&guest.to_string()), metric))).collect();
    let plan = plan(&history, 1, &series);
    let chance = Entropy::seeded(60);
    let mut values = vec![0.0; series.len()];
    for tick in 0..8640 {
        for (value, (_, metric)) in values.iter_mut().zip(&series) {
            *value = wander(*metric, *value, tick, &chance);
        }
        assert_eq!(append(&history, plan, tick, &values).not_durable, None);
    }
    history.close().unwrap();
    let bytes = written() - before;
    let samples = history.stats().samples;
    println!(
        "{:.1} MB written for {samples} samples, {:.2} bytes each",
        bytes as f64 / 1e6,
        bytes as f64 / samples as f64
    );
    let file_system = file_system(directory.path());
    let least = history.stats().size_bytes();
    assert!(bytes > least, "{bytes} bytes were counted for files of {least}: is {file_system} a disk?");
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
}

/// Noise for what is busy, small steps for what is slow, and nothing for what stands still.
fn wander(metric: Metric, before: f64, tick: i64, chance: &Entropy) -> f64 {
    let start = tick == 0;
    match metric {
        Metric::Cpu => 20.0 + 15.0 * chance.fraction(),
        Metric::NetIn | Metric::NetOut | Metric::DiskRead | Metric::DiskWrite => 1e6 * (3.0 * chance.fraction()).exp(),
        Metric::MemoryUsed if start => 4e9,
        Metric::MemoryUsed => before + 4096.0 * (chance.fraction() * 200.0 - 100.0).round(),
        _ if start => 40.0,
        _ if chance.fraction() < 0.01 => before + chance.fraction() - 0.5,
        _ => before,
    }
}

/// Bytes that this process has caused to be written to a disk.
fn written() -> u64 {
    let counters = fs::read_to_string("/proc/self/io").unwrap();
    let counters: BTreeMap<_, _> = counters.lines().filter_map(|line| line.split_once(": ")).collect();
    counters["write_bytes"].parse().unwrap()
}

/// What kind of file system a path lies on, by the longest mount point above it.
fn file_system(path: &Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        path.starts_with(place).then(|| (place.len(), format!("{place} ({kind})")))
    });
    mounts.max().map_or_else(|| "an unknown file system".to_owned(), |(_, name)| name)
}
