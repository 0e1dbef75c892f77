//! Records and samples of the host's parts: filesystems, disks, arrays, interfaces.

use std::collections::BTreeSet;

use muster_model::{
    Facet, FilesystemFacet, Identity, Metric, Record, ResourceKind, Status, TemperatureBand, UnknownReason,
};
use smol_str::SmolStr;

use super::{Disk, HOST, LinkedInterface, key, record};
use crate::{filesystems::Filesystem, kernel::FilesystemUse, mdraid::Array, report_builder::ReportBuilder};

pub(super) fn add_filesystem(report: &mut ReportBuilder<'_>, filesystem: Filesystem) {
    let (usage, capacity) = (filesystem.usage, filesystem.capacity());
    let place = report.record(filesystem_record(filesystem));
    report.sample(place, Metric::Usage, capacity.and_then(|usage| usage.used_percent()));
    report.sample(place, Metric::Used, capacity.map(|usage| usage.used_bytes() as f64));
    report.sample(place, Metric::Avail, usage.map(|usage| usage.available_bytes as f64));
    report.sample(place, Metric::Total, capacity.map(|usage| usage.total_bytes as f64));
}

impl Filesystem {
    /// Size and use. A dataset of ZFS knows only its own use and what the pool has left, so that neither is the pool's.
    pub(super) fn capacity(&self) -> Result<FilesystemUse, UnknownReason> {
        if self.facet.fs_type == "zfs" { Err(UnknownReason::NotSupported) } else { self.usage }
    }
}

fn filesystem_record(filesystem: Filesystem) -> Record {
    let Filesystem { key, facet, usage } = filesystem;
    let FilesystemFacet { mountpoint, fs_type, .. } = &facet;
    Record {
        status: filesystem_status(usage),
        technology: Some(fs_type.into()),
        parent: Some(super::key(HOST)),
        ..record(&key, ResourceKind::Storage, mountpoint.clone(), Facet::Filesystem(facet))
    }
}

fn filesystem_status(usage: Result<FilesystemUse, UnknownReason>) -> Status {
    use UnknownReason as R;
    match usage {
        Ok(_) => Status::Online,
        Err(R::TimedOut) => Status::Warning,
        Err(R::SourceUnreachable | R::Malformed) => Status::Offline,
        Err(R::PermissionDenied | R::NotSupported | R::NotReported | R::NoBaseline | R::CounterReset) => {
            Status::Unknown
        }
    }
}

/// `serials` are those of the disks before: one that comes twice (namespaces of a drive, bridges with a built-in
/// number) tells nothing any more.
pub(super) fn add_disk(report: &mut ReportBuilder<'_>, disk: Disk, serials: &mut BTreeSet<String>) {
    let Disk { mut facet, rates, temperature, sleeps } = disk;
    let serial = facet.serial.clone().filter(|serial| serials.insert(serial.clone()));
    let distinguishing = match (&serial, &facet.serial) {
        (Some(serial), _) => format!("disk:{serial}"),
        (None, Some(shared)) => format!("disk:{shared}:{}", facet.device),
        (None, None) => format!("disk:{}", facet.device),
    };
    let last = report.last(&key(&distinguishing)).and_then(|last| last.facets.iter().find_map(|facet| facet.as_disk()));
    facet.condition.standby = sleeps;
    if !sleeps {
        facet.condition.temperature = band(last.and_then(|last| last.condition.temperature), temperature);
    }
    let place = report.record(Record {
        status: Status::Online,
        identity: Identity { serial, wwn: facet.wwn.clone(), ..Identity::default() },
        technology: facet.transport.as_deref().map(SmolStr::from),
        parent: Some(key(HOST)),
        ..record(&distinguishing, ResourceKind::PhysicalDisk, facet.device.clone(), Facet::PhysicalDisk(facet.into()))
    });
    report.sample(place, Metric::Disk, rates.busy_percent);
    report.sample(place, Metric::DiskRead, rates.read);
    report.sample(place, Metric::DiskWrite, rates.written);
    report.sample(place, Metric::SmartTemp, temperature);
}

/// In which range the temperature lies. A look that fails says nothing of it, so that the range from before stands.
fn band(before: Option<TemperatureBand>, celsius: Result<f64, UnknownReason>) -> Option<TemperatureBand> {
    match celsius {
        Ok(celsius) => TemperatureBand::after(before, celsius),
        Err(UnknownReason::NotSupported) => None,
        Err(_) => before,
    }
}

pub(super) fn array_record(array: Array) -> Record {
    Record {
        status: array.status(),
        technology: Some(SmolStr::new_static("md")),
        parent: Some(key(HOST)),
        ..record(&array.key(), ResourceKind::Storage, array.name.clone(), Facet::StoragePool(array.facet))
    }
}

pub(super) fn add_interface(report: &mut ReportBuilder<'_>, linked: LinkedInterface) {
    let LinkedInterface { interface, rates } = linked;
    let status = match interface.facet.up {
        Some(true) => Status::Online,
        Some(false) => Status::Offline,
        None => Status::Unknown,
    };
    let key_text = interface.key();
    let identity = Identity { mac_addresses: interface.hardware_address.into_iter().collect(), ..Identity::default() };
    let facet = interface.facet;
    let place = report.record(Record {
        status,
        identity,
        parent: Some(key(HOST)),
        ..record(&key_text, ResourceKind::NetworkEndpoint, facet.name.clone(), Facet::NetworkInterface(facet))
    });
    report.sample(place, Metric::NetIn, rates.received);
    report.sample(place, Metric::NetOut, rates.sent);
}
