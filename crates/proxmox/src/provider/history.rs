//! The lane of what the platform remembers: after a gap, the samples of the time before. From 8.3 on every sample of the
//! last half hour in one call; before that the averages of each minute, one thing after the other.

mod averages;
mod export;

use jiff::{SignedDuration, Timestamp};
use muster_collect::{Backfill, Failure, Look};
use muster_model::MemorySource;
use smol_str::SmolStr;

use super::{
    Pve,
    api::Refused,
    key::{self, GuestKey, GuestKind, StorageKey},
    state::State,
    sweep::{MANY, Outcome, each_node},
};

/// The version that brought the export.
const EXPORT: (u16, u16) = (8, 3);
/// A span that is worth a question.
const SHORTEST: SignedDuration = SignedDuration::from_secs(20);

/// Reads what is missing, if anything is.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Result<Look, Failure> {
    let (since, version) = {
        let state = pve.state();
        let Some(since) = state.gap_since.filter(|_| state.last_bulk.is_some()) else { return Ok(Look::default()) };
        (since, state.version)
    };
    let exported = if version >= Some(EXPORT) { export(pve, since, due).await? } else { None };
    let backfill = match exported {
        Some(backfill) => backfill,
        None => averages(pve, since, due).await,
    };
    let mut state = pve.state();
    if state.gap_since == Some(since) {
        state.gap_since = None;
    }
    Ok(Look { backfill, ..Look::default() })
}

/// The export from a moment on; a shorter span where the whole is more than we read. None where there is no export.
async fn export(pve: &Pve, since: Timestamp, due: Timestamp) -> Result<Option<Vec<Backfill>>, Failure> {
    let mut since = since;
    loop {
        match pve.api.metrics_since(since.as_second()).await {
            Ok(answer) => return Ok(Some(export::backfill(&pve.state(), &answer.data, since))),
            Err(refused) if refused.is_too_large() && due.duration_since(since) > SHORTEST => {
                since += due.duration_since(since) / 2;
            }
            Err(refused) if refused.is_not_supported() || refused.is_forbidden() => return Ok(None),
            Err(refused) => return Err(Refused::into_failure(refused)),
        }
    }
}

/// What is asked for its averages.
#[derive(Debug, Clone)]
enum Subject {
    Node(SmolStr),
    Guest(GuestKey),
}

/// The averages of each minute of nodes and guests. What cannot be read stays a gap.
async fn averages(pve: &Pve, since: Timestamp, due: Timestamp) -> Vec<Backfill> {
    let subjects = pve.state().subjects();
    let found = std::sync::Mutex::new(Vec::new());
    let found = &found;
    each_node(subjects, MANY, |node, subject| async move {
        let rows = match &subject {
            Subject::Node(name) => pve.api.node_history(name).await,
            Subject::Guest(key) => pve.api.guest_history(&node, *key).await,
        };
        match rows {
            Ok(rows) => {
                let backfill = match subject {
                    Subject::Node(name) => averages::node(&name, &rows, since, due),
                    Subject::Guest(key) => averages::guest(key, &rows, since, due, pve.state().tells_memory(key)),
                };
                found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(backfill);
                Outcome::Done
            }
            Err(refused) if refused.is_node_away() => Outcome::NodeAway(refused),
            Err(refused) => Outcome::Refused(refused),
        }
    })
    .await;
    let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::mem::take(&mut *found)
}

impl State {
    fn subjects(&self) -> Vec<(SmolStr, Subject)> {
        let nodes = self.nodes_online().into_iter().map(|node| (node.clone(), Subject::Node(node)));
        let running = self.guests.iter().filter(|(_, guest)| guest.listed && guest.runs());
        nodes.chain(running.map(|(key, guest)| (guest.node(), Subject::Guest(*key)))).collect()
    }

    /// Whether the platform's own memory of a guest means the same as what its chart shows.
    fn tells_memory(&self, key: GuestKey) -> bool {
        let source = self.guests.get(&key).and_then(|guest| guest.memory.as_ref()).map(|memory| memory.memory.source);
        let plain = matches!(source, None | Some(MemorySource::StatusMem | MemorySource::ClusterResources));
        key.kind == GuestKind::Lxc || plain
    }

    /// The native key of an id of the export, where it is known to us.
    fn exported(&self, id: &str) -> Option<(String, Option<GuestKey>)> {
        let (kind, rest) = id.split_once('/')?;
        let guest = |kind| {
            let key = GuestKey { kind, vmid: rest.parse().ok()? };
            self.guests.contains_key(&key).then(|| (key.to_string(), Some(key)))
        };
        match kind {
            "node" => self.nodes.contains_key(rest).then(|| (key::node(rest), None)),
            "qemu" => guest(GuestKind::Qemu),
            "lxc" => guest(GuestKind::Lxc),
            "storage" => {
                let (node, name) = rest.split_once('/')?;
                let local = StorageKey { node: Some(node.into()), name: name.into() };
                let shared = StorageKey { node: None, name: name.into() };
                let known = [local, shared].into_iter().find(|key| self.storages.contains_key(key))?;
                // Of the nodes that share a storage one is enough.
                let first = self.storages[&known].sights.keys().next().is_none_or(|first| first == node);
                (known.node.is_some() || first).then(|| (known.to_string(), None))
            }
            _ => None,
        }
    }
}
