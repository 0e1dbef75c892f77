//! The lane of backups: the jobs that make them every quarter of an hour, and what lies in each storage every six hours,
//! or a quarter of an hour after a backup or a failure at the latest. A storage that all nodes share is asked for once.
//!
//! The platform leaves out backups that we may not see and says nothing, so that "none" is said only where the rights
//! are known to hold for the guest on every storage that may hold one.

mod listing;
mod protect;

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::Facet;
use smol_str::SmolStr;
use std::sync::Arc;

pub(crate) use self::listing::Listing;
use self::protect::Overview;
use super::{
    Pve,
    api::{List, Refused},
    key::StorageKey,
    sweep::{FEW, each_node},
};
use crate::{rules::backup_jobs::Jobs, wire::access::Permissions};

/// What is known of backups.
#[derive(Debug, Default)]
pub(crate) struct Backups {
    /// Absent where nobody could ask.
    jobs: Option<Jobs>,
    listings: BTreeMap<StorageKey, Listing>,
    /// Absent while they could not be read.
    rights: Option<Permissions>,
    /// When a backup last ended.
    ended_at: Option<Timestamp>,
    /// What is shown of storages that may hold backups.
    targets: BTreeMap<StorageKey, Arc<Facet>>,
    /// What is the same for all guests.
    overview: Overview,
}

impl Backups {
    /// A backup ended.
    pub(super) fn ended(&mut self, at: Timestamp) {
        self.ended_at = self.ended_at.max(Some(at));
    }

    /// What is shown of a storage, where it may hold backups.
    pub(crate) fn target(&self, storage: &StorageKey) -> Option<&Arc<Facet>> {
        self.targets.get(storage)
    }
}

/// Looks at the jobs, and at the storages whose turn it is.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let mut refused: Vec<(SmolStr, Refused)> = Vec::new();
    if let Some(why) = jobs(pve).await {
        refused.push((SmolStr::new_static("backup jobs"), why));
    }
    if let Ok(rights) = pve.api.permissions().await {
        pve.state().backups.rights = Some(rights);
    }
    let turn = pve.state().listings_due(due);
    refused.extend(
        each_node(turn, FEW, |node, storage| async move { listing::read(pve, &node, storage, due).await }).await,
    );
    pve.state().protect_all(due);
    refused
}

async fn jobs(pve: &Pve) -> Option<Refused> {
    let (rows, odd) = match pve.api.backup_jobs().await {
        Ok(List { rows, odd }) => (rows, odd),
        Err(why) => {
            if why.is_forbidden() || why.is_not_supported() {
                pve.state().backups.jobs = None;
            }
            return Some(why);
        }
    };
    let (uncovered, refused) = match pve.api.not_backed_up().await {
        Ok(rows) => (rows.into_iter().map(|row| row.vmid).collect(), odd),
        Err(why) if why.is_not_supported() => (Default::default(), odd),
        Err(why) => (Default::default(), Some(why)),
    };
    pve.state().backups.jobs = Some(Jobs::new(rows, uncovered));
    refused
}
