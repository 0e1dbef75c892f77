//! kill -9 under load (D-12, D-30): every acknowledged sweep is there after a restart, at most the one in flight comes
//! on top, and none is there twice, in whatever resolution it is by then. The test starts itself again as the child that
//! is killed.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use jiff::SignedDuration;
use muster_history::{Cancel, History, Options, Recorded, Retention, SeriesQuery, Sync, Tier};
use muster_model::{Metric, TenantId};
use muster_runtime::Entropy;

use crate::common::{append, at, plan, rounds, seed, vm};

/// Turns this test into its own child, naming the directory and the first sweep.
const CHILD: &str = "MUSTER_TEST_KILLED_HISTORY";

/// Ticks between sweeps: ten minutes, so that a few rounds are days, and blocks are united, faded and collected.
const SLOW: i64 = 60;

#[test]
fn kill_nine_loses_nothing_that_was_acknowledged() {
    if let Ok(task) = std::env::var(CHILD) {
        let (directory, first) = task.split_once('|').unwrap();
        return sweep_until_killed(Path::new(directory), first.parse().unwrap());
    }
    let seed = seed();
    let entropy = Entropy::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let (mut next, mut tiers) = (0, [0; 4]);
    for round in 0..rounds() {
        let patience = 1 + (entropy.fraction() * 400.0) as usize;
        let acknowledged = kill_after(directory.path(), next, patience);
        (next, tiers) = verify(directory.path(), acknowledged, &format!("seed {seed} round {round}"));
    }
    println!("{} rounds, {next} sweeps, {tiers:?} found as samples, minutes, ten minutes, hours", rounds());
}

/// The child. Blocks are made every few sweeps, so that kills hit that, too.
fn sweep_until_killed(directory: &Path, first: i64) {
    let history = open(directory);
    let both = plan(&history, 60, &[(vm("a"), Metric::SmartPowerOnHours), (vm("b"), Metric::SmartPowerOnHours)]);
    for sweep in first.. {
        let appended = append(&history, both, sweep * SLOW, &[sweep as f64; 2]);
        assert_eq!(appended.not_durable, None);
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {sweep}").and_then(|()| out.flush()).unwrap();
        if sweep % 5 == 0 {
            history.flush().unwrap();
        }
    }
}

fn open(directory: &Path) -> History {
    let hours = SignedDuration::from_hours;
    let retention = Retention { raw: hours(24), minute: hours(48), ten_minutes: hours(72), hour: hours(24 * 3650) };
    History::open(directory, Options { retention, sync: Sync::Full, ..Options::default() }).unwrap()
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
    let mut acknowledged = lines.filter_map(|line| line.split_once("acknowledged ")?.1.parse::<i64>().ok());
    let last = acknowledged.by_ref().take(sweeps).last().expect("the child acknowledges sweeps");
    child.kill().unwrap();
    // What the pipe still holds was acknowledged before the kill.
    let last = acknowledged.last().unwrap_or(last);
    child.wait().unwrap();
    last + 1
}

/// Looks at what is left: how many sweeps, and how many of them in each resolution.
fn verify(directory: &Path, acknowledged: i64, round: &str) -> (i64, [i64; 4]) {
    let history = open(directory);
    let found = |name| {
        let (from, to) = (at(0), at((acknowledged + 10) * SLOW));
        let resources = vec![vm(name)];
        let query = SeriesQuery { tenant: TenantId::DEFAULT, resources, metric: Metric::SmartPowerOnHours, from, to };
        let (mut tiers, mut total, mut greatest) = ([0; 4], 0.0, -1.0);
        let count = |recorded| {
            let (tier, count, sum, max) = match recorded {
                Recorded::Sample { value, .. } => (Tier::Raw, 1, value, value),
                Recorded::Bucket { tier, count, sum, max, .. } => (tier, count, sum, max),
            };
            tiers[tier as usize] += i64::try_from(count).unwrap();
            (total, greatest) = (total + sum, f64::max(greatest, max));
        };
        history.walk(&query, &Cancel::default(), count).unwrap();
        (tiers, total, greatest)
    };
    let (tiers, total, greatest) = found("a");
    let left: i64 = tiers.iter().sum();
    assert!((acknowledged..=acknowledged + 1).contains(&left), "{round}: {left} sweeps, {acknowledged} acknowledged");
    assert_eq!(total, (0..left).sum::<i64>() as f64, "{round}: a hole and a repetition");
    assert_eq!(greatest, (left - 1) as f64, "{round}");
    assert_eq!((tiers, total, greatest), found("b"), "{round}: half a sweep");
    let verified = history.verify(&Cancel::default(), |_| {}).unwrap();
    assert_eq!(verified.damaged, [], "{round}");
    (left, tiers)
}
