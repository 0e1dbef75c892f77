//! What readers see: the newest snapshot of each tenant, and the news that there is a newer one.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use muster_estate::Snapshot;
use muster_model::{ResourceId, Revision, TenantId};

/// News of a newer snapshot.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Whose.
    pub tenant: TenantId,
    /// The revision that was published before.
    pub previous: Revision,
    /// The snapshot.
    pub snapshot: Arc<Snapshot>,
    /// The resources that have new readings since the publication before, ascending and without repetition.
    pub fresh: Vec<ResourceId>,
}

/// The newest snapshot of each tenant. Readers never wait, and hold what they took for as long as they like.
#[derive(Debug, Default)]
pub(crate) struct Published(ArcSwap<BTreeMap<TenantId, Arc<Snapshot>>>);

impl Published {
    /// The newest snapshot; an empty one for a tenant that nobody has reported for.
    pub(crate) fn get(&self, tenant: &TenantId) -> Arc<Snapshot> {
        let published = self.0.load();
        published.get(tenant).cloned().unwrap_or_else(|| Arc::new(Snapshot::empty(tenant.clone())))
    }

    /// Puts a newer snapshot in place. Only the engine calls it, so that no update is lost between read and write.
    pub(crate) fn set(&self, snapshot: Arc<Snapshot>) {
        let mut published = BTreeMap::clone(&self.0.load());
        published.insert(snapshot.tenant().clone(), snapshot);
        self.0.store(Arc::new(published));
    }
}
