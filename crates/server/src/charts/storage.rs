//! How full everything that holds data is, as a whole. Reads `used` and `avail` and nothing else.
//!
//! A storage that is asked more seldom than points follow each other counts with what it told last; one that has fallen
//! silent is counted as missing, so that a sum of a part is not taken for the whole.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use muster_api::{
    Values,
    charts::{ChartStats, StorageSummary},
};
use muster_estate::{Row, Snapshot};
use muster_history::{Column, ManyAnswer, QueryError};
use muster_model::{Metric, Reading, ResourceKind};

use super::{
    Computed, Inputs, computed, count,
    folds::{Folded, Folds, Part},
    held::{drop_until, hold_all, lead},
    origin::Origin,
    subjects,
    table::{Wanted, is_known},
};
use crate::{
    rounding,
    subject::{Subject, seconds},
};

const METRICS: [Metric; 2] = [Metric::Used, Metric::Avail];

/// A point every quarter of an hour over a day.
const POINTS: NonZeroU32 = NonZeroU32::new(96).expect("96 is not 0");

pub(super) fn compute(range: SignedDuration, inputs: &Inputs<'_>) -> Result<Computed, QueryError> {
    let rows = inputs.snapshot.storage_pools().filter(|row| counts(inputs.snapshot, row));
    let subjects = subjects(inputs.snapshot, rows);
    let lead = lead(inputs.snapshot, &subjects, range, POINTS);
    let wanted = Wanted { resources: &subjects, metrics: &METRICS, range, points: POINTS, lead };
    let mut whole = Whole { folds: Folds::new(), series: 0, origin: Origin::default() };
    let begin = wanted.begin(inputs);
    wanted.each(inputs, |subjects, answer| whole.add(inputs.snapshot, subjects, answer, begin))?;
    let summary = whole.named(range, inputs, subjects.len());
    let step = SignedDuration::from_secs(summary.stats.step_seconds.into());
    Ok(computed(&summary, step, wanted.columns()))
}

/// What lies within another storage that tells its own use is counted there.
fn counts(snapshot: &Snapshot, row: &Row) -> bool {
    let parent = row.parent.filter(|parent| parent.kind() == ResourceKind::Storage);
    parent.is_none_or(|parent| !is_read(snapshot, parent, Metric::Used))
}

fn is_read(snapshot: &Snapshot, id: muster_model::ResourceId, metric: Metric) -> bool {
    matches!(snapshot.reading(id, metric), Reading::Known { .. })
}

/// The sums of a point.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    used: f64,
    avail: f64,
    counted: u32,
    missing: u32,
}

impl Part for Sums {
    fn add(&mut self, other: &Self) {
        let Self { used, avail, counted, missing } = *other;
        self.used += used;
        self.avail += avail;
        self.counted += counted;
        self.missing += missing;
    }
}

impl Sums {
    fn tell<T>(&self, value: impl FnOnce(&Self) -> T) -> Option<T> {
        (self.counted > 0).then(|| value(self))
    }
}

/// What is kept of all storages.
struct Whole {
    folds: Folds<Sums>,
    series: usize,
    origin: Origin,
}

impl Whole {
    /// Adds some storages, from the given time on.
    fn add(&mut self, snapshot: &Snapshot, subjects: &[Subject], mut answer: ManyAnswer, begin: i64) {
        self.series += answer.resources.iter().flatten().filter(|column| is_known(column)).count();
        hold_all(&mut answer);
        drop_until(&mut answer, begin);
        self.origin.note(&answer);
        let sums = self.folds.parts(&answer);
        for (subject, columns) in subjects.iter().zip(&answer.resources) {
            let step = i64::try_from(answer.step.as_millis()).unwrap_or(i64::MAX);
            let expected = expected_since(snapshot, subject).map(|since| since.saturating_sub(step));
            add(sums, &answer.times, columns, expected);
        }
    }

