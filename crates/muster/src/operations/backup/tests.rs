//! The restore drill (D-17): a backup that is taken while sweeps, changes and audit rows come as fast as they can shows one
//! moment. The load names everything after the number of its sweep, so that a torn moment cannot look like a whole one.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use muster_backup::{Known, Manifest, restore};
use muster_engine::{Engine, Parts};
use muster_history::{Cancel, Options, Recorded, SeriesQuery, Sync};
use muster_model::{
    Completeness, Identity, Metric, NativeKey, Record, Report, ResourceKind, Sample, SampleValue, SourceId, Status,
};
use muster_runtime::{Clock, ManualClock, Shutdown, Tasks};
use muster_store::{AuditEntry, AuditQuery, ChangeQuery};

use super::*;

/// The first moment of simulated time.
const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// Hosts whose name and load are the number of the sweep.
const HOSTS: usize = 20;

/// Nothing here takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_shows_one_moment() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(&root.path().join("data"), START).await;
    let done = Arc::new(AtomicBool::new(false));
    let load = spawn(load(world.clone(), Arc::clone(&done)));
    let archive = root.path().join("backup.tar.zst");
    let mut moments = Vec::new();
    for round in 0..3 {
        world.wait_for_sweeps(20 * (round + 1)).await;
        let manifest = world.backup(&archive).await;
        let restored = root.path().join(format!("restored-{round}"));
        let known = Known { state: muster_store::known_level(), history: History::FORMAT };
        assert_eq!(restore(&archive, &restored, known, |_| {}).unwrap(), manifest);
        moments.push(verify(&restored, &manifest).await);
    }
    done.store(true, Ordering::Relaxed);
    let sweeps = load.await.unwrap();
    assert!(moments.is_sorted() && moments[0] < sweeps, "the load went on: {moments:?} of {sweeps}");
    assert!(!root.path().join("data/backup.part").exists());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_wanted_must_be_there() {
    // D-21
    let root = tempfile::tempdir().unwrap();
    let world = World::open(&root.path().join("data"), START).await;
    let refused = world.backups.begin(true).await.err().unwrap();
    assert!(matches!(&refused, OperationError::Refused(text) if text.contains("secret.key")), "{refused:?}");
    std::fs::write(root.path().join("data/secret.key"), "a key").unwrap();
    world.backups.begin(true).await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_no_longer_waits_stops_the_copy() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(&root.path().join("data"), START).await;
    let archive = world.backups.begin(false).await.unwrap();
    let written = tokio::task::spawn_blocking(move || (archive.write)(&mut io::sink(), &|| false)).await.unwrap();
    assert!(written.is_err());
    assert!(!root.path().join("data/backup.part").exists());
    world.stop().await;
}

#[test]
fn the_pg_dump_to_use_is_the_servers_or_a_newer_one() {
    // D-17
    let check = |version, wanted: &str| {
        let command = pg_dump(version, "postgresql://db:5432/muster");
        assert!(command.starts_with("pg_dump ") && command.contains(" postgresql://db:5432/muster "), "{command}");
        assert!(command.ends_with(wanted), "{command}");
    };
    check("17.2 (Debian 17.2-1)", "# pg_dump 17 or newer");
    check("15.0", "# pg_dump 15 or newer");
}

/// Everything that a server runs on, without the server.
#[derive(Clone)]
struct World(Arc<Inner>);

struct Inner {
    backups: Backups,
    clock: ManualClock,
    tasks: Tasks,
    foundation: Tasks,
}

