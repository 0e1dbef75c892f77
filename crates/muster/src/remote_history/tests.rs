//! History and a real remote store, connected as in a server, on simulated time: whoever is killed, nothing is lost and
//! nothing is there twice (D-30).
//!
//! `MUSTER_SOAK_ROUNDS` sets how often.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_api::history_stats::{RemoteHealth, ShippingState};
use muster_history::{Cancel, History, ManyAnswer, ManyQuery, Options, PlanSamples, Sync};
use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};
use muster_remote::{Credentials, Settings};
use muster_runtime::{Clock, Entropy, ManualClock, Shutdown, SystemClock, Tasks};
use muster_testkit::metrics_store::{MetricsStore, Program, Settling};

use super::{Health, start};

const METRICS: [Metric; 2] = [Metric::Cpu, Metric::MemoryUsed];
const RESOURCES: usize = 40;

/// The time between two samples of a series.
const PERIOD: Duration = Duration::from_secs(10);

/// Sweeps of a round: what is shipped as one batch.
const SWEEPS: i64 = 6;

/// After so many periods everything is shipped, however often it had to be tried again.
const ENOUGH: usize = 120;

/// Nothing takes this long; reaching it means that something never happened.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn victoria_metrics_and_muster_may_be_killed() {
    let store = survives(Program::VictoriaMetrics).await;
    let all = "/api/v1/export?match[]=%7B__name__%3D~%22muster_.%2B%22%7D";
    let lines = store.get(all).await.unwrap();
    let values = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["values"].clone();
    let samples: usize = lines.lines().map(|line| values(line).as_array().unwrap().len()).sum();
    assert_eq!(samples, METRICS.len() * RESOURCES * (rounds() * SWEEPS) as usize, "copies");
}

#[tokio::test]
async fn prometheus_and_muster_may_be_killed() {
    survives(Program::PROMETHEUS).await;
}

#[tokio::test]
async fn a_store_that_is_away_is_left_alone_for_a_moment() {
    let mut store = MetricsStore::start(Program::VictoriaMetrics).await;
    let directory = tempfile::tempdir().unwrap();
    let site = Site::start(directory.path(), &store, begin());
    site.sweep(0);
    store.kill();
    let asked = |site: Site| async move {
        let answer = tokio::task::spawn_blocking(move || (site.ask(-60, 0), site)).await.unwrap();
        (answer.0, answer.1)
    };
    let (answer, site) = asked(site).await;
    let error = answer.archive_error.expect("it is away");
    assert!(error.contains("no whole answer from the remote store"), "{error}");
    assert!(answer.resources[0][0].avg.iter().flatten().count() > 0, "what is here is still shown");
    store.restart().await;
    let (answer, site) = asked(site).await;
    assert_eq!(answer.archive_error, Some(error), "it is left alone for a moment");
    site.clock.advance(PERIOD);
    let (answer, site) = asked(site).await;
    assert_eq!(answer.archive_error, None);
    site.stop().await;
}

/// Ships while both sides are killed and restarted, then compares what the store gives back with what was recorded.
async fn survives(program: Program) -> MetricsStore {
    let entropy = Entropy::seeded(seed());
    let mut store = MetricsStore::start(program).await;
    let directory = tempfile::tempdir().unwrap();
    let mut site = Site::start(directory.path(), &store, begin());
    for round in 0..rounds() {
        (0..SWEEPS).for_each(|sweep| site.sweep(round * SWEEPS + sweep));
        site.history.flush().unwrap();
        let [store_dies, store_returns, muster_dies] = entropy.bytes().map(|byte: u8| usize::from(byte % 6));
        for step in 0..6 {
            site.pass().await;
            if step == store_dies {
                store.kill();
            }
            if step == muster_dies {
                let now = site.clock.now();
                site.stop().await;
                site = Site::start(directory.path(), &store, now);
            }
            if step == store_dies + store_returns {
                store.restart().await;
            }
        }
        if store_dies + store_returns >= 6 {
            store.restart().await;
        }
    }
    site.ship_everything().await;
    // What was confirmed is on disk there.
    store.kill();
    store.restart().await;
    site.stop().await;
    compare(&store).await;
    store
}

/// A history that knows nothing asks the store for everything, sample by sample.
async fn compare(store: &MetricsStore) {
    let directory = tempfile::tempdir().unwrap();
    let site = Site::start(directory.path(), store, begin());
    let last = rounds() * SWEEPS - 1;
    let (answer, site) = tokio::task::spawn_blocking(move || (site.ask_of_all(0, last), site)).await.unwrap();
    assert_eq!((answer.archive_error, answer.resources.len()), (None, RESOURCES));
    for (number, columns) in answer.resources.iter().enumerate() {
        for (column, metric) in columns.iter().zip(METRICS) {
            let known = answer.times.iter().zip(&column.avg).filter_map(|(at, value)| Some((*at, (*value)?)));
            let expected = (0..=last).map(|sweep| (at(sweep).as_millisecond(), value(number, metric, sweep)));
            assert_eq!(known.collect::<BTreeMap<_, _>>(), expected.collect(), "{metric} of {number}");
        }
    }
    site.stop().await;
}

