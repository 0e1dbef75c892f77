//! The owner of one connection: the one task that has its provider, decides when its lanes are looked into, and writes
//! its record.
//!
//! What is wanted comes through a watch: the owner reads it again whenever it changed, so that of several edits in a row
//! only the last counts and none is lost. An edit drops everything that is under way.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::{StreamExt, stream::FuturesUnordered};
use muster_model::{ConnectionId, Platform, SourceId, TenantId};
use muster_runtime::Shutdown;
use secrecy::ExposeSecret;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    AskError, Backfill, BoxFuture, Connection, Driver, Failure, FailureCategory, Health, Parts, Provider, Secret,
    caps::{Among, Caps},
    degradation::Degradation,
    look::{Looked, look},
    patience::Role,
    record::Record,
    schedule::{Due, First, Moment, Schedule},
    stats::Tally,
    tell::tell,
};

/// What all owners share.
pub(crate) struct Shared {
    pub(crate) parts: Parts,
    pub(crate) caps: Caps,
    pub(crate) tally: Tally,
}

impl Shared {
    /// Who speaks with a platform.
    pub(crate) fn driver(&self, platform: Platform) -> Result<&Arc<dyn Driver>, Failure> {
        self.parts.drivers.get(&platform).ok_or_else(|| Failure {
            category: FailureCategory::Api,
            message: format!("this server cannot speak with {platform}; remove the connection or update the server"),
        })
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { wall: self.parts.clock.now(), monotonic: self.parts.clock.monotonic() }
    }
}

/// A connection with all that polling it needs.
pub(crate) struct Setup {
    pub(crate) connection: Connection,
    pub(crate) secret: Secret,
    pub(crate) first: First,
}

impl Setup {
    pub(crate) fn key(&self) -> (TenantId, ConnectionId) {
        (self.connection.tenant.clone(), self.connection.id)
    }

    fn has_the_same_secret(&self, other: &Self) -> bool {
        match (&self.secret, &other.secret) {
            (Ok(ours), Ok(theirs)) => ours.expose_secret() == theirs.expose_secret(),
            (Err(ours), Err(theirs)) => ours == theirs,
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        }
    }

    /// Whether how polling of one went says something about the other.
    fn polls_the_same(&self, other: &Self) -> bool {
        self.connection.polls_the_same(&other.connection) && self.has_the_same_secret(other)
    }

    fn provider(&self, shared: &Shared) -> Result<Arc<dyn Provider>, Failure> {
        let secret = self.secret.as_ref().map_err(Failure::clone)?;
        shared.driver(self.connection.platform)?.provider(&self.connection, secret.clone())
    }
}

/// What an owner is to do.
#[derive(Clone)]
pub(crate) enum Wanted {
    /// To poll this.
    Polled(Arc<Setup>),
    /// To take this out of the estate and end.
    Gone(TenantId, SourceId),
}

impl Wanted {
    /// Wants something else, unless it is the same. Says whether it differs.
    pub(crate) fn replace(&mut self, setup: Setup) -> bool {
        let is_the_same = match self {
            Self::Polled(before) => before.connection == setup.connection && before.has_the_same_secret(&setup),
            Self::Gone(..) => false,
        };
        if !is_the_same {
            *self = Self::Polled(Arc::new(setup));
        }
        !is_the_same
    }

    /// Wants nothing more of it.
    pub(crate) fn let_go(&mut self) {
        if let Self::Polled(setup) = self {
            *self = Self::Gone(setup.connection.tenant.clone(), setup.connection.source());
        }
    }

    pub(crate) fn setup(&self) -> Option<Arc<Setup>> {
        match self {
            Self::Polled(setup) => Some(Arc::clone(setup)),
            Self::Gone(..) => None,
        }
    }
}

/// A look that somebody asks for.
pub(crate) struct Wish {
    pub(crate) lane: WishedLane,
    pub(crate) answer: oneshot::Sender<Result<Health, AskError>>,
}

/// Into which lane.
pub(crate) enum WishedLane {
    /// The one that makes the reports.
    Bulk,
    /// The one with this name.
    Named(String),
}

/// Owns one connection.
pub(crate) struct Owner {
    shared: Arc<Shared>,
    record: Arc<Mutex<Record>>,
    wanted: watch::Receiver<Wanted>,
    wishes: mpsc::Receiver<Wish>,
    /// What was wrong when the log was told last.
    told: Degradation,
}

/// Why an owner no longer does what it did.
enum Over {
    Edited,
    Ended,
}

