//! Everything of a series, a stretch at a time, while blocks are merged under it.

use muster_history::{BackfillSeries, Cancel, History, Recorded, SeriesQuery};
use muster_model::{Metric, SourceId, TenantId};

use crate::common::{append, at, open, plan, vm};

/// Ticks of ten minutes.
const PERIOD: i64 = 60;

/// Sixty days of them.
const SAMPLES: i64 = 60 * 144;

#[test]
fn a_walk_is_complete_while_blocks_are_merged_under_it() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    remember(&history);
    let (mut met, mut present) = (Vec::new(), 0);
    let query = SeriesQuery {
        tenant: TenantId::DEFAULT,
        resources: vec![vm("a")],
        metric: Metric::Cpu,
        from: at(-SAMPLES * PERIOD),
        to: at(0),
    };
    let walked = history.walk(&query, &Cancel::default(), |recorded| {
        if met.len() % 1000 == 0 {
            merge(&history, &mut present);
            assert_eq!(journal_bytes(&history), 0, "a reader holds the journal");
        }
        met.push(recorded);
    });
    walked.unwrap();
    let times: Vec<_> = met.iter().map(time).collect();
    assert!(times.is_sorted_by(|one, next| one < next), "no place is met twice");
    assert_eq!(met.iter().map(count).sum::<u64>(), SAMPLES as u64);
    let is_sample = |recorded: &&Recorded| matches!(recorded, Recorded::Sample { .. });
    let samples = met.iter().filter(is_sample).count();
    assert!((1..met.len()).contains(&samples), "{samples} of {} were not summed up meanwhile", met.len());
}

fn remember(history: &History) {
    let period = history.period(jiff::SignedDuration::from_mins(10));
    let samples = (-SAMPLES..0).map(|step| (at(step * PERIOD), (step.rem_euclid(90)) as f64)).collect();
    let series = [BackfillSeries { resource: vm("a"), former: Vec::new(), metric: Metric::Cpu, samples }];
    history.backfill(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series, &Cancel::default()).unwrap();
    history.flush().unwrap();
}

/// Time passes for another resource, and what is due on blocks is done: two of the oldest days a flush.
fn merge(history: &History, present: &mut i64) {
    let plan = plan(history, 1, &[(vm("b"), Metric::Cpu)]);
    for _ in 0..10 {
        for _ in 0..2 {
            *present += 1;
            append(history, plan, *present, &[1.0]);
        }
        history.flush().unwrap();
    }
}

fn journal_bytes(history: &History) -> u64 {
    let files = history.stats().files;
    files.iter().find(|file| file.name == "history.db-wal").map_or(0, |file| file.bytes)
}

fn time(recorded: &Recorded) -> jiff::Timestamp {
    match recorded {
        Recorded::Sample { at, .. } | Recorded::Bucket { at, .. } => *at,
    }
}

fn count(recorded: &Recorded) -> u64 {
    match recorded {
        Recorded::Sample { .. } => 1,
        Recorded::Bucket { count, .. } => *count,
    }
}
