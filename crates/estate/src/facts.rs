//! The facts plane of a snapshot (D-1): rows, their order, aliases, and what is derived from them on first use.
//!
//! Built by the publisher, read through [`crate::Snapshot`]. Snapshots that differ only in readings share it whole.

use std::sync::{Arc, OnceLock};

use muster_model::{ResourceId, Revision};

use crate::{
    alias::Aliases,
    conflict::Conflict,
    delta::Steps,
    id_map::IdMap,
    inside::Inside,
    registry::Registry,
    relationship::Relationship,
    row::Row,
    row_index::RowIndex,
    rulings::{Ruled, Rulings},
    systems::System,
    view::Views,
};

/// The facts of one revision.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) revision: Revision,
    /// In the order of lists.
    pub(crate) rows: Vec<Arc<Row>>,
    pub(crate) index: RowIndex,
    pub(crate) aliases: Arc<Aliases>,
    pub(crate) rulings: Arc<Rulings>,
    pub(crate) steps: Steps,
    /// Which hosts are inside which guests.
    pub(crate) guests: Arc<Inside>,
    views: OnceLock<Views>,
    children: OnceLock<IdMap<Vec<ResourceId>>>,
    systems: OnceLock<Vec<System>>,
    conflicts: OnceLock<Vec<Conflict>>,
    related: OnceLock<IdMap<Vec<Relationship>>>,
}

impl Facts {
    pub(crate) fn new(
        revision: Revision,
        rows: Vec<Arc<Row>>,
        index: RowIndex,
        registry: &Registry,
        steps: Steps,
    ) -> Self {
        Self {
            revision,
            rows,
            index,
            aliases: Arc::clone(registry.aliases()),
            rulings: Arc::clone(registry.rulings()),
            steps,
            guests: Arc::clone(registry.inside()),
            views: OnceLock::new(),
            children: OnceLock::new(),
            systems: OnceLock::new(),
            conflicts: OnceLock::new(),
            related: OnceLock::new(),
        }
    }

    pub(crate) fn empty() -> Self {
        Self::new(Revision::ZERO, Vec::new(), RowIndex::empty(), &Registry::default(), Steps::default())
    }

    /// The row with this id or alias.
    pub(crate) fn get(&self, id: ResourceId) -> Option<&Arc<Row>> {
        self.index.get(id).or_else(|| self.index.get(self.aliases.canonical(id)))
    }

    pub(crate) fn views(&self) -> &Views {
        self.views.get_or_init(|| Views::of(&self.rows))
    }

    /// Ids of the rows that belong to a resource, in the order of lists.
    pub(crate) fn children(&self, id: ResourceId) -> &[ResourceId] {
        let children = self.children.get_or_init(|| children(&self.rows));
        children.get(&self.aliases.canonical(id)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn systems(&self) -> &[System] {
        self.systems.get_or_init(|| crate::systems::resolve(&self.rows))
    }

    /// Relations of a resource to the guest that it runs in, to the system inside it, or to what its platform names.
    pub(crate) fn related(&self, id: ResourceId) -> &[Relationship] {
        let related = self.related.get_or_init(|| {
            let mut found = self.guests.relations(|id| self.index.get(id).map(|row| &**row));
            crate::ceph::relate(&self.rows, &mut found);
            found
        });
        related.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn conflicts(&self) -> &[Conflict] {
        self.conflicts.get_or_init(|| crate::conflict::find(&self.rows, self.ruled(), self.guests.open()))
    }

    /// What people have ruled, by the ids of today.
    pub(crate) fn ruled(&self) -> Ruled<'_> {
        Ruled { rulings: &self.rulings, aliases: &self.aliases }
    }

    /// The rulings that speak of a resource, by any of its ids, oldest first.
    pub(crate) fn rulings_of(&self, id: ResourceId) -> impl Iterator<Item = &muster_model::Ruling> {
        self.rulings.of(&self.aliases, self.aliases.canonical(id))
    }
}

fn children(rows: &[Arc<Row>]) -> IdMap<Vec<ResourceId>> {
    let mut children: IdMap<Vec<ResourceId>> = IdMap::default();
    for row in rows {
        if let Some(parent) = row.parent {
            children.entry(parent).or_default().push(row.id);
        }
    }
    children
}