/// What an owner is woken by.
enum Event {
    Over(Over),
    Wished(Wish),
    Looked(Box<Looked>),
    Backfilled,
    /// Something may be due.
    Time,
}

/// One provider's life.
struct Live {
    setup: Arc<Setup>,
    provider: Arc<dyn Provider>,
    schedule: Schedule,
    under_way: FuturesUnordered<BoxFuture<'static, Event>>,
    waiting: BTreeMap<&'static str, Vec<Wish>>,
    /// Samples of the past that wait for those before them to be written.
    backfill: Vec<Backfill>,
    is_backfilling: bool,
}

impl Owner {
    pub(crate) fn new(
        shared: Arc<Shared>,
        record: Arc<Mutex<Record>>,
        wanted: watch::Receiver<Wanted>,
        wishes: mpsc::Receiver<Wish>,
    ) -> Self {
        Self { shared, record, wanted, wishes, told: Degradation::None }
    }

    /// Does what is wanted, until shutdown.
    pub(crate) async fn run(mut self, shutdown: Shutdown) {
        let mut before: Option<Arc<Setup>> = None;
        loop {
            let wanted = self.wanted.borrow_and_update().clone();
            let over = match wanted {
                Wanted::Polled(setup) => {
                    if before.replace(Arc::clone(&setup)).is_some_and(|before| !before.polls_the_same(&setup)) {
                        self.record().begin_anew();
                        self.told = Degradation::None;
                    }
                    if !setup.connection.enabled {
                        let (tenant, source) = (&setup.connection.tenant, setup.connection.source());
                        // Cancel-safe: whoever is disabled still is told so at the next start.
                        tokio::select! {
                            () = self.shared.parts.sink.disabled(tenant, &source) => {}
                            () = shutdown.requested() => {}
                        }
                    }
                    self.own(setup, &shutdown).await
                }
                Wanted::Gone(tenant, source) => {
                    // Cancel-safe: what is not withdrawn now is found to have no connection at the next start.
                    tokio::select! {
                        () = self.shared.parts.sink.withdraw(&tenant, &source) => {}
                        () = shutdown.requested() => {}
                    }
                    Over::Ended
                }
            };
            match over {
                Over::Edited => {}
                Over::Ended => return,
            }
        }
    }

    async fn own(&mut self, setup: Arc<Setup>, shutdown: &Shutdown) -> Over {
        let provider = setup.provider(&self.shared);
        self.record().provided_by(provider.as_ref().ok().map(Arc::clone));
        match provider {
            Ok(provider) => self.poll(Live::new(setup, provider, self.shared.now()), shutdown).await,
            Err(failure) => self.refuse(&setup, failure, shutdown).await,
        }
    }

    /// A connection without a provider has nothing to wait for but an edit.
    async fn refuse(&mut self, setup: &Setup, failure: Failure, shutdown: &Shutdown) -> Over {
        let now = self.shared.parts.clock.now();
        {
            let mut record = self.record();
            record.plan(None);
            record.attempted(Role::Bulk, now);
            record.failed(Role::Bulk, "", failure, now);
        }
        self.tell(setup);
        loop {
            match self.event(&mut FuturesUnordered::new(), None, shutdown).await {
                Event::Over(over) => return over,
                Event::Wished(wish) => drop(wish.answer.send(Ok(self.record().health()))),
                Event::Looked(_) | Event::Backfilled | Event::Time => {}
            }
        }
    }

    async fn poll(&mut self, mut live: Live, shutdown: &Shutdown) -> Over {
        loop {
            let now = self.shared.now();
            for due in live.schedule.begin(now) {
                live.begin(due, &self.shared, &self.record);
            }
            self.record().plan(live.schedule.next_report());
            let wait = live.schedule.until_next(now);
            match self.event(&mut live.under_way, wait, shutdown).await {
                Event::Over(over) => return over,
                Event::Wished(wish) => live.wish(wish),
                Event::Looked(looked) => self.looked(&mut live, *looked),
                Event::Backfilled => live.backfill_more(false, &self.shared),
                Event::Time => {}
            }
        }
    }

