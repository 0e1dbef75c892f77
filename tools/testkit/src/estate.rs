//! A seeded synthetic estate of any size (D-32): hosts with filesystems, disks and interfaces, as their sources would
//! report them.
//!
//! Tests and benchmarks of every crate use it. Each host has an agent; every fourth one is also a node of a Proxmox VE
//! connection that shares its evidence, so that joining is exercised too. The same spec gives the same estate, bit by
//! bit. It knows nothing of the crate that takes the reports.

mod host;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use muster_model::{
    Completeness, Metric, Record, Report, Sample, SampleValue, SourceId, SourceKind, TenantId, UnknownReason,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use smol_str::format_smolstr;

pub use self::host::RESOURCES_PER_HOST;
use self::host::{HostNumber, as_node, measured, records};

/// Hosts that share one Proxmox VE connection.
const HOSTS_PER_CONNECTION: usize = 64;

/// Every so many hosts is also reported by a Proxmox VE connection.
const NODE_EVERY: usize = 4;

/// How large an estate, and which one of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstateSpec {
    /// How many distinct resources it has.
    pub resources: usize,
    /// The same seed gives the same estate.
    pub seed: u64,
}

/// An estate that can be looked at again and again.
#[derive(Debug)]
pub struct SyntheticEstate {
    rng: StdRng,
    now: Timestamp,
    interval: SignedDuration,
    /// By host; the host's own record first.
    hosts: Vec<Vec<Arc<Record>>>,
    /// By connection; the nodes that it reports.
    connections: Vec<Vec<Arc<Record>>>,
    sweeps: u64,
}

/// The reports of an estate of `n` resources, first sweep.
pub fn estate(n: usize) -> Vec<Report> {
    SyntheticEstate::new(EstateSpec { resources: n, seed: 0 }).reports()
}

impl SyntheticEstate {
    /// Builds an estate. Its time begins at 2026-01-01 and passes by 10 s a sweep.
    pub fn new(spec: EstateSpec) -> Self {
        let EstateSpec { resources, seed } = spec;
        let mut rng = StdRng::seed_from_u64(seed);
        let count = resources.div_ceil(RESOURCES_PER_HOST);
        let mut hosts: Vec<_> = (0..count).map(|number| records(HostNumber(number), &mut rng)).collect();
        if let Some(last) = hosts.last_mut() {
            last.truncate(resources - (count - 1) * RESOURCES_PER_HOST);
        }
        let nodes: Vec<_> = hosts.iter().step_by(NODE_EVERY).map(|records| Arc::new(as_node(&records[0]))).collect();
        let connections = nodes.chunks(HOSTS_PER_CONNECTION).map(<[_]>::to_vec).collect();
        let now = "2026-01-01T00:00:00Z".parse().expect("a literal time");
        Self { rng, now, interval: SignedDuration::from_secs(10), hosts, connections, sweeps: 0 }
    }

    /// When the current sweep is taken.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The reports of the current sweep: one of each agent, then one of each connection.
    pub fn reports(&mut self) -> Vec<Report> {
        let agents: Vec<Report> = (0..self.hosts.len()).map(|host| self.agent_report(host)).collect();
        let connections = (0..self.connections.len()).map(|connection| {
            let source = source(SourceKind::Proxmox, &format!("cluster-{connection}"));
            self.report(source, self.connections[connection].clone(), Vec::new())
        });
        let connections: Vec<Report> = connections.collect();
        agents.into_iter().chain(connections).collect()
    }

    /// Everything as one report of one source: as many records as the estate has resources.
    pub fn single_report(&mut self) -> Report {
        let mut records: Vec<Arc<Record>> = Vec::new();
        let mut samples = Vec::new();
        for host in 0..self.hosts.len() {
            let base = u32::try_from(records.len()).expect("a test estate is small");
            let prefixed = self.hosts[host].iter().map(|record| Arc::new(host::prefixed(record, HostNumber(host))));
            records.extend(prefixed);
            samples.extend(self.samples(host).into_iter().map(|s| Sample { record: base + s.record, ..s }));
        }
        self.report(source(SourceKind::Docker, "everything"), records, samples)
    }

