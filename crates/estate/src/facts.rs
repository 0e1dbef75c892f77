//! The facts plane of a snapshot (D-1): rows, their order, aliases, and what is derived from them on first use.
//!
//! Built by the publisher, read through [`crate::Snapshot`]. Snapshots that differ only in readings share it whole.

use std::sync::{Arc, OnceLock};

use muster_model::{ResourceId, Revision};

use crate::{
    alias::Aliases, conflict::Conflict, delta::Steps, id_map::IdMap, relationship::Relationship, row::Row,
    row_index::RowIndex, systems::System, view::Views,
};

/// The facts of one revision.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) revision: Revision,
    /// In the order of lists.
    pub(crate) rows: Vec<Arc<Row>>,
    pub(crate) index: RowIndex,
    pub(crate) aliases: Arc<Aliases>,
    pub(crate) steps: Steps,
    views: OnceLock<Views>,
    children: OnceLock<IdMap<Vec<ResourceId>>>,
    systems: OnceLock<Vec<System>>,
    conflicts: OnceLock<Vec<Conflict>>,
    inside: OnceLock<IdMap<Vec<Relationship>>>,
}

impl Facts {
    pub(crate) fn new(
        revision: Revision,
        rows: Vec<Arc<Row>>,
        index: RowIndex,
        aliases: Arc<Aliases>,
        steps: Steps,
    ) -> Self {
        Self {
            revision,
            rows,
            index,
            aliases,
            steps,
            views: OnceLock::new(),
            children: OnceLock::new(),
            systems: OnceLock::new(),
            conflicts: OnceLock::new(),
            inside: OnceLock::new(),
        }
    }

    pub(crate) fn empty() -> Self {
        Self::new(Revision::ZERO, Vec::new(), RowIndex::empty(), Arc::default(), Steps::default())
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

    /// Relations of a resource to the guest that it runs in, or to the system inside it.
    pub(crate) fn inside(&self, id: ResourceId) -> &[Relationship] {
        let inside = self.inside.get_or_init(|| crate::inside::find(&self.rows));
        inside.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn conflicts(&self) -> &[Conflict] {
        self.conflicts.get_or_init(|| crate::conflict::find(&self.rows))
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