impl std::ops::Deref for World {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl World {
    async fn open(data_dir: &Path, now: Timestamp) -> Self {
        std::fs::create_dir_all(data_dir).unwrap();
        let clock = ManualClock::at(now);
        let (foundation, tasks) = (Tasks::new(Shutdown::new()), Tasks::new(Shutdown::new()));
        let database = DatabaseUrl::Sqlite(data_dir.join("state.db"));
        let store = Store::open(&database, &foundation).await.unwrap();
        // Small blocks, so that files of the log go and blocks come while copies are made.
        let block_span = SignedDuration::from_mins(2);
        let options = Options { sync: Sync::None, block_span, ..Options::default() };
        let history = History::open(&data_dir.join("history"), options).unwrap();
        let parts = Parts {
            log: Arc::new(store.clone()),
            history: history.clone(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(Entropy::seeded(1)),
            tenants: vec![TenantId::DEFAULT],
        };
        let engine = Engine::start(parts, &tasks).await.unwrap();
        let entropy = Arc::new(Entropy::seeded(2));
        let (data_dir, key) = (data_dir.to_owned(), data_dir.join("secret.key"));
        let backups = Backups { data_dir, database, store, history, engine, entropy, key };
        Self(Arc::new(Inner { backups, clock, tasks, foundation }))
    }

    async fn wait_for_sweeps(&self, sweeps: u64) {
        let enough = async {
            while self.backups.engine.stats().reports < sweeps {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, enough).await.expect("the load goes on");
    }

    async fn backup(&self, path: &Path) -> Manifest {
        let archive = self.backups.begin(false).await.unwrap();
        let mut file = std::fs::File::create(path).unwrap();
        let write = move || (archive.write)(&mut file, &|| true);
        tokio::task::spawn_blocking(write).await.unwrap().unwrap();
        muster_backup::check(path, |_| {}).unwrap()
    }

    async fn stop(self) {
        self.tasks.shutdown().begin();
        assert!(self.tasks.finish(PATIENCE).await);
        self.backups.history.close().unwrap();
        self.backups.store.close().await;
        assert!(self.foundation.finish(PATIENCE).await);
    }
}

#[expect(clippy::disallowed_methods, reason = "the test awaits what the load counted")]
fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(task)
}

/// Sweeps and audit rows as fast as they are acknowledged. Says how many.
async fn load(world: World, done: Arc<AtomicBool>) -> u64 {
    let mut sweep = 0;
    while !done.load(Ordering::Relaxed) {
        sweep += 1;
        // The wall alone: the engine rests for as long as is needed, and not until ten simulated seconds are over.
        world.clock.set_wall(world.clock.now() + SignedDuration::from_secs(10));
        world.backups.engine.submit(report(world.clock.now(), sweep)).await.unwrap();
        world.backups.store.audit_append(&TenantId::DEFAULT, &audit(world.clock.now(), sweep)).await.unwrap();
    }
    sweep
}

/// Every host is called after the sweep, and bears its number as its load.
fn report(at: Timestamp, sweep: u64) -> Report {
    let record = |host: usize| {
        Arc::new(Record {
            key: NativeKey::new(&format!("host-{host}")).unwrap(),
            kind: ResourceKind::Agent,
            name: format!("sweep-{sweep}").into(),
            status: Status::Online,
            technology: None,
            identity: Identity { machine_id: Some(format!("machine-{host}")), ..Identity::default() },
            parent: None,
            links: vec![],
            tags: Default::default(),
            facets: vec![],
        })
    };
    let sample = |host: usize| Sample {
        record: u32::try_from(host).unwrap(),
        metric: Metric::Load1,
        value: SampleValue::Value(sweep as f64),
    };
    Report {
        tenant: TenantId::DEFAULT,
        source: SourceId::local_agent(),
        reported_at: at,
        interval: SignedDuration::from_secs(10),
        completeness: Completeness::Full,
        records: (0..HOSTS).map(record).collect(),
        samples: (0..HOSTS).map(sample).collect(),
        activities: vec![],
    }
}

/// Starts on what was restored, and looks whether everything tells of the same sweep. Says of which.
async fn verify(data_dir: &Path, manifest: &Manifest) -> u64 {
    // Before anybody writes to it.
    assert_eq!(manifest.marker.revisions["default"], stored_revision(data_dir), "the log is of the same moment");
    let later = manifest.marker.taken_at + SignedDuration::from_secs(60);
    let world = World::open(data_dir, later).await;
    let Backups { store, history, engine, .. } = &world.backups;
    let snapshot = engine.snapshot(&TenantId::DEFAULT);
    let names: std::collections::BTreeSet<_> = snapshot.rows().iter().map(|row| row.name.to_string()).collect();
    let [name] = Vec::from_iter(names).try_into().expect("all hosts are of the same sweep");
    let sweep: u64 = name.strip_prefix("sweep-").unwrap().parse().unwrap();
    assert_eq!(snapshot.rows().len(), HOSTS);

    // History ends with the same sweep, has every one before it, and nothing that came later.
    let at = |sweep: u64| START + SignedDuration::from_secs(10 * i64::try_from(sweep).unwrap());
    assert_eq!(manifest.marker.history_through, Some(at(sweep)));
    for row in snapshot.rows() {
        let resources = vec![row.id];
        let (from, to) = (START, at(sweep + 1000));
        let query = SeriesQuery { tenant: TenantId::DEFAULT, resources, metric: Metric::Load1, from, to };
        let mut recorded = Vec::new();
        history.walk(&query, &Cancel::default(), |one| recorded.push(one)).unwrap();
        let expected = (1..=sweep).map(|sweep| Recorded::Sample { at: at(sweep), value: sweep as f64 });
        assert_eq!(recorded, expected.collect::<Vec<_>>());
    }

    // One row for each host that appeared, and one for each time that it was renamed.
    let changes = store.change_list(&TenantId::DEFAULT, &ChangeQuery::newest(u32::MAX)).await.unwrap();
    assert_eq!(changes.len() as u64, HOSTS as u64 * sweep, "the timeline is of sweep {sweep} too");
    let rows = store.audit_list(&TenantId::DEFAULT, &AuditQuery::newest(u32::MAX)).await.unwrap().len() as u64;
    assert!(rows == sweep || rows + 1 == sweep, "{rows} audit rows at sweep {sweep}");
    assert!(store.audit_verify(&TenantId::DEFAULT, &[]).await.unwrap().is_sound(), "D-18: the chain is whole");
    world.stop().await;
    sweep
}

fn stored_revision(data_dir: &Path) -> u64 {
    let database = rusqlite::Connection::open(data_dir.join("state.db")).unwrap();
    let revision: i64 = database.query_row("SELECT max(revision) FROM log_entry", [], |row| row.get(0)).unwrap();
    revision.unsigned_abs()
}

fn audit(at: Timestamp, sweep: u64) -> AuditEntry {
    AuditEntry {
        id: uuid::Uuid::from_u128(u128::from(sweep)),
        at,
        actor: "user:ada".to_owned(),
        action: "sweep.seen".to_owned(),
        target: None,
        outcome: "ok".to_owned(),
        remote_addr: None,
        request_id: None,
        occurrences: 1,
        detail: serde_json::Value::Null,
    }
}
