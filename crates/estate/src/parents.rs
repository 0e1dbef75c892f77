//! Who belongs to whom, and how many belong to each.
//!
//! The parent is the one that the strongest record with a known parent names; that is the resource's claim. Claims that
//! lead round in a circle say nothing: nobody on the circle has a parent until one of the claims changes. So the result
//! depends on the claims alone, not on the order in which they were made.

use muster_model::{ResourceId, Revision};

use crate::{estate::Estate, ledger::Ledger};

/// A resource that claims another parent than before.
struct Changed {
    id: ResourceId,
    revision: Revision,
    before: Option<ResourceId>,
}

impl Estate {
    /// Finds the parent of everything touched; parents that win or lose a child are touched too.
    pub(crate) fn find_parents(&mut self, ledger: &mut Ledger) {
        let mut changed = Vec::new();
        for (id, revision) in ledger.touched() {
            changed.extend(self.claim(id).map(|before| Changed { id, revision, before }));
        }
        changed.sort_unstable_by_key(|changed| (changed.revision, changed.id));
        for Changed { id, revision, before } in changed {
            for freed in self.circle_of(before) {
                self.settle_parent(freed, revision, ledger);
            }
            self.settle_parent(id, revision, ledger);
            if self.is_on_circle(id) {
                for caught in self.chain(id) {
                    self.settle_parent(caught, revision, ledger);
                }
            }
        }
    }

    /// Counts a child in or out; nothing to do where there is no parent.
    pub(crate) fn count_child(
        &mut self,
        parent: Option<ResourceId>,
        revision: Revision,
        ledger: &mut Ledger,
        count: fn(u32) -> u32,
    ) {
        // An absorbed parent took its count with it; its alias must not be charged for it.
        let Some(parent) = parent.and_then(|id| self.registry.get_mut(id).filter(|resource| resource.id == id)) else {
            return;
        };
        parent.child_count = count(parent.child_count);
        ledger.touch(parent.id, revision);
    }

    /// Notes whom a resource claims as parent. Answers with whom it claimed before, where that is somebody else.
    fn claim(&mut self, id: ResourceId) -> Option<Option<ResourceId>> {
        let resource = self.registry.get(id).filter(|resource| resource.id == id)?;
        let claimed = resource.is_live().then(|| self.matcher().parent(resource)).flatten();
        let resource = self.registry.get_mut(id).expect("it was there just now");
        let before = std::mem::replace(&mut resource.claimed, claimed);
        (before != claimed).then_some(before)
    }

    /// Gives a resource the parent that it claims, unless the claim leads back to it.
    fn settle_parent(&mut self, id: ResourceId, revision: Revision, ledger: &mut Ledger) {
        let parent = self.claimed_by(id).filter(|_| !self.is_on_circle(id));
        let Some(resource) = self.registry.get_mut(id).filter(|resource| resource.id == id) else { return };
        let before = std::mem::replace(&mut resource.parent, parent);
        if before == parent {
            return;
        }
        ledger.touch(id, revision);
        self.count_child(before, revision, ledger, |count| count.saturating_sub(1));
        self.count_child(parent, revision, ledger, |count| count + 1);
    }

    fn claimed_by(&self, id: ResourceId) -> Option<ResourceId> {
        self.registry.get(id)?.claimed
    }

    /// Whether following the claims from a resource leads back to it. Remembers one resource on the way, farther and
    /// farther off, to notice a circle that it is not on.
    fn is_on_circle(&self, id: ResourceId) -> bool {
        let (mut at, mut mark, mut steps, mut patience) = (id, id, 0, 1);
        while let Some(next) = self.claimed_by(at) {
            if next == id {
                return true;
            }
            if next == mark {
                return false;
            }
            at = next;
            steps += 1;
            if steps == patience {
                (mark, steps, patience) = (at, 0, patience * 2);
            }
        }
        false
    }

    /// Those from a resource on that had no parent because their claims led round.
    fn circle_of(&self, id: Option<ResourceId>) -> Vec<ResourceId> {
        let is_cut = |id: &ResourceId| {
            self.registry.get(*id).is_some_and(|resource| resource.parent.is_none() && resource.claimed.is_some())
        };
        id.filter(is_cut).map(|id| self.chain(id).into_iter().take_while(is_cut).collect()).unwrap_or_default()
    }

    /// A resource and those that it leads to by claims, each once.
    fn chain(&self, id: ResourceId) -> Vec<ResourceId> {
        let mut chain = vec![id];
        while let Some(next) = chain.last().and_then(|last| self.claimed_by(*last))
            && !chain.contains(&next)
        {
            chain.push(next);
        }
        chain
    }
}
