//! Storages: what is defined for the cluster, and how full each is on each node.

use std::collections::BTreeSet;

use crate::pve::wave::{Wave, whole};

/// What a storage is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StorageKind {
    Dir,
    Zfs,
    Nfs,
    Pbs,
    Rbd,
}

/// A storage that is defined for the cluster.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    pub(crate) name: &'static str,
    pub(crate) kind: StorageKind,
    /// Bytes on each node, or in all when it is shared.
    pub(crate) size: u64,
    pub(crate) used: Wave,
    /// The nodes, by place, that do not reach it.
    pub(crate) unreachable: BTreeSet<usize>,
}

impl StorageKind {
    /// How the API names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Zfs => "zfspool",
            Self::Nfs => "nfs",
            Self::Pbs => "pbs",
            Self::Rbd => "rbd",
        }
    }

    /// What may be kept there.
    pub(crate) fn content(self) -> &'static str {
        match self {
            Self::Dir => "backup,iso,vztmpl",
            Self::Zfs | Self::Rbd => "images,rootdir",
            Self::Nfs => "images,iso",
            Self::Pbs => "backup",
        }
    }

    /// Whether every node sees the same.
    pub(crate) fn is_shared(self) -> bool {
        match self {
            Self::Dir | Self::Zfs => false,
            Self::Nfs | Self::Pbs | Self::Rbd => true,
        }
    }
}

impl Storage {
    /// Bytes that are in use on a node at a time. Shared ones say the same everywhere.
    pub(crate) fn used(&self, node: usize, time: i64) -> u64 {
        let place = if self.kind.is_shared() { 0 } else { i64::try_from(node).expect("few nodes") };
        whole(self.used.at(time + place * 7919)).min(self.size)
    }
}