    /// Lets one interval pass and changes `changed` records of agents, spread over the hosts. What did not change is
    /// pointer-equal to what was reported before.
    pub fn pass(&mut self, changed: usize) {
        self.now += self.interval;
        self.sweeps += 1;
        for _ in 0..changed {
            let host = self.rng.random_range(0..self.hosts.len());
            let place = self.rng.random_range(0..self.hosts[host].len());
            let mut record = Record::clone(&self.hosts[host][place]);
            record.tags = [format_smolstr!("changed-{}", self.sweeps)].into();
            self.hosts[host][place] = Arc::new(record);
        }
    }

    /// The reports of the next sweep, with `changed` changed records and fresh samples.
    pub fn next_reports(&mut self, changed: usize) -> Vec<Report> {
        self.pass(changed);
        self.reports()
    }

    fn agent_report(&mut self, host: usize) -> Report {
        let samples = self.samples(host);
        let source = source(SourceKind::Agent, self.hosts[host][0].name.as_str());
        self.report(source, self.hosts[host].clone(), samples)
    }

    fn report(&self, source: SourceId, records: Vec<Arc<Record>>, samples: Vec<Sample>) -> Report {
        Report {
            tenant: TenantId::DEFAULT,
            source,
            reported_at: self.now,
            interval: self.interval,
            completeness: Completeness::Full,
            records,
            samples,
            activities: Vec::new(),
        }
    }

    fn samples(&mut self, host: usize) -> Vec<Sample> {
        let first = self.sweeps == 0;
        let mut samples = Vec::new();
        for (place, record) in (0..).zip(&self.hosts[host]) {
            for metric in measured(record.kind) {
                let value = value(*metric, first, &mut self.rng);
                samples.push(Sample { record: place, metric: *metric, value });
            }
        }
        samples
    }
}

/// A plausible value; a rate has none in the first sweep.
fn value(metric: Metric, first: bool, rng: &mut StdRng) -> SampleValue {
    use muster_model::Unit;
    match metric.unit() {
        Unit::BytesPerSecond if first => SampleValue::Unknown(UnknownReason::NoBaseline),
        Unit::BytesPerSecond => SampleValue::Value(rng.random_range(0.0..1e8_f64).floor()),
        Unit::Percent => SampleValue::Value(rng.random_range(0.0..100.0)),
        Unit::Bytes => SampleValue::Value(f64::from(rng.random_range(0..1_u32 << 24)) * 4096.0),
        Unit::Celsius => SampleValue::Value(rng.random_range(25.0..70.0)),
        Unit::Number | Unit::Hours => SampleValue::Value(rng.random_range(0.0..16.0)),
    }
}

fn source(kind: SourceKind, connection: &str) -> SourceId {
    SourceId::new(kind, connection).expect("synthetic connections have names")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_decides_the_estate() {
        // D-32
        let build = |seed| SyntheticEstate::new(EstateSpec { resources: 95, seed }).reports();
        assert_eq!(build(1), build(1));
        assert_ne!(build(1), build(2));
    }

    #[test]
    fn it_has_as_many_resources_as_asked_for() {
        for n in [1, 10, 11, 1000] {
            let by_agents: usize =
                estate(n).iter().filter(|r| r.source.kind() == SourceKind::Agent).map(|r| r.records.len()).sum();
            assert_eq!(by_agents, n);
            let report = SyntheticEstate::new(EstateSpec { resources: n, seed: 0 }).single_report();
            let keys: BTreeSet<_> = report.records.iter().map(|record| &record.key).collect();
            assert_eq!(keys.len(), n);
            assert!(report.samples.iter().all(|sample| (sample.record as usize) < n));
        }
    }

    #[test]
    fn a_sweep_changes_what_it_was_told_to_and_shares_the_rest() {
        let mut estate = SyntheticEstate::new(EstateSpec { resources: 500, seed: 3 });
        let (before, after) = (estate.reports(), estate.next_reports(2));
        let pairs = before.iter().zip(&after).flat_map(|(b, a)| b.records.iter().zip(&a.records));
        let (same, different): (Vec<_>, Vec<_>) = pairs.partition(|(b, a)| Arc::ptr_eq(b, a));
        assert!((1..=2).contains(&different.len()), "{}", different.len());
        assert!(same.len() >= 498);
        assert_ne!(before[0].samples, after[0].samples);
        assert!(after[0].reported_at > before[0].reported_at);
    }
}
