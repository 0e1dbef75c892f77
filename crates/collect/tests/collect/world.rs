//! Scripted platforms, a sink that remembers, and a clock that moves only when told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use muster_collect::{
    Auth, Backfill, BoxFuture, Collector, Connection, Driver, Failure, FailureCategory, Health, Lane, Look, Observed,
    Parts, ProbeReport, Provider, Sink,
};
use muster_model::{Completeness, ConnectionId, Metric, NativeKey, Platform, PveOptions, Report, SourceId, TenantId};
use muster_runtime::{Clock, ManualClock, Shutdown, Tasks};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

/// The simulated world's first moment.
pub(crate) const START: i64 = 1_800_000_000;

/// How finely time passes.
const STEP: Duration = Duration::from_millis(250);

/// How a look goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// It works, after so long.
    Works(Duration),
    /// It works at once and brings samples of the past.
    Remembers,
    /// It fails at once.
    Fails(FailureCategory),
    /// It never ends.
    Hangs,
    /// It ends our own code.
    Panics,
}

pub(crate) const WORKS: Act = Act::Works(Duration::ZERO);

/// What happens in the world, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A provider was made, with this secret.
    Made(String),
    /// A look began, for this moment.
    Began(&'static str, Timestamp),
    /// A look was over.
    Ended(&'static str),
    /// A look was given up.
    Dropped(&'static str),
    /// A report arrived.
    Reported,
    /// So many samples of the past arrived.
    Backfilled(usize),
    /// A source was told to be asked no more.
    Disabled,
    /// A source was taken out of the estate.
    Withdrawn(SourceId),
}

/// What happened when, to which connection.
pub(crate) type Happened = (Duration, String, Event);

#[derive(Default)]
struct Script {
    acts: BTreeMap<(String, &'static str), Act>,
    /// What is dialled instead of the first entry point, by connection.
    dialled: BTreeMap<String, String>,
    happened: Vec<Happened>,
    /// Lanes of details beside the usual one.
    lanes: Vec<Lane>,
    /// How long the sink takes for samples of the past.
    backfill_takes: Duration,
}

/// Polling, and all that surrounds it.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) collector: Collector,
    pub(crate) tasks: Tasks,
    script: Arc<Mutex<Script>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::at(Timestamp::from_second(START).unwrap());
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let script = Arc::<Mutex<Script>>::default();
        let platform = Scripted { script: Arc::clone(&script), clock: Arc::clone(&shared) };
        let parts = Parts {
            drivers: [(Platform::ProxmoxPve, Arc::new(platform.clone()) as Arc<dyn Driver>)].into(),
            sink: Arc::new(platform),
            clock: shared,
        };
        let tasks = Tasks::new(Shutdown::new());
        Self { clock, collector: Collector::new(parts, &tasks), tasks, script }
    }

    /// From now on looks into a lane go like this.
    pub(crate) fn act(&self, name: &str, lane: &'static str, act: Act) {
        self.script.lock().unwrap().acts.insert((name.to_owned(), lane), act);
    }

    /// Connections that are made from now on have this lane as well.
    pub(crate) fn lane(&self, name: &'static str, every: i64, deadline: u64) {
        let (every, deadline) = (SignedDuration::from_secs(every), Duration::from_secs(deadline));
        self.script.lock().unwrap().lanes.push(Lane { name, every, deadline });
    }

    /// From now on looks into a connection dial another address than that of its first entry point.
    pub(crate) fn dials(&self, name: &str, address: &str) {
        self.script.lock().unwrap().dialled.insert(name.to_owned(), address.to_owned());
    }

    pub(crate) fn backfill_takes(&self, how_long: Duration) {
        self.script.lock().unwrap().backfill_takes = how_long;
    }

    /// Polls a connection of that number and name.
    pub(crate) async fn poll(&self, number: u128) -> Connection {
        let connection = connection(number);
        self.collector.set(connection.clone(), secret());
        self.settle().await;
        connection
    }

    /// Lets everybody do what there is to do now.
    pub(crate) async fn settle(&self) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, how_long: Duration) {
        let end = self.clock.monotonic() + how_long;
        self.settle().await;
        while self.clock.monotonic() < end {
            self.clock.advance(STEP.min(end - self.clock.monotonic()));
            self.settle().await;
        }
    }

    pub(crate) async fn pass_seconds(&self, seconds: u64) {
        self.pass(Duration::from_secs(seconds)).await;
    }

    pub(crate) fn health(&self, connection: &Connection) -> Health {
        self.collector.health(&connection.tenant, connection.id).expect("it is polled")
    }

    /// What happened to a connection.
    pub(crate) fn happened(&self, name: &str) -> Vec<(Duration, Event)> {
        let script = self.script.lock().unwrap();
        let ours = script.happened.iter().filter(|(_, of, _)| of == name);
        ours.map(|(at, _, event)| (*at, event.clone())).collect()
    }

    /// What happened to all of them.
    pub(crate) fn all(&self) -> Vec<Happened> {
        self.script.lock().unwrap().happened.clone()
    }

    /// When looks into a lane of a connection began.
    pub(crate) fn begins(&self, name: &str, lane: &str) -> Vec<Duration> {
        let is_begin = |event: &Event| matches!(event, Event::Began(of, _) if *of == lane);
        self.happened(name).into_iter().filter(|(_, event)| is_begin(event)).map(|(at, _)| at).collect()
    }

    pub(crate) fn count(&self, name: &str, wanted: &Event) -> usize {
        self.happened(name).iter().filter(|(_, event)| event == wanted).count()
    }
}

