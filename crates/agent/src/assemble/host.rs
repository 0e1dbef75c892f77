//! The host's own record and samples.

use muster_model::{
    Facet, HostFacet, Identity, InterfaceKind, MemoryFacts, Metric, Record, ResourceKind, Status, UnknownReason,
    is_shared_address,
};
use smol_str::SmolStr;

use super::{HOST, LinkedInterface, Observation, key, record};
use crate::{
    disks::DiskRates,
    filesystems::Filesystem,
    host::{facts::HostFacts, memory::Memory},
    kernel::FilesystemUse,
    network::TrafficRates,
    rate,
    report_builder::{Previous, ReportBuilder},
};

pub(super) fn host_record(observation: &Observation, previous: &Previous) -> Record {
    let hostname = observation.hostname.clone().unwrap_or_default();
    let facts = &observation.facts;
    let last = previous.get(&key(HOST)).map(AsRef::as_ref);
    let facet = HostFacet {
        hostname: hostname.clone(),
        os: facts.os.clone(),
        cpu: facts.cpu.clone(),
        memory: memory_facts(observation, last),
        system: facts.system.clone(),
        virtualisation: facts.virtualisation.clone(),
        booted_at: observation.boot.began_at,
        boot_id: observation.boot.id.clone(),
        agent_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        // Only where it was read just now: whoever shows the use of the disk takes it as a sign that there is one.
        disk_bytes: root(&observation.filesystems).ok().map(|usage| usage.total_bytes),
    };
    Record {
        status: Status::Online,
        technology: facts.os.id.as_deref().map(SmolStr::from),
        identity: host_identity(observation, last),
        ..record(HOST, ResourceKind::Agent, hostname, Facet::Host(Box::new(facet)))
    }
}

/// What memory there is; what was last known of it while it cannot be read.
fn memory_facts(observation: &Observation, last: Option<&Record>) -> MemoryFacts {
    match &observation.memory {
        Ok(memory) => MemoryFacts { total_bytes: memory.total, swap_total_bytes: memory.swap_total },
        Err(_) => last.and_then(host_facet).map(|facet| facet.memory.clone()).unwrap_or_default(),
    }
}

fn host_facet(record: &Record) -> Option<&HostFacet> {
    record.facets.iter().find_map(|facet| facet.as_host())
}

fn host_identity(observation: &Observation, last: Option<&Record>) -> Identity {
    let HostFacts { machine_id, dmi_uuid, serial, .. } = observation.facts.clone();
    let hostname = observation.hostname.as_deref().map(str::to_lowercase).filter(|name| name != "localhost");
    let mut identity =
        Identity { machine_id, dmi_uuid, serial, hostnames: hostname.into_iter().collect(), ..Identity::default() };
    match &observation.interfaces {
        Ok(interfaces) => {
            let addresses = interfaces.iter().flat_map(|linked| &linked.interface.facet.addresses);
            let addresses = addresses.map(|address| address.address).filter(|address| !is_shared_address(*address));
            identity.ip_addresses = addresses.collect();
            identity.mac_addresses = interfaces.iter().filter_map(|linked| linked.interface.hardware_address).collect();
        }
        Err(_) => {
            if let Some(last) = last {
                identity.ip_addresses.clone_from(&last.identity.ip_addresses);
                identity.mac_addresses.clone_from(&last.identity.mac_addresses);
            }
        }
    }
    identity
}

/// What R-43 lists for a host, with load, pressure and temperature.
pub(super) fn host_samples(report: &mut ReportBuilder<'_>, host: u32, observation: &Observation) {
    report.sample(host, Metric::Cpu, observation.cpu);
    memory_samples(report, host, observation);
    report.sample(host, Metric::Disk, root_percent(&observation.filesystems));
    let disks = |rate: fn(&DiskRates) -> Result<f64, UnknownReason>| {
        rate::sum(observation.disks.as_ref().map_err(|reason| *reason)?.iter().map(|disk| rate(&disk.rates)))
    };
    report.sample(host, Metric::DiskRead, disks(|rates| rates.read));
    report.sample(host, Metric::DiskWrite, disks(|rates| rates.written));
    let traffic = |rate: fn(&TrafficRates) -> Result<f64, UnknownReason>| {
        let interfaces = observation.interfaces.as_ref().map_err(|reason| *reason)?;
        rate::sum(outward(interfaces).map(|linked| rate(&linked.rates)))
    };
    report.sample(host, Metric::NetIn, traffic(|rates| rates.received));
    report.sample(host, Metric::NetOut, traffic(|rates| rates.sent));
    for (index, metric) in [Metric::Load1, Metric::Load5, Metric::Load15].into_iter().enumerate() {
        report.sample(host, metric, observation.load.map(|load| load[index]));
    }
    for (metric, pressure) in observation.pressures {
        report.sample(host, metric, pressure);
    }
    report.sample(host, Metric::Temperature, observation.cpu_temperature);
}

fn memory_samples(report: &mut ReportBuilder<'_>, host: u32, observation: &Observation) {
    let used = |memory: Memory| memory.used(observation.arc).ok_or(UnknownReason::NotReported);
    let percent = |memory: Memory| match memory.total {
        Some(total) if total > 0 => Ok(100.0 * used(memory)? as f64 / total as f64),
        Some(_) | None => Err(UnknownReason::NotReported),
    };
    let swap = |memory: Memory| memory.swap_percent().ok_or(UnknownReason::NotSupported);
    report.sample(host, Metric::Memory, observation.memory.and_then(percent));
    report.sample(host, Metric::MemoryUsed, observation.memory.and_then(used).map(|bytes| bytes as f64));
    report.sample(host, Metric::Swap, observation.memory.and_then(swap));
}

/// How full the root filesystem is: R-43's "first disk".
fn root_percent(filesystems: &Result<Vec<Filesystem>, UnknownReason>) -> Result<f64, UnknownReason> {
    root(filesystems)?.used_percent()
}

fn root(filesystems: &Result<Vec<Filesystem>, UnknownReason>) -> Result<FilesystemUse, UnknownReason> {
    let filesystems = filesystems.as_ref().map_err(|reason| *reason)?;
    let root = filesystems.iter().find(|filesystem| filesystem.facet.mountpoint == "/");
    root.ok_or(UnknownReason::NotSupported)?.capacity()
}

/// The interfaces through which traffic leaves the machine: its hardware, and in a container, which has none, what it
/// was given instead. Everything else restates these.
fn outward(interfaces: &[LinkedInterface]) -> impl Iterator<Item = &LinkedInterface> {
    let is = |wanted| move |linked: &&LinkedInterface| linked.interface.facet.interface_kind == wanted;
    let has_hardware = interfaces.iter().any(|linked| is(InterfaceKind::Physical)(&linked));
    interfaces.iter().filter(is(if has_hardware { InterfaceKind::Physical } else { InterfaceKind::Virtual }))
}
