//! Turns what was observed into the records, samples and issues of a report. Pure: reads nothing and decides nothing
//! about the machine.

mod host;
mod parts;

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{
    Facet, Identity, Issue, Metric, NativeKey, PhysicalDiskFacet, Record, ResourceKind, Sample, Status, UnknownReason,
};

use crate::{
    disks::DiskRates,
    filesystems::Filesystem,
    host::{
        boot::Boot,
        facts::HostFacts,
        memory::{self, Memory},
    },
    mdraid::Array,
    network::{Interface, TrafficRates},
    report_builder::{Previous, ReportBuilder},
};

/// Key of the host's own record.
const HOST: &str = "host";

/// Everything that was seen at one time.
pub(crate) struct Observation {
    pub(crate) hostname: Option<String>,
    pub(crate) facts: HostFacts,
    pub(crate) boot: Boot,
    pub(crate) cpu: Result<f64, UnknownReason>,
    pub(crate) memory: Result<Memory, UnknownReason>,
    pub(crate) arc: Option<memory::Arc>,
    pub(crate) load: Result<[f64; 3], UnknownReason>,
    pub(crate) pressures: [(Metric, Result<f64, UnknownReason>); 3],
    pub(crate) cpu_temperature: Result<f64, UnknownReason>,
    pub(crate) filesystems: Result<Vec<Filesystem>, UnknownReason>,
    pub(crate) disks: Result<Vec<Disk>, UnknownReason>,
    pub(crate) arrays: Vec<Array>,
    pub(crate) interfaces: Result<Vec<LinkedInterface>, UnknownReason>,
    pub(crate) issues: Vec<Issue>,
}

/// A physical disk with what was measured on it.
pub(crate) struct Disk {
    pub(crate) facet: PhysicalDiskFacet,
    pub(crate) rates: DiskRates,
    pub(crate) temperature: Result<f64, UnknownReason>,
    /// Whether it is suspended; then nothing was asked of it.
    pub(crate) sleeps: bool,
}

/// A network interface with what was measured on it.
pub(crate) struct LinkedInterface {
    pub(crate) interface: Interface,
    pub(crate) rates: TrafficRates,
}

/// The parts of a report: the host's record first, then its filesystems, disks, arrays and interfaces.
pub(crate) fn report(observation: Observation, previous: &Previous) -> (Vec<Arc<Record>>, Vec<Sample>, Vec<Issue>) {
    let mut report = ReportBuilder::new(previous);
    let host = report.record(host::host_record(&observation, previous));
    host::host_samples(&mut report, host, &observation);
    for filesystem in observation.filesystems.into_iter().flatten() {
        parts::add_filesystem(&mut report, filesystem);
    }
    let mut serials = BTreeSet::new();
    for disk in observation.disks.into_iter().flatten() {
        parts::add_disk(&mut report, disk, &mut serials);
    }
    for array in observation.arrays {
        report.record(parts::array_record(array));
    }
    for interface in observation.interfaces.into_iter().flatten() {
        parts::add_interface(&mut report, interface);
    }
    report.issues.extend(observation.issues);
    (report.records, report.samples, report.issues)
}

fn record(key_text: &str, kind: ResourceKind, name: String, facet: Facet) -> Record {
    Record {
        key: key(key_text),
        kind,
        name: name.into(),
        status: Status::Unknown,
        technology: None,
        identity: Identity::default(),
        parent: None,
        links: Vec::new(),
        tags: BTreeSet::new(),
        facets: vec![Arc::new(facet)],
    }
}

fn key(text: &str) -> NativeKey {
    NativeKey::new(text).expect("our keys begin with a word")
}
