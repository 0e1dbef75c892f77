//! The whole way with several sources: a simulated cluster, host agents on its node and inside its guest, and what the
//! estate makes of both.

use std::sync::Arc;

use jiff::SignedDuration;
use muster_estate::{Applied, Estate, Row, Snapshot};
use muster_model::{
    Completeness, Facet, GuestDiskSource, HostFacet, Identity, MemoryFacts, MemorySource, Metric, NativeKey,
    PhysicalDiskFacet, Reading, Record, Report, ResourceId, ResourceKind, RiskCode, Sample, SampleValue, SmartFacts,
    SmartHealth, Status, TenantId,
};
use muster_testkit::pve::{Action, AgentState, GuestFacts};

use super::lab::{Ask, Lab, key, path};

const GIB: u64 = 1 << 30;

#[tokio::test]
async fn a_node_and_the_agent_on_it_are_one_picture() {
    //
    let lab = Lab::new().await;
    let (platform, theirs, mut both, disk) = with_a_disk(&lab).await;
    let node = both.id("node/pve1");
    assert_eq!(both.row(disk).status, Status::Online);
    let source = |both: &mut Both| facet(&both.row(node), Facet::as_node).disk_source;
    assert_eq!(source(&mut both).as_deref(), Some("node-status-rootfs"));

    both.apply(&on_node(&platform, &theirs, |disk| disk.condition.percentage_used = Some(97)));
    assert_eq!(source(&mut both).as_deref(), Some("agent"));
    assert_eq!(both.reading(node, Metric::Temperature), (51.0, "agent:pve1".to_owned()));
    assert_eq!(both.reading(node, Metric::Disk), (33.0, "agent:pve1".to_owned()));
    assert_eq!(both.row(disk).sources.len(), 2, "one disk of two sources");
    let merged = both.row(disk).disk().unwrap().clone();
    let codes: Vec<_> = merged.risk.iter().flat_map(|risk| &risk.reasons).map(|reason| reason.code).collect();
    assert!(codes.contains(&RiskCode::NvmePercentageUsedHigh), "{codes:?}");
    assert_eq!((merged.smart, both.row(disk).status), (SmartHealth::Passed, Status::Warning));
    assert_eq!(both.reading(disk, Metric::SmartTemp), (44.0, "agent:pve1".to_owned()));

    let device = theirs.key.as_str().strip_prefix("disk/pve1/").unwrap().to_owned();
    lab.act(Action::DiskFails { node: "pve1".to_owned(), disk: device });
    lab.pass(1800);
    lab.look("disks").await;
    both.apply(&lab.report().await);
    assert_eq!(both.row(disk).status, Status::Offline, "whoever says that it fails is believed");
}

#[tokio::test]
async fn an_agent_that_reads_temperatures_alone_takes_nothing_of_smart_away() {
    //
    let (platform, theirs, mut both, disk) = with_a_disk(&Lab::new().await).await;
    let before = both.row(disk).disk().unwrap().clone();
    both.apply(&on_node(&platform, &theirs, |_| ()));
    let merged = both.row(disk).disk().unwrap().clone();
    assert_eq!(both.reading(disk, Metric::SmartTemp), (44.0, "agent:pve1".to_owned()), "the agent's word comes first");
    assert_eq!((merged.smart, before.smart), (SmartHealth::Passed, SmartHealth::Passed));
    assert!(before.condition.life_left_percent.is_some(), "{before:?}");
    assert_eq!(merged.condition.life_left_percent, before.condition.life_left_percent, "the platform fills the rest");
}

#[tokio::test]
async fn an_agent_in_a_guest_speaks_until_it_falls_silent() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent);
    lab.act(Action::Agent { guest: guest.id, state: AgentState::Dead });
    lab.refuse(&path(&guest, "status/current"), 500, "got timeout");
    let platform = lab.whole().await;
    assert_eq!(platform.guest(&key(&guest)).memory_source, Some(MemorySource::ClusterResources));
    let mut both = Both::new(&platform);
    let id = both.id(&key(&guest));
    let applied = both.apply(&inside(&platform, &guest));
    let told = facet(&both.row(id), Facet::as_guest);
    assert_eq!(told.memory_source, Some(MemorySource::Agent));
    assert_eq!((told.disk_status, told.disk_source), (None, Some(GuestDiskSource::Agent)));
    let agent = "agent:inside".to_owned();
    assert_eq!(both.reading(id, Metric::MemoryUsed), (guest.memory as f64 - GIB as f64 / 4.0, agent.clone()));
    assert_eq!(both.reading(id, Metric::Disk), (40.0, agent));
    assert_eq!(both.reading(id, Metric::Cpu).1, platform.source.to_string());
    let recorded = applied.samples.iter().filter(|sample| sample.resource == id).count();
    assert_eq!(recorded, 3, "memory in two units, and disk");

    lab.pass(70);
    both.now += SignedDuration::from_secs(70);
    both.apply(&lab.report().await);
    both.judge();
    assert_eq!(facet(&both.row(id), Facet::as_guest).memory_source, Some(MemorySource::ClusterResources));
    assert_eq!(both.reading(id, Metric::Memory).1, platform.source.to_string());
}

/// What the platform reports, and a disk of the first node: as it reports it, and in the estate.
async fn with_a_disk(lab: &Lab) -> (Report, Record, Both, ResourceId) {
    let platform = lab.whole().await;
    let theirs = disk_of(&platform, "pve1").clone();
    let mut both = Both::new(&platform);
    let disk = both.id(theirs.key.as_str());
    (platform, theirs, both, disk)
}

