//! One connection to Proxmox VE as its owner sees it: lanes that learn, and a bulk lane that makes the reports.
//!
//! Every lane writes what it learned into one shared state and keeps what it could not read as it was. The bulk lane
//! asks for the cluster's list of resources, one call for everything, and makes the whole report from the state. A report
//! is full only when every part that decides what exists was read whole.
//!
//! The collector calls it, through [`Provider`]; rules and wire types do the thinking and the reading. It refuses to
//! write anything to the platform, to wait on a clock of its own but once for newcomers, and to keep anything on disk.

mod absorb;
mod agents;
mod api;
mod backups;
mod bulk;
mod ceph;
mod configs;
mod disks;
mod guests;
mod health;
mod history;
mod key;
mod limits;
mod memory;
mod nodes;
mod pools;
mod report;
mod settings;
mod slow;
mod snapshots;
mod state;
mod sweep;
mod tasks;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use muster_collect::{BoxFuture, Connection, Failure, Lane, Look, Observed, Provider};
use muster_model::{ConnectionId, Issue, MemoryDecisions, SourceId, TenantId};
use muster_runtime::Clock;
use smol_str::SmolStr;
use tokio::sync::Semaphore;

use self::{
    api::{Api, Refused},
    settings::Settings,
    state::State,
};
use crate::{client::Client, rules::agent_pacing::Pacing};

/// The lanes but the bulk lane: name, interval and deadline in seconds. A connection may ask for others (see [`Settings`]).
const DETAILS: &[(&str, i64, u64)] = &[
    ("configs", 30, 120),
    ("nodes", 60, 120),
    ("guests", 20, 120),
    ("agents", 30, 240),
    ("health", 60, 60),
    ("tasks", 60, 30),
    ("history", 30, 180),
    ("disks", 300, 280),
    ("slow", 1800, 300),
    ("snapshots", 60, 120),
    ("backups", 900, 300),
];
/// How long one look of the bulk lane may take.
const BULK_DEADLINE: Duration = Duration::from_secs(25);

/// A connection to Proxmox VE.
pub(crate) struct Pve {
    tenant: TenantId,
    connection: ConnectionId,
    source: SourceId,
    interval: SignedDuration,
    settings: Settings,
    clock: Arc<dyn Clock>,
    /// Places for those who read the past, shared by all connections.
    pasts: Arc<Semaphore>,
    api: Api,
    state: Mutex<State>,
}

impl Pve {
    /// A provider for a connection; nothing is asked yet.
    pub(crate) fn new(connection: &Connection, client: Client, clock: Arc<dyn Clock>, pasts: Arc<Semaphore>) -> Self {
        let settings = Settings::of(&connection.options);
        Self {
            tenant: connection.tenant.clone(),
            connection: connection.id,
            source: connection.source(),
            interval: connection.interval,
            settings,
            clock,
            pasts,
            api: Api::new(client, settings.agents.limits),
            state: Mutex::new(State { pacing: Pacing::new(settings.agents.pace), ..State::new() }),
        }
    }

    /// What is known. Held for moments only, never while anybody is asked.
    fn state(&self) -> MutexGuard<'_, State> {
        // A lane that panicked left its part as it was; the others go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look_into(&self, lane: &'static str, due: Timestamp) -> Result<Look, Failure> {
        match lane {
            "bulk" => bulk::look(self, due).await,
            "configs" => Ok(details(lane, configs::look(self, due).await)),
            "nodes" => Ok(details(lane, nodes::look(self, due).await)),
            "guests" => Ok(details(lane, guests::look(self, due).await)),
            "agents" => Ok(details(lane, agents::look(self, due).await)),
            "health" => {
                let (refused, ()) = futures::join!(health::look(self, due), self.api.ask_lost_entries());
                Ok(details(lane, refused))
            }
            "tasks" => tasks::look(self, due).await.map(|odd| details(lane, odd)).map_err(Refused::into_failure),
            "history" => history::look(self, due).await,
            "disks" => Ok(details(lane, disks::look(self, due).await)),
            "slow" => Ok(details(lane, slow::look(self, due).await)),
            "snapshots" => Ok(details(lane, snapshots::look(self, due).await)),
            "backups" => Ok(details(lane, backups::look(self, due).await)),
            // The scheduler knows lanes from us alone.
            _ => Ok(Look::default()),
        }
    }
}

impl Provider for Pve {
    fn lanes(&self) -> Vec<Lane> {
        let bulk = Lane { name: "bulk", every: self.interval, deadline: BULK_DEADLINE };
        let detail = |(name, every, deadline): &(&'static str, i64, u64)| {
            let (every, deadline) = (SignedDuration::from_secs(*every), Duration::from_secs(*deadline));
            let (every, deadline) = match *name {
                "disks" => (self.settings.disks_every, deadline),
                "agents" => (every, deadline.max(self.settings.agents.longest())),
                _ => (every, deadline),
            };
            Lane { name, every: every.max(self.interval), deadline }
        };
        std::iter::once(bulk).chain(DETAILS.iter().map(detail)).collect()
    }

    fn look(&self, lane: &'static str, due: Timestamp) -> BoxFuture<'_, Result<Look, Failure>> {
        Box::pin(self.look_into(lane, due))
    }

    fn address(&self) -> String {
        self.api.address()
    }

    fn requests(&self) -> u64 {
        self.api.requests()
    }

    fn memory(&self) -> MemoryDecisions {
        self.state().memory_decisions(self.clock.now())
    }
}

/// What a lane of details is heard of: what was refused, once for each sort of failure, named by where it happened first.
fn details<P: Into<SmolStr>>(lane: &str, refused: Vec<(P, Refused)>) -> Look {
    let mut issues: Vec<(Issue, u32)> = Vec::new();
    for (place, why) in refused {
        let mut issue = why.issue(lane);
        issue.message = format!("{}: {}", place.into(), issue.message);
        match issues.iter_mut().find(|(known, _)| known.class == issue.class) {
            Some((_, more)) => *more += 1,
            None => issues.push((issue, 0)),
        }
    }
    let counted = issues.into_iter().map(|(mut issue, more)| {
        if more > 0 {
            issue.message = format!("{} (and {more} more)", issue.message);
        }
        issue
    });
    Look { observed: Observed { issues: counted.collect(), ..Observed::default() }, ..Look::default() }
}
