//! What a guest could be brought back from, put together from its snapshots, the jobs and the storages.

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{BackupCopy, BackupState, BackupTargetFacet, Facet, GuestBackup, ProtectionFacet};

use super::super::{
    key::{GuestKey, StorageKey},
    state::{Guest, State},
};
use crate::rules::{
    backup_copies::{Copies, OfGuest},
    backup_jobs::Covered,
};

/// What is the same for all guests, so that it is found out once with every look.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Overview {
    /// Whether any storage could be looked into.
    any_listed: bool,
    /// Whether every storage that may hold a backup was looked into lately, and we see all storages.
    all_listed: bool,
    /// Whether the platform shows us everybody's backups on all of them.
    sees_all: bool,
    /// The same of the backups of whom we may back up.
    sees_ours: bool,
}

impl State {
    /// Makes what is shown of every guest and of every storage for backups.
    pub(super) fn protect_all(&mut self, now: Timestamp) {
        self.backups.overview = self.overview(now);
        let keys: Vec<GuestKey> = self.guests.keys().copied().collect();
        keys.into_iter().for_each(|key| self.protect(key));
        let guests: Vec<Covered<'_>> = self.guests.iter().map(|(key, guest)| covered(*key, guest)).collect();
        let shown = |key: &StorageKey| (key.clone(), Arc::new(self.shown_target(key, &guests)));
        let targets = self.backup_storages().map(|(key, _)| shown(key)).collect();
        self.backups.targets = targets;
    }

    fn overview(&self, now: Timestamp) -> Overview {
        let any_listed = self.backups.listings.values().any(|listing| listing.copies.is_some());
        let Some(rights) = &self.backups.rights else { return Overview { any_listed, ..Overview::default() } };
        let holds = |key: &StorageKey, right| rights.hold(&format!("/storage/{}", key.name), right);
        let listed = |key: &StorageKey| self.backups.listings.get(key).is_some_and(|listing| listing.is_current(now));
        let (mut all_listed, mut sees_all, mut sees_ours) = (rights.hold("/storage", "Datastore.Audit"), true, true);
        for (key, _) in self.backup_storages() {
            let all = holds(key, "Datastore.Allocate");
            all_listed &= listed(key);
            sees_all &= all;
            sees_ours &= all || holds(key, "Datastore.AllocateSpace");
        }
        Overview { any_listed, all_listed, sees_all, sees_ours }
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
        let created = guest.config.as_ref().and_then(|config| config.created_at);
        let seen: Vec<&OfGuest> = self.copies_of(key).collect();
        let newest = seen.iter().filter_map(|of| of.newest_since(created)).max_by_key(|copy| copy.taken_at).cloned();
        let counted = || seen.iter().map(|of| of.count_since(created)).fold(0, u32::saturating_add);
        GuestBackup {
            covered: coverage.covered,
            jobs: coverage.jobs,
            next_run_at: coverage.next_run,
            state: self.backup_state(key, newest.as_ref()),
            copies: self.backups.overview.any_listed.then(counted),
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
        if self.backups.overview.all_listed && self.sees_backups_everywhere(key) {
            return BackupState::Missing;
        }
        BackupState::Unknown
    }

    /// Whether the platform would show us a backup of the guest on any storage.
    fn sees_backups_everywhere(&self, key: GuestKey) -> bool {
        let Some(rights) = &self.backups.rights else { return false };
        let Overview { sees_all, sees_ours, .. } = self.backups.overview;
        sees_all || sees_ours && rights.hold(&format!("/vms/{}", key.vmid), "VM.Backup")
    }

    fn shown_target(&self, key: &StorageKey, guests: &[Covered<'_>]) -> Facet {
        let copies = self.backups.listings.get(key).and_then(|listing| listing.copies.as_ref());
        Facet::BackupTarget(Box::new(BackupTargetFacet {
            jobs: self.backups.jobs.as_ref().map(|jobs| jobs.to_storage(&key.name, key.node.as_deref(), guests)),
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
