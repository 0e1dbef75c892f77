//! From id to row, for readers: split in shards, so that a new snapshot copies only those in which something changed.

use std::sync::Arc;

use muster_model::ResourceId;

use crate::{id_map::IdMap, row::Row};

/// A shard of a hundred thousand rows holds about four hundred.
const SHARDS: usize = 256;

/// The rows by id. Cloning shares every shard.
#[derive(Debug, Clone)]
pub(crate) struct RowIndex(Vec<Arc<IdMap<Arc<Row>>>>);

impl RowIndex {
    pub(crate) fn empty() -> Self {
        Self(vec![Arc::default(); SHARDS])
    }

    pub(crate) fn get(&self, id: ResourceId) -> Option<&Arc<Row>> {
        self.0[shard(id)].get(&id)
    }

    pub(crate) fn insert(&mut self, row: Arc<Row>) {
        Arc::make_mut(&mut self.0[shard(row.id)]).insert(row.id, row);
    }

    pub(crate) fn remove(&mut self, id: ResourceId) {
        Arc::make_mut(&mut self.0[shard(id)]).remove(&id);
    }
}

/// The lowest bits choose the bucket within a shard; these are higher ones.
fn shard(id: ResourceId) -> usize {
    usize::from((id.digest() >> 40) as u8) % SHARDS
}
