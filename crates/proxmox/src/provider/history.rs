//! The lane of what the platform remembers: after a gap, the samples of the time before. From 8.3 on every sample of the
//! last half hour, node by node; before that, and where that cannot be had, the averages of each minute.

mod averages;
mod export;
mod missing;
mod series;

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use jiff::Timestamp;
use muster_collect::{Backfill, Failure, Look};
use muster_model::MemorySource;
use smol_str::{SmolStr, format_smolstr};

pub(crate) use self::missing::Missing;
use self::missing::Span;
use super::{
    Pve,
    api::Refused,
    details,
    key::{self, GuestKey, GuestKind, StorageKey},
    state::State,
};

/// The version that brought the export.
const EXPORT: (u16, u16) = (8, 3);

/// After this long nothing more is asked for, so that what was read is handed on before the deadline; what is left has
/// its turn in the next look.
const LONG: Duration = Duration::from_secs(90);

/// Nodes of which samples are missing.
type Wanted = Vec<(SmolStr, Span)>;

/// What was found out.
#[derive(Debug, Default)]
struct Found {
    backfill: Vec<Backfill>,
    /// Nodes of which all was read that there is.
    read: Vec<SmolStr>,
    /// Nodes that cannot be asked for every sample.
    averaged: Vec<SmolStr>,
    /// Nodes that answered and told nothing of themselves.
    silent: Vec<SmolStr>,
    /// Nodes of which some averages were read, and whose.
    partly: Vec<(SmolStr, BTreeSet<Exported>)>,
    refused: Vec<(SmolStr, Refused)>,
}

/// How long a look may go on asking.
#[derive(Debug, Clone, Copy)]
struct Time {
    began: Duration,
}

impl Time {
    fn is_over(self, pve: &Pve) -> bool {
        pve.clock.monotonic().saturating_sub(self.began) >= LONG
    }
}

/// Reads what is missing, if anything is.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Result<Look, Failure> {
    let time = Time { began: pve.clock.monotonic() };
    let (wanted, version) = {
        let mut state = pve.state();
        (state.wanted(due), state.version)
    };
    if wanted.is_empty() {
        return Ok(Look::default());
    }
    let Ok(_place) = pve.pasts.try_acquire() else { return Ok(Look::default()) };
    let exports = |(_, span): &(SmolStr, Span)| version >= Some(EXPORT) && !span.is_silent();
    let (exported, mut averaged): (Wanted, Wanted) = wanted.iter().cloned().partition(exports);
    let mut found = export::read(pve, &exported, due, time).await;
    averaged.extend(exported.into_iter().filter(|(node, _)| found.averaged.contains(node)));
    let averages = averages::read(pve, averaged, due, time).await;
    pve.state().take_read(&found, &averages, due);
    found.backfill.extend(averages.backfill);
    found.refused.extend(averages.refused);
    Ok(Look { backfill: found.backfill, ..details("history", found.refused) })
}

impl State {
    /// Nodes that can be asked, and from when on their samples are missing.
    fn wanted(&mut self, due: Timestamp) -> Wanted {
        if self.last_bulk.is_none() {
            return Wanted::new();
        }
        if let Some(since) = self.gap_since.take() {
            for node in self.nodes.keys() {
                self.missing.note(node, since, due);
            }
        }
        let online = self.nodes_online();
        let mut wanted = self.missing.wanted(due);
        wanted.retain(|(node, _)| online.contains(node));
        wanted
    }

    /// Notes what is not missing any more.
    fn take_read(&mut self, exported: &Found, averages: &Found, due: Timestamp) {
        for node in &exported.read {
            self.missing.filled(node);
        }
        for node in &exported.silent {
            self.missing.silent(node);
        }
        for node in &averages.read {
            self.missing.averaged(node, due);
        }
        for (node, read) in &averages.partly {
            self.missing.averaged_partly(node, read.iter().cloned());
        }
    }

    /// Ids under which the export may tell of what is known to us.
    fn exported_ids(&self) -> HashSet<SmolStr> {
        let nodes = self.nodes.keys().map(|node| format_smolstr!("node/{node}"));
        let guests = self.guests.keys().map(|guest| format_smolstr!("{guest}"));
        let storages = self.storages.iter().flat_map(|(key, storage)| {
            let nodes = storage.sights.keys();
            nodes.map(|node| format_smolstr!("storage/{node}/{}", key.name))
        });
        nodes.chain(guests).chain(storages).collect()
    }

    /// Whether the platform's own memory of a guest means the same as what its chart shows.
    fn tells_memory(&self, key: GuestKey) -> bool {
        let source = self.guests.get(&key).and_then(|guest| guest.memory.as_ref()).map(|memory| memory.memory.source);
        let plain = matches!(source, None | Some(MemorySource::StatusMem | MemorySource::ClusterResources));
        key.kind == GuestKind::Lxc || plain
    }

    /// What an id of the export means, where it is known to us.
    fn exported(&self, id: &str) -> Option<Exported> {
        let (kind, rest) = id.split_once('/')?;
        match kind {
            "node" => self.nodes.contains_key(rest).then(|| Exported::Node(rest.into())),
            "qemu" => self.exported_guest(GuestKind::Qemu, rest),
            "lxc" => self.exported_guest(GuestKind::Lxc, rest),
            "storage" => {
                let (node, name) = rest.split_once('/')?;
                let key = self.storage_key(node, name)?;
                self.tells_of(&key, node).then(|| Exported::Storage(node.into(), key))
            }
            _ => None,
        }
    }

    fn exported_guest(&self, kind: GuestKind, vmid: &str) -> Option<Exported> {
        let key = GuestKey { kind, vmid: vmid.parse().ok()? };
        self.guests.contains_key(&key).then_some(Exported::Guest(key))
    }

    /// A storage by the name that it has on a node.
    fn storage_key(&self, node: &str, name: &str) -> Option<StorageKey> {
        let local = StorageKey { node: Some(node.into()), name: name.into() };
        let shared = StorageKey { node: None, name: name.into() };
        [local, shared].into_iter().find(|key| self.storages.contains_key(key))
    }

    /// Whether a node is the one that tells of a storage: of those that share it one is enough.
    fn tells_of(&self, key: &StorageKey, node: &str) -> bool {
        let first = self.storages[key].sights.keys().next();
        key.node.is_some() || first.is_none_or(|first| first == node)
    }
}

/// What samples of the platform's memory are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Exported {
    Node(SmolStr),
    Guest(GuestKey),
    /// By a node that sees it.
    Storage(SmolStr, StorageKey),
}

impl Exported {
    fn native_key(&self) -> String {
        match self {
            Self::Node(name) => key::node(name),
            Self::Guest(key) => key.to_string(),
            Self::Storage(_, key) => key.to_string(),
        }
    }
}
