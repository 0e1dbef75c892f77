//! A cluster, a provider that looks at it, and the time that both live in.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_collect::{Auth, Connection, Driver, Failure, Look, Provider};
use muster_model::{
    Completeness, ConnectionId, Facet, GuestFacet, GuestMemoryDecision, MemoryDecisions, Metric, NodeFacet, Platform,
    PveOptions, Record, Report, SampleValue, StorageFacet, TenantId, UnknownReason,
};
use muster_outbound::Target;
use muster_proxmox::Proxmox;
use muster_runtime::ManualClock;
use muster_testkit::pve::{Action, Cluster, ClusterBuilder, Fault, GuestFacts, Running, TOKEN, Where};
use secrecy::SecretString;

/// When the lab's time begins.
const START: i64 = 1_767_225_600;

/// How finely time goes by while somebody waits.
const STEP: Duration = Duration::from_millis(500);

/// A cluster under observation.
pub(crate) struct Lab {
    pub(crate) cluster: Running,
    clock: ManualClock,
    provider: Arc<dyn Provider>,
}

impl Lab {
    /// A cluster of three nodes and twelve guests.
    pub(crate) async fn new() -> Self {
        Self::of(Cluster::builder()).await
    }

    /// A cluster of one's own.
    pub(crate) async fn of(builder: ClusterBuilder) -> Self {
        Self::through(builder, usize::MAX).await
    }

    /// A cluster that is asked through its first entry points only.
    pub(crate) async fn through(builder: ClusterBuilder, entries: usize) -> Self {
        Self::seen(builder, |connection| connection.endpoints.truncate(entries)).await
    }

    /// A cluster that is looked at with options.
    pub(crate) async fn choosing(builder: ClusterBuilder, options: serde_json::Value) -> Self {
        let options = serde_json::from_value(options).unwrap();
        Self::seen(builder, |connection| connection.options = options).await
    }

    async fn seen(builder: ClusterBuilder, edit: impl FnOnce(&mut Connection)) -> Self {
        let clock = ManualClock::at(Timestamp::from_second(START).unwrap());
        let cluster = builder.clock(Arc::new(clock.clone())).start().await;
        let mut connection = connection(&cluster);
        edit(&mut connection);
        let secret = SecretString::from(cluster.token().1.to_owned());
        let provider = Proxmox::new(Arc::new(clock.clone())).provider(&connection, secret).unwrap();
        Self { cluster, clock, provider }
    }

    /// With such options, and a guest whose agent talks.
    pub(crate) async fn talking(options: serde_json::Value) -> (Self, GuestFacts) {
        let lab = Self::choosing(Cluster::builder(), options).await;
        let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent && !guest.is_windows);
        (lab, guest)
    }

    /// How often an agent is asked in a look so many seconds later.
    pub(crate) async fn asked_after(&self, guest: &GuestFacts, seconds: u64) -> usize {
        self.pass(seconds);
        self.cluster.forget_requests();
        self.look("agents").await;
        self.asked_for(&path(guest, "agent/"))
    }

    /// Looks into a lane, now.
    pub(crate) async fn try_look(&self, lane: &'static str) -> Result<Look, Failure> {
        use muster_runtime::Clock;
        self.provider.look(lane, self.clock.now()).await
    }

    /// Looks into a lane, now.
    pub(crate) async fn look(&self, lane: &'static str) -> Look {
        self.try_look(lane).await.unwrap()
    }

    /// The report of the bulk lane, now.
    pub(crate) async fn report(&self) -> Report {
        self.look("bulk").await.report.unwrap()
    }

    /// Looks into every lane of details once, then makes a report.
    pub(crate) async fn whole(&self) -> Report {
        self.report().await;
        for lane in self.provider.lanes().into_iter().skip(1).filter(|lane| lane.name != "history") {
            self.look(lane.name).await;
        }
        self.report().await
    }

    /// Looks into a lane while time goes by, and tells how long it took. Steps are so slow that whatever is answered at all
    /// is answered within one.
    pub(crate) async fn look_in_time(&self, lane: &'static str) -> (Look, Duration) {
        use muster_runtime::Clock;
        let began = self.clock.monotonic();
        let mut look = std::pin::pin!(self.look(lane));
        loop {
            // Cancel-safe: the look goes on in the next round.
            tokio::select! {
                biased;
                done = &mut look => return (done, self.clock.monotonic() - began),
                () = a_while() => self.clock.advance(STEP),
            }
        }
    }

    /// Answers a path with this from now on; the envelope is put around it.
    pub(crate) fn answer(&self, path: &str, data: &serde_json::Value) {
        let text = serde_json::json!({ "data": data }).to_string();
        self.cluster.fail(Where::path(path), Fault::Body { text });
    }

    /// Refuses a path from now on.
    pub(crate) fn refuse(&self, path: &str, code: u16, reason: &str) {
        self.cluster.fail(Where::path(path), Fault::Status { code, reason: reason.to_owned() });
    }

    /// Lets a path take longer than anybody waits.
    pub(crate) fn hang(&self, path: &str) {
        self.cluster.fail(Where::path(path), Fault::Slow { seconds: 3600.0 });
    }

    /// Lets a path be answered as it was before all this.
    pub(crate) fn heal(&self, path: &str) {
        self.act(Action::Heal { place: Where::path(path) });
    }

    /// How often something was asked for whose path holds this.
    pub(crate) fn asked_for(&self, part: &str) -> usize {
        self.cluster.requests().into_iter().filter(|request| request.path.contains(part)).count()
    }

    /// Why memory is what it is.
    pub(crate) fn decisions(&self) -> MemoryDecisions {
        self.provider.memory()
    }

    /// Why the memory of a guest is what it is.
    pub(crate) fn decision(&self, guest: &GuestFacts) -> GuestMemoryDecision {
        let mut guests = self.decisions().guests.into_iter();
        guests.find(|decision| decision.vmid == guest.id).expect("a decision was taken about every guest")
    }

    /// The lanes of the provider.
    pub(crate) fn lanes(&self) -> Vec<muster_collect::Lane> {
        self.provider.lanes()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets time pass and makes a report.
    pub(crate) async fn after(&self, seconds: u64) -> Report {
        self.pass(seconds);
        self.report().await
    }

    /// Lets something happen.
    pub(crate) fn act(&self, action: Action) {
        self.cluster.act(action);
    }

    /// The first guest that is so.
    pub(crate) fn guest(&self, wanted: impl Fn(&GuestFacts) -> bool) -> GuestFacts {
        let facts = self.cluster.guests().into_iter().filter_map(|guest| self.cluster.guest(guest));
        facts.into_iter().find(|guest| !guest.is_template && wanted(guest)).expect("the cluster has such a guest")
    }

    /// A node that is not this one.
    pub(crate) fn other_node(&self, node: &str) -> String {
        self.cluster.nodes().into_iter().find(|other| other != node).expect("the cluster has two nodes")
    }

    /// Takes a right away, or gives it back.
    pub(crate) fn right(&self, path: &str, privilege: &str, held: bool) {
        let (token, path, privilege) = (TOKEN.to_owned(), path.to_owned(), privilege.to_owned());
        self.act(if held {
            Action::Grant { token, path, privilege }
        } else {
            Action::Revoke { token, path, privilege }
        });
    }

    /// How often a call was asked.
    pub(crate) fn asked(&self, call: &str) -> u64 {
        self.cluster.asked(call)
    }
}

