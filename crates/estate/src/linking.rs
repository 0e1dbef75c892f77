//! Which node of a platform a reporting agent stands on, where neither names the other.
//!
//! First by the node's address, then by its name; the first level that finds anything decides, and two finds are one
//! too many: then there is no link, and the pairs stand in the conflict list. Both sides must find each other. A name
//! alone links nothing where both sides' addresses are known and none is shared, or where the agent says that it runs
//! inside a guest: guests are often called like their node. Whoever a person ruled out is not looked at: of two nodes that an
//! agent could be on, the other one is left.

use std::collections::BTreeSet;

use muster_model::{Evidence, EvidenceKind, ResourceId, ResourceKind, SourceKind};

use crate::{
    clues::{Clue, Clues},
    matcher::{Matcher, Subject},
    resource::Resource,
};

/// What one of two that may be linked is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Node,
    Agent,
}

impl Matcher<'_> {
    /// Resources that share an address or name with the subject, where it could be linked at all.
    pub(crate) fn linkable(&self, subject: Subject<'_>) -> Vec<ResourceId> {
        let Some(side) = side(subject.kind, subject.clues) else { return Vec::new() };
        self.near(subject.clues).into_iter().filter(|id| self.standing(*id, side.other()).is_some()).collect()
    }

    /// The evidence on which an agent stands on a node, or a node carries an agent; empty when that is not certain.
    pub(crate) fn automatic_link(&self, subject: Subject<'_>, other: &Resource) -> Vec<Evidence> {
        let Some(side) = side(subject.kind, subject.clues).filter(|_| other.is_live()) else { return Vec::new() };
        if self.standing(other.id, side.other()).is_none() {
            return Vec::new();
        }
        let there = self.only_one(subject.clues, side.other(), subject.own);
        // Seen from the other side the subject counts as well, whether it has a resource already or not.
        let rival = self.only_rival(other, side, subject);
        match (there, rival) {
            (Found::One(id, evidence), Found::None) if id == other.id => vec![evidence],
            (Found::None | Found::One(..) | Found::Many, _) => Vec::new(),
        }
    }

    /// The one resource on a side that shares the strongest level with these clues.
    fn only_one(&self, clues: &Clues, side: Side, own: Option<ResourceId>) -> Found {
        let may_be = |id: &ResourceId| Some(*id) != own && !self.is_ruled_out(own, *id);
        match self.found(clues, side, may_be, by_address) {
            Found::None => self.found(clues, side, may_be, by_name),
            found @ (Found::One(..) | Found::Many) => found,
        }
    }

    /// Whether anybody but the subject would be found from the other side on the subject's own level or above.
    fn only_rival(&self, other: &Resource, side: Side, subject: Subject<'_>) -> Found {
        let may_be = |id: &ResourceId| Some(*id) != subject.own && !self.is_ruled_out(Some(other.id), *id);
        let is_addressed = by_address(&other.clues, subject.clues).is_some();
        match self.found(&other.clues, side, may_be, by_address) {
            Found::None if !is_addressed => self.found(&other.clues, side, may_be, by_name),
            found @ (Found::None | Found::One(..) | Found::Many) => found,
        }
    }

    fn found(&self, clues: &Clues, side: Side, may_be: impl Fn(&ResourceId) -> bool, level: Level) -> Found {
        let others = self.near(clues).into_iter().filter(|id| may_be(id));
        let matching = others.filter_map(|id| Some((id, level(clues, &self.standing(id, side)?.clues)?)));
        matching.fold(Found::None, |found, (id, evidence)| match found {
            Found::None => Found::One(id, evidence),
            Found::One(..) | Found::Many => Found::Many,
        })
    }

    /// Whoever shares an address or a short name with these clues, unless too many do.
    fn near(&self, clues: &Clues) -> BTreeSet<ResourceId> {
        let telling = clues.each().filter(|clue| matches!(clue, Clue::Ip(_) | Clue::ShortHostname(_)));
        telling.flat_map(|clue| self.few_holders(&clue).to_vec()).collect()
    }

    /// The resource, if it is on that side and there at present.
    fn standing(&self, id: ResourceId, wanted: Side) -> Option<&Resource> {
        let resource = self.registry.get(id).filter(|resource| resource.is_live())?;
        let is_wanted = match wanted {
            Side::Node => is_node(&resource.clues),
            Side::Agent => is_agent(&resource.clues),
        };
        (is_wanted && id.kind() == ResourceKind::Agent).then_some(resource)
    }
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Node => Self::Agent,
            Self::Agent => Self::Node,
        }
    }
}

/// What a level finds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    None,
    One(ResourceId, Evidence),
    Many,
}

/// What two sides share on one level.
type Level = fn(&Clues, &Clues) -> Option<Evidence>;

/// R-13, level 1: the node's address is one that the agent reports.
fn by_address(one: &Clues, other: &Clues) -> Option<Evidence> {
    let ip = one.ips.intersection(&other.ips).next()?;
    Some(Evidence { kind: EvidenceKind::IpAddress, value: ip.to_string() })
}

/// R-13, level 2: the node's name, in full or short, is the agent's host name.
fn by_name(one: &Clues, other: &Clues) -> Option<Evidence> {
    let are_elsewhere = !one.ips.is_empty() && !other.ips.is_empty();
    let speaks_against = are_elsewhere || one.is_inside || other.is_inside;
    let name = one.shared_hostname(other).filter(|_| !speaks_against)?;
    Some(Evidence { kind: EvidenceKind::Hostname, value: name.into() })
}

/// The side on which something may be linked: a node without agent, or an agent without node.
fn side(kind: ResourceKind, clues: &Clues) -> Option<Side> {
    match (is_node(clues), is_agent(clues)) {
        (true, false) if kind == ResourceKind::Agent => Some(Side::Node),
        (false, true) if kind == ResourceKind::Agent => Some(Side::Agent),
        (true | false, true | false) => None,
    }
}

fn is_node(clues: &Clues) -> bool {
    clues.seats.iter().any(|(source, _)| source.kind() == SourceKind::Proxmox)
}

fn is_agent(clues: &Clues) -> bool {
    clues.seats.iter().any(|(source, _)| source.kind() == SourceKind::Agent)
}
