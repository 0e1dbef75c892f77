//! An engine on a real store and a real history, under a clock that moves only when told to.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use muster_engine::{Engine, EngineHandle, Parts, Publication, StateLog};
use muster_history::{History, Options, Sync};
use muster_model::{
    Completeness, Identity, Metric, NativeKey, Record, Report, ResourceKind, Revision, Sample, SampleValue, SourceId,
    Status, TenantId,
};
use muster_runtime::{Clock, Entropy, ManualClock, Shutdown, Tasks};
use muster_store::{CommitError, DatabaseUrl, LoadError, Store, StoredLog, SweepCommit};
use tokio::sync::broadcast;

/// Nothing in these tests takes this long; reaching it means that something never happened.
const PATIENCE: Duration = Duration::from_secs(30);

/// The simulated world's first moment.
pub(crate) const START: i64 = 1_800_000_000;

/// The machine that the tests' reports are about.
pub(crate) const MACHINE: &str = "0f3c";

/// An engine and everything around it.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) store: Store,
    pub(crate) history: History,
    pub(crate) log: Arc<WatchedLog>,
    pub(crate) engine: EngineHandle,
    pub(crate) news: broadcast::Receiver<Arc<Publication>>,
    tasks: Tasks,
    foundation: Tasks,
    directory: Option<tempfile::TempDir>,
}

/// The store's log, counted, and failing in one way or another when told to.
pub(crate) struct WatchedLog {
    store: Store,
    pub(crate) refuse: AtomicBool,
    /// Writes, and says that it failed.
    pub(crate) lose_answers: AtomicBool,
    pub(crate) commits: AtomicUsize,
}

impl WatchedLog {
    fn of(store: Store) -> Self {
        let [refuse, lose_answers] = [false; 2].map(AtomicBool::new);
        Self { store, refuse, lose_answers, commits: AtomicUsize::new(0) }
    }
}

impl StateLog for WatchedLog {
    fn load<'a>(&'a self, tenant: &'a TenantId) -> BoxFuture<'a, Result<StoredLog, LoadError>> {
        self.store.load(tenant)
    }

    fn commit<'a>(&'a self, tenant: &'a TenantId, sweep: &'a SweepCommit) -> BoxFuture<'a, Result<(), CommitError>> {
        if self.refuse.load(Ordering::SeqCst) {
            return Box::pin(async {
                Err(CommitError::RevisionTaken { tenant: TenantId::DEFAULT, revision: Revision(7) })
            });
        }
        self.commits.fetch_add(1, Ordering::SeqCst);
        if self.lose_answers.load(Ordering::SeqCst) {
            return Box::pin(async {
                self.store.commit(tenant, sweep).await?;
                Err(CommitError::RevisionTaken { tenant: TenantId::DEFAULT, revision: Revision(7) })
            });
        }
        self.store.commit(tenant, sweep)
    }
}

impl World {
    /// A world in which nothing has happened yet.
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut world = Self::open(directory.path(), Timestamp::from_second(START).unwrap()).await;
        world.directory = Some(directory);
        world
    }

    /// A world on data that may be there already.
    pub(crate) async fn open(directory: &Path, now: Timestamp) -> Self {
        let clock = ManualClock::at(now);
        let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
        let database = DatabaseUrl::Sqlite(directory.join("state.db"));
        let foundation = Tasks::new(Shutdown::new());
        let store = Store::open(&database, &foundation).await.unwrap();
        let options = Options { sync: Sync::None, ..Options::default() };
        let history = History::open(&directory.join("history"), options).unwrap();
        let log = Arc::new(WatchedLog::of(store.clone()));
        let tasks = Tasks::new(Shutdown::new());
        let parts = Parts {
            log: Arc::new(Arc::clone(&log)),
            history: history.clone(),
            clock: shared_clock,
            entropy: Arc::new(Entropy::seeded(1)),
            tenants: vec![TenantId::DEFAULT],
        };
        let engine = Engine::start(parts, &tasks).await.unwrap();
        let news = engine.subscribe();
        Self { directory: None, clock, store, history, log, engine, news, tasks, foundation }
    }

    /// Stops in order. Gives back the directory, so that it outlives the world.
    pub(crate) async fn stop(self) -> Option<tempfile::TempDir> {
        self.tasks.shutdown().begin();
        assert!(self.tasks.finish(PATIENCE).await, "the engine did not stop");
        self.history.close().unwrap();
        self.store.close().await;
        assert!(self.foundation.finish(PATIENCE).await, "the store did not stop");
        self.directory
    }

    /// Stops in order and starts again on the same data, `later` by the wall clock.
    pub(crate) async fn restart(self, later: Duration) -> Self {
        let now = self.clock.now() + SignedDuration::try_from(later).unwrap();
        let directory = self.stop().await.expect("only a world with a directory of its own is restarted");
        let mut world = Self::open(directory.path(), now).await;
        world.directory = Some(directory);
        world
    }

    /// Waits until the engine has nothing to do but wait.
    pub(crate) async fn rest(&self) {
        let at_rest = async {
            while self.clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, at_rest).await.expect("the engine comes to rest");
    }

    /// Lets time pass in steps that the engine notices.
    pub(crate) async fn pass(&self, seconds: u64) {
        for _ in 0..seconds {
            self.rest().await;
            self.clock.advance(Duration::from_secs(1));
        }
        self.rest().await;
    }

    /// The next publication, once its time has come.
    pub(crate) async fn publication(&mut self) -> Arc<Publication> {
        self.rest().await;
        self.clock.advance(Duration::from_millis(250));
        tokio::time::timeout(PATIENCE, self.news.recv()).await.expect("something is published").unwrap()
    }
}

/// A report of one host, by the given name and with the given load.
pub(crate) fn host(at: Timestamp, name: &str, load: f64) -> Report {
    let identity = Identity { machine_id: Some(format!("machine-{MACHINE}")), ..Identity::default() };
    let record = Record {
        key: NativeKey::new("host").unwrap(),
        kind: ResourceKind::Agent,
        name: name.into(),
        status: Status::Online,
        technology: None,
        identity,
        parent: None,
        links: vec![],
        tags: Default::default(),
        facets: vec![],
    };
    Report {
        tenant: TenantId::DEFAULT,
        source: SourceId::local_agent(),
        reported_at: at,
        interval: SignedDuration::from_secs(10),
        completeness: Completeness::Full,
        records: vec![Arc::new(record)],
        samples: vec![Sample { record: 0, metric: Metric::Load1, value: SampleValue::Value(load) }],
        activities: vec![],
    }
}
