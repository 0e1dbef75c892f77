//! What people have ruled and not taken back. Kept by the registry, read by the matcher and by the lists that are
//! found in a snapshot.
//!
//! A ruling speaks of ids as they were when it was made; today's ids are looked up, so that it goes on holding for whatever
//! the two have become. Nothing here decides anything.

use std::collections::BTreeMap;

use muster_model::{ResourceId, Ruling, RulingId, Verdict};

use crate::{alias::Aliases, id_map::IdMap};

/// The rulings that stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rulings {
    /// Their ids are in the order of their making.
    standing: BTreeMap<RulingId, Ruling>,
    /// From each id to those that it is ruled not to be.
    apart: IdMap<Vec<ResourceId>>,
}

/// The rulings with the ids of today, as what is found in a snapshot needs them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ruled<'a> {
    pub(crate) rulings: &'a Rulings,
    pub(crate) aliases: &'a Aliases,
}

impl<'a> Ruled<'a> {
    /// Whether two are ruled not to be one, or not to be one inside the other.
    pub(crate) fn apart(self, one: ResourceId, other: ResourceId) -> bool {
        self.rulings.are_apart(self.aliases, one, other)
    }

    /// Each host that is ruled to be the system inside a guest, with the guest and the ruling.
    pub(crate) fn inside(self) -> impl Iterator<Item = (ResourceId, ResourceId, &'a Ruling)> {
        self.rulings.iter().filter_map(move |ruling| match ruling.verdict {
            Verdict::Inside { host, guest } => {
                Some((self.aliases.canonical(host), self.aliases.canonical(guest), ruling))
            }
            Verdict::Same { .. } | Verdict::Distinct { .. } => None,
        })
    }
}

impl Rulings {
    pub(crate) fn len(&self) -> usize {
        self.standing.len()
    }

    pub(crate) fn get(&self, id: RulingId) -> Option<&Ruling> {
        self.standing.get(&id)
    }

    /// All of them, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Ruling> {
        self.standing.values()
    }

    pub(crate) fn insert(&mut self, ruling: Ruling) {
        if let Verdict::Distinct { first, second } = ruling.verdict {
            self.apart.entry(first).or_default().push(second);
            self.apart.entry(second).or_default().push(first);
        }
        self.standing.insert(ruling.id, ruling);
    }

    pub(crate) fn remove(&mut self, id: RulingId) -> Option<Ruling> {
        let ruling = self.standing.remove(&id)?;
        if let Verdict::Distinct { first, second } = ruling.verdict {
            self.forget(first, second);
            self.forget(second, first);
        }
        Some(ruling)
    }

    /// Whether two ids, as they are today, are ruled not to be one.
    pub(crate) fn are_apart(&self, aliases: &Aliases, one: ResourceId, other: ResourceId) -> bool {
        self.ruled_apart_from(aliases, one).any(|apart| aliases.canonical(apart) == other)
    }

    /// Whether anything is ruled not to be this, as it is today.
    pub(crate) fn set_something_apart(&self, aliases: &Aliases, id: ResourceId) -> bool {
        self.ruled_apart_from(aliases, id).next().is_some()
    }

    fn ruled_apart_from<'a>(&'a self, aliases: &'a Aliases, id: ResourceId) -> impl Iterator<Item = ResourceId> + 'a {
        // Most estates have no such ruling: then no name is looked up.
        let names = (!self.apart.is_empty()).then(|| std::iter::once(id).chain(aliases.of(id).iter().copied()));
        names.into_iter().flatten().filter_map(|name| self.apart.get(&name)).flatten().copied()
    }

    /// The rulings that speak of a resource, by any of its ids, oldest first.
    pub(crate) fn of<'a>(&'a self, aliases: &'a Aliases, id: ResourceId) -> impl Iterator<Item = &'a Ruling> + 'a {
        self.iter().filter(move |ruling| ruling.verdict.pair().iter().any(|named| aliases.canonical(*named) == id))
    }

    /// The ruling that says of two ids, as they are today, that they are not one, or that one is inside the other.
    pub(crate) fn between<'a>(
        &'a self,
        aliases: &'a Aliases,
        one: ResourceId,
        other: ResourceId,
    ) -> Option<&'a Ruling> {
        self.of(aliases, one).find(|ruling| {
            let [first, second] = ruling.verdict.pair().map(|id| aliases.canonical(id));
            match ruling.verdict {
                Verdict::Same { .. } => false,
                Verdict::Distinct { .. } | Verdict::Inside { .. } => {
                    [first, second] == [one, other] || [first, second] == [other, one]
                }
            }
        })
    }

    /// One of several rulings on the same two may be taken back alone.
    fn forget(&mut self, id: ResourceId, other: ResourceId) {
        let Some(others) = self.apart.get_mut(&id) else { return };
        if let Some(place) = others.iter().position(|apart| *apart == other) {
            others.swap_remove(place);
        }
        if others.is_empty() {
            self.apart.remove(&id);
        }
    }
}
