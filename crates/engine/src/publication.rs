//! What readers see: the newest snapshot of each tenant, the news that there is a newer one, and who is ignored.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use muster_estate::Snapshot;
use muster_model::{IgnoredMachine, ResourceId, Revision, TenantId};

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

/// The newest of each tenant. Readers never wait, and hold what they took for as long as they like.
#[derive(Debug, Default)]
pub(crate) struct Published {
    snapshots: ArcSwap<BTreeMap<TenantId, Arc<Snapshot>>>,
    /// What is in force, not what is stored: a report of whoever stands here is refused.
    ignored: ArcSwap<BTreeMap<TenantId, Arc<[IgnoredMachine]>>>,
}

impl Published {
    /// The newest snapshot; an empty one for a tenant that nobody has reported for.
    pub(crate) fn get(&self, tenant: &TenantId) -> Arc<Snapshot> {
        let published = self.snapshots.load();
        published.get(tenant).cloned().unwrap_or_else(|| Arc::new(Snapshot::empty(tenant.clone())))
    }

    /// Puts a newer snapshot in place. Only the engine calls it, so that no update is lost between read and write.
    pub(crate) fn set(&self, snapshot: Arc<Snapshot>) {
        let mut published = BTreeMap::clone(&self.snapshots.load());
        published.insert(snapshot.tenant().clone(), snapshot);
        self.snapshots.store(Arc::new(published));
    }

    /// Who is ignored, by source.
    pub(crate) fn ignored(&self, tenant: &TenantId) -> Arc<[IgnoredMachine]> {
        self.ignored.load().get(tenant).cloned().unwrap_or_default()
    }

    /// Puts another list of who is ignored in place; only the engine does.
    pub(crate) fn set_ignored(&self, tenant: &TenantId, machines: Arc<[IgnoredMachine]>) {
        let mut ignored = BTreeMap::clone(&self.ignored.load());
        ignored.insert(tenant.clone(), machines);
        self.ignored.store(Arc::new(ignored));
    }
}
