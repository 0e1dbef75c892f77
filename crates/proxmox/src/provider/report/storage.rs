//! A storage as a record: a shared one once, whoever sees it, with the state of the pool below it.

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{Facet, Metric, PoolState, Record, ResourceKind, StorageFacet, UnknownReason};
use smol_str::SmolStr;

use super::{Builder, Naming, node::words};
use crate::{
    provider::{
        key::{self, StorageKey},
        state::{State, Storage},
    },
    rules::{
        storage_status::{Seen, Sight, unite},
        zfs_match,
    },
    wire::storage::StorageConfigRow,
};

/// Adds a storage.
pub(super) fn record(builder: &mut Builder, state: &State, key: &StorageKey, storage: &Storage, naming: &Naming) {
    let sights: Vec<Sight> = storage.sights.values().cloned().collect();
    let config = state.storage_config.get(&key.name);
    let (pool, pool_state) = pool(state, key, storage, config).unzip();
    let seen = unite(&sights, pool_state);
    let text = key.to_string();
    let parent = key.node.as_ref().filter(|node| state.nodes.contains_key(*node));
    let place = builder.record(Record {
        key: key::native(&text),
        kind: ResourceKind::Storage,
        name: key.name.clone(),
        status: seen.status,
        technology: Some(storage.storage_type.clone()).filter(|kind| !kind.is_empty()),
        identity: naming.identity(&text),
        parent: parent.map(|node| key::native(&key::node(node))),
        links: Vec::new(),
        tags: BTreeSet::new(),
        facets: vec![Arc::new(Facet::Storage(facet(key, storage, config, &seen, pool, pool_state)))],
    });
    samples(builder, place, &seen);
}

/// The pool below a storage of one node, and its state.
fn pool(
    state: &State,
    key: &StorageKey,
    storage: &Storage,
    config: Option<&StorageConfigRow>,
) -> Option<(SmolStr, PoolState)> {
    let pools = &state.nodes.get(key.node.as_ref()?)?.pools;
    let names: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
    let wanted = zfs_match::Storage {
        name: &key.name,
        storage_type: &storage.storage_type,
        pool: config.and_then(|config| config.pool.as_deref()),
        path: config.and_then(|config| config.path.as_deref()),
    };
    let found = zfs_match::pool_of(&wanted, &names)?;
    let row = pools.iter().find(|pool| pool.name == found)?;
    Some((row.name.clone(), row.health.as_deref().map_or(PoolState::Unknown, zfs_match::state)))
}

fn facet(
    key: &StorageKey,
    storage: &Storage,
    config: Option<&StorageConfigRow>,
    seen: &Seen,
    pool: Option<SmolStr>,
    pool_state: Option<PoolState>,
) -> StorageFacet {
    let text = |of: fn(&StorageConfigRow) -> Option<&SmolStr>| config.and_then(of).map(ToString::to_string);
    let disabled = config.and_then(|config| config.disable).map(|disabled| !disabled);
    StorageFacet {
        storage: key.name.to_string(),
        storage_type: storage.storage_type.to_string(),
        shared: key.node.is_none(),
        nodes: seen.nodes.iter().map(ToString::to_string).collect(),
        content: words(Some(&storage.content)),
        enabled: seen.enabled.or(disabled),
        active: seen.active,
        total_bytes: seen.total.filter(|total| *total > 0),
        pool: text(|config| config.pool.as_ref().or(config.vgname.as_ref())).or_else(|| pool.map(String::from)),
        path: text(|config| config.path.as_ref()),
        server: text(|config| config.server.as_ref()),
        pool_state,
    }
}

fn samples(builder: &mut Builder, place: u32, seen: &Seen) {
    let total = seen.total.filter(|total| *total > 0).map(|total| total as f64);
    let used = seen.used.map(|used| used as f64);
    let both = used.zip(total);
    let why_not = UnknownReason::NotReported;
    builder.reading(place, Metric::Usage, both.map(|(used, total)| used * 100.0 / total), why_not);
    builder.reading(place, Metric::Used, used, why_not);
    builder.reading(place, Metric::Avail, both.map(|(used, total)| total - used), why_not);
    builder.reading(place, Metric::Total, total, why_not);
}
