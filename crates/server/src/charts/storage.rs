//! How full everything that holds data is, as a whole. Reads `used` and `avail` and nothing else.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use muster_api::{Values, charts::StorageSummary};
use muster_estate::{Row, Snapshot};
use muster_history::{Column, QueryError};
use muster_model::{Metric, Reading, ResourceKind};

use super::{
    Computed, Inputs, computed, stats,
    table::{Wanted, subjects},
};
use crate::rounding;

const METRICS: [Metric; 2] = [Metric::Used, Metric::Avail];

/// A point every quarter of an hour over a day.
const POINTS: NonZeroU32 = NonZeroU32::new(96).expect("96 is not 0");

pub(super) fn compute(range: SignedDuration, inputs: &Inputs<'_>) -> Result<Computed, QueryError> {
    let rows = inputs.snapshot.storage_pools().filter(|row| counts(inputs.snapshot, row));
    let subjects = subjects(inputs.snapshot, rows);
    let wanted = Wanted { resources: &subjects, metrics: &METRICS, range, points: POINTS };
    let table = wanted.ask(inputs)?;
    let mut sums = vec![Sums::default(); table.times.len()];
    for columns in &table.rows {
        add(&mut sums, columns);
    }
    let column =
        |value: fn(&Sums) -> f64| sums.iter().map(|sums| (sums.parts > 0).then(|| value(sums))).collect::<Vec<_>>();
    let capacity = column(|sums| sums.used / (sums.used + sums.avail) * 100.0);
    let capacity: Vec<_> = capacity.into_iter().map(|value| value.filter(|value| value.is_finite())).collect();
    let answer = StorageSummary {
        stats: stats(&table, range),
        capacity: rounding::column(Metric::Usage, capacity),
        used: bytes(column(|sums| sums.used)),
        avail: bytes(column(|sums| sums.avail)),
        timestamp: inputs.now.as_millisecond(),
        times: table.times,
    };
    Ok(computed(&answer, table.step, wanted.columns()))
}

/// What lies within another storage that tells its own use is counted there.
fn counts(snapshot: &Snapshot, row: &Row) -> bool {
    let parent = row.parent.filter(|parent| parent.kind() == ResourceKind::Storage);
    parent.is_none_or(|parent| !matches!(snapshot.reading(parent, Metric::Used), Reading::Known { .. }))
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    used: f64,
    avail: f64,
    parts: u32,
}

/// Adds one storage, where it tells both.
fn add(sums: &mut [Sums], columns: &[Column]) {
    let [used, avail] = columns else { return };
    for (sums, (used, avail)) in sums.iter_mut().zip(used.avg.iter().zip(&avail.avg)) {
        if let (Some(used), Some(avail)) = (used, avail) {
            sums.used += used;
            sums.avail += avail;
            sums.parts += 1;
        }
    }
}

fn bytes(values: Vec<Option<f64>>) -> Values {
    rounding::column(Metric::Used, values)
}
