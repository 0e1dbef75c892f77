//! Former ids that still lead to a resource (D-5). Written when two resources turn out to be one; read by every lookup.

use muster_model::ResourceId;

use crate::id_map::IdMap;

/// The alias table. Chains are flattened when they arise, so that a lookup is one step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aliases {
    leads_to: IdMap<ResourceId>,
    of: IdMap<Vec<ResourceId>>,
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

    /// Makes `absorbed`, and everything that led to it, lead to `survivor`.
    pub(crate) fn join(&mut self, survivor: ResourceId, absorbed: ResourceId) {
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
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn chains_are_flattened() {
        // D-5
        let [a, b, c] = ["a", "b", "c"].map(|name| ResourceId::mint(ResourceKind::Agent, name));
        let mut aliases = Aliases::default();
        aliases.join(b, c);
        aliases.join(a, b);
        assert_eq!([a, b, c].map(|id| aliases.canonical(id)), [a, a, a]);
        let mut former = vec![b, c];
        former.sort_unstable();
        assert_eq!(aliases.of(a), former);
        assert!(aliases.of(b).is_empty());
        assert!(aliases.contains(c) && !aliases.contains(a));
    }
}