/// History and its remote store, as a server connects them, on simulated time.
struct Site {
    history: History,
    health: Health,
    clock: ManualClock,
    tasks: Tasks,
    settling: Settling,
}

impl Site {
    fn start(directory: &Path, store: &MetricsStore, now: Timestamp) -> Self {
        let options =
            Options { ships: true, block_span: SignedDuration::from_mins(1), sync: Sync::None, ..Options::default() };
        let history = History::open(directory, options).unwrap();
        let (clock, tasks) = (ManualClock::at(now), Tasks::new(Shutdown::new()));
        let settings = Settings {
            write_address: format!("{}/api/v1/write", store.address()).parse().unwrap(),
            read_address: store.address().parse().unwrap(),
            credentials: Credentials::None,
        };
        let entropy = Arc::new(Entropy::seeded(3));
        let health = start(&settings, &history, &tasks, Arc::new(clock.clone()), entropy).unwrap();
        Self { history, health, clock, tasks, settling: store.settling() }
    }

    /// Records one value of every series.
    fn sweep(&self, sweep: i64) {
        let each = |number: usize| METRICS.map(|metric| (number, metric));
        let all: Vec<(usize, Metric)> = (0..RESOURCES).flat_map(each).collect();
        let series: Vec<_> = all.iter().map(|(number, metric)| (vm(*number), *metric)).collect();
        let period = self.history.period(PERIOD.try_into().unwrap());
        let plan = self.history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series).unwrap();
        let values: Vec<f64> = all.iter().map(|(number, metric)| value(*number, *metric, sweep)).collect();
        self.history.append(&[PlanSamples { plan, at: at(sweep), values: &values }]).unwrap();
    }

    /// Lets a period of time pass, for the remote store too.
    async fn pass(&self) {
        self.at_rest().await;
        self.settling.settle().await;
        self.clock.advance(PERIOD);
        self.at_rest().await;
    }

    /// Waits until shipping waits for time.
    async fn at_rest(&self) {
        let resting = async {
            while self.clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
        };
        let patience = tokio::time::timeout(PATIENCE, resting);
        patience.await.unwrap_or_else(|_| panic!("shipping never rests: {:?}", self.health.tell()));
    }

    async fn ship_everything(&self) {
        for _ in 0..ENOUGH {
            self.pass().await;
            if self.history.parcel(1).unwrap().is_none() {
                let RemoteHealth { state, refused, not_kept, not_a_number, .. } = self.health.tell();
                assert!(matches!(state, ShippingState::Sending | ShippingState::Idle), "{state:?}");
                assert_eq!((refused, not_kept, not_a_number), (0, 0, 0));
                return;
            }
        }
        panic!("not everything was shipped: {:?}", self.health.tell());
    }

    fn ask(&self, from: i64, to: i64) -> ManyAnswer {
        self.ask_of(vec![vm(0)], from, to)
    }

    fn ask_of_all(&self, from: i64, to: i64) -> ManyAnswer {
        self.ask_of((0..RESOURCES).map(vm).collect(), from, to)
    }

    fn ask_of(&self, resources: Vec<ResourceId>, from: i64, to: i64) -> ManyAnswer {
        let query = ManyQuery {
            tenant: TenantId::DEFAULT,
            resources: resources.into_iter().map(|id| vec![id]).collect(),
            metrics: METRICS.to_vec(),
            from: at(from),
            to: at(to),
            points: 5000.try_into().unwrap(),
        };
        self.history.query_many(&query, &Cancel::default()).unwrap()
    }

    /// Ends as a crash does: what is on its way stays so.
    async fn stop(self) {
        self.tasks.shutdown().begin();
        assert!(self.tasks.finish(PATIENCE).await);
        drop(self.history);
    }
}

fn vm(number: usize) -> ResourceId {
    ResourceId::mint(ResourceKind::Vm, &number.to_string())
}

/// Another value for each sample, at the precision of both metrics.
fn value(number: usize, metric: Metric, sweep: i64) -> f64 {
    if metric == METRICS[0] {
        (number as i64 * 7 + sweep) as f64 % 100.0
    } else {
        (number as i64 * 1_048_576 + sweep * 4096) as f64
    }
}

/// The time of a sweep.
fn at(sweep: i64) -> Timestamp {
    begin() + SignedDuration::from_secs(10 * sweep)
}

/// A full hour, some hours ago: what a store takes that knows nothing newer.
fn begin() -> Timestamp {
    static HOUR: std::sync::LazyLock<i64> =
        std::sync::LazyLock::new(|| SystemClock::new().now().as_second() / 3600 - 6);
    Timestamp::from_second(*HOUR * 3600).unwrap()
}

fn rounds() -> i64 {
    std::env::var("MUSTER_SOAK_ROUNDS").map_or(5, |rounds| rounds.parse().expect("MUSTER_SOAK_ROUNDS is a number"))
}

fn seed() -> u64 {
    let told = std::env::var("MUSTER_TEST_SEED").ok().map(|seed| seed.parse().expect("MUSTER_TEST_SEED is a number"));
    let seed = told.unwrap_or_else(|| u64::from_le_bytes(Entropy::system().bytes()));
    println!("MUSTER_TEST_SEED={seed}");
    seed
}
