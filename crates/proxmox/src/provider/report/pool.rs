//! A ZFS pool that no storage of the platform lies on, as a record of its own: a pool that is in danger is in danger
//! whether guests lie on it or not.

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{Metric, PoolState, Record, ResourceKind, Status, UnknownReason};
use smol_str::{SmolStr, format_smolstr};

use super::{Builder, Naming};
use crate::provider::{key, pools::Pool, state::Node};

/// Adds a pool.
pub(super) fn record(builder: &mut Builder, name: &SmolStr, node: &Node, pool: &Pool, naming: &Naming) {
    let text = format_smolstr!("zfs/{name}/{}", pool.row.name);
    let reports = node.reports();
    let place = builder.record(Record {
        key: key::native(&text),
        kind: ResourceKind::Storage,
        name: pool.row.name.clone(),
        status: if reports { status(pool.state()) } else { Status::Unknown },
        technology: Some(SmolStr::new_static("zfs")),
        identity: naming.identity(&text),
        parent: Some(key::native(&key::node(name))),
        links: Vec::new(),
        tags: BTreeSet::new(),
        facets: vec![Arc::clone(&pool.facet)],
    });
    samples(builder, place, pool, reports);
}

fn status(state: PoolState) -> Status {
    match state {
        PoolState::Healthy | PoolState::Checking => Status::Online,
        PoolState::Recovering | PoolState::Degraded => Status::Warning,
        PoolState::Failed | PoolState::Inactive => Status::Offline,
        PoolState::Unknown => Status::Unknown,
    }
}

/// Room as the pool counts it, with what redundancy takes.
fn samples(builder: &mut Builder, place: u32, pool: &Pool, reports: bool) {
    let why_not = if reports { UnknownReason::NotReported } else { UnknownReason::SourceUnreachable };
    let number = |number: Option<u64>| number.filter(|_| reports).map(|number| number as f64);
    let total = number(pool.row.size.filter(|size| *size > 0));
    let used = number(pool.row.alloc);
    let share = used.zip(total).map(|(used, total)| (used * 100.0 / total).min(100.0));
    builder.reading(place, Metric::Usage, share, why_not);
    builder.reading(place, Metric::Used, used, why_not);
    builder.reading(place, Metric::Avail, number(pool.row.free), why_not);
    builder.reading(place, Metric::Total, total, why_not);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_pool_is_its_status() {
        //
        assert_eq!(status(PoolState::Degraded), Status::Warning);
        assert_eq!(status(PoolState::Failed), Status::Offline);
        assert_eq!(status(PoolState::Checking), Status::Online);
    }
}
