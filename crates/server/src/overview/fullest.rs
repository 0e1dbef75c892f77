//! The fullest of what holds data.

use std::sync::Arc;

use jiff::Timestamp;
use muster_api::overview::FullStorage;
use muster_estate::{Row, Snapshot};
use muster_model::{Metric, Reading};

use crate::inventory::terms::parent;

/// How many are named.
const MOST_NAMED: usize = 10;

/// The fullest first. What does not tell its use is not among them: nobody knows how full it is.
pub(super) fn of(snapshot: &Snapshot) -> Vec<FullStorage> {
    let mut pools: Vec<(f64, Timestamp, &Arc<Row>)> =
        snapshot.storage_pools().filter_map(|row| usage(snapshot, row)).collect();
    pools.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    let named = pools.into_iter().take(MOST_NAMED);
    named.map(|(usage, at, row)| full_storage(snapshot, row, usage, at)).collect()
}

fn usage<'a>(snapshot: &Snapshot, row: &'a Arc<Row>) -> Option<(f64, Timestamp, &'a Arc<Row>)> {
    match snapshot.reading(row.id, Metric::Usage) {
        Reading::Known { value, at, .. } => Some((value, at, row)),
        Reading::Unknown { .. } => None,
    }
}

fn full_storage(snapshot: &Snapshot, row: &Row, usage: f64, at: Timestamp) -> FullStorage {
    let avail = match snapshot.reading(row.id, Metric::Avail) {
        Reading::Known { value, .. } => Some(value),
        Reading::Unknown { .. } => None,
    };
    FullStorage {
        id: row.id,
        name: row.display_name.clone(),
        parent_name: parent(snapshot, row).map(|parent| parent.display_name.clone()),
        usage: Metric::Usage.precision().apply(usage),
        avail,
        at,
    }
}
