//! Finds out which series samples of the past belong to, and how often they were measured. Pure.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use muster_collect::Backfill;
use muster_estate::{Row, Snapshot};
use muster_history::BackfillSeries;
use muster_model::{Metric, NativeKey, ResourceId, SourceId};

/// How often something was measured of which there is one sample.
const UNTOLD: SignedDuration = SignedDuration::from_secs(10);

/// Series by how often they were measured. Keys that the source does not list are left out, and so is what is said of the
/// future: it would stand in the way of what is measured then.
pub(super) fn arrange(
    snapshot: &Snapshot,
    source: &SourceId,
    backfill: Vec<Backfill>,
    now: Timestamp,
) -> BTreeMap<SignedDuration, Vec<BackfillSeries>> {
    let listed = listed(snapshot, source);
    let mut merged: BTreeMap<(ResourceId, Metric), Vec<(Timestamp, f64)>> = BTreeMap::new();
    for Backfill { key, metric, samples } in backfill {
        if let Some(row) = listed.get(&key) {
            let past = samples.into_iter().filter(|(at, _)| *at <= now);
            merged.entry((row.id, metric)).or_default().extend(past);
        }
    }
    let mut by_interval: BTreeMap<SignedDuration, Vec<BackfillSeries>> = BTreeMap::new();
    for ((resource, metric), mut samples) in merged {
        samples.sort_by_key(|(at, _)| *at);
        if !samples.is_empty() {
            let former = snapshot.aliases_of(resource).to_vec();
            let series = BackfillSeries { resource, former, metric, samples };
            by_interval.entry(interval(&series.samples)).or_default().push(series);
        }
    }
    by_interval
}

/// The resources that a source lists, by its keys.
fn listed<'a>(snapshot: &'a Snapshot, source: &SourceId) -> HashMap<&'a NativeKey, &'a Row> {
    let parts = snapshot.rows().iter().flat_map(|row| row.sources.iter().map(move |part| (part, &**row)));
    parts.filter(|(part, _)| part.source == *source).map(|(part, row)| (&part.key, row)).collect()
}

/// The shortest distance between two samples in order, in whole seconds; missing ones make distances longer.
fn interval(samples: &[(Timestamp, f64)]) -> SignedDuration {
    let distances = samples.windows(2).map(|two| two[1].0.duration_since(two[0].0).as_secs());
    distances.filter(|seconds| *seconds > 0).min().map_or(UNTOLD, SignedDuration::from_secs)
}
