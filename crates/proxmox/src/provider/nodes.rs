//! The lane of nodes: status every look, and every five minutes what changes rarely: storages, networks, certificates.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::{
    Pve,
    api::{List, Refused},
    bulk::fingerprint,
    guests::newest,
    limits,
    state::{Node, NodeHistory, State},
    sweep::{MANY, Outcome, each_node},
};
use crate::{
    rules::{
        node_memory::{self, StatusMemory},
        traffic::Traffic,
    },
    wire::{
        metrics::RrdRow,
        node::{NodeMemory, NodeStatus},
    },
};

const DETAILS_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// A storage that hangs occupies a worker of its node for half a minute.
const STORAGE_REST: SignedDuration = SignedDuration::from_mins(15);

/// Looks at every node that is there.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let nodes = pve.state().nodes_online();
    read(pve, nodes, limits::NODE_STORAGE, due).await
}

/// Looks at these nodes. Their storages are waited for only so long, since one that hangs holds up the list.
pub(super) async fn read(pve: &Pve, nodes: Vec<SmolStr>, storage: Duration, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let items = nodes.into_iter().map(|node| (node, ())).collect();
    each_node(items, MANY, |node, ()| async move { node_status(pve, &node, storage, due).await }).await
}

async fn node_status(pve: &Pve, name: &SmolStr, storage: Duration, now: Timestamp) -> Outcome {
    let status = pve.api.node_status(name).await;
    let status = match status {
        Ok(status) => status,
        Err(refused) => {
            pve.state().tried(name);
            return if refused.is_node_away() { Outcome::NodeAway(refused) } else { Outcome::Refused(refused) };
        }
    };
    let asks_history = node_memory::wants_history(&memory(&status.memory.clone().unwrap_or_default()));
    let rows = pve.api.recent_node_history(name).await.unwrap_or_default();
    if let Some(traffic) = Traffic::newest(&rows, now) {
        pve.state().take_traffic(name, traffic);
    }
    let history = if asks_history { pve.state().recent_history(name, &rows, now) } else { NodeHistory::default() };
    let details = pve.state().take_status(name, (status, history), now);
    let refused = if details { read_details(pve, name, storage, now).await } else { None };
    pve.state().tried(name);
    refused.map_or(Outcome::Done, Outcome::Refused)
}

impl State {
    /// Notes that a node was asked, whatever came of it.
    fn tried(&mut self, name: &SmolStr) {
        if let Some(node) = self.nodes.get_mut(name) {
            node.tried = true;
        }
    }

    fn take_traffic(&mut self, name: &SmolStr, traffic: Traffic) {
        if let Some(node) = self.nodes.get_mut(name) {
            node.traffic = Some(traffic);
        }
    }

    /// The newest point of a node's history, which is kept for half a minute.
    fn recent_history(&mut self, name: &SmolStr, rows: &[RrdRow], now: Timestamp) -> NodeHistory {
        if let Some(kept) = self.node_history.get(name, now) {
            return kept.unwrap_or_default();
        }
        let (available, used) = (newest(rows, |row| row.memavailable), newest(rows, |row| row.memused));
        let point = NodeHistory { available, used };
        self.node_history.put(name.clone(), Some(point), now);
        point
    }

    /// Takes a status in with the history that stands in for what it leaves out, and says whether it is time for the details
    /// too.
    fn take_status(&mut self, name: &SmolStr, taken: (NodeStatus, NodeHistory), now: Timestamp) -> bool {
        let Some(node) = self.nodes.get_mut(name) else { return false };
        let (status, history) = taken;
        node.status = Some((now, status));
        node.history = history;
        node.details_read_at.is_none_or(|at| now.duration_since(at) >= DETAILS_EVERY)
    }

    /// Nodes that nobody has asked yet.
    pub(super) fn new_nodes(&self) -> Vec<SmolStr> {
        let new = |node: &&Node| node.reports() && !node.tried;
        self.nodes.values().filter(new).map(|node| node.row.node.clone()).collect()
    }
}

async fn read_details(pve: &Pve, name: &SmolStr, patience: Duration, now: Timestamp) -> Option<Refused> {
    let rests = |node: &Node| node.storage_refused_at.is_some_and(|at| now.duration_since(at) < STORAGE_REST);
    let skips_storage = pve.state().nodes.get(name).is_none_or(rests);
    let others = async { (pve.api.node_network(name).await, pve.api.node_certificates(name).await) };
    let storage = async { if skips_storage { None } else { Some(pve.api.node_storage(name, patience).await) } };
    let ((network, certificates), storage) = futures::join!(others, storage);
    let mut state = pve.state();
    let State { nodes, storages, cluster, .. } = &mut *state;
    let node = nodes.get_mut(name)?;
    // What a newcomer was not waited for is read with the next look.
    let is_waited_for = patience == limits::NODE_STORAGE || storage.as_ref().is_none_or(Result::is_ok);
    node.details_read_at = Some(now).filter(|_| is_waited_for);
    let mut refused = Vec::new();
    match network {
        Ok(List { rows, odd }) => {
            node.network = rows;
            refused.extend(odd);
        }
        Err(why) => refused.push(why),
    }
    match certificates {
        Ok(List { rows, odd }) => {
            refused.extend(odd);
            // An authority that was renewed makes another fingerprint (D-6).
            let found = fingerprint(cluster.name.as_deref(), &rows);
            cluster.fingerprint = found.or(cluster.fingerprint.take());
            node.certificates = rows;
        }
        Err(why) => refused.push(why),
    }
    match storage {
        Some(Ok(List { rows, odd })) => {
            refused.extend(odd);
            for row in &rows {
                let of_node = storages.iter_mut().filter(|(key, _)| key.name == row.storage);
                for sight in of_node.filter_map(|(_, storage)| storage.sights.get_mut(name)) {
                    (sight.enabled, sight.active) = (row.enabled, row.active);
                }
            }
            node.storage = rows;
            node.storage_refused_at = None;
        }
        Some(Err(why)) => {
            node.storage_refused_at = Some(now).filter(|_| is_waited_for && why.is_node_away());
            refused.push(why);
        }
        None => {}
    }
    refused.into_iter().next()
}

/// The parts that the choice rests on.
pub(super) fn memory(memory: &NodeMemory) -> StatusMemory {
    StatusMemory {
        total: memory.total,
        used: memory.used,
        free: memory.free,
        available: memory.available.or(memory.avail),
        buffers: memory.buffers,
        cached: memory.cached,
    }
}
