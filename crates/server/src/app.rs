//! The server's parts in one place. Handlers and layers get an [`App`]; there are no globals.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use muster_api::{Page, ProblemCode, history_stats::RemoteHealth};
use muster_engine::EngineHandle;
use muster_history::{Cancel, History, QueryError};
use muster_model::TenantId;
use muster_runtime::{Clock, Entropy, Shutdown};
use muster_store::{Store, StoreError};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    auth::{InvalidCost, Passwords, Revocations, Throttle, setup::SetupGate},
    charts::cache::{Cache, ChartCounters},
    http::host::AllowedHosts,
    live::Hub,
    problem::ApiError,
    remote::RemoteAddr,
    settings::Settings,
};

/// What an [`App`] is made of.
pub struct Parts {
    /// Publishes snapshots.
    pub engine: EngineHandle,
    /// Users, sessions, tokens, audit, timeline.
    pub store: Store,
    /// Metrics over time.
    pub history: History,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness; seeded by the system in production, since tokens come from it.
    pub entropy: Arc<Entropy>,
    /// What the operator decided.
    pub settings: Settings,
    /// Ends the server.
    pub shutdown: Shutdown,
    /// Tells how shipping to a remote store goes, where there is one.
    pub remote_history: Option<TellRemoteHealth>,
}

/// Tells how shipping to a remote store goes just now. Called for each answer that shows it, so it may not wait.
pub type TellRemoteHealth = Box<dyn Fn() -> RemoteHealth + Send + Sync>;

/// The server's parts. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    engine: EngineHandle,
    store: Store,
    history: History,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    settings: Settings,
    shutdown: Shutdown,
    started_at: Timestamp,
    allowed_hosts: AllowedHosts,
    passwords: Passwords,
    throttle: Mutex<Throttle>,
    setup: SetupGate,
    administration: tokio::sync::Mutex<()>,
    revocations: Revocations,
    live: Hub,
    live_streams: TaskTracker,
    history_turns: Arc<Semaphore>,
    long_turns: Arc<Semaphore>,
    charts: Cache,
    imports: AtomicU64,
    remote_history: Option<TellRemoteHealth>,
}

/// Questions to the history at a time; more wait in line. Each may use all cores, which they share, and some megabytes.
const HISTORY_QUESTIONS: usize = 8;

