//! Groups of rows that are one system: united by strong ids and by strong evidence, never against known differences.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_model::{ResourceKind, SourceKind};
use smol_str::{SmolStr, format_smolstr};

use super::{Reason, ReasonKind, SystemType};
use crate::{
    clues::{Clue, Clues},
    conflict::{clues_of, score},
    row::Row,
};

/// Evidence of this confidence unites two rows.
const CONFIDENT: f64 = 0.9;

/// A clue with more holders than this is not looked into.
const MOST_HOLDERS: usize = 16;

/// One row that is a system by itself or part of one.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) row: &'a Row,
    pub(super) system_type: SystemType,
    pub(super) clues: Clues,
}

/// Rows that are one system so far.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The leading one first.
    pub(super) members: Vec<Candidate<'a>>,
    pub(super) reasons: BTreeSet<Reason>,
}

/// All groups. A group that was united with another one is empty.
#[derive(Debug)]
pub(super) struct Groups<'a> {
    groups: Vec<Group<'a>>,
}

impl<'a> Groups<'a> {
    /// Every candidate in a group of its own, in the order of ids, so that the result does not depend on names.
    pub(super) fn of(rows: &'a [Arc<Row>]) -> Self {
        let candidate = |row: &'a Arc<Row>| {
            let system_type = SystemType::of(row)?;
            Some(Candidate { row, system_type, clues: clues_of(row) })
        };
        let mut candidates: Vec<_> = rows.iter().filter_map(candidate).collect();
        candidates.sort_by_key(|candidate| candidate.row.id);
        let alone = |candidate| Group { members: vec![candidate], reasons: BTreeSet::new() };
        Self { groups: candidates.into_iter().map(alone).collect() }
    }

    pub(super) fn unite_by_strong_ids(&mut self) {
        let mut holders: BTreeMap<SmolStr, Vec<usize>> = BTreeMap::new();
        for (place, group) in self.groups.iter().enumerate() {
            for id in group.members.iter().flat_map(|member| strong_ids(member.row)) {
                holders.entry(id).or_default().push(place);
            }
        }
        let mut home = Home::new(self.groups.len());
        for (id, holders) in holders {
            for pair in holders.windows(2) {
                let reason = Reason { kind: ReasonKind::SharedIdentity, signal: id.clone() };
                self.unite(&mut home, pair[0], pair[1], reason);
            }
        }
    }

    pub(super) fn unite_by_evidence(&mut self) {
        let mut holders: BTreeMap<Clue, Vec<usize>> = BTreeMap::new();
        for (place, group) in self.groups.iter().enumerate() {
            let clues: BTreeSet<Clue> = group.members.iter().flat_map(|member| member.clues.each()).collect();
            clues.into_iter().for_each(|clue| holders.entry(clue).or_default().push(place));
        }
        let mut home = Home::new(self.groups.len());
        for holders in holders.into_values().filter(|holders| holders.len() <= MOST_HOLDERS) {
            for (at, one) in holders.iter().enumerate() {
                for other in &holders[at + 1..] {
                    if let Some(signal) = self.confident(&home, *one, *other) {
                        self.unite(&mut home, *one, *other, Reason { kind: ReasonKind::IdentityMatch, signal });
                    }
                }
            }
        }
    }

    /// All of them by place, empty ones too.
    pub(super) fn all(&self) -> &[Group<'a>] {
        &self.groups
    }

    /// Moves everything of one group into another.
    pub(super) fn merge(&mut self, from: usize, into: usize, reason: Reason) {
        let mut moved =
            std::mem::replace(&mut self.groups[from], Group { members: Vec::new(), reasons: BTreeSet::new() });
        let group = &mut self.groups[into];
        // Thousands may come one by one: the few are put in their places among the many.
        if moved.members.len() > group.members.len() {
            std::mem::swap(&mut moved.members, &mut group.members);
        }
        let order = |member: &Candidate<'_>| (member.system_type, member.row.id);
        for member in moved.members {
            let place = group.members.partition_point(|other| order(other) < order(&member));
            group.members.insert(place, member);
        }
        group.reasons.extend(moved.reasons);
        group.reasons.insert(reason);
    }

    pub(super) fn into_groups(self) -> Vec<Group<'a>> {
        self.groups.into_iter().filter(|group| !group.members.is_empty()).collect()
    }

    fn unite(&mut self, home: &mut Home, one: usize, other: usize, reason: Reason) {
        let (into, from) = (home.of(one), home.of(other));
        if into == from {
            self.groups[into].reasons.insert(reason);
        } else if !self.groups[into].is_apart_from(&self.groups[from]) {
            let (into, from) = (into.min(from), into.max(from));
            self.merge(from, into, reason);
            home.0[from] = into;
        }
    }

    fn confident(&self, home: &Home, one: usize, other: usize) -> Option<SmolStr> {
        let (one, other) = (home.of(one), home.of(other));
        if one == other {
            return None;
        }
        let theirs = &self.groups[other].members;
        let scores = self.groups[one].members.iter().flat_map(|a| theirs.iter().map(|b| score(&a.clues, &b.clues)));
        let sure = scores.flatten().find(|(_, confidence)| *confidence >= CONFIDENT);
        let strongest = sure.and_then(|(evidence, _)| evidence.into_iter().min())?;
        Some(format_smolstr!("{}:{}", <&str>::from(strongest.kind), strongest.value))
    }
}