    fn named(self, range: SignedDuration, inputs: &Inputs<'_>, resources: usize) -> StorageSummary {
        let Folded { step, times, parts } = self.folds.finish();
        let column = |value: fn(&Sums) -> f64| parts.iter().map(|sums| sums.tell(value)).collect::<Vec<_>>();
        let capacity = column(|sums| sums.used / (sums.used + sums.avail) * 100.0);
        let capacity = capacity.into_iter().map(|value| value.filter(|value| value.is_finite())).collect();
        let first = parts.iter().position(|sums| sums.counted > 0);
        let stats = ChartStats {
            range_seconds: seconds(range),
            step_seconds: seconds(step),
            tier: self.origin.tier(),
            source: self.origin.source(),
            archive_error: self.origin.archive_error(),
            resources: count(resources),
            series: count(self.series),
            oldest_data_timestamp: first.and_then(|first| times.get(first).copied()),
        };
        StorageSummary {
            capacity: rounding::column(Metric::Usage, capacity),
            used: bytes(column(|sums| sums.used)),
            avail: bytes(column(|sums| sums.avail)),
            counted: parts.iter().map(|sums| sums.counted).collect(),
            missing: parts.iter().map(|sums| sums.missing).collect(),
            timestamp: inputs.now.as_millisecond(),
            times,
            stats,
        }
    }
}

/// From when on a storage that tells both is expected to: since it was first seen, in epoch milliseconds.
fn expected_since(snapshot: &Snapshot, subject: &Subject) -> Option<i64> {
    let tells_both = METRICS.iter().all(|metric| is_read(snapshot, subject.id, *metric));
    let first_seen = snapshot.get(subject.id).map(|row| row.first_seen_at.as_millisecond());
    first_seen.filter(|_| tells_both)
}

/// Adds one storage: its values where it tells both, else that it is missing, from its first value or `expected` on.
fn add(sums: &mut [Sums], times: &[i64], columns: &[Column], expected: Option<i64>) {
    let [used, avail] = columns else { return };
    let both = || used.avg.iter().zip(&avail.avg).map(|(used, avail)| used.zip(*avail));
    let first = both().position(|values| values.is_some()).and_then(|first| times.get(first).copied());
    let expected = [first, expected].into_iter().flatten().min().unwrap_or(i64::MAX);
    for ((sums, time), values) in sums.iter_mut().zip(times).zip(both()) {
        let part = match values {
            Some((used, avail)) => Sums { used, avail, counted: 1, missing: 0 },
            None => Sums { missing: u32::from(*time >= expected), ..Sums::default() },
        };
        sums.add(&part);
    }
}

fn bytes(values: Vec<Option<f64>>) -> Values {
    rounding::column(Metric::Used, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_tells_nothing_is_missing_once_it_is_known() {
        let check = |values: &[Option<f64>], expected, missing: &[u32]| {
            let mut sums = vec![Sums::default(); values.len()];
            let columns = METRICS.map(|metric| column(metric, values));
            let times: Vec<i64> = (0..values.len() as i64).collect();
            add(&mut sums, &times, &columns, expected);
            assert_eq!(sums.iter().map(|sums| sums.missing).collect::<Vec<_>>(), missing);
            assert!(sums.iter().zip(values).all(|(sums, value)| (sums.counted == 1) == value.is_some()));
        };
        check(&[None, Some(1.0), None, Some(2.0), None], None, &[0, 0, 1, 0, 1]);
        check(&[None, None, Some(1.0)], Some(1), &[0, 1, 0]);
        check(&[None, None], Some(-7), &[1, 1]);
        check(&[None, None], None, &[0, 0]);
    }

    #[test]
    fn only_who_tells_both_counts() {
        let mut sums = vec![Sums::default(); 1];
        let columns = [column(Metric::Used, &[Some(1.0)]), column(Metric::Avail, &[None])];
        add(&mut sums, &[0], &columns, None);
        assert_eq!(sums, [Sums::default()]);
    }

    fn column(metric: Metric, values: &[Option<f64>]) -> Column {
        let values = values.to_vec();
        Column { metric, avg: values.clone(), min: values.clone(), max: values, gaps: Vec::new() }
    }
}
