//! kill -9 under load (D-12, D-30): every acknowledged sweep is there after a restart, at most the one in flight comes
//! on top, and none is there twice. The test starts itself again as the child that is killed.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use jiff::SignedDuration;
use muster_history::{History, Options, Sync};
use muster_model::Metric;
use muster_runtime::Entropy;

use crate::common::{append, averages, open, plan, rounds, vm};

/// Turns this test into its own child, naming the directory and the first tick.
const CHILD: &str = "MUSTER_TEST_KILLED_HISTORY";

#[test]
fn kill_nine_loses_nothing_that_was_acknowledged() {
    if let Ok(task) = std::env::var(CHILD) {
        let (directory, first) = task.split_once('|').unwrap();
        return sweep_until_killed(Path::new(directory), first.parse().unwrap());
    }
    let seed = u64::from_le_bytes(Entropy::system().bytes());
    println!("seed {seed}");
    let entropy = Entropy::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut next = 0;
    for round in 0..rounds() {
        let patience = 1 + (entropy.fraction() * 200.0) as usize;
        let acknowledged = kill_after(directory.path(), next, patience);
        next = verify(directory.path(), acknowledged, &format!("seed {seed} round {round}"));
    }
}

/// The child. Blocks are made every few sweeps, so that kills hit that, too.
fn sweep_until_killed(directory: &Path, first: i64) {
    let options = Options { block_span: SignedDuration::from_mins(5), sync: Sync::Full, ..Options::default() };
    let history = History::open(directory, options).unwrap();
    let both = plan(&history, 1, &[(vm("a"), Metric::SmartPowerOnHours), (vm("b"), Metric::SmartPowerOnHours)]);
    for tick in first.. {
        let appended = append(&history, both, tick, &[tick as f64; 2]);
        assert_eq!(appended.not_durable, None);
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {tick}").and_then(|()| out.flush()).unwrap();
    }
}

/// Runs the child until it has acknowledged so many sweeps, kills it, and says how many there are in all.
fn kill_after(directory: &Path, first: i64, sweeps: usize) -> i64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill_nine::kill_nine_loses_nothing_that_was_acknowledged", "--nocapture"])
        .env(CHILD, format!("{}|{first}", directory.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    // A test's own name may stand on the same line.
    let mut ticks = lines.filter_map(|line| line.split_once("acknowledged ")?.1.parse::<i64>().ok());
    let last = ticks.by_ref().take(sweeps).last().expect("the child acknowledges sweeps");
    child.kill().unwrap();
    // What the pipe still holds was acknowledged before the kill.
    let last = ticks.last().unwrap_or(last);
    child.wait().unwrap();
    last + 1
}

/// Looks at what is left, and says how many sweeps that is.
fn verify(directory: &Path, acknowledged: i64, round: &str) -> i64 {
    let history = open(directory);
    let values = |name| -> Vec<f64> {
        let values = averages(&history, vm(name), Metric::SmartPowerOnHours, 0, acknowledged + 10);
        values.into_iter().flatten().collect()
    };
    let left = values("a");
    assert_eq!(left, (0..left.len()).map(|tick| tick as f64).collect::<Vec<_>>(), "{round}: a hole or a repetition");
    assert_eq!(left, values("b"), "{round}: half a sweep");
    let left = left.len() as i64;
    assert!((acknowledged..=acknowledged + 1).contains(&left), "{round}: {left} sweeps, {acknowledged} acknowledged");
    assert_eq!(history.stats().stored_samples, left as u64 * 2, "{round}: stored twice");
    left
}
