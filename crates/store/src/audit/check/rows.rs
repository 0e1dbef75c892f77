//! Rows: each in its place, and each as its digest says.

use std::collections::{BTreeMap, BTreeSet};

use super::{super::canonical, AuditFault, AuditFinding, Stored, of_segment};
use crate::entity::audit_entry;

/// Rows that are compared with each other's places. Beyond that, a row in a wrong place counts as changed.
const COMPARED: usize = 200;

/// Adds what is wrong with rows, and says which places are affected.
pub(super) fn check(stored: &Stored, findings: &mut Vec<AuditFinding>) -> BTreeSet<i64> {
    let mut bad = places(stored, findings);
    let changed: Vec<_> = stored.rows.iter().filter(|row| !fits(row, row.sequence, row)).collect();
    let by_place: BTreeMap<i64, _> = changed.iter().take(COMPARED).map(|row| (row.sequence, *row)).collect();
    for row in changed {
        let (fault, what) = match place_of(row, &by_place) {
            Some(place) => (AuditFault::Reordered, format!("the row stood at place {place}")),
            None => (AuditFault::Changed, "the row does not hold what was written".to_owned()),
        };
        findings.push(of_row(stored, row, fault, &what));
        bad.insert(row.sequence);
    }
    bad
}

/// Rows are numbered from 1 without holes, up to what the segment says.
fn places(stored: &Stored, findings: &mut Vec<AuditFinding>) -> BTreeSet<i64> {
    let (mut bad, mut next) = (BTreeSet::new(), 1);
    let last = stored.segment.entries;
    for row in &stored.rows {
        if row.sequence < next || row.sequence > last {
            findings.push(of_row(stored, row, AuditFault::Added, "the row was not written through the log"));
            bad.insert(row.sequence);
            continue;
        }
        if row.sequence > next {
            findings.push(hole(stored, AuditFault::Missing, next, row.sequence - 1));
        }
        next = row.sequence + 1;
    }
    if next <= last {
        findings.push(hole(stored, AuditFault::Truncated, next, last));
    }
    bad
}

/// Whether a row's content, standing at `place`, is what some row's digest was made of.
fn fits(content: &audit_entry::Model, place: i64, digest_of: &audit_entry::Model) -> bool {
    let hash = if content.sequence == place {
        canonical::row(content)
    } else {
        canonical::row(&audit_entry::Model { sequence: place, ..content.clone() })
    };
    digest_of.digest.as_deref() == Some(hash.as_slice())
}

/// The place where a row stood, when it is one of those that do not fit either.
fn place_of(row: &audit_entry::Model, others: &BTreeMap<i64, &audit_entry::Model>) -> Option<i64> {
    let stood = |(place, other): &(&i64, &&audit_entry::Model)| fits(row, **place, other) || fits(row, **place, row);
    others.iter().filter(|(place, _)| **place != row.sequence).find(stood).map(|(place, _)| *place)
}

fn of_row(stored: &Stored, row: &audit_entry::Model, fault: AuditFault, what: &str) -> AuditFinding {
    let place = row.sequence.unsigned_abs();
    AuditFinding { rows: Some((place, place)), id: Some(row.id), ..of_segment(&stored.segment, fault, what) }
}

fn hole(stored: &Stored, fault: AuditFault, first: i64, last: i64) -> AuditFinding {
    let what = if first == last { "the row is gone" } else { "the rows are gone" };
    AuditFinding { rows: Some((first.unsigned_abs(), last.unsigned_abs())), ..of_segment(&stored.segment, fault, what) }
}
