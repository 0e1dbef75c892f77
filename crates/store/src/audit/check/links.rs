//! Links: each in its place, and each made of the one before it and of the rows that it covers.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{super::canonical, AuditFault, AuditFinding, Candidates, Stored, of_segment};
use crate::entity::audit_link;

/// Adds what is wrong with links. A link over a row that is wrong itself is not blamed as well.
pub(super) fn check(stored: &Stored, bad_rows: &BTreeSet<i64>, findings: &mut Vec<AuditFinding>) {
    let digests: BTreeMap<i64, &[u8]> =
        stored.rows.iter().filter_map(|row| Some((row.sequence, row.digest.as_deref()?))).collect();
    let mut chain: Candidates = vec![stored.segment.opening.clone()];
    let (mut next, mut first) = (1, 1);
    for link in &stored.links {
        if link.number < next || link.number > stored.segment.links {
            findings.push(of_link(stored, link.number, AuditFault::Added, "the link was not written through the log"));
            continue;
        }
        if link.number > next {
            findings.push(hole(stored, AuditFault::Missing, next, link.number - 1));
            (chain, first) = (Vec::new(), link.first_sequence);
        }
        let made = remade(stored, link, &chain, &digests);
        let excused = chain.is_empty() || made.is_none() || covers_any(link, bad_rows);
        let fits = made.as_ref().is_some_and(|made| made.contains(&link.hash));
        let misplaced = link.first_sequence != first || !lies_within(link, stored.segment.entries);
        if misplaced || !(fits || excused) {
            let what = "the link does not fit its rows and the link before it";
            findings.push(of_link(stored, link.number, AuditFault::Changed, what));
        }
        // Of what it should be the last, which rests on what should be: two hashes for each link, however long the chain.
        let should_be = made.filter(|_| !fits).and_then(|made| made.into_iter().next_back());
        chain = std::iter::once(link.hash.clone()).chain(should_be).collect();
        (next, first) = (link.number + 1, link.first_sequence.saturating_add(link.entries));
    }
    if next <= stored.segment.links {
        findings.push(hole(stored, AuditFault::Truncated, next, stored.segment.links));
    }
}

/// What the link's hash should be, after each thing that it may rest on; `None` where rows are missing.
fn remade(
    stored: &Stored,
    link: &audit_link::Model,
    chain: &Candidates,
    digests: &BTreeMap<i64, &[u8]>,
) -> Option<Candidates> {
    let rows: Option<Vec<&[u8]>> = covered(link).map(|place| digests.get(&place).copied()).collect();
    let rows = rows?;
    let made = |previous: &Vec<u8>| canonical::link(previous, &stored.segment, link, rows.iter().copied()).to_vec();
    Some(chain.iter().map(made).collect())
}

/// The places that a link says it covers; whoever tampered with it may have it say anything.
fn covered(link: &audit_link::Model) -> Range<i64> {
    link.first_sequence..link.first_sequence.saturating_add(link.entries)
}

fn lies_within(link: &audit_link::Model, entries: i64) -> bool {
    let covered = covered(link);
    !covered.is_empty() && covered.end - 1 <= entries
}

fn covers_any(link: &audit_link::Model, places: &BTreeSet<i64>) -> bool {
    let covered = covered(link);
    !covered.is_empty() && places.range(covered).next().is_some()
}

fn of_link(stored: &Stored, number: i64, fault: AuditFault, what: &str) -> AuditFinding {
    AuditFinding { link: Some(number.unsigned_abs()), ..of_segment(&stored.segment, fault, what) }
}

fn hole(stored: &Stored, fault: AuditFault, first: i64, last: i64) -> AuditFinding {
    let what =
        if first == last { "the link is gone".to_owned() } else { format!("the links {first} to {last} are gone") };
    of_link(stored, first, fault, &what)
}
