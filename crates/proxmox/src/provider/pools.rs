//! ZFS pools of a node, as a part of the lane of disks: their list with every look, their devices every half
//! hour, and with every look while one is not as it should be.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use muster_model::{Facet, PoolState};
use smol_str::SmolStr;

use super::{
    Pve,
    api::{List, Refused},
    state::{Node, State},
};
use crate::{
    rules::zfs_pool,
    wire::disk::{ZfsDetail, ZfsRow},
};

const DETAILS_EVERY: SignedDuration = SignedDuration::from_mins(30);
/// Devices that were seen longer ago say nothing of a pool any more.
const DETAILS_HOLD: SignedDuration = SignedDuration::from_hours(1);

/// A pool.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) row: ZfsRow,
    detail: Option<(Timestamp, ZfsDetail)>,
    /// To be shown; made when something of it was read.
    pub(crate) facet: Arc<Facet>,
}

/// Looks at the pools of a node. What was refused first comes back.
pub(super) async fn look(pve: &Pve, name: &SmolStr, now: Timestamp) -> Option<Refused> {
    if !pve.settings.sees_pools {
        // Nobody wants to see any: those that were seen are gone.
        pve.state().take_pools(name, Vec::new(), true, now);
        return None;
    }
    let (listed, mut refused) = match pve.api.zfs(name).await {
        Ok(List { rows, odd }) => (rows, odd),
        // A node without ZFS says so in an error. Where we may not see any, absence means nothing.
        Err(why) if why.says(&["not installed"]) || why.is_not_supported() => (Vec::new(), None),
        Err(why) => {
            let state = &mut *pve.state();
            if let Some(node) = state.nodes.get_mut(name).filter(|_| why.is_forbidden()) {
                node.pools.get_or_insert_default();
            }
            return Some(why);
        }
    };
    let asked = pve.state().take_pools(name, listed, refused.is_none(), now);
    for pool in asked {
        match pve.api.zfs_pool(name, &pool).await {
            Ok(detail) => pve.state().take_pool(name, &pool, detail, now),
            Err(why) if why.is_node_away() => return Some(why),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    pve.state().show_pools(name);
    refused
}

impl State {
    /// Takes a list in and gives the pools whose devices are to be read.
    fn take_pools(&mut self, name: &SmolStr, listed: Vec<ZfsRow>, whole: bool, now: Timestamp) -> Vec<SmolStr> {
        let Some(node) = self.nodes.get_mut(name) else { return Vec::new() };
        let mut known = node.pools.take().unwrap_or_default();
        let taken = |row: ZfsRow| {
            let before = known.remove(&row.name);
            (row.name.clone(), Pool::of(name, row, before.map(|before| before.at(now))))
        };
        let mut pools: BTreeMap<SmolStr, Pool> = listed.into_iter().map(taken).collect();
        if !whole {
            pools.extend(known);
        }
        let asked = pools.values().filter(|pool| pool.is_due(now)).map(|pool| pool.row.name.clone()).collect();
        node.pools = Some(pools);
        asked
    }

    fn take_pool(&mut self, name: &SmolStr, pool: &SmolStr, detail: ZfsDetail, now: Timestamp) {
        let found = self.nodes.get_mut(name).and_then(|node| node.pools.as_mut()?.get_mut(pool));
        if let Some(found) = found {
            found.detail = Some((now, detail));
        }
    }

    /// Makes what is shown of the pools of a node, with the disks that they lie on.
    pub(super) fn show_pools(&mut self, name: &SmolStr) {
        let Some(Node { pools, disks, .. }) = self.nodes.get_mut(name) else { return };
        for pool in pools.iter_mut().flat_map(|pools| pools.values_mut()) {
            let rows = disks.iter().flat_map(|disks| disks.values()).map(|disk| &disk.row);
            let facet = Facet::ZfsPool(Box::new(zfs_pool::facet(name, &pool.row, pool.detail(), rows)));
            if *pool.facet != facet {
                pool.facet = Arc::new(facet);
            }
        }
    }
}

impl Pool {
    fn of(node: &str, row: ZfsRow, before: Option<Self>) -> Self {
        let shown =
            |row: &ZfsRow| Arc::new(Facet::ZfsPool(Box::new(zfs_pool::facet(node, row, None, std::iter::empty()))));
        match before {
            Some(before) => Self { row, ..before },
            None => Self { facet: shown(&row), row, detail: None },
        }
    }

    /// As much of it as still holds.
    fn at(self, now: Timestamp) -> Self {
        Self { detail: self.detail.filter(|(at, _)| now.duration_since(*at) <= DETAILS_HOLD), ..self }
    }

    fn detail(&self) -> Option<&ZfsDetail> {
        self.detail.as_ref().map(|(_, detail)| detail)
    }

    /// Its state, with what is being done to it.
    pub(crate) fn state(&self) -> PoolState {
        zfs_pool::state(&self.row, self.detail())
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let old = self.detail.as_ref().is_none_or(|(at, _)| now.duration_since(*at) >= DETAILS_EVERY);
        old || zfs_pool::is_restless(&self.row, self.detail())
    }
}