/// Exports, imports and checks at a time; another one is told to come again. They take as long as their client likes,
/// so they must not stand in the line of the charts.
const LONG_WORK: usize = 2;

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the password cost is none that argon2 accepts.
    pub fn new(parts: Parts) -> Result<Self, InvalidCost> {
        let Parts { engine, store, history, clock, entropy, settings, shutdown, remote_history } = parts;
        let passwords = Passwords::new(settings.password_cost, entropy.clone())?;
        Ok(Self(Arc::new(Inner {
            started_at: clock.now(),
            allowed_hosts: AllowedHosts::new(settings.listen.ip(), &settings.allowed_hosts),
            passwords,
            throttle: Mutex::default(),
            setup: SetupGate::default(),
            administration: tokio::sync::Mutex::default(),
            revocations: Revocations::default(),
            live: Hub::default(),
            live_streams: TaskTracker::new(),
            history_turns: Arc::new(Semaphore::new(HISTORY_QUESTIONS)),
            long_turns: Arc::new(Semaphore::new(LONG_WORK)),
            charts: Cache::default(),
            imports: AtomicU64::default(),
            engine,
            store,
            history,
            clock,
            entropy,
            settings,
            shutdown,
            remote_history,
        })))
    }

    /// The link that creates the first user, if there is none yet; any link made before stops working (D-21). For the
    /// terminal or a 0600 file, never for a log. `base` is what a browser on this machine asks for, such as
    /// `http://127.0.0.1:7777`.
    ///
    /// # Errors
    /// When the users cannot be counted.
    pub async fn setup_link(&self, base: &str) -> Result<Option<SecretString>, StoreError> {
        if self.0.store.user_count(&self.0.settings.tenant).await? > 0 {
            return Ok(None);
        }
        let token = self.0.setup.open(&self.0.entropy, self.now());
        Ok(Some(format!("{}/#setup={}", base.trim_end_matches('/'), token.expose_secret()).into()))
    }

    pub(crate) fn engine(&self) -> &EngineHandle {
        &self.0.engine
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn entropy(&self) -> &Entropy {
        &self.0.entropy
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn shutdown(&self) -> &Shutdown {
        &self.0.shutdown
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    pub(crate) fn allowed_hosts(&self) -> &AllowedHosts {
        &self.0.allowed_hosts
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        // A panic between two plain assignments cannot happen; the counts are valid whatever happened.
        self.0.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Charges an attempt at a password, or says how long to wait.
    pub(crate) fn admit_login(&self, name: &str, remote: RemoteAddr) -> Result<(), ApiError> {
        let admitted = self.throttle().admit(name, remote.0.ip(), self.clock().monotonic());
        admitted.map_err(|wait| {
            let seconds = wait.as_secs_f64().ceil();
            let detail = format!("Wait {seconds} s and try again.");
            ApiError::new(ProblemCode::LoginThrottled, detail).retry_after(wait)
        })
    }

    /// Held from looking who is an administrator to changing it, so that two of them cannot remove each other at once.
    pub(crate) async fn administration(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.administration.lock().await
    }

    pub(crate) fn setup(&self) -> &SetupGate {
        &self.0.setup
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    pub(crate) fn live(&self) -> &Hub {
        &self.0.live
    }

    /// Open live streams, so that shutdown can wait for them.
    pub(crate) fn live_streams(&self) -> &TaskTracker {
        &self.0.live_streams
    }

    /// Asks the history on the blocking pool, a few questions at a time. A client that leaves while its question waits
    /// in line is not asked for; one that leaves later ends the question.
    pub(crate) async fn ask_history<T: Send + 'static>(
        &self,
        question: impl FnOnce(&History, &Cancel) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = self.0.history_turns.clone().acquire_owned().await.expect("the semaphore is never closed");
        let history = self.0.history.clone();
        let cancel = CancelOnDrop(Cancel::default());
        let cancelled = cancel.0.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let answer = question(&history, &cancelled);
            drop(turn);
            answer
        });
        Ok(answer.await.map_err(ApiError::internal)??)
    }

    /// A turn for something that takes as long as its client likes; given back when it is dropped.
    pub(crate) fn long_turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        self.0.long_turns.clone().try_acquire_owned().map_err(|_| {
            let detail = format!("{LONG_WORK} exports, imports or checks of history run already; try again later.");
            ApiError::new(ProblemCode::Unavailable, detail).retry_after(Duration::from_secs(10))
        })
    }

    pub(crate) fn history(&self) -> &History {
        &self.0.history
    }

    /// How shipping to a remote store goes; `None` where there is no such store.
    pub(crate) fn remote_history(&self) -> Option<RemoteHealth> {
        self.0.remote_history.as_ref().map(|tell| tell())
    }

    /// Answers that charts of the estate share.
    pub(crate) fn charts(&self) -> &Cache {
        &self.0.charts
    }

    /// How often charts of the estate were computed and served.
    pub fn chart_counters(&self) -> ChartCounters {
        self.0.charts.counters()
    }

    /// How often the past was changed by hand; it is part of what an answer about the past depends on.
    pub(crate) fn imports(&self) -> u64 {
        self.0.imports.load(Ordering::Relaxed)
    }

    /// The past was changed by hand.
    pub(crate) fn past_changed(&self) {
        self.0.imports.fetch_add(1, Ordering::Relaxed);
        self.0.charts.clear();
    }

    /// A list that is short by nature, as one page.
    pub(crate) fn whole_list<T>(&self, tenant: &TenantId, items: impl Iterator<Item = T>) -> Page<T> {
        Page { items: items.collect(), next_page_token: None, revision: self.engine().snapshot(tenant).revision() }
    }

    /// A new UUIDv7: ours are sorted by time.
    pub(crate) fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.0.entropy.bytes()).into_uuid()
    }
}

/// Lets go of a question when the future that waits for its answer is dropped, as it is when a client leaves.
pub(crate) struct CancelOnDrop(pub(crate) Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
