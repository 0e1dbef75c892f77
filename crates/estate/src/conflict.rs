//! The conflict list (D-7): pairs of hosts that might be one, and of hosts and guests where one might run inside the other,
//! with the evidence for and against. Nothing here joins anything; it is for people to decide. What they have decided is
//! not asked again.
//!
//! A pure function of the rows and rulings, found on first use of a snapshot. Pairs come from shared clues, never from
//! comparing all with all. Disks are not asked about: they join by themselves once their hosts do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_model::{Evidence, EvidenceKind, ResourceId, ResourceKind};

use crate::{
    clues::{Clue, Clues},
    row::Row,
    rulings::Ruled,
};

/// A clue with more holders than this tells nobody apart and proposes nothing: a thousand hosts behind one address are
/// not half a million proposals.
pub(crate) const MOST_HOLDERS: usize = 16;

/// What two resources might be to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// One host.
    Same,
    /// A host, and the guest that it runs inside.
    Inside,
}

/// Two resources of which it is not certain what they are to each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// What they might be.
    pub kind: ConflictKind,
    /// The smaller id; of a host and a guest the host.
    pub first: ResourceId,
    /// The larger id; of a host and a guest the guest.
    pub second: ResourceId,
    /// What speaks for it, strongest first.
    pub evidence: Vec<Evidence>,
    /// How sure that makes, from 0 to 1.
    pub confidence: f64,
    /// What speaks against it: hardware or enrolment that differs, or one source that lists both. Clones look like this.
    pub against: Vec<EvidenceKind>,
}

/// Finds all conflicts, surest first, then by id; `inside` are those between hosts and guests.
pub(crate) fn find<'a>(
    rows: &[Arc<Row>],
    ruled: Ruled<'_>,
    inside: impl Iterator<Item = &'a Conflict>,
) -> Vec<Conflict> {
    let hosts: Vec<(ResourceId, Clues)> =
        rows.iter().filter(|row| row.kind == ResourceKind::Agent).map(|row| (row.id, clues_of(row))).collect();
    let pairs = pairs(&hosts).into_iter().filter(|(a, b)| !ruled.apart(hosts[*a].0, hosts[*b].0));
    let mut conflicts: Vec<_> = pairs.filter_map(|(a, b)| compare(&hosts[a], &hosts[b])).collect();
    conflicts.extend(inside.cloned());
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
    let mut against = ours.contradictions(theirs);
    if ours.is_called_otherwise_than(theirs) {
        if evidence.iter().all(|shared| shared.kind == EvidenceKind::Hostname) {
            // Nearly every cluster has a node of the same name: nobody is asked about each such pair.
            return None;
        }
        against.insert(0, EvidenceKind::PlatformKey);
    }
    Some(Conflict { kind: ConflictKind::Same, first, second, evidence, confidence, against })
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