impl Group<'_> {
    pub(super) fn leader(&self) -> &Candidate<'_> {
        self.members.first().expect("an empty group is never asked")
    }

    /// The first strong id of the group, in the order of their strength.
    pub(super) fn id(&self) -> SmolStr {
        let ids = self.members.iter().flat_map(|member| strong_ids(member.row));
        ids.min_by_key(|id| (strength(id), id.clone())).expect("every row has its own id")
    }

    /// Whether some member is known to be another machine than some member of the other group.
    fn is_apart_from(&self, other: &Self) -> bool {
        self.members.iter().any(|one| other.members.iter().any(|two| !one.clues.agrees_with(&two.clues)))
    }
}

/// Where each group went, as groups are united.
struct Home(Vec<usize>);

impl Home {
    fn new(groups: usize) -> Self {
        Self((0..groups).collect())
    }

    fn of(&self, mut place: usize) -> usize {
        while self.0[place] != place {
            place = self.0[place];
        }
        place
    }
}

/// Prefixes of strong ids, strongest first.
const STRENGTH: [&str; 9] = ["machine", "agent", "primary", "proxmox", "vmware", "docker", "pbs", "pmg", "k8s"];

fn strength(id: &str) -> usize {
    let prefix = id.split(':').next().unwrap_or(id);
    STRENGTH.iter().position(|known| *known == prefix).unwrap_or(STRENGTH.len())
}

/// The ids of a row by which it may be united with others.
fn strong_ids(row: &Row) -> Vec<SmolStr> {
    let mut ids = vec![format_smolstr!("resource:{}", row.id), format_smolstr!("primary:{}", row.primary_id)];
    if row.kind == ResourceKind::Agent {
        ids.extend(clues_of(row).machine_ids.iter().map(|id| format_smolstr!("machine:{id}")));
    }
    ids.extend(row.sources.iter().map(|part| {
        let prefix = match part.source.kind() {
            SourceKind::Agent => "agent",
            SourceKind::Proxmox => "proxmox",
            SourceKind::Docker => "docker",
            SourceKind::Pbs => "pbs",
            SourceKind::Pmg => "pmg",
            SourceKind::Kubernetes => "k8s",
            SourceKind::Vmware => "vmware",
            SourceKind::Truenas => "truenas",
        };
        // A key means nothing without its connection: every agent calls its host the same.
        format_smolstr!("{prefix}:{}:{}", part.source.connection(), part.key)
    }));
    ids
}
