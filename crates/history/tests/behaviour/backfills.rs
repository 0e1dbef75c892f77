//! A long past costs what it is long: it is gathered while it comes, and united once.

use jiff::SignedDuration;
use muster_history::{BackfillSeries, Cancel, History, Options, Tier};
use muster_model::{Metric, SourceId, TenantId};

use crate::common::{append, at, open, options, plan, vm};

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

/// So many samples, the last one so many ticks before the start.
fn remember(history: &History, before: i64, samples: i64) {
    let samples = (1..=samples).map(|tick| (at(-before - tick), (tick % 97) as f64)).collect();
    let series = [BackfillSeries { resource: vm("a"), metric: Metric::Cpu, samples }];
    let (source, period) = (SourceId::local_agent(), history.period(SignedDuration::from_secs(10)));
    history.backfill(&TenantId::DEFAULT, &source, period, &series, &Cancel::default()).unwrap();
}

fn points(history: &History, tier: Tier) -> u64 {
    history.stats().tiers.iter().find(|stats| stats.tier == tier).map_or(0, |stats| stats.points)
}
