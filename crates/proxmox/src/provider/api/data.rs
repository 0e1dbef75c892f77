//! The calls about what keeps data and what it could be brought back from: Ceph, ZFS pools, snapshots, backups.

use super::{Answer, Api, List, of_kind};
use crate::{
    client::{Call, Place},
    provider::{key::GuestKey, limits},
    wire::{
        backup::{BackupJobRow, BackupRow, UncoveredRow},
        ceph::CephStatus,
        disk::ZfsDetail,
        guest::SnapshotRow,
    },
};

impl Api {
    /// How Ceph is, by the entry point or by one node.
    pub(crate) async fn ceph(&self, node: Option<&str>) -> Answer<CephStatus> {
        let (call, place) = match node {
            Some(node) => (Call::NodeCephStatus, Place::node(node)),
            None => (Call::CephStatus, Place::CLUSTER),
        };
        self.ask_within(limits::CEPH, call, place, &[]).await
    }

    /// A pool with its devices.
    pub(crate) async fn zfs_pool(&self, node: &str, pool: &str) -> Answer<ZfsDetail> {
        self.ask(Call::ZfsPool, Place::pool(node, pool), &[]).await
    }

    pub(crate) async fn snapshots(&self, node: &str, key: GuestKey) -> Answer<Vec<SnapshotRow>> {
        self.rows(of_kind(key, Call::QemuSnapshots, Call::LxcSnapshots), Place::guest(node, key.vmid), &[]).await
    }

    pub(crate) async fn backup_jobs(&self) -> Answer<List<BackupJobRow>> {
        self.list(Call::BackupJobs, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn not_backed_up(&self) -> Answer<Vec<UncoveredRow>> {
        self.rows(Call::NotBackedUp, Place::CLUSTER, &[]).await
    }

    /// The backups that lie in a storage, without a word of those that we may not see.
    pub(crate) async fn backups(&self, node: &str, storage: &str) -> Answer<List<BackupRow>> {
        self.list(Call::StorageBackups, Place::storage(node, storage), &[("content", "backup")]).await
    }
}