/// A look that began later after the one before it than it should have. The first may begin at any time.
pub(crate) fn late(begins: &[Duration], interval: Duration) -> Option<&[Duration]> {
    begins.windows(2).skip(1).find(|two| two[1] - two[0] > interval + STEP)
}

/// A connection that differs from others by its number.
pub(crate) fn connection(number: u128) -> Connection {
    Connection {
        id: ConnectionId(Uuid::from_u128(number)),
        tenant: TenantId::DEFAULT,
        platform: Platform::ProxmoxPve,
        name: format!("lab {number}"),
        endpoints: vec![format!("https://pve{number}.example.org:8006").parse().unwrap()],
        auth: Auth::Token { user: "monitor@pve".to_owned(), token: "muster".to_owned() },
        pins: [].into(),
        interval: SignedDuration::from_secs(10),
        enabled: true,
        options: PveOptions::default(),
    }
}

pub(crate) fn secret() -> muster_collect::Secret {
    Ok(SecretString::from("s3cret"))
}

/// Platform and sink in one, so that what happens has one order.
#[derive(Clone)]
struct Scripted {
    script: Arc<Mutex<Script>>,
    clock: Arc<dyn Clock>,
}

impl Scripted {
    fn note(&self, name: &str, event: Event) {
        self.script.lock().unwrap().happened.push((self.clock.monotonic(), name.to_owned(), event));
    }

    /// The name of a connection by its source.
    fn name_of(source: &SourceId) -> String {
        let id: Uuid = source.connection().parse().unwrap();
        format!("lab {}", id.as_u128())
    }
}

impl Driver for Scripted {
    fn provider(&self, connection: &Connection, secret: SecretString) -> Result<Arc<dyn Provider>, Failure> {
        self.note(&connection.name, Event::Made(secret.expose_secret().to_owned()));
        Ok(Arc::new(ScriptedProvider { of: self.clone(), connection: connection.clone() }))
    }

    fn probe<'a>(&'a self, _: &'a Connection, secret: Option<SecretString>) -> BoxFuture<'a, ProbeReport> {
        Box::pin(async move {
            if secret.is_none() {
                std::future::pending::<()>().await;
            }
            ProbeReport {
                endpoints: vec![],
                version: Some("9.0".to_owned()),
                cluster: None,
                nodes: vec![],
                calls: vec![],
                failure: None,
            }
        })
    }
}

