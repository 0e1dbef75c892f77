//! What lies in one storage, and when it is looked into.

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::super::{
    Pve,
    key::StorageKey,
    state::{State, Storage},
    sweep::Outcome,
};
use crate::{provider::api::List, rules::backup_copies::Copies};

const EVERY: SignedDuration = SignedDuration::from_hours(6);
/// How long what was seen is taken for what is there.
const HOLDS: SignedDuration = SignedDuration::from_hours(12);
/// The soonest that a storage is looked into again, after a backup or after it could not be listed.
const SOONEST: SignedDuration = SignedDuration::from_mins(15);

/// A storage that may hold backups.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Absent until it could be listed.
    pub(super) copies: Option<Copies>,
    /// Whether it could be listed whole the last time.
    is_current: bool,
    /// When it was last listed whole.
    listed_at: Option<Timestamp>,
    /// When it was last tried, whatever came of it.
    tried_at: Option<Timestamp>,
}

impl Listing {
    /// Whether what is missing from it does not exist.
    pub(super) fn is_current(&self, now: Timestamp) -> bool {
        self.is_current && self.listed_at.is_some_and(|at| now.duration_since(at) < HOLDS)
    }
}

/// Looks into a storage.
pub(super) async fn read(pve: &Pve, node: &SmolStr, storage: StorageKey, now: Timestamp) -> Outcome {
    let answer = pve.api.backups(node, &storage.name).await;
    let mut state = pve.state();
    let listing = state.backups.listings.entry(storage.clone()).or_default();
    (listing.tried_at, listing.is_current) = (Some(now), false);
    match answer {
        Ok(List { rows, odd }) => {
            listing.copies = Some(Copies::of(&storage.name, &rows));
            listing.is_current = odd.is_none();
            listing.listed_at = Some(now).filter(|_| odd.is_none()).or(listing.listed_at);
            odd.map_or(Outcome::Done, Outcome::Refused)
        }
        Err(refused) if refused.is_node_away() => Outcome::NodeAway(refused),
        Err(refused) => Outcome::Refused(refused),
    }
}

impl State {
    /// Storages whose turn it is, each with the node that is asked.
    pub(super) fn listings_due(&mut self, now: Timestamp) -> Vec<(SmolStr, StorageKey)> {
        let places: Vec<_> = self.backup_storages().map(|(key, _)| key.clone()).collect();
        let seen: Vec<_> = places.into_iter().filter(|key| self.may_look_into(key)).collect();
        // Of what is gone, and of what we may not see any more, nothing is known.
        self.backups.listings.retain(|key, _| seen.contains(key));
        let due = seen.into_iter().filter(|key| self.is_due(key, now));
        due.filter_map(|key| Some((self.asked_node(&key)?, key))).collect()
    }

    fn is_due(&self, key: &StorageKey, now: Timestamp) -> bool {
        let listing = self.backups.listings.get(key);
        let Some((listing, tried_at)) = listing.and_then(|listing| Some((listing, listing.tried_at?))) else {
            return true;
        };
        let ago = now.duration_since(tried_at);
        let changed = self.backups.ended_at.is_some_and(|ended| ended >= tried_at);
        let every = if listing.is_current { EVERY } else { SOONEST };
        ago >= every || changed && ago >= SOONEST
    }

    /// Whether we see any backup there. Assumed while nobody said.
    fn may_look_into(&self, key: &StorageKey) -> bool {
        let Some(rights) = &self.backups.rights else { return true };
        let path = format!("/storage/{}", key.name);
        rights.hold(&path, "Datastore.Allocate") || rights.hold(&path, "Datastore.AllocateSpace")
    }

    /// A node that reaches the storage.
    fn asked_node(&self, key: &StorageKey) -> Option<SmolStr> {
        let storage = self.storages.get(key)?;
        let online = self.nodes_online();
        let reaches = |node: &&SmolStr| online.contains(node);
        storage.reachable_from().find(reaches).cloned()
    }

    /// Storages that may hold backups and are not switched off.
    pub(super) fn backup_storages(&self) -> impl Iterator<Item = (&StorageKey, &Storage)> {
        let off = |key: &StorageKey| self.storage_config.get(&key.name).is_some_and(|row| row.disable == Some(true));
        self.storages.iter().filter(move |(key, storage)| storage.holds_backups() && !off(key))
    }
}

impl Storage {
    fn holds_backups(&self) -> bool {
        self.content.split(',').any(|word| word.trim() == "backup")
    }

    fn reachable_from(&self) -> impl Iterator<Item = &SmolStr> {
        let works = |word: Option<&str>| word != Some("unknown");
        let sights =
            self.sights.iter().filter(move |(_, sight)| sight.active != Some(false) && works(sight.word.as_deref()));
        sights.map(|(node, _)| node)
    }
}
