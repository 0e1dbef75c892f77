//! Hosts with what runs on them: each has its own disks and interfaces and 52 containers, about 400 series together.

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{
    Completeness, Identity, NativeKey, Record, Report, ResourceKind, Sample, SampleValue, SourceId, SourceKind, Status,
    TenantId,
};
use muster_testkit::{EstateSpec, SyntheticEstate};
use smol_str::format_smolstr;

use crate::data::{METRICS, TICK, reference::Reference};

const CONTAINERS: usize = 52;

/// What the synthetic estate gives each host, itself included.
const OWN: usize = 10;

pub(super) const RESOURCES_PER_HOST: usize = OWN + CONTAINERS;

/// Containers whose values are made; all others have the values of one of them.
const DISTINCT: usize = 10 * CONTAINERS;

/// The hosts of one estate.
pub(super) struct Hosts {
    own: SyntheticEstate,
    /// By host.
    containers: Vec<(SourceId, Vec<Arc<Record>>)>,
    values: Reference,
}

impl Hosts {
    pub(super) fn new(count: usize) -> Self {
        let own = SyntheticEstate::new(EstateSpec { resources: count * OWN, seed: 0 });
        let containers = (0..count).map(|host| (engine(host), (0..CONTAINERS).map(|n| container(host, n)).collect()));
        Self { own, containers: containers.collect(), values: Reference::new(DISTINCT) }
    }

    pub(super) fn count(&self) -> usize {
        self.containers.len()
    }

    /// What all sources report at a time. On one host in ten something has changed.
    pub(super) fn next_reports(&mut self, at: Timestamp) -> Vec<Report> {
        let mut values = Vec::new();
        self.values.sweep(&mut values);
        let changed = self.count() / 10;
        let own = self.own.next_reports(changed).into_iter().map(|report| Report { reported_at: at, ..report });
        let shares = values.chunks(CONTAINERS * METRICS.len()).cycle();
        let containers =
            self.containers.iter().zip(shares).map(|((source, records), values)| report(source, records, values, at));
        own.chain(containers).collect()
    }
}

fn engine(host: usize) -> SourceId {
    SourceId::new(SourceKind::Docker, &format!("host-{host}")).expect("a synthetic connection has a name")
}

fn container(host: usize, number: usize) -> Arc<Record> {
    let name = format_smolstr!("app-{host}-{number}");
    Arc::new(Record {
        key: NativeKey::new(&name).expect("a synthetic key is not empty"),
        kind: ResourceKind::AppContainer,
        name,
        status: Status::Online,
        technology: Some("docker".into()),
        identity: Identity::default(),
        parent: None,
        links: Vec::new(),
        tags: ["app".into()].into(),
        facets: Vec::new(),
    })
}

fn report(source: &SourceId, records: &[Arc<Record>], values: &[f64], at: Timestamp) -> Report {
    let places = (0..).flat_map(|record| METRICS.map(|metric| (record, metric)));
    let sample =
        |((record, metric), value): ((u32, _), &f64)| Sample { record, metric, value: SampleValue::Value(*value) };
    Report {
        tenant: TenantId::DEFAULT,
        source: source.clone(),
        reported_at: at,
        interval: TICK,
        completeness: Completeness::Full,
        records: records.to_vec(),
        samples: places.zip(values).map(sample).collect(),
        activities: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_about_400_series_and_62_resources() {
        let mut hosts = Hosts::new(20);
        hosts.next_reports(Timestamp::UNIX_EPOCH);
        let reports = hosts.next_reports(Timestamp::UNIX_EPOCH);
        let series: usize = reports.iter().map(|report| report.samples.len()).sum();
        assert_eq!(series / 20, 403);
        let sighted = reports.iter().filter(|report| report.source.kind() != SourceKind::Proxmox);
        assert_eq!(sighted.map(|report| report.records.len()).sum::<usize>(), 20 * RESOURCES_PER_HOST);
        assert!(reports.iter().all(|report| report.interval == TICK));
    }
}
