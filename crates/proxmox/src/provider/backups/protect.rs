//! What a guest could be brought back from, put together from its snapshots, the jobs and the storages.

use std::sync::Arc;

use muster_model::{BackupCopy, BackupState, BackupTargetFacet, Facet, GuestBackup, ProtectionFacet};

use super::super::{
    key::{GuestKey, StorageKey},
    state::{Guest, State},
};
use crate::rules::{
    backup_copies::{Copies, OfGuest},
    backup_jobs::Covered,
};

impl State {
    /// Makes what is shown of every guest and of every storage for backups.
    pub(super) fn protect_all(&mut self) {
        let keys: Vec<GuestKey> = self.guests.keys().copied().collect();
        keys.into_iter().for_each(|key| self.protect(key));
        let targets = self.backup_storages().map(|(key, _)| (key.clone(), Arc::new(self.shown_target(key))));
        self.backups.targets = targets.collect();
    }

    /// Makes what is shown of a guest.
    pub(crate) fn protect(&mut self, key: GuestKey) {
        let Some(guest) = self.guests.get(&key) else { return };
        let snapshots = guest.snapshots.found.clone();
        let shown = Facet::Protection(Box::new(ProtectionFacet { snapshots, backup: self.backup(key, guest) }));
        let Some(guest) = self.guests.get_mut(&key) else { return };
        if guest.protection.as_deref() != Some(&shown) {
            guest.protection = Some(Arc::new(shown));
        }
    }

    fn backup(&self, key: GuestKey, guest: &Guest) -> GuestBackup {
        let coverage = self.backups.jobs.as_ref().map(|jobs| jobs.coverage(&covered(key, guest))).unwrap_or_default();
        let seen: Vec<&OfGuest> = self.copies_of(key).collect();
        let newest = seen.iter().map(|of| &of.newest).max_by_key(|copy| copy.taken_at).cloned();
        let listed = self.backups.listings.values().any(|listing| listing.copies.is_some());
        GuestBackup {
            covered: coverage.covered,
            jobs: coverage.jobs,
            next_run_at: coverage.next_run,
            state: self.backup_state(key, newest.as_ref()),
            copies: listed.then(|| seen.iter().map(|of| of.count).fold(0, u32::saturating_add)),
            newest,
        }
    }

    fn copies_of(&self, key: GuestKey) -> impl Iterator<Item = &OfGuest> {
        let owner = (key.kind.resource_kind(), key.vmid);
        self.backups.listings.values().filter_map(move |listing| listing.copies.as_ref()?.guest(owner))
    }

    fn backup_state(&self, key: GuestKey, newest: Option<&BackupCopy>) -> BackupState {
        if newest.is_some() {
            return BackupState::Present;
        }
        if self.all_storages_listed() && self.sees_backups_everywhere(key) {
            return BackupState::Missing;
        }
        BackupState::Unknown
    }

    /// Whether every storage that may hold a backup was looked into, and we see all storages.
    fn all_storages_listed(&self) -> bool {
        let sees = self.backups.rights.as_ref().is_some_and(|rights| rights.hold("/storage", "Datastore.Audit"));
        let listed = |key: &StorageKey| self.backups.listings.get(key).is_some_and(|listing| listing.is_current);
        sees && self.backup_storages().all(|(key, _)| listed(key))
    }

    /// Whether the platform would show us a backup of the guest on any of them.
    fn sees_backups_everywhere(&self, key: GuestKey) -> bool {
        let Some(rights) = &self.backups.rights else { return false };
        let of_guest = rights.hold(&format!("/vms/{}", key.vmid), "VM.Backup");
        self.backup_storages().all(|(storage, _)| {
            let path = format!("/storage/{}", storage.name);
            let all = rights.hold(&path, "Datastore.Allocate");
            all || of_guest && rights.hold(&path, "Datastore.AllocateSpace")
        })
    }

    fn shown_target(&self, key: &StorageKey) -> Facet {
        let guests: Vec<Covered<'_>> = self.guests.iter().map(|(key, guest)| covered(*key, guest)).collect();
        let copies = self.backups.listings.get(key).and_then(|listing| listing.copies.as_ref());
        Facet::BackupTarget(Box::new(BackupTargetFacet {
            jobs: self.backups.jobs.as_ref().map(|jobs| jobs.to_storage(&key.name, &guests)),
            copies: copies.map(|copies| copies.count),
            guests: copies.map(Copies::guests),
            newest_at: copies.and_then(|copies| copies.newest_at),
            failed_verifications: copies.map(|copies| copies.failed_verifications),
        }))
    }
}

fn covered(key: GuestKey, guest: &Guest) -> Covered<'_> {
    Covered { vmid: key.vmid, node: guest.row.node.as_deref(), pool: guest.row.pool.as_deref() }
}
