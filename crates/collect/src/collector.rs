//! The handle on everything that is polled: whoever may change connections tells it, whoever shows them asks it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use muster_model::{ConnectionId, MemoryDecisions, Platform, TenantId};
use muster_runtime::{Clock, Tasks};
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    CollectStats, Connection, Driver, Failure, FailureCategory, Health, ProbeReport, Sink, Standing,
    caps::Caps,
    owner::{Owner, Setup, Shared, Wanted, Wish, WishedLane},
    record::Record,
    schedule::First,
    stats::Tally,
};

/// The secret of a connection, or why there is none.
pub type Secret = Result<SecretString, Failure>;

/// Wishes for looks into one connection that may wait. When full, [`AskError::Busy`] is the answer.
const WISHES: usize = 32;

/// How long a probe may take as a whole.
const PROBE_DEADLINE: Duration = Duration::from_secs(60);

/// What polling needs from the outside.
pub struct Parts {
    /// Who speaks with which platform.
    pub drivers: BTreeMap<Platform, Arc<dyn Driver>>,
    /// Where what was seen goes.
    pub sink: Arc<dyn Sink>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
}

/// Why a look that was asked for has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The tenant has no such connection.
    #[error("there is no such connection")]
    NoSuchConnection,
    /// Its platform has no such lane.
    #[error("the connection has no such lane")]
    NoSuchLane,
    /// Many looks are asked for already.
    #[error("many looks at this connection are asked for already; ask again later")]
    Busy,
    /// It was changed or removed before the look was over, or the server stops.
    #[error("the connection was changed, removed or let go of before the look was over; ask again")]
    GivenUp,
}

/// Everything that is polled. Cheap to clone. All of it ends with the tasks that it was made with.
#[derive(Clone)]
pub struct Collector(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    tasks: Tasks,
    owned: Mutex<BTreeMap<(TenantId, ConnectionId), Owned>>,
}

/// What is held of an owner.
struct Owned {
    wanted: watch::Sender<Wanted>,
    wishes: mpsc::Sender<Wish>,
    record: Arc<Mutex<Record>>,
}

impl Collector {
    /// Polls nothing yet.
    pub fn new(parts: Parts, tasks: &Tasks) -> Self {
        let shared = Shared { parts, caps: Caps::new(), tally: Tally::default() };
        Self(Arc::new(Inner { shared: Arc::new(shared), tasks: tasks.clone(), owned: Mutex::default() }))
    }

    /// Begins to poll what is stored, when a server starts: the first looks are spread over a few seconds.
    pub fn launch(&self, connections: impl IntoIterator<Item = (Connection, Secret)>) {
        for (connection, secret) in connections {
            self.put(Setup { connection, secret, first: First::Spread });
        }
    }

    /// Polls a connection as it is now. One that is new, or differs in anything, is looked into at once: what is under
    /// way is given up. One that is the same goes on. How it went is forgotten only where something else is polled now.
    pub fn set(&self, connection: Connection, secret: Secret) {
        self.put(Setup { connection, secret, first: First::AtOnce });
    }

    /// Lets go of a connection. What is under way is given up, and what it reported leaves the estate.
    pub fn remove(&self, tenant: &TenantId, id: ConnectionId) {
        if let Some(owned) = self.owned().remove(&(tenant.clone(), id)) {
            owned.wanted.send_modify(Wanted::let_go);
        }
    }

    /// Looks at all of a connection now, or joins the look that is under way, and tells how it went. A connection that is
    /// not polled is looked at, too; what is seen there is not reported.
    ///
    /// # Errors
    /// See [`AskError`]. That the look failed is no error: the answer tells it.
    pub async fn test(&self, tenant: &TenantId, id: ConnectionId) -> Result<Health, AskError> {
        self.ask(tenant, id, WishedLane::Bulk).await
    }

