//! Counts by status, and what is not well.

use std::collections::BTreeMap;

use muster_api::overview::{KindHealth, TroubleCause, TroubledResource};
use muster_estate::{Row, Snapshot};
use muster_model::{ResourceKind, SourceFreshness, Status};

use super::count;
use crate::inventory::terms::parent;

/// Resources named as not well; the others are counted.
const MOST_NAMED: usize = 20;

/// How many there are of each status.
pub(super) fn by_status(statuses: impl Iterator<Item = Status>) -> BTreeMap<Status, u32> {
    let mut counts = BTreeMap::new();
    for status in statuses {
        *counts.entry(status).or_default() += 1;
    }
    counts
}

/// The same for each kind that there is.
pub(super) fn kinds(snapshot: &Snapshot) -> Vec<KindHealth> {
    let mut kinds: BTreeMap<ResourceKind, BTreeMap<Status, u32>> = BTreeMap::new();
    for row in snapshot.rows() {
        *kinds.entry(row.kind).or_default().entry(row.status).or_default() += 1;
    }
    let health =
        |(kind, by_status): (_, BTreeMap<Status, u32>)| KindHealth { kind, total: by_status.values().sum(), by_status };
    kinds.into_iter().map(health).collect()
}

/// What is not well, worst first, and how many that are altogether.
pub(super) fn worst(snapshot: &Snapshot) -> (Vec<TroubledResource>, u32) {
    let mut troubled: Vec<_> = snapshot.rows().iter().filter(|row| severity(row.status).is_some()).collect();
    let total = count(troubled.len());
    troubled.retain(|row| !is_explained(snapshot, row));
    // What others lie on comes first: its trouble explains theirs. The sort keeps the order by name.
    troubled.sort_by_key(|row| (severity(row.status), row.parent.is_some()));
    (troubled.into_iter().take(MOST_NAMED).map(|row| troubled_resource(snapshot, row)).collect(), total)
}

/// The least is worst; `None` for what is well.
fn severity(status: Status) -> Option<u8> {
    match status {
        Status::Offline => Some(0),
        Status::Warning => Some(1),
        Status::Unknown => Some(2),
        Status::Online => None,
    }
}

/// Whether it is old only because what it belongs to is silent: that one is named, and counts it.
fn is_explained(snapshot: &Snapshot, row: &Row) -> bool {
    is_unseen(row) && parent(snapshot, row).is_some_and(|above| is_unseen(above) && severity(above.status).is_some())
}

fn silent_parts(snapshot: &Snapshot, row: &Row) -> u32 {
    let parts = snapshot.children(row.id).iter().filter_map(|id| snapshot.get(*id));
    count(parts.filter(|part| severity(part.status).is_some() && is_explained(snapshot, part)).count())
}

fn troubled_resource(snapshot: &Snapshot, row: &Row) -> TroubledResource {
    TroubledResource {
        id: row.id,
        name: row.display_name.clone(),
        kind: row.kind,
        status: row.status,
        cause: if is_unseen(row) { TroubleCause::SourcesSilent } else { TroubleCause::Reported },
        parent_name: parent(snapshot, row).map(|parent| parent.display_name.clone()),
        last_seen: snapshot.last_seen(row.id),
        silent_parts: silent_parts(snapshot, row),
    }
}

/// Whether no source reports it just now.
pub(super) fn is_unseen(row: &Row) -> bool {
    row.sources.iter().all(|part| part.status != SourceFreshness::Online)
}
