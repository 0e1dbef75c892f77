//! Blocks cannot be written for long: memory stays bounded, the log keeps what memory cannot, and all of it comes back.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use muster_history::{FlushError, History, Options, Parcel, PlanId};
use muster_model::{Metric, ResourceId};

use crate::common::{append, averages, options, plan, vm};

/// Rows of so many series fill a memory of 1 MiB several times over, and several files of the log.
const WIDTH: i64 = 200;
const SWEEPS: i64 = 3000;

/// Written a second time, late in the outage.
const CORRECTED: [i64; 2] = [3, SWEEPS - 700];

#[test]
fn what_memory_let_go_of_comes_back_when_blocks_can_be_written_again() {
    let directory = tempfile::tempdir().unwrap();
    let history = outage(directory.path());
    let stats = history.stats();
    assert!(stats.shed_samples > 0, "{stats:?}");
    // Half of the budget open, as much on its way.
    assert!(stats.memory_bytes <= 1 << 20, "{} bytes", stats.memory_bytes);
    assert!(logs(directory.path()) > 3, "the log goes on in another file");

    heal(directory.path());
    history.flush().unwrap();
    check_all(&history);
    let stats = history.stats();
    assert_eq!((stats.shed_samples, stats.lost_samples, stats.last_error), (0, 0, None));
    assert_eq!(logs(directory.path()), 0);
    drop(history);
    check_all(&open(directory.path()));
}

#[test]
fn a_log_that_does_not_fit_into_memory_becomes_blocks_at_start() {
    let directory = tempfile::tempdir().unwrap();
    drop(outage(directory.path()));
    heal(directory.path());
    let history = open(directory.path());
    let stats = history.stats();
    assert!(stats.memory_bytes <= 1 << 20, "{} bytes", stats.memory_bytes);
    assert_eq!((stats.shed_samples, stats.last_error), (0, None));
    assert_eq!(logs(directory.path()), 0);
    check_all(&history);
}

#[test]
fn a_start_while_blocks_cannot_be_written_goes_on_from_the_newest() {
    let directory = tempfile::tempdir().unwrap();
    drop(outage(directory.path()));
    let history = open(directory.path());
    let stats = history.stats();
    assert!(stats.memory_bytes <= 1 << 20, "{} bytes", stats.memory_bytes);
    assert!(stats.shed_samples > 0 && stats.last_error.is_some(), "{stats:?}");
    assert_eq!(value(&history, 7, SWEEPS - 1), Some(values(SWEEPS - 1)[7]));

    // It comes through a crash in this state, too.
    drop(history);
    let history = open(directory.path());
    heal(directory.path());
    history.flush().unwrap();
    check_all(&history);
    let stats = history.stats();
    assert_eq!((stats.shed_samples, stats.lost_samples, stats.last_error), (0, 0, None));
}

#[test]
fn an_outage_that_is_over_for_a_moment_only_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let history = outage(directory.path());
    // Some files can be read back before it begins anew.
    sql(
        directory.path(),
        "DROP TRIGGER refuse;
         CREATE TRIGGER refuse BEFORE INSERT ON pack WHEN (SELECT count(*) FROM block) > 4
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    assert!(history.flush().is_err());
    let left = logs(directory.path());
    assert!(left > 0 && history.stats().shed_samples > 0);
    heal(directory.path());
    history.flush().unwrap();
    check_all(&history);
}

#[test]
fn a_log_that_somebody_deleted_takes_its_own_samples_and_holds_up_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let history = outage(directory.path());
    let log = an_owed_log(directory.path());
    fs::remove_file(&log).unwrap();
    heal(directory.path());
    history.flush().unwrap();
    let stats = history.stats();
    let [known, last] = [0, SWEEPS - 1].map(|from| known(&history, 7, from));
    assert!(known > 0 && known < SWEEPS && last == 1, "{known} sweeps");
    // What was written a second time is counted although it is known.
    let lost = SWEEPS - known..=SWEEPS - known + CORRECTED.len() as i64;
    assert!(lost.contains(&(stats.lost_samples as i64 / WIDTH)), "what is lost is told: {stats:?}");
    assert_eq!((stats.shed_samples, stats.last_error), (0, None));
    assert_eq!(logs(directory.path()), 0);
}

#[test]
fn a_log_that_cannot_be_opened_is_told_of_and_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let history = outage(directory.path());
    let log = an_owed_log(directory.path());
    let elsewhere = directory.path().join("elsewhere");
    fs::rename(&log, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&log, &log).unwrap();
    heal(directory.path());
    assert!(matches!(history.flush(), Err(FlushError::ReadBack(_))));
    assert!(history.stats().last_error.unwrap().contains("reading back"));
    fs::rename(&elsewhere, &log).unwrap();
    history.flush().unwrap();
    check_all(&history);
    assert_eq!(history.stats().last_error, None);
}

