//! Builders for small worlds: sources, records, reports, and short ways to apply them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use muster_estate::{Applied, Estate, Order, Refusal, Row, Ruled, Snapshot, Wish};
use muster_model::{
    Completeness, Facet, GuestFacet, HostFacet, Identity, Issue, IssueClass, Link, LogEntry, Metric, NativeKey, Note,
    Record, RecordRef, Report, ResourceId, ResourceKind, RulingId, Sample, SampleValue, SourceId, Status, TenantId,
};
use uuid::Uuid;

/// An estate with its log, so that it can be restored.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) estate: Estate,
    pub(crate) log: Vec<LogEntry>,
    pub(crate) now: Timestamp,
    /// How many rulings there were.
    pub(crate) rulings: u128,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { estate: Estate::new(TenantId::DEFAULT), log: vec![], now: at(0), rulings: 0 }
    }

    pub(crate) fn apply(&mut self, report: &Report) -> Applied {
        let applied = self.estate.apply(report, self.now);
        self.log.extend(applied.entries.iter().cloned());
        applied
    }

    pub(crate) fn judge(&mut self) -> Applied {
        let applied = self.estate.judge(self.now);
        self.log.extend(applied.entries.iter().cloned());
        applied
    }

    pub(crate) fn dismiss(&mut self, from: &str) -> Applied {
        let applied = self.estate.dismiss(&source(from), self.now);
        self.log.extend(applied.entries.iter().cloned());
        applied
    }

    /// Has a person rule; `Err` says why it cannot be.
    pub(crate) fn rule(&mut self, wish: Wish) -> Result<Ruled, Refusal> {
        self.rulings += 1;
        let id = RulingId(Uuid::from_u128(self.rulings));
        let note = Some(Note::new("seen in the rack").expect("a line"));
        let ruled = self.estate.rule(Order { id, by: "user:anna".into(), note, wish }, self.now)?;
        self.log.extend(ruled.applied.entries.iter().cloned());
        Ok(ruled)
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        self.estate.snapshot(self.now)
    }

    pub(crate) fn rows(&mut self) -> Vec<Arc<Row>> {
        self.snapshot().rows().to_vec()
    }

    /// The row that a source's key leads to.
    pub(crate) fn row(&mut self, from: &str, record_key: &str) -> Arc<Row> {
        let (from, record_key) = (source(from), key(record_key));
        let spoken = |row: &&Arc<Row>| row.sources.iter().any(|part| part.source == from && part.key == record_key);
        self.snapshot().rows().iter().find(spoken).expect("somebody reports it").clone()
    }

    pub(crate) fn id(&mut self, from: &str, record_key: &str) -> ResourceId {
        self.row(from, record_key).id
    }
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + seconds).expect("a time of this century")
}

pub(crate) fn source(text: &str) -> SourceId {
    text.parse().expect("a source id")
}

pub(crate) fn key(text: &str) -> NativeKey {
    NativeKey::new(text).expect("a key with letters")
}

/// What a source calls a record.
pub(crate) fn named(from: &str, record_key: &str) -> RecordRef {
    RecordRef { source: source(from), key: key(record_key) }
}

pub(crate) fn report(from: &str, records: impl IntoIterator<Item = Record>) -> Report {
    Report {
        tenant: TenantId::DEFAULT,
        source: source(from),
        reported_at: at(0),
        interval: SignedDuration::from_secs(10),
        completeness: Completeness::Full,
        records: records.into_iter().map(Arc::new).collect(),
        samples: vec![],
        activities: vec![],
    }
}

pub(crate) fn degraded(from: &str, records: impl IntoIterator<Item = Record>) -> Report {
    let issue = Issue { class: IssueClass::TimedOut, section: "disks".into(), message: "no answer in 5 s".into() };
    Report { completeness: Completeness::Degraded { issues: vec![issue] }, ..report(from, records) }
}

pub(crate) fn sample(record: u32, metric: Metric, value: f64) -> Sample {
    Sample { record, metric, value: SampleValue::Value(value) }
}

pub(crate) fn record(kind: ResourceKind, record_key: &str) -> Record {
    Record {
        key: key(record_key),
        kind,
        name: record_key.into(),
        status: Status::Online,
        technology: None,
        identity: Identity::default(),
        parent: None,
        links: vec![],
        tags: [].into(),
        facets: vec![],
    }
}

/// A host's record under the key `host`.
pub(crate) fn host(name: &str) -> Record {
    let identity = Identity { hostnames: [name.to_owned()].into(), ..Identity::default() };
    Record { name: name.into(), identity, ..record(ResourceKind::Agent, "host") }
}

pub(crate) fn disk(record_key: &str, serial: &str, parent: &str) -> Record {
    let identity = Identity { serial: Some(serial.into()), ..Identity::default() };
    Record { identity, parent: Some(key(parent)), ..record(ResourceKind::PhysicalDisk, record_key) }
}

/// A virtual machine under the number 100 of the cluster `lab`.
pub(crate) fn guest() -> Record {
    let facet = GuestFacet { native_id: "100".into(), ..GuestFacet::default() };
    let facets = vec![Arc::new(Facet::Guest(facet.into()))];
    Record { facets, ..record(ResourceKind::Vm, "qemu/100") }.platform("lab/qemu/100")
}

/// Small changes to a record, one after the other.
pub(crate) trait With: Sized {
    fn machine(self, id: &str) -> Self;
    fn dmi(self, uuid: &str) -> Self;
    fn enrolled(self, key: &str) -> Self;
    fn platform(self, key: &str) -> Self;
    fn created(self, seconds: i64) -> Self;
    fn mac(self, mac: &str) -> Self;
    fn ip(self, ip: &str) -> Self;
    fn named(self, name: &str) -> Self;
    fn keyed(self, key: &str) -> Self;
    fn below(self, parent: &str) -> Self;
    fn linked(self, to: &str, key: &str) -> Self;
    fn status(self, status: Status) -> Self;
    fn host_facet(self, facet: HostFacet) -> Self;
}

impl With for Record {
    fn machine(mut self, id: &str) -> Self {
        self.identity.machine_id = Some(id.into());
        self
    }

    fn dmi(mut self, uuid: &str) -> Self {
        self.identity.dmi_uuid = Some(uuid.into());
        self
    }

    fn enrolled(mut self, key: &str) -> Self {
        self.identity.enrolment_key = Some(key.into());
        self
    }

    fn platform(mut self, key: &str) -> Self {
        self.identity.platform_key = Some(key.into());
        self
    }

    fn created(mut self, seconds: i64) -> Self {
        let mut guest = self.facets.iter().find_map(|facet| facet.as_guest().cloned()).expect("a guest");
        guest.created_at = Some(at(seconds));
        self.facets = vec![Arc::new(Facet::Guest(guest.into()))];
        self
    }

    fn mac(mut self, mac: &str) -> Self {
        self.identity.mac_addresses.insert(mac.parse().expect("a hardware address"));
        self
    }

    fn ip(mut self, ip: &str) -> Self {
        self.identity.ip_addresses.insert(ip.parse().expect("an address"));
        self
    }

    fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    fn keyed(mut self, record_key: &str) -> Self {
        self.key = key(record_key);
        self
    }

    fn below(mut self, parent: &str) -> Self {
        self.parent = Some(key(parent));
        self
    }

    fn linked(mut self, to: &str, record_key: &str) -> Self {
        self.links.push(Link { source: source(to), key: key(record_key) });
        self
    }

    fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    fn host_facet(mut self, facet: HostFacet) -> Self {
        self.facets = vec![Arc::new(Facet::Host(facet.into()))];
        self
    }
}
