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
use muster_vault::Vault;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    auth::{
        InvalidCost, Passwords, Revocations, Throttle,
        audit::refusals::Refusals,
        oidc::{IdentityProvider, attempts::Attempts},
        setup::SetupGate,
    },
    charts::cache::{Cache, ChartCounters},
    connections::{Desk, Polling},
    http::{host::AllowedHosts, limits::RequestCounts},
    in_force::InForce,
    live::Hub,
    metrics_out::requests::RequestTimes,
    operations::Operations,
    overview,
    problem::ApiError,
    remote::RemoteAddr,
    settings::{Changeable, Limits, Settings},
    tls::Certificates,
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
    /// What TLS is spoken with; without it, plain text is.
    pub certificates: Option<Arc<Certificates>>,
    /// Opens and seals secrets at rest.
    pub vault: Vault,
    /// Who vouches for people besides this server, where somebody does.
    pub identity_provider: Option<IdentityProvider>,
    /// Polls connections to platforms.
    pub polling: Polling,
    /// Backups, self-examination, reloading, where somebody offers them.
    pub operations: Option<Arc<dyn Operations>>,
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
    in_force: InForce,
    passwords: Passwords,
    throttle: Mutex<Throttle>,
    setup: SetupGate,
    refusals: Refusals,
    request_times: RequestTimes,
    scrape_turns: Arc<Semaphore>,
    administration: tokio::sync::Mutex<()>,
    revocations: Revocations,
    vault: Vault,
    identity_provider: Option<IdentityProvider>,
    attempts: Attempts,
    connections: Desk,
    live: Hub,
    live_streams: TaskTracker,
    history_turns: Arc<Semaphore>,
    long_turns: Arc<Semaphore>,
    charts: Cache,
    overviews: overview::Cache,
    imports: AtomicU64,
    remote_history: Option<TellRemoteHealth>,
    certificates: Option<Arc<Certificates>>,
    request_counts: RequestCounts,
    operations: Option<Arc<dyn Operations>>,
}

/// Questions to the history at a time; more wait in line. Each may use all cores, which they share, and some megabytes.
const HISTORY_QUESTIONS: usize = 8;

/// Exports, imports and checks at a time; another one is told to come again. They take as long as their client likes,
/// so they must not stand in the line of the charts.
const LONG_WORK: usize = 2;

/// Scrapes at a time; another one is told to come again. Each takes the memory of the estate's readings.
const SCRAPES: usize = 4;

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the password cost is none that argon2 accepts.
    pub fn new(parts: Parts) -> Result<Self, InvalidCost> {
        let Parts {
            engine,
            store,
            history,
            clock,
            entropy,
            settings,
            shutdown,
            remote_history,
            vault,
            identity_provider,
            polling,
            operations,
            certificates,
        } = parts;
        let passwords = Passwords::new(settings.password_cost, entropy.clone())?;
        Ok(Self(Arc::new(Inner {
            started_at: clock.now(),
            request_counts: RequestCounts::default(),
            certificates,
            in_force: InForce::beginning(&settings),
            operations,
            passwords,
            throttle: Mutex::default(),
            setup: SetupGate::default(),
            refusals: Refusals::default(),
            request_times: RequestTimes::default(),
            scrape_turns: Arc::new(Semaphore::new(SCRAPES)),
            administration: tokio::sync::Mutex::default(),
            revocations: Revocations::default(),
            vault,
            identity_provider,
            attempts: Attempts::default(),
            connections: Desk::new(polling),
            live: Hub::default(),
            live_streams: TaskTracker::new(),
            history_turns: Arc::new(Semaphore::new(HISTORY_QUESTIONS)),
            long_turns: Arc::new(Semaphore::new(LONG_WORK)),
            charts: Cache::default(),
            overviews: overview::Cache::default(),
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

    /// The clock for what lives longer than a borrow.
    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
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

    pub(crate) fn allowed_hosts(&self) -> Arc<AllowedHosts> {
        self.0.in_force.now().hosts
    }

    /// The settings that may change while the server runs: for whoever changes them.
    pub fn in_force(&self) -> &InForce {
        &self.0.in_force
    }

    /// The settings that may change while the server runs, as they are now.
    pub(crate) fn changeable(&self) -> Arc<Changeable> {
        self.0.in_force.now().settings
    }

    /// What one client may cost, as it is now.
    pub(crate) fn limits(&self) -> Limits {
        self.changeable().limits
    }

    pub(crate) fn operations(&self) -> Option<&dyn Operations> {
        self.0.operations.as_deref()
    }

    /// What TLS is spoken with, if it is.
    pub(crate) fn certificates(&self) -> Option<&Arc<Certificates>> {
        self.0.certificates.as_ref()
    }

    /// How much each client has asked for lately.
    pub(crate) fn request_counts(&self) -> &RequestCounts {
        &self.0.request_counts
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
        let admitted = self.throttle().admit(name, remote.counted(), self.clock().monotonic());
        admitted.map_err(ApiError::login_throttled)
    }

    /// Charges an attempt at the set-up token, or says how long to wait. Only the address is charged: nobody else is to
    /// wait with it.
    pub(crate) fn admit_setup(&self, remote: RemoteAddr) -> Result<(), ApiError> {
        let admitted = self.throttle().admit_nameless(remote.counted(), self.clock().monotonic());
        admitted.map_err(ApiError::login_throttled)
    }

    /// Held from looking who is an administrator to changing it, so that two of them cannot remove each other at once.
    pub(crate) async fn administration(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.administration.lock().await
    }

    pub(crate) fn setup(&self) -> &SetupGate {
        &self.0.setup
    }

    /// How long requests took.
    pub(crate) fn request_times(&self) -> &RequestTimes {
        &self.0.request_times
    }

    /// A turn for an answer with all metrics; given back when it is dropped.
    pub(crate) fn scrape_turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        self.0.scrape_turns.clone().try_acquire_owned().map_err(|_| {
            let detail = format!("{SCRAPES} others read all metrics just now; try again.");
            ApiError::new(ProblemCode::Unavailable, detail).retry_after(Duration::from_secs(5))
        })
    }

    /// Refusals on their way to the audit log.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn identity_provider(&self) -> Option<&IdentityProvider> {
        self.0.identity_provider.as_ref()
    }

    /// Attempts to sign in through the identity provider that are under way.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    /// Connections to platforms.
    pub(crate) fn connections(&self) -> &Desk {
        &self.0.connections
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

    /// Overviews of the estate that requests share.
    pub(crate) fn overviews(&self) -> &overview::Cache {
        &self.0.overviews
    }

    /// How many overviews were computed since start: at most one a publication for each sort of caller.
    pub fn overviews_computed(&self) -> u64 {
        self.0.overviews.computed()
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