    async fn event(
        &mut self,
        under_way: &mut FuturesUnordered<BoxFuture<'static, Event>>,
        wait: Option<std::time::Duration>,
        shutdown: &Shutdown,
    ) -> Event {
        let time = async {
            match wait {
                Some(wait) => self.shared.parts.clock.sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // An edit comes before all that is under way: what it drops must not be reported after it.
            biased;
            // Cancel-safe: asking again gives the same answer.
            () = shutdown.requested() => Event::Over(Over::Ended),
            // Cancel-safe: a change that is not taken stays one. Without a collector there is nobody to poll for.
            changed = self.wanted.changed() => Event::Over(if changed.is_ok() { Over::Edited } else { Over::Ended }),
            // Cancel-safe: a wish that is not taken stays in the queue.
            Some(wish) = self.wishes.recv() => Event::Wished(wish),
            // Cancel-safe: what is under way stays in the set.
            Some(event) = under_way.next() => event,
            // Cancel-safe: dropping the wait forgets only the wait.
            () = time => Event::Time,
        }
    }

    fn looked(&mut self, live: &mut Live, looked: Looked) {
        let Looked { due: Due { lane, role, .. }, timing, ended_at, result, backfill } = looked;
        let Connection { tenant, platform, .. } = &live.setup.connection;
        self.shared.tally.note(tenant, *platform, lane.name, timing);
        let outcome = timing.failure.map_or(Ok(()), Err);
        live.schedule.ended(lane.name, outcome, self.shared.now());
        let health = {
            let mut record = self.record();
            match result {
                Ok(observed) => record.succeeded(role, lane.name, observed, ended_at),
                Err(failure) => record.failed(role, lane.name, failure, ended_at),
            }
            record.plan(live.schedule.next_report());
            record.health()
        };
        self.tell(&live.setup);
        for wish in live.waiting.remove(lane.name).unwrap_or_default() {
            // Who no longer waits need not be told.
            let _ = wish.answer.send(Ok(health.clone()));
        }
        live.backfill.extend(backfill);
        live.backfill_more(live.is_backfilling, &self.shared);
    }

    /// Says in the log what has changed, if anything.
    fn tell(&mut self, setup: &Setup) {
        let (now, health) = {
            let record = self.record();
            (record.degradation(), record.health())
        };
        if let Some(notice) = now.notice(&self.told) {
            tell(notice, &setup.connection, &health);
            self.told = now;
        }
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn new(setup: Arc<Setup>, provider: Arc<dyn Provider>, now: Moment) -> Self {
        let (id, lanes) = (setup.connection.id, provider.lanes());
        let schedule = if setup.connection.enabled {
            Schedule::new(id, lanes, setup.first, now)
        } else {
            Schedule::idle(id, lanes)
        };
        Self {
            setup,
            provider,
            schedule,
            under_way: FuturesUnordered::new(),
            waiting: BTreeMap::new(),
            backfill: Vec::new(),
            is_backfilling: false,
        }
    }

    fn begin(&mut self, due: Due, shared: &Arc<Shared>, record: &Arc<Mutex<Record>>) {
        let among = match due.role {
            Role::Bulk | Role::Detail if self.schedule.fails() && !due.wished => Among::Failing,
            Role::Bulk => Among::Reports,
            Role::Detail => Among::Details,
        };
        let (setup, provider) = (Arc::clone(&self.setup), Arc::clone(&self.provider));
        let looked = look(Arc::clone(shared), setup, provider, Arc::clone(record), due, among);
        self.under_way.push(Box::pin(async move { Event::Looked(Box::new(looked.await)) }));
    }

    /// Has a lane looked into for somebody who waits.
    fn wish(&mut self, wish: Wish) {
        let lane = match &wish.lane {
            WishedLane::Bulk => self.schedule.bulk_lane().unwrap_or_default(),
            WishedLane::Named(name) => name,
        };
        match self.schedule.wish(lane) {
            Ok(name) => self.waiting.entry(name).or_default().push(wish),
            // Who no longer waits need not be told.
            Err(_) => drop(wish.answer.send(Err(AskError::NoSuchLane))),
        }
    }

    /// Hands on what waits, unless something before it is still being written.
    fn backfill_more(&mut self, is_backfilling: bool, shared: &Arc<Shared>) {
        self.is_backfilling = is_backfilling;
        if is_backfilling || self.backfill.is_empty() {
            return;
        }
        self.is_backfilling = true;
        let backfill = std::mem::take(&mut self.backfill);
        let (shared, setup) = (Arc::clone(shared), Arc::clone(&self.setup));
        self.under_way.push(Box::pin(async move {
            let Connection { tenant, .. } = &setup.connection;
            shared.parts.sink.backfill(tenant, &setup.connection.source(), backfill).await;
            Event::Backfilled
        }));
    }
}
