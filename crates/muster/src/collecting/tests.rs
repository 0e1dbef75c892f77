//! Polling's way into a real engine and a real history.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_collect::{Backfill, Sink};
use muster_engine::Engine;
use muster_estate::Snapshot;
use muster_history::{Options, Query};
use muster_model::{
    ChangeKind, Completeness, ConnectionId, GapReason, Identity, KnownGap, Metric, NativeKey, Record, Report,
    ResourceId, ResourceKind, Sample, SampleValue, SourceId, Status, TenantId,
};
use muster_runtime::{Entropy, Shutdown, SystemClock, Tasks};
use muster_store::{ChangeQuery, DatabaseUrl, Store, SweepCommit};
use uuid::Uuid;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn samples_of_the_past_fill_what_is_missing_and_nothing_else() {
    // R-40, D-11
    let world = World::new().await;
    let now = world.clock.now();
    let on_grid = Timestamp::from_second(now.as_second() / 10 * 10).unwrap();
    world.sink.report(report(on_grid, [("qemu/100", 50.0)])).await;
    let at = |ticks: i64| on_grid - SignedDuration::from_secs(ticks * 10);
    let samples = (0..=30).rev().map(|ticks| (at(ticks), 7.0)).collect();
    let future = (on_grid + SignedDuration::from_hours(1), 99.0);
    let backfill = vec![
        Backfill { key: key("qemu/100"), metric: Metric::Cpu, samples },
        Backfill { key: key("qemu/100"), metric: Metric::Cpu, samples: vec![future] },
        Backfill { key: key("qemu/999"), metric: Metric::Cpu, samples: vec![(at(3), 1.0)] },
    ];
    let reason = GapReason::SourceUnreachable;
    let gap = |from, to| KnownGap { source: source(), from, to: Some(to), reason };
    let gaps = vec![gap(at(20), at(0)), gap(at(60), at(25))];
    world.store.sweep_commit(&TenantId::DEFAULT, &SweepCommit { gaps, ..SweepCommit::default() }).await.unwrap();
    world.sink.backfill(&TenantId::DEFAULT, &source(), backfill.clone()).await;

    let gaps = world.store.gap_list(&TenantId::DEFAULT, &[source()], at(100), on_grid).await.unwrap();
    let [left] = gaps.as_slice() else { panic!("one is left, not {gaps:?}") };
    assert_eq!((left.from, left.reason), (at(60), reason), "what the source does not remember stays a gap");
    assert!(left.to.unwrap() <= at(30), "{left:?}");
    let recorded = world.recorded("qemu/100", at(40), on_grid + SignedDuration::from_hours(2));
    assert_eq!(recorded.len(), 31, "{recorded:?}");
    assert_eq!(recorded.last(), Some(&50.0), "what was sampled stays");
    assert!(recorded[..30].iter().all(|value| *value == 7.0), "{recorded:?}");

    let written = world.history.stats().samples;
    world.sink.backfill(&TenantId::DEFAULT, &source(), backfill).await;
    assert_eq!(world.history.stats().samples, written, "what is covered stays covered");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_connection_leaves_tombstones_and_a_line_each() {
    let world = World::new().await;
    world.sink.report(report(world.clock.now(), [("qemu/100", 1.0), ("qemu/101", 1.0)])).await;
    assert_eq!(world.engine.snapshot(&TenantId::DEFAULT).len(), 2);
    world.sink.withdraw(&TenantId::DEFAULT, &source()).await;
    world.published(|snapshot| snapshot.is_empty() && snapshot.sources().count() == 0).await;

    let lines = world.store.change_list(&TenantId::DEFAULT, &ChangeQuery::newest(10)).await.unwrap();
    let gone: Vec<_> = lines.iter().filter(|line| line.to.as_deref() == Some("absent")).collect();
    assert_eq!(gone.len(), 2, "{lines:?}");
    assert!(gone.iter().all(|line| line.kind == ChangeKind::StateTransition && line.reason.is_some()), "{gone:?}");
    world.stop().await;
}

/// A sink and what is behind it.
struct World {
    sink: Arc<dyn Sink>,
    engine: EngineHandle,
    store: Store,
    history: History,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
    foundation: Tasks,
    _directory: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let (foundation, tasks) = (Tasks::new(Shutdown::new()), Tasks::new(Shutdown::new()));
        let database = DatabaseUrl::Sqlite(directory.path().join("state.db"));
        let store = Store::open(&database, &foundation).await.unwrap();
        let history = History::open(&directory.path().join("history"), Options::default()).unwrap();
        let parts = muster_engine::Parts {
            log: Arc::new(store.clone()),
            history: history.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::new(Entropy::seeded(1)),
            tenants: vec![TenantId::DEFAULT],
        };
        let engine = Engine::start(parts, &tasks).await.unwrap();
        let sink = super::sink(&engine, &history, &store, &clock);
        Self { sink, engine, store, history, clock, tasks, foundation, _directory: directory }
    }

    /// Waits for a snapshot that is as it should be.
    async fn published(&self, wanted: impl Fn(&Snapshot) -> bool) {
        let mut news = self.engine.subscribe();
        let found = async {
            while !wanted(&self.engine.snapshot(&TenantId::DEFAULT)) {
                let _ = news.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), found).await.expect("it is published");
    }

    fn recorded(&self, of: &str, from: Timestamp, to: Timestamp) -> Vec<f64> {
        let query = Query {
            tenant: TenantId::DEFAULT,
            resources: vec![self.id(of)],
            metrics: vec![Metric::Cpu],
            from,
            to,
            points: NonZeroU32::new(5000).unwrap(),
        };
        let answer = self.history.query(&query, &muster_history::Cancel::default()).unwrap();
        answer.columns[0].avg.iter().copied().flatten().collect()
    }

    fn id(&self, of: &str) -> ResourceId {
        let snapshot = self.engine.snapshot(&TenantId::DEFAULT);
        snapshot.rows().iter().find(|row| row.sources[0].key == key(of)).unwrap().id
    }

    async fn stop(self) {
        self.tasks.shutdown().begin();
        assert!(self.tasks.finish(Duration::from_secs(30)).await);
        self.history.close().unwrap();
        self.store.close().await;
        assert!(self.foundation.finish(Duration::from_secs(30)).await);
    }
}

fn source() -> SourceId {
    ConnectionId(Uuid::from_u128(7)).source(Platform::ProxmoxPve)
}

fn key(text: &str) -> NativeKey {
    NativeKey::new(text).unwrap()
}

fn report<const N: usize>(at: Timestamp, guests: [(&str, f64); N]) -> Report {
    let record = |of: &str| Record {
        key: key(of),
        kind: ResourceKind::Vm,
        name: of.into(),
        status: Status::Online,
        technology: None,
        identity: Identity::default(),
        parent: None,
        links: vec![],
        tags: [].into(),
        facets: vec![],
    };
    let sample = |(place, cpu): (usize, f64)| Sample {
        record: u32::try_from(place).unwrap(),
        metric: Metric::Cpu,
        value: SampleValue::Value(cpu),
    };
    Report {
        tenant: TenantId::DEFAULT,
        source: source(),
        reported_at: at,
        interval: SignedDuration::from_secs(10),
        completeness: Completeness::Full,
        records: guests.iter().map(|(of, _)| Arc::new(record(of))).collect(),
        samples: guests.iter().map(|(_, cpu)| *cpu).enumerate().map(sample).collect(),
        activities: vec![],
    }
}
