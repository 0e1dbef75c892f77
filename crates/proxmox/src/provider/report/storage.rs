//! A storage as a record: a shared one once, whoever sees it, with the state of the pool below it.

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{Facet, Metric, PoolState, Record, ResourceKind, StorageFacet, UnknownReason};
use smol_str::SmolStr;

use super::{Builder, Naming, node::words};
use crate::{
    provider::{
        key::{self, StorageKey},
        pools::Pool,
        state::{State, Storage},
    },
    rules::{
        storage_status::{Seen, Sight, unite},
        zfs_match,
    },
    wire::storage::StorageConfigRow,
};

/// Adds a storage. Gives the pool that is shown with it: its node and name.
pub(super) fn record<'a>(
    builder: &mut Builder,
    state: &'a State,
    key: &StorageKey,
    storage: &Storage,
    naming: &Naming,
) -> Option<(&'a SmolStr, &'a SmolStr)> {
    let sights: Vec<Sight> = storage.sights.values().cloned().collect();
    let config = state.storage_config.get(&key.name);
    let below = pool(state, key, storage, config);
    let (pool, pool_state) = below.map(|(_, pool)| (pool.row.name.clone(), pool.state())).unzip();
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
        facets: std::iter::once(Arc::new(Facet::Storage(facet(key, storage, config, &seen, pool, pool_state))))
            .chain(below.map(|(_, pool)| Arc::clone(&pool.facet)))
            .chain(state.backups.target(key).cloned())
            .collect(),
    });
    samples(builder, place, &seen);
    below.map(|(node, pool)| (node, &pool.row.name))
}

/// The pool below a storage of one node, and the node.
fn pool<'a>(
    state: &'a State,
    key: &StorageKey,
    storage: &Storage,
    config: Option<&StorageConfigRow>,
) -> Option<(&'a SmolStr, &'a Pool)> {
    let (node, of_node) = state.nodes.get_key_value(key.node.as_ref()?)?;
    let pools = of_node.pools.as_ref()?;
    let names: Vec<&str> = pools.keys().map(SmolStr::as_str).collect();
    let wanted = zfs_match::Storage {
        name: &key.name,
        storage_type: &storage.storage_type,
        pool: config.and_then(|config| config.pool.as_deref()),
        path: config.and_then(|config| config.path.as_deref()),
    };
    let found = zfs_match::pool_of(&wanted, &names)?;
    Some((node, pools.get(found)?))
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
