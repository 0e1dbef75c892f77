//! What stands in a node: disks with what they say of themselves, and the pools made of them.

use crate::pve::wave::Wave;

/// What a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskKind {
    Hdd,
    Ssd,
    Nvme,
}

/// A disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    /// Its path, such as `/dev/sda`.
    pub(crate) path: String,
    pub(crate) kind: DiskKind,
    pub(crate) model: &'static str,
    pub(crate) serial: String,
    pub(crate) wwn: String,
    /// Bytes.
    pub(crate) size: u64,
    /// Percent of its life that is used. `None` where it does not say.
    pub(crate) worn: Option<u8>,
    /// What it is used for.
    pub(crate) used: Option<&'static str>,
    /// Whether it says of itself that it fails.
    pub(crate) fails: bool,
    /// Degrees Celsius.
    pub(crate) temperature: u8,
    /// Hours at the start of time.
    pub(crate) hours: u64,
}

impl Disk {
    /// Sectors that were moved, and sectors that wait to be.
    pub(crate) fn bad_sectors(&self) -> (u64, u64) {
        if self.fails { (1204, 16) } else { (0, 0) }
    }

    /// What the disk says of its health.
    pub(crate) fn health(&self) -> &'static str {
        if self.fails { "FAILED!" } else { "PASSED" }
    }
}

/// A pool of ZFS: one mirror.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) name: &'static str,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) used: Wave,
    /// Links to its devices, as the pool names them.
    pub(crate) devices: Vec<String>,
    /// Whether the last of its devices is missing.
    pub(crate) is_degraded: bool,
}

impl Pool {
    /// The state of the whole.
    pub(crate) fn state(&self) -> &'static str {
        if self.is_degraded { "DEGRADED" } else { "ONLINE" }
    }
}

/// The name of the link to a disk.
pub(crate) fn link(disk: &Disk) -> String {
    match disk.kind {
        DiskKind::Nvme => format!("nvme-{}_{}", disk.model.replace(' ', "_"), disk.serial),
        DiskKind::Hdd | DiskKind::Ssd => format!("ata-{}_{}", disk.model.replace(' ', "_"), disk.serial),
    }
}