fn connection(cluster: &Running) -> Connection {
    let (user, token) = cluster.token().0.split_once('!').unwrap();
    Connection {
        id: ConnectionId("0193a5c0-0000-7000-8000-000000000001".parse().unwrap()),
        tenant: TenantId::DEFAULT,
        platform: Platform::ProxmoxPve,
        name: "lab".to_owned(),
        endpoints: cluster.endpoints().iter().map(|url| url.parse::<Target>().unwrap()).collect(),
        auth: Auth::Token { user: user.to_owned(), token: token.to_owned() },
        pins: cluster.fingerprints().iter().map(|pin| pin.parse().unwrap()).collect(),
        interval: SignedDuration::from_secs(10),
        enabled: true,
        options: PveOptions::default(),
    }
}

/// Lets everybody else have many turns: the cluster lives on the same thread.
async fn a_while() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}

/// The path of a guest, with something behind it.
pub(crate) fn path(guest: &GuestFacts, rest: &str) -> String {
    format!("/nodes/{}/{}/{}/{rest}", guest.node, guest.kind, guest.id)
}

/// The native key of a guest.
pub(crate) fn key(guest: &GuestFacts) -> String {
    format!("{}/{}", guest.kind, guest.id)
}

/// Questions to a report.
pub(crate) trait Ask {
    /// The record with a key, if there is one.
    fn find(&self, key: &str) -> Option<&Record>;
    /// What was measured of a record.
    fn sample(&self, key: &str, metric: Metric) -> Option<SampleValue>;
    /// Whether what is missing is gone.
    fn is_full(&self) -> bool;

    /// The record with a key.
    fn record(&self, key: &str) -> &Record {
        self.find(key).unwrap_or_else(|| panic!("the report has no {key}"))
    }

    /// A measured value.
    fn value(&self, key: &str, metric: Metric) -> f64 {
        match self.sample(key, metric) {
            Some(SampleValue::Value(value)) => value,
            other => panic!("{key} has no value of {metric}: {other:?}"),
        }
    }

    /// Why there is no value.
    fn why_not(&self, key: &str, metric: Metric) -> UnknownReason {
        match self.sample(key, metric) {
            Some(SampleValue::Unknown(reason)) => reason,
            other => panic!("{key} has no reason for {metric}: {other:?}"),
        }
    }

    /// What a guest is.
    fn guest(&self, key: &str) -> &GuestFacet {
        self.record(key).facets.iter().find_map(|facet| facet.as_guest()).unwrap()
    }

    /// What a node is.
    fn node(&self, key: &str) -> &NodeFacet {
        self.record(key).facets.iter().find_map(|facet| facet.as_node()).unwrap()
    }

    /// What a storage is.
    fn storage(&self, key: &str) -> &StorageFacet {
        let facets = &self.record(key).facets;
        facets
            .iter()
            .find_map(|facet| if let Facet::Storage(storage) = &**facet { Some(storage) } else { None })
            .unwrap()
    }
}

impl Ask for Report {
    fn find(&self, key: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.key.as_str() == key).map(|record| &**record)
    }

    fn sample(&self, key: &str, metric: Metric) -> Option<SampleValue> {
        let place = self.records.iter().position(|record| record.key.as_str() == key)?;
        let of = |sample: &&muster_model::Sample| sample.record as usize == place && sample.metric == metric;
        self.samples.iter().find(of).map(|sample| sample.value)
    }

    fn is_full(&self) -> bool {
        self.completeness == Completeness::Full
    }
}
