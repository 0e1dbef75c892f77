//! The conflict list (D-7): pairs of hosts that might be one, with the evidence for and against. Nothing here joins
//! anything; it is for people to decide.
//!
//! A pure function of the rows, found on first use of a snapshot. Pairs come from shared clues, never from comparing
//! all with all.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_model::{Evidence, EvidenceKind, ResourceId, ResourceKind};

use crate::{
    clues::{Clue, Clues},
    row::Row,
};

/// A clue with more holders than this tells nobody apart and proposes nothing: a thousand hosts behind one address are
/// not half a million proposals.
const MOST_HOLDERS: usize = 16;

/// Two hosts that might be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The smaller id.
    pub first: ResourceId,
    /// The larger id.
    pub second: ResourceId,
    /// What speaks for one host, strongest first.
    pub evidence: Vec<Evidence>,
    /// How sure that makes, from 0 to 1.
    pub confidence: f64,
    /// What speaks against it: hardware or enrolment that differs, or one source that lists both. Clones look like this.
    pub against: Vec<EvidenceKind>,
}

/// Finds all conflicts, surest first, then by id.
pub(crate) fn find(rows: &[Arc<Row>]) -> Vec<Conflict> {
    let hosts: Vec<(ResourceId, Clues)> =
        rows.iter().filter(|row| row.kind == ResourceKind::Agent).map(|row| (row.id, clues_of(row))).collect();
    let mut conflicts: Vec<_> = pairs(&hosts).into_iter().filter_map(|(a, b)| compare(&hosts[a], &hosts[b])).collect();
    conflicts.sort_by(|one, other| {
        other
            .confidence
            .total_cmp(&one.confidence)
            .then_with(|| (one.first, one.second).cmp(&(other.first, other.second)))
    });
    conflicts
}

/// The clues of a published row.
pub(crate) fn clues_of(row: &Row) -> Clues {
    let mut clues = Clues::default();
    clues.add_identity(row.kind, &row.identity);
    clues.seats = row.sources.iter().map(|source| (source.source.clone(), source.key.clone())).collect();
    clues
}

/// Pairs of hosts that share a clue that few have.
fn pairs(hosts: &[(ResourceId, Clues)]) -> BTreeSet<(usize, usize)> {
    let mut holders: BTreeMap<Clue, Vec<usize>> = BTreeMap::new();
    for (host, (_, clues)) in hosts.iter().enumerate() {
        for clue in clues.each() {
            holders.entry(clue).or_default().push(host);
        }
    }
    let few = holders.values().filter(|holders| (2..=MOST_HOLDERS).contains(&holders.len()));
    few.flat_map(|holders| pairs_of(holders)).collect()
}

fn pairs_of(holders: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    holders.iter().enumerate().flat_map(|(at, one)| holders[at + 1..].iter().map(move |other| (*one, *other)))
}

fn compare((a, ours): &(ResourceId, Clues), (b, theirs): &(ResourceId, Clues)) -> Option<Conflict> {
    let (evidence, confidence) = score(ours, theirs)?;
    let (first, second) = (*a.min(b), *a.max(b));
    Some(Conflict { first, second, evidence, confidence, against: ours.contradictions(theirs) })
}

/// R-12's table: what two hosts share, and how sure that makes. `None` when they share nothing.
pub(crate) fn score(ours: &Clues, theirs: &Clues) -> Option<(Vec<Evidence>, f64)> {
    let evidence = shared(ours, theirs);
    let has = |kind| evidence.iter().any(|evidence| evidence.kind == kind);
    let combined = match (has(EvidenceKind::Hostname), has(EvidenceKind::MacAddress), has(EvidenceKind::IpAddress)) {
        (true, true, _) => 0.9,
        (true, false, true) => 0.8,
        (true, false, false) | (false, _, _) => 0.0,
    };
    let single = evidence.iter().map(|evidence| evidence.kind.confidence());
    let confidence = single.fold(combined, f64::max);
    (!evidence.is_empty()).then_some((evidence, confidence))
}

fn shared(ours: &Clues, theirs: &Clues) -> Vec<Evidence> {
    let words = |kind, ours: &BTreeSet<smol_str::SmolStr>, theirs: &BTreeSet<smol_str::SmolStr>| -> Vec<Evidence> {
        ours.intersection(theirs).map(|value| Evidence { kind, value: value.to_string() }).collect()
    };
    let mut evidence = words(EvidenceKind::EnrolmentKey, &ours.enrolment_keys, &theirs.enrolment_keys);
    evidence.extend(words(EvidenceKind::PlatformKey, &ours.platform_keys, &theirs.platform_keys));
    evidence.extend(words(EvidenceKind::MachineId, &ours.machine_ids, &theirs.machine_ids));
    evidence.extend(words(EvidenceKind::DmiUuid, &ours.dmi_uuids, &theirs.dmi_uuids));
    let one = |kind, value: String| Evidence { kind, value };
    evidence.extend(ours.macs.intersection(&theirs.macs).map(|mac| one(EvidenceKind::MacAddress, mac.to_string())));
    evidence.extend(ours.shared_hostname(theirs).map(|name| one(EvidenceKind::Hostname, name.into())));
    evidence.extend(ours.ips.intersection(&theirs.ips).map(|ip| one(EvidenceKind::IpAddress, ip.to_string())));
    evidence
}
