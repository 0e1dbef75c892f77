//! A long past costs what it is long: it is gathered while it comes, and united once.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use muster_history::{Backfill, BackfillError, BackfillSeries, Backfilled, Cancel, History, Options, Tier};
use muster_model::{Metric, SourceId, TenantId};

use crate::common::{append, at, averages, open, options, plan, vm};

#[test]
fn a_past_larger_than_memory_is_united_once_it_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(directory.path(), Options { memory_bytes: 1 << 20, ..options() }).unwrap();
    let live = plan(&history, 1, &[(vm("b"), Metric::Cpu)]);
    let pass = |tick: i64| {
        (tick..tick + 2).for_each(|tick| drop(append(&history, live, tick, &[1.0])));
        history.flush().unwrap();
    };
    pass(0);
    pass(2);
    let before = history.stats().flushes;
    remember(&history, 8640, 100_000);
    assert!(history.stats().flushes > before + 1, "memory was full more than once");
    assert_eq!(points(&history, Tier::TenMinutes), 0);
    pass(4);
    assert!(points(&history, Tier::TenMinutes) > 0);
}

#[test]
fn a_past_that_fits_into_memory_waits_there_while_sweeps_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let live = plan(&history, 1, &[(vm("b"), Metric::Cpu)]);
    for round in 0..50 {
        append(&history, live, round, &[1.0]);
        remember(&history, 8640 + round * 100, 10);
    }
    history.flush().unwrap();
    assert_eq!(history.stats().flushes, 1);
}

#[test]
fn a_past_is_taken_in_while_others_flush() {
    // Each flush forgets plans of the past that were written to: the first one, while its last rows wait to be appended
    // together with those of many others.
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(directory.path(), Options { memory_bytes: 1 << 20, ..options() }).unwrap();
    let live = plan(&history, 1, &[(vm("b"), Metric::Cpu)]);
    append(&history, live, 0, &[1.0]);
    let is_done = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let import = scope.spawn(|| {
            let others = (0..1000).map(|number| [series(&number.to_string(), 8640, 1)]);
            let past: Vec<_> = std::iter::once([series("a", 8640, 1500)]).chain(others).collect();
            let (source, period) = (SourceId::local_agent(), history.period(SignedDuration::from_secs(10)));
            let past: Vec<_> = past.iter().map(|series| Backfill { source: &source, period, series }).collect();
            let written = history.backfill_all(&TenantId::DEFAULT, &past, &Cancel::default());
            is_done.store(true, Ordering::SeqCst);
            written.unwrap().written
        });
        for tick in (1..).take_while(|_| !is_done.load(Ordering::SeqCst)) {
            append(&history, live, tick, &[1.0]);
            history.flush().unwrap();
        }
        import.join().unwrap()
    });
    assert_eq!(written, 2500);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, -8640 - 1500, -8641).iter().flatten().count(), 1500);
}

#[test]
fn a_past_for_which_no_blocks_can_be_written_ends_before_it_drives_anything_out() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(directory.path(), Options { memory_bytes: 1 << 20, ..options() }).unwrap();
    let live = plan(&history, 1, &[(vm("b"), Metric::Cpu)]);
    append(&history, live, 0, &[1.0]);
    let sql = rusqlite::Connection::open(directory.path().join("history.db")).unwrap();
    sql.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON pack BEGIN SELECT RAISE(ABORT, 'no'); END").unwrap();
    for round in 0..3 {
        let refused = try_remember(&history, 8640, 100_000);
        let Err(BackfillError::NotDurable { written, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(written > 0, round == 0, "memory fills once");
        assert_eq!(history.stats().shed_total, 0);
    }
    assert_eq!(averages(&history, vm("b"), Metric::Cpu, 0, 0), [Some(1.0)]);
    sql.execute_batch("DROP TRIGGER refuse").unwrap();
    let Backfilled { written, covered, .. } = try_remember(&history, 8640, 100_000).unwrap();
    assert!(covered > 0 && written + covered == 100_000, "{written} + {covered}");
}

/// So many samples, the last one so many ticks before the start.
fn remember(history: &History, before: i64, samples: i64) {
    try_remember(history, before, samples).unwrap();
}

fn try_remember(history: &History, before: i64, samples: i64) -> Result<Backfilled, BackfillError> {
    let (source, period) = (SourceId::local_agent(), history.period(SignedDuration::from_secs(10)));
    let series = [series("a", before, samples)];
    history.backfill(&TenantId::DEFAULT, &source, period, &series, &Cancel::default())
}

fn series(name: &str, before: i64, samples: i64) -> BackfillSeries {
    let samples = (1..=samples).map(|tick| (at(-before - tick), (tick % 97) as f64)).collect();
    BackfillSeries { resource: vm(name), former: Vec::new(), metric: Metric::Cpu, samples }
}

fn points(history: &History, tier: Tier) -> u64 {
    history.stats().tiers.iter().find(|stats| stats.tier == tier).map_or(0, |stats| stats.points)
}