/// What the platform and the agents say together.
struct Both {
    estate: Estate,
    now: jiff::Timestamp,
    platform: muster_model::SourceId,
}

impl Both {
    fn new(platform: &Report) -> Self {
        let (now, source) = (platform.reported_at, platform.source.clone());
        let mut both = Self { estate: Estate::new(TenantId::DEFAULT), now, platform: source };
        both.apply(platform);
        both
    }

    fn apply(&mut self, report: &Report) -> Applied {
        let applied = self.estate.apply(report, self.now);
        assert_eq!(applied.rejected, []);
        applied
    }

    fn judge(&mut self) {
        self.estate.judge(self.now);
    }

    fn snapshot(&mut self) -> Arc<Snapshot> {
        self.estate.snapshot(self.now)
    }

    fn id(&mut self, key: &str) -> ResourceId {
        let (snapshot, platform) = (self.snapshot(), &self.platform);
        let of_key =
            |row: &&Arc<Row>| row.sources.iter().any(|part| part.source == *platform && part.key.as_str() == key);
        snapshot.rows().iter().find(of_key).expect("the platform reports it").id
    }

    fn row(&mut self, id: ResourceId) -> Arc<Row> {
        Arc::clone(self.snapshot().get(id).expect("it is there"))
    }

    fn reading(&mut self, id: ResourceId, metric: Metric) -> (f64, String) {
        match self.snapshot().reading(id, metric) {
            Reading::Known { value, source, .. } => (value, source.to_string()),
            Reading::Unknown { reason } => panic!("{metric} is unknown: {reason:?}"),
        }
    }
}

/// The facet that is shown first.
fn facet<T: Clone>(row: &Row, wanted: impl Fn(&Facet) -> Option<&T>) -> T {
    row.shown_facets().find_map(|(_, facet)| wanted(facet).cloned()).expect("it has such a facet")
}

fn disk_of<'a>(platform: &'a Report, node: &str) -> &'a Record {
    let of_node = |record: &&Arc<Record>| record.key.as_str().starts_with(&format!("disk/{node}/"));
    platform.records.iter().find(of_node).expect("the node has a disk")
}

/// The agent on the first node, with one of its disks.
fn on_node(platform: &Report, disk: &Record, with: impl FnOnce(&mut PhysicalDiskFacet)) -> Report {
    let node = platform.record("node/pve1");
    let identity = Identity {
        hostnames: node.identity.hostnames.clone(),
        ip_addresses: node.identity.ip_addresses.clone(),
        ..Identity::default()
    };
    let device = disk.facets.iter().find_map(|facet| facet.as_disk()).unwrap().device.clone();
    let mut told = PhysicalDiskFacet { device, condition: SmartFacts::default(), ..PhysicalDiskFacet::default() };
    with(&mut told);
    let parent = NativeKey::new("host").ok();
    let disk = Record { identity: disk.identity.clone(), parent, ..record("disk:1", ResourceKind::PhysicalDisk) };
    let disk = Record { facets: vec![Arc::new(Facet::PhysicalDisk(told.into()))], ..disk };
    let samples = [(0, Metric::Temperature, 51.0), (0, Metric::Disk, 33.0), (1, Metric::SmartTemp, 44.0)];
    report("agent:pve1", platform, vec![host(identity, 8 * GIB), disk], &samples)
}

/// The agent inside a guest, of whose memory a quarter of a gibibyte is available.
fn inside(platform: &Report, guest: &GuestFacts) -> Report {
    let identity = Identity { dmi_uuid: Some(guest.uuid.clone()), ..Identity::default() };
    let samples = [(0, Metric::MemoryUsed, 0.75 * GIB as f64), (0, Metric::Disk, 40.0), (0, Metric::Cpu, 1.0)];
    report("agent:inside", platform, vec![host(identity, GIB)], &samples)
}

fn host(identity: Identity, memory: u64) -> Record {
    let memory = MemoryFacts { total_bytes: Some(memory), swap_total_bytes: None };
    let facet = HostFacet { memory, disk_bytes: Some(GIB), ..HostFacet::default() };
    let facets = vec![Arc::new(Facet::Host(Box::new(facet)))];
    Record { identity, facets, ..record("host", ResourceKind::Agent) }
}

fn record(key: &str, kind: ResourceKind) -> Record {
    Record {
        key: NativeKey::new(key).unwrap(),
        kind,
        name: key.into(),
        status: Status::Online,
        technology: None,
        identity: Identity::default(),
        parent: None,
        links: vec![],
        tags: [].into(),
        facets: vec![],
    }
}

fn report(source: &str, like: &Report, records: Vec<Record>, samples: &[(u32, Metric, f64)]) -> Report {
    let sample = |(record, metric, value): &(u32, Metric, f64)| Sample {
        record: *record,
        metric: *metric,
        value: SampleValue::Value(*value),
    };
    Report {
        tenant: TenantId::DEFAULT,
        source: source.parse().unwrap(),
        reported_at: like.reported_at,
        interval: SignedDuration::from_secs(10),
        completeness: Completeness::Full,
        records: records.into_iter().map(Arc::new).collect(),
        samples: samples.iter().map(sample).collect(),
        activities: vec![],
    }
}