    /// Looks into one lane now, or joins the look that is under way, and tells how the connection is doing after it.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn refresh(&self, tenant: &TenantId, id: ConnectionId, lane: &str) -> Result<Health, AskError> {
        self.ask(tenant, id, WishedLane::Named(lane.to_owned())).await
    }

    /// How polling of a connection goes; `None` where the tenant has none such.
    pub fn health(&self, tenant: &TenantId, id: ConnectionId) -> Option<Health> {
        let record = Arc::clone(&self.owned().get(&(tenant.clone(), id))?.record);
        Some(read(&record))
    }

    /// Why the memory of each node and guest of a connection is what it is; `None` where the tenant has none such.
    pub fn memory(&self, tenant: &TenantId, id: ConnectionId) -> Option<MemoryDecisions> {
        let record = Arc::clone(&self.owned().get(&(tenant.clone(), id))?.record);
        let provider = record.lock().unwrap_or_else(PoisonError::into_inner).provider();
        Some(provider.map(|provider| provider.memory()).unwrap_or_default())
    }

    /// How polling of each connection of a tenant goes.
    pub fn healths(&self, tenant: &TenantId) -> BTreeMap<ConnectionId, Health> {
        self.of_tenant(tenant).into_iter().map(|(setup, health)| (setup.connection.id, health)).collect()
    }

    /// Polling of a tenant in numbers.
    pub fn stats(&self, tenant: &TenantId) -> CollectStats {
        let lanes = self.0.shared.tally.read(tenant);
        let standings = Standing::ALL.iter().map(|standing| (*standing, 0)).collect();
        let mut stats = CollectStats { lanes, standings, requests: BTreeMap::new() };
        for (setup, health) in self.of_tenant(tenant) {
            *stats.standings.entry(Standing::of(setup.connection.enabled, &health)).or_default() += 1;
            stats.requests.insert(setup.connection.source(), health.requests);
        }
        stats
    }

    /// Tries a connection that need not exist.
    pub async fn probe(&self, connection: &Connection, secret: Option<SecretString>) -> ProbeReport {
        let driver = match self.0.shared.driver(connection.platform) {
            Ok(driver) => driver,
            Err(failure) => return without_answer(failure),
        };
        // Cancel-safe: a probe that is given up leaves nothing behind.
        tokio::select! {
            report = driver.probe(connection, secret) => report,
            () = self.0.shared.parts.clock.sleep(PROBE_DEADLINE) => without_answer(Failure {
                category: FailureCategory::TimedOut,
                message: format!(
                    "the probe was not over after {} seconds; check that the addresses are right and answer",
                    PROBE_DEADLINE.as_secs()
                ),
            }),
        }
    }

    fn put(&self, setup: Setup) {
        let mut owned = self.owned();
        match owned.get(&setup.key()) {
            Some(owned) => drop(owned.wanted.send_if_modified(|wanted| wanted.replace(setup))),
            None => drop(owned.insert(setup.key(), self.start(setup))),
        }
    }

    fn start(&self, setup: Setup) -> Owned {
        let record = Arc::new(Mutex::new(Record::default()));
        let (wanted, wanted_of_owner) = watch::channel(Wanted::Polled(Arc::new(setup)));
        let (wishes, wishes_of_owner) = mpsc::channel(WISHES);
        let owner = Owner::new(Arc::clone(&self.0.shared), Arc::clone(&record), wanted_of_owner, wishes_of_owner);
        self.0.tasks.spawn("connection", owner.run(self.0.tasks.shutdown().clone()));
        Owned { wanted, wishes, record }
    }

    async fn ask(&self, tenant: &TenantId, id: ConnectionId, lane: WishedLane) -> Result<Health, AskError> {
        let (answer, answered) = oneshot::channel();
        let wishes = self.owned().get(&(tenant.clone(), id)).map(|owned| owned.wishes.clone());
        let wishes = wishes.ok_or(AskError::NoSuchConnection)?;
        wishes.try_send(Wish { lane, answer }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => AskError::Busy,
            mpsc::error::TrySendError::Closed(_) => AskError::GivenUp,
        })?;
        answered.await.unwrap_or(Err(AskError::GivenUp))
    }

    fn of_tenant(&self, tenant: &TenantId) -> Vec<(Arc<Setup>, Health)> {
        let owned = self.owned();
        let ours = owned.iter().filter(|((of, _), _)| of == tenant);
        ours.filter_map(|(_, owned)| Some((owned.wanted.borrow().setup()?, read(&owned.record)))).collect()
    }

    fn owned(&self) -> std::sync::MutexGuard<'_, BTreeMap<(TenantId, ConnectionId), Owned>> {
        self.0.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(record: &Mutex<Record>) -> Health {
    record.lock().unwrap_or_else(PoisonError::into_inner).health()
}

fn without_answer(failure: Failure) -> ProbeReport {
    ProbeReport {
        endpoints: vec![],
        version: None,
        cluster: None,
        nodes: vec![],
        calls: vec![],
        failure: Some(failure),
    }
}
