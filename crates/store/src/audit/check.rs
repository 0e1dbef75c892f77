//! Compares what is stored of a segment with what its hashes say. Pure: the caller reads, and goes from segment to segment.
//!
//! It blames the smallest thing it can: a row whose digest does not fit, else the link over it, else the segment. After a
//! fault it goes on with both what is stored and what should be, so that one changed hash is one finding.

mod links;
mod rows;

use std::collections::BTreeSet;

use super::{AuditFault, AuditFinding, canonical};
use crate::entity::{audit_entry, audit_link, audit_segment};

/// All that is stored of a segment: links by number, rows by place.
pub(super) struct Stored {
    pub(super) segment: audit_segment::Model,
    pub(super) links: Vec<audit_link::Model>,
    pub(super) rows: Vec<audit_entry::Model>,
    /// Whether the chain goes on in another segment.
    pub(super) continued: bool,
}

/// What the next thing in a chain may rest on: what is stored and, after a fault, what should be.
pub(super) type Candidates = Vec<Vec<u8>>;

/// Everything that is wrong with a segment, and what the next one of its chain may rest on. `previous` is absent for the
/// first segment of a chain.
pub(super) fn segment(stored: &Stored, previous: Option<&Candidates>) -> (Vec<AuditFinding>, Candidates) {
    let of = &stored.segment;
    let mut findings = opening(of, previous);
    if of.kept {
        let bad_rows = rows::check(stored, &mut findings);
        links::check(stored, &bad_rows, &mut findings);
        findings.extend(summary(stored, &bad_rows));
    } else {
        findings.extend(remains(stored));
    }
    findings.extend(closing(stored));
    let next = [of.closing.clone(), Some(canonical::closing(of).to_vec())];
    (findings, next.into_iter().flatten().collect())
}

fn opening(of: &audit_segment::Model, previous: Option<&Candidates>) -> Vec<AuditFinding> {
    let rests = match previous {
        Some(candidates) => candidates.contains(&of.opening),
        None => of.opening == canonical::genesis(&of.tenant_id, &of.stream, &of.writer),
    };
    let what = match previous {
        Some(_) => "the segment does not rest on the one before it",
        None => "the chain does not begin with this segment",
    };
    if rests { Vec::new() } else { vec![of_segment(of, AuditFault::Changed, what)] }
}

/// What the segment says of its rows beside what those rows say that are right themselves.
fn summary(stored: &Stored, bad_rows: &BTreeSet<i64>) -> Vec<AuditFinding> {
    let of = &stored.segment;
    let right = |place: i64| stored.rows.iter().find(|row| row.sequence == place && !bad_rows.contains(&place));
    let (first, last) = (right(1), right(of.entries));
    let covered: i64 = stored.links.iter().fold(0, |sum, link| sum.saturating_add(link.entries));
    let last_link = stored.links.iter().find(|link| link.number == of.links);
    let wrong = [
        (first.is_some_and(|row| row.at != of.opened_at), "the segment's first time is not that of its first row"),
        (last.is_some_and(|row| row.at != of.last_at), "the segment's last time is not that of its last row"),
        (last_link.is_some() && covered != of.entries, "the segment's number of rows is not that of its links"),
        (last_link.is_some_and(|link| link.hash != of.head), "the segment's end is not its last link"),
        (of.links < 1 || of.entries < 1, "the segment holds nothing"),
    ];
    wrong.iter().filter(|(is, _)| *is).map(|(_, what)| of_segment(of, AuditFault::Changed, what)).collect()
}

/// Of a dropped segment only its own row is left.
fn remains(stored: &Stored) -> Option<AuditFinding> {
    let left = !stored.rows.is_empty() || !stored.links.is_empty();
    left.then(|| of_segment(&stored.segment, AuditFault::Added, "the segment was dropped and holds rows or links"))
}

fn closing(stored: &Stored) -> Option<AuditFinding> {
    let of = &stored.segment;
    let what = match &of.closing {
        Some(closing) if *closing != canonical::closing(of) => "the segment is not what it was closed as",
        None if stored.continued => "the segment was never closed, and the chain goes on behind it",
        None if !of.kept => "the segment was dropped without being closed",
        Some(_) | None => return None,
    };
    Some(of_segment(of, AuditFault::Changed, what))
}

pub(super) fn of_segment(of: &audit_segment::Model, fault: AuditFault, what: &str) -> AuditFinding {
    let segment = of.number.unsigned_abs();
    AuditFinding { fault, segment, link: None, rows: None, id: None, what: what.to_owned() }
}

#[cfg(test)]
mod tests;
