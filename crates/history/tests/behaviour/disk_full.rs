//! A disk that takes nothing any more, as the kernel shows it: the test starts itself again as a child whose files may
//! not grow, and which lifts that limit by and by.

use std::process::Command;

use muster_model::Metric;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::common::{append, averages, open, plan, vm};

/// Turns the test into its own child.
const CHILD: &str = "MUSTER_TEST_FULL_HISTORY";

/// Enough for an open database, not for what follows.
const LIMIT_BYTES: u64 = 80 << 10;

const WIDTH: i64 = 500;

#[test]
fn a_full_disk_stops_nothing_and_heals() {
    if std::env::var(CHILD).is_ok() {
        return fill_and_heal();
    }
    let program = std::env::current_exe().unwrap();
    // A process that does not ignore the signal is killed instead of refused.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" --exact disk_full::a_full_disk_stops_nothing_and_heals --nocapture"])
        .arg(program)
        .env(CHILD, "1")
        .status()
        .unwrap();
    assert!(status.success());
}

fn fill_and_heal() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let series: Vec<_> = (0..WIDTH).map(|number| (vm(&number.to_string()), Metric::SmartPowerOnHours)).collect();
    let wide = plan(&history, 1, &series);
    limit(Some(LIMIT_BYTES));
    // Values that do not pack well, until a write is refused; a file that is full is left, and the next one fills.
    let refused = (0..2000).find(|tick| append(&history, wide, *tick, &values(*tick)).not_durable.is_some());
    let refused = refused.expect("the limit is reached");
    assert!(history.flush().is_err(), "blocks do not fit either");
    let stats = history.stats();
    assert!(stats.last_error.is_some());
    // It goes on serving what it has.
    assert_eq!(averages(&history, vm("7"), Metric::SmartPowerOnHours, refused, refused), [Some(values(refused)[7])]);

    limit(None);
    let healed = append(&history, wide, refused + 1, &values(refused + 1));
    assert_eq!((healed.not_durable, healed.pending_sweeps), (None, 0));
    history.flush().unwrap();
    assert_eq!(history.stats().last_error, None);
    drop(history);
    let history = open(directory.path());
    let column = averages(&history, vm("7"), Metric::SmartPowerOnHours, 0, refused + 1);
    let expected: Vec<_> = (0..=refused + 1).map(|tick| Some(values(tick)[7])).collect();
    assert_eq!(column, expected, "every sweep is there once");
}

fn values(tick: i64) -> Vec<f64> {
    (0..WIDTH).map(|column| ((tick * 7919 + column * 104_729) % 1_000_003) as f64).collect()
}

fn limit(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).unwrap();
}