impl Sink for Scripted {
    fn report(&self, report: Report) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.note(&Self::name_of(&report.source), Event::Reported) })
    }

    fn backfill<'a>(&'a self, _: &'a TenantId, source: &'a SourceId, backfill: Vec<Backfill>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let takes = self.script.lock().unwrap().backfill_takes;
            self.clock.sleep(takes).await;
            self.note(&Self::name_of(source), Event::Backfilled(backfill.len()));
        })
    }

    fn disabled<'a>(&'a self, _: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.note(&Self::name_of(source), Event::Disabled) })
    }

    fn withdraw<'a>(&'a self, _: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.note(&Self::name_of(source), Event::Withdrawn(source.clone())) })
    }
}

struct ScriptedProvider {
    of: Scripted,
    connection: Connection,
}

impl ScriptedProvider {
    async fn play(&self, lane: &'static str, due: Timestamp) -> Result<Look, Failure> {
        self.of.note(&self.connection.name, Event::Began(lane, due));
        let mut guard = Guard { provider: self, lane, is_over: false };
        let act = self.of.script.lock().unwrap().acts.get(&(self.connection.name.clone(), lane)).copied();
        let result = match act.unwrap_or(WORKS) {
            Act::Works(takes) => {
                self.of.clock.sleep(takes).await;
                Ok(self.look(lane, due, vec![]))
            }
            Act::Remembers => Ok(self.look(lane, due, vec![past()])),
            Act::Fails(category) => Err(Failure { category, message: format!("{lane}: no") }),
            Act::Hangs => std::future::pending().await,
            Act::Panics => panic!("on purpose"),
        };
        guard.is_over = true;
        self.of.note(&self.connection.name, Event::Ended(lane));
        result
    }

    fn look(&self, lane: &'static str, due: Timestamp, backfill: Vec<Backfill>) -> Look {
        let report = Report {
            tenant: self.connection.tenant.clone(),
            source: self.connection.source(),
            reported_at: due,
            interval: self.connection.interval,
            completeness: Completeness::Full,
            records: vec![],
            samples: vec![],
            activities: vec![],
        };
        let counts = [("guests", 3)].into();
        Look {
            report: (lane == "bulk").then_some(report),
            backfill,
            observed: Observed { collected_at: None, counts, issues: vec![] },
        }
    }
}

impl Provider for ScriptedProvider {
    fn lanes(&self) -> Vec<Lane> {
        let details = SignedDuration::from_secs(60);
        let lane = |name, every| Lane { name, every, deadline: Duration::from_secs(30) };
        let usual = [lane("bulk", self.connection.interval), lane("disks", details)];
        usual.into_iter().chain(self.of.script.lock().unwrap().lanes.clone()).collect()
    }

    fn look(&self, lane: &'static str, due: Timestamp) -> BoxFuture<'_, Result<Look, Failure>> {
        Box::pin(self.play(lane, due))
    }

    fn address(&self) -> String {
        let dialled = self.of.script.lock().unwrap().dialled.get(&self.connection.name).cloned();
        dialled.unwrap_or_else(|| self.connection.endpoints[0].to_string())
    }

    fn requests(&self) -> u64 {
        2
    }
}

fn past() -> Backfill {
    let samples = vec![(Timestamp::UNIX_EPOCH, 1.0)];
    Backfill { key: NativeKey::new("qemu/100").unwrap(), metric: Metric::Cpu, samples }
}

/// Notices a look that is given up.
struct Guard<'a> {
    provider: &'a ScriptedProvider,
    lane: &'static str,
    is_over: bool,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.provider.of.note(&self.provider.connection.name, Event::Dropped(self.lane));
        }
    }
}
