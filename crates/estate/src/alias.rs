//! Former ids that still lead to a resource (D-5). Written when two resources turn out to be one, and when somebody takes
//! one out again; read by every lookup.

use jiff::Timestamp;
use muster_model::{ResourceId, RulingId};

use crate::id_map::IdMap;

/// The alias table. Chains are flattened when they arise, so that a lookup is one step; how they arose is remembered, so
/// that they can be taken apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aliases {
    leads_to: IdMap<ResourceId>,
    of: IdMap<Vec<ResourceId>>,
    /// By absorbed id.
    joins: IdMap<Absorption>,
}

/// How a resource came to be absorbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Absorption {
    /// By which one, as it was called then.
    pub(crate) into: ResourceId,
    pub(crate) at: Timestamp,
    /// When the absorbed one was first seen.
    pub(crate) first_seen_at: Timestamp,
    /// The ruling of a person that made it so, where it was one.
    pub(crate) by: Option<RulingId>,
}

impl Aliases {
    /// The id that stands for the given one today.
    pub(crate) fn canonical(&self, id: ResourceId) -> ResourceId {
        self.leads_to.get(&id).copied().unwrap_or(id)
    }

    /// Former ids of a resource, in ascending order.
    pub(crate) fn of(&self, id: ResourceId) -> &[ResourceId] {
        self.of.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Whether the id once named a resource that has since been absorbed.
    pub(crate) fn contains(&self, id: ResourceId) -> bool {
        self.leads_to.contains_key(&id)
    }

    /// How an id came to be one that only leads on.
    pub(crate) fn absorption(&self, id: ResourceId) -> Option<&Absorption> {
        self.joins.get(&id)
    }

    /// Whether a person made a resource out of several.
    pub(crate) fn is_held_together(&self, id: ResourceId) -> bool {
        self.of(id).iter().any(|former| self.joins.get(former).is_some_and(|join| join.by.is_some()))
    }

    /// A former id with those that led to it when it was absorbed.
    pub(crate) fn branch(&self, former: ResourceId) -> Vec<ResourceId> {
        let all = self.of(self.canonical(former)).iter().copied();
        all.filter(|id| self.leads_over(*id, former)).collect()
    }

    /// Makes `absorbed`, and everything that led to it, lead to its absorber.
    pub(crate) fn join(&mut self, absorbed: ResourceId, absorption: Absorption) {
        let survivor = self.canonical(absorption.into);
        self.joins.insert(absorbed, absorption);
        let mut former = self.of.remove(&absorbed).unwrap_or_default();
        former.push(absorbed);
        for id in &former {
            self.leads_to.insert(*id, survivor);
        }
        let all = self.of.entry(survivor).or_default();
        all.extend(former);
        all.sort_unstable();
        all.dedup();
    }

    /// Makes a former id stand for itself again, and for those that led to it when it was absorbed.
    pub(crate) fn take_back(&mut self, former: ResourceId) {
        let (survivor, mut branch) = (self.canonical(former), self.branch(former));
        if self.joins.remove(&former).is_none() {
            return;
        }
        if let Some(others) = self.of.get_mut(&survivor) {
            others.retain(|id| !branch.contains(id));
            if others.is_empty() {
                self.of.remove(&survivor);
            }
        }
        self.leads_to.remove(&former);
        branch.retain(|id| *id != former);
        for id in &branch {
            self.leads_to.insert(*id, former);
        }
        if !branch.is_empty() {
            self.of.insert(former, branch);
        }
    }

    /// Whether an id leads to today's by way of another one. Each was absorbed once, so the way has an end.
    fn leads_over(&self, id: ResourceId, former: ResourceId) -> bool {
        std::iter::successors(Some(id), |at| self.joins.get(at).map(|join| join.into)).any(|at| at == former)
    }
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn chains_are_flattened() {
        // D-5
        let [a, b, c] = ids();
        let aliases = chain([a, b, c]);
        assert_eq!([a, b, c].map(|id| aliases.canonical(id)), [a, a, a]);
        let mut former = vec![b, c];
        former.sort_unstable();
        assert_eq!(aliases.of(a), former);
        assert!(aliases.of(b).is_empty());
        assert!(aliases.contains(c) && !aliases.contains(a));
    }

    #[test]
    fn a_former_id_that_is_taken_back_takes_its_own_along() {
        // D-5
        let [a, b, c] = ids();
        let mut aliases = chain([a, b, c]);
        aliases.take_back(b);
        assert_eq!([a, b, c].map(|id| aliases.canonical(id)), [a, b, b]);
        assert_eq!((aliases.of(a), aliases.of(b)), (&[][..], &[c][..]));
        let mut aliases = chain([a, b, c]);
        aliases.take_back(c);
        assert_eq!([a, b, c].map(|id| aliases.canonical(id)), [a, a, c]);
        assert_eq!(aliases.of(a), [b]);
        aliases.take_back(c);
        assert_eq!(aliases.canonical(c), c, "what stands for itself goes on doing so");
    }

    /// The last was absorbed by the second, and that by the first.
    fn chain([a, b, c]: [ResourceId; 3]) -> Aliases {
        let mut aliases = Aliases::default();
        aliases.join(c, into(b));
        aliases.join(b, into(a));
        aliases
    }

    fn into(into: ResourceId) -> Absorption {
        Absorption { into, at: Timestamp::UNIX_EPOCH, first_seen_at: Timestamp::UNIX_EPOCH, by: None }
    }

    fn ids() -> [ResourceId; 3] {
        ["a", "b", "c"].map(|name| ResourceId::mint(ResourceKind::Agent, name))
    }
}