#[test]
fn a_log_whose_first_bytes_cannot_be_read_is_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    let history = outage(directory.path());
    let log = an_owed_log(directory.path());
    // It can be opened, and refuses to be read.
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    heal(directory.path());
    history.flush().unwrap();
    assert_eq!((history.stats().damaged_logs, history.stats().last_error), (1, None));

    let again = directory.path().join("sweeps-00000999.log");
    fs::create_dir(&again).unwrap();
    drop(history);
    let history = open(directory.path());
    assert!(!again.exists());
    assert_eq!((history.stats().damaged_logs, known(&history, 7, SWEEPS - 1)), (2, 1));
}

#[test]
fn what_comes_back_is_stored_and_shipped_once() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(directory.path(), Options { ships: true, memory_bytes: 1 << 20, ..options() }).unwrap();
    break_(directory.path());
    let wide = wide(&history);
    for tick in 0..SWEEPS {
        append(&history, wide, tick, &values(tick));
        if tick % 500 == 499 {
            assert!(history.flush().is_err());
        }
    }
    assert!(history.stats().shed_samples > 0);
    heal(directory.path());
    history.flush().unwrap();
    let stats = history.stats();
    assert_eq!((stats.stored_samples as i64, stats.lost_samples), (SWEEPS * WIDTH, 0));
    assert!(stats.shed_total > 0, "it was, even if all of it is back");
    let mut shipped = BTreeMap::new();
    while let Some(Parcel { position, series }) = history.parcel(100_000).unwrap() {
        for (resource, sample) in series.iter().flat_map(|it| it.samples.iter().map(|sample| (it.resource, sample))) {
            *shipped.entry((resource, sample.at_ms)).or_insert(0) += 1;
        }
        history.confirm(position).unwrap();
    }
    assert_eq!(shipped.len() as i64, SWEEPS * WIDTH);
    assert!(shipped.values().all(|times| *times == 1));
}

/// Takes in more than memory holds while no block can be written.
fn outage(directory: &Path) -> History {
    let history = open(directory);
    break_(directory);
    let wide = wide(&history);
    for tick in 0..SWEEPS {
        let values = if CORRECTED.contains(&tick) { vec![0.0; WIDTH as usize] } else { values(tick) };
        assert_eq!(append(&history, wide, tick, &values).not_durable, None);
        if tick % 500 == 499 {
            assert!(history.flush().is_err());
        }
    }
    for tick in CORRECTED {
        append(&history, wide, tick, &values(tick));
    }
    history
}

fn wide(history: &History) -> PlanId {
    let series: Vec<_> = (0..WIDTH).map(|number| (resource(number), Metric::SmartPowerOnHours)).collect();
    plan(history, 1, &series)
}

fn break_(directory: &Path) {
    sql(directory, "CREATE TRIGGER refuse BEFORE INSERT ON pack BEGIN SELECT RAISE(ABORT, 'no'); END");
}

fn heal(directory: &Path) {
    sql(directory, "DROP TRIGGER refuse");
}

fn open(directory: &Path) -> History {
    History::open(directory, Options { memory_bytes: 1 << 20, ..options() }).unwrap()
}

fn check_all(history: &History) {
    for number in [0, 7, WIDTH - 1] {
        let known = averages(history, resource(number), Metric::SmartPowerOnHours, 0, SWEEPS - 1);
        let expected: Vec<_> = (0..SWEEPS).map(|tick| Some(values(tick)[number as usize])).collect();
        assert_eq!(known, expected, "resource {number}");
    }
}

fn value(history: &History, number: i64, tick: i64) -> Option<f64> {
    averages(history, resource(number), Metric::SmartPowerOnHours, tick, tick)[0]
}

/// How many sweeps of a resource there are from one on.
fn known(history: &History, number: i64, from: i64) -> i64 {
    averages(history, resource(number), Metric::SmartPowerOnHours, from, SWEEPS - 1).iter().flatten().count() as i64
}

fn resource(number: i64) -> ResourceId {
    vm(&number.to_string())
}

/// What does not pack well.
fn values(tick: i64) -> Vec<f64> {
    (0..WIDTH).map(|column| ((tick * 7919 + column * 104_729) % 1_000_003) as f64).collect()
}

fn logs(directory: &Path) -> usize {
    log_files(directory).count()
}

/// A file of the log with rows that memory let go of. The first ones have what was frozen when the outage began.
fn an_owed_log(directory: &Path) -> PathBuf {
    let files: BTreeSet<_> = log_files(directory).collect();
    files.into_iter().nth(3).unwrap()
}

fn log_files(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("sweeps-"))
}

fn sql(directory: &Path, statement: &str) {
    rusqlite::Connection::open(directory.join("history.db")).unwrap().execute_batch(statement).unwrap();
}
