//! Which resources hold a clue. Matching asks the index, so that the cost of a new record does not grow with the estate.

use std::collections::HashMap;

use muster_model::ResourceId;

use crate::clues::{Clue, Clues};

/// From clue to the resources that hold it.
#[derive(Debug, Default)]
pub(crate) struct Index(HashMap<Clue, Vec<ResourceId>>);

impl Index {
    /// Files a resource under each of its clues.
    pub(crate) fn insert(&mut self, id: ResourceId, clues: &Clues) {
        clues.each().for_each(|clue| self.insert_under(id, clue));
    }

    /// Files a resource under one clue.
    pub(crate) fn insert_under(&mut self, id: ResourceId, clue: Clue) {
        let holders = self.0.entry(clue).or_default();
        if !holders.contains(&id) {
            holders.push(id);
        }
    }

    /// Takes a resource out again; `clues` are those it was filed under.
    pub(crate) fn remove(&mut self, id: ResourceId, clues: &Clues) {
        clues.each().for_each(|clue| self.remove_under(id, &clue));
    }

    /// Takes a resource out of one clue.
    pub(crate) fn remove_under(&mut self, id: ResourceId, clue: &Clue) {
        let Some(holders) = self.0.get_mut(clue) else { return };
        holders.retain(|holder| *holder != id);
        if holders.is_empty() {
            self.0.remove(clue);
        }
    }

    /// Who holds a clue.
    pub(crate) fn holders(&self, clue: &Clue) -> &[ResourceId] {
        self.0.get(clue).map_or(&[], Vec::as_slice)
    }
}
