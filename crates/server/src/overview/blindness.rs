//! What cannot be seen, and why: silent sources, parts that they may not read, values that nobody knows.

use std::{cmp::Reverse, collections::BTreeMap};

use muster_api::overview::{Blindness, DegradedSource, SilentSource, UnknownReadings};
use muster_estate::{Row, Snapshot, SourceState};
use muster_model::{Metric, Reading, SourceFreshness, UnknownReason};

use super::{count, health::is_unseen};
use crate::inventory::resource::Detail;

/// Sources named of each sort; the others are counted.
const MOST_NAMED: usize = 20;

/// Issues shown of a source, as everywhere (D-26).
const SHOWN_ISSUES: usize = 3;

/// What cannot be seen of a snapshot.
pub(super) fn of(snapshot: &Snapshot, detail: Detail) -> Blindness {
    let (current, mut silent): (Vec<_>, Vec<_>) =
        snapshot.sources().partition(|source| source.freshness == SourceFreshness::Online);
    silent.sort_by_key(|source| source.last_seen);
    let degraded: Vec<_> = current.iter().filter(|source| !source.issues.is_empty()).collect();
    let readings = match detail {
        Detail::Facts => None,
        Detail::Everything => Some(Tally::of(snapshot)),
    };
    Blindness {
        sources: count(current.len() + silent.len()),
        silent: silent.iter().take(MOST_NAMED).map(|source| silent_source(source)).collect(),
        silent_total: count(silent.len()),
        degraded: degraded.iter().take(MOST_NAMED).map(|source| degraded_source(source)).collect(),
        degraded_total: count(degraded.len()),
        unseen_resources: count(snapshot.rows().iter().filter(|row| is_unseen(row)).count()),
        undecided_identities: count(snapshot.conflicts().len()),
        known_readings: readings.as_ref().map(|tally| tally.known),
        unknown_readings: readings.map(Tally::unknown),
    }
}

fn silent_source(source: &SourceState) -> SilentSource {
    SilentSource {
        id: source.id.clone(),
        status: source.freshness,
        last_seen: source.last_seen,
        interval_seconds: u32::try_from(source.interval.as_secs()).unwrap_or_default(),
        resources: source.record_count,
    }
}

fn degraded_source(source: &SourceState) -> DegradedSource {
    DegradedSource {
        id: source.id.clone(),
        last_seen: source.last_seen,
        issue_count: count(source.issues.len()),
        issues: source.issues.iter().take(SHOWN_ISSUES).cloned().collect(),
    }
}

/// Readings counted: those known, and those unknown by metric and reason with the first resource of each.
struct Tally<'a> {
    known: u64,
    unknown: BTreeMap<(Metric, UnknownReason), (u32, &'a Row)>,
}

impl<'a> Tally<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let mut tally = Self { known: 0, unknown: BTreeMap::new() };
        for row in snapshot.rows() {
            for (metric, reading) in snapshot.witnesses(row).readings() {
                tally.add(row, metric, &reading);
            }
        }
        tally
    }

    fn add(&mut self, row: &'a Row, metric: Metric, reading: &Reading<f64>) {
        match reading {
            Reading::Known { .. } => self.known += 1,
            Reading::Unknown { reason } if is_blindness(*reason) => {
                self.unknown.entry((metric, *reason)).or_insert((0, row)).0 += 1;
            }
            Reading::Unknown { .. } => {}
        }
    }

    fn unknown(self) -> Vec<UnknownReadings> {
        let mut unknown: Vec<_> = self
            .unknown
            .into_iter()
            .map(|((metric, reason), (count, row))| UnknownReadings {
                metric,
                reason,
                count,
                example: row.id,
                example_name: row.display_name.clone(),
            })
            .collect();
        unknown.sort_by_key(|entry| Reverse(entry.count));
        unknown
    }
}

/// Whether a value for this reason is one that could be seen and is not. What does not exist, and a rate before its
/// second observation, is nothing to see yet.
fn is_blindness(reason: UnknownReason) -> bool {
    match reason {
        UnknownReason::PermissionDenied
        | UnknownReason::SourceUnreachable
        | UnknownReason::TimedOut
        | UnknownReason::Malformed
        | UnknownReason::NotReported => true,
        UnknownReason::NotSupported | UnknownReason::NoBaseline | UnknownReason::CounterReset => false,
    }
}
