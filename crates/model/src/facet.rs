//! Typed facts about a resource, as one source sees them. What changes with every look (use, rates, temperatures) is
//! a sample; what stays until somebody changes something is a fact.

use std::{fmt, net::IpAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::MacAddress;

mod ceph;
mod disk;
mod guest;
mod memory_source;
mod node;
mod protection;
mod storage;
mod zfs;

pub use ceph::{CephCheck, CephFacet, CephHealth, CephOsds, CephPlacement};
pub use disk::{
    DiskRisk, PhysicalDiskFacet, RiskCode, RiskLevel, RiskReason, SmartFacts, SmartHealth, TemperatureBand,
};
pub use guest::{
    DiskStatus, GuestAgent, GuestDisk, GuestDiskSource, GuestFacet, GuestFilesystem, GuestInterface, GuestReplication,
    ReplicationState,
};
pub use memory_source::{MemoryReliability, MemorySource, MemoryTrust};
pub use node::{CertificateState, NodeFacet};
pub use protection::{
    BackupCopy, BackupJob, BackupSelection, BackupState, BackupTargetFacet, BackupVerification, GuestBackup,
    GuestSnapshot, GuestSnapshots, ProtectionFacet,
};
pub use storage::StorageFacet;
pub use zfs::{ZfsDevice, ZfsPoolFacet};

/// A facet: one block of typed facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "facet", rename_all = "camelCase")]
pub enum Facet {
    /// A host's own facts; boxed, as are all that are larger than most: every fact of an estate is of this size.
    Host(Box<HostFacet>),
    /// A mounted filesystem.
    Filesystem(FilesystemFacet),
    /// A pool of disks.
    StoragePool(StoragePoolFacet),
    /// A physical disk.
    PhysicalDisk(Box<PhysicalDiskFacet>),
    /// A network interface.
    NetworkInterface(NetworkInterfaceFacet),
    /// What a hypervisor says of a guest.
    Guest(Box<GuestFacet>),
    /// What a cluster says of a machine that runs guests.
    Node(Box<NodeFacet>),
    /// A storage that a platform offers to its guests.
    Storage(StorageFacet),
    /// A Ceph cluster.
    Ceph(Box<CephFacet>),
    /// A ZFS pool.
    ZfsPool(Box<ZfsPoolFacet>),
    /// Snapshots and backups of a guest.
    Protection(Box<ProtectionFacet>),
    /// What a storage does for backups.
    BackupTarget(Box<BackupTargetFacet>),
}

/// Which facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum FacetKind {
    /// See [`HostFacet`].
    Host,
    /// See [`FilesystemFacet`].
    Filesystem,
    /// See [`StoragePoolFacet`].
    StoragePool,
    /// See [`PhysicalDiskFacet`].
    PhysicalDisk,
    /// See [`NetworkInterfaceFacet`].
    NetworkInterface,
    /// See [`GuestFacet`].
    Guest,
    /// See [`NodeFacet`].
    Node,
    /// See [`StorageFacet`].
    Storage,
    /// See [`CephFacet`].
    Ceph,
    /// See [`ZfsPoolFacet`].
    ZfsPool,
    /// See [`ProtectionFacet`].
    Protection,
    /// See [`BackupTargetFacet`].
    BackupTarget,
}

impl FacetKind {
    /// Whether a difference of such facts is worth a line of its own on the timeline. What a platform does by itself, such
    /// as tonight's backup or the progress of a repair, is not: where it matters, it shows in the status.
    pub fn tells_changes(self) -> bool {
        match self {
            Self::Host | Self::Filesystem | Self::StoragePool | Self::PhysicalDisk | Self::NetworkInterface => true,
            Self::Guest | Self::Node | Self::Storage => true,
            Self::Ceph | Self::ZfsPool | Self::Protection | Self::BackupTarget => false,
        }
    }

    /// Whether it came with rulings: programs from before cannot read a record that has such facts (D-15).
    pub fn is_since_rulings(self) -> bool {
        match self {
            Self::Ceph | Self::ZfsPool | Self::Protection | Self::BackupTarget => true,
            Self::Host | Self::Filesystem | Self::StoragePool | Self::PhysicalDisk | Self::NetworkInterface => false,
            Self::Guest | Self::Node | Self::Storage => false,
        }
    }
}

impl Facet {
    /// Which facet this is.
    pub fn kind(&self) -> FacetKind {
        match self {
            Self::Host(_) => FacetKind::Host,
            Self::Filesystem(_) => FacetKind::Filesystem,
            Self::StoragePool(_) => FacetKind::StoragePool,
            Self::PhysicalDisk(_) => FacetKind::PhysicalDisk,
            Self::NetworkInterface(_) => FacetKind::NetworkInterface,
            Self::Guest(_) => FacetKind::Guest,
            Self::Node(_) => FacetKind::Node,
            Self::Storage(_) => FacetKind::Storage,
            Self::Ceph(_) => FacetKind::Ceph,
            Self::ZfsPool(_) => FacetKind::ZfsPool,
            Self::Protection(_) => FacetKind::Protection,
            Self::BackupTarget(_) => FacetKind::BackupTarget,
        }
    }

    /// A physical disk, if this is one.
    pub fn as_disk(&self) -> Option<&PhysicalDiskFacet> {
        if let Self::PhysicalDisk(disk) = self { Some(disk) } else { None }
    }

    /// A host's own facts, if this is them.
    pub fn as_host(&self) -> Option<&HostFacet> {
        if let Self::Host(host) = self { Some(host) } else { None }
    }

    /// What a hypervisor says of a guest, if this is it.
    pub fn as_guest(&self) -> Option<&GuestFacet> {
        if let Self::Guest(guest) = self { Some(guest) } else { None }
    }

    /// What a cluster says of a node, if this is it.
    pub fn as_node(&self) -> Option<&NodeFacet> {
        if let Self::Node(node) = self { Some(node) } else { None }
    }

    /// What a Ceph cluster says of itself, if this is it.
    pub fn as_ceph(&self) -> Option<&CephFacet> {
        if let Self::Ceph(ceph) = self { Some(ceph) } else { None }
    }

    /// What a ZFS pool says of itself, if this is it.
    pub fn as_zfs_pool(&self) -> Option<&ZfsPoolFacet> {
        if let Self::ZfsPool(pool) = self { Some(pool) } else { None }
    }

    /// What a guest could be brought back from, if this is it.
    pub fn as_protection(&self) -> Option<&ProtectionFacet> {
        if let Self::Protection(protection) = self { Some(protection) } else { None }
    }

    /// What a storage does for backups, if this is it.
    pub fn as_backup_target(&self) -> Option<&BackupTargetFacet> {
        if let Self::BackupTarget(target) = self { Some(target) } else { None }
    }
}

/// What a host is and runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct HostFacet {
    /// The host's name, as it calls itself.
    pub hostname: String,
    /// Operating system.
    pub os: OperatingSystem,
    /// Processor.
    pub cpu: CpuFacts,
    /// Memory.
    pub memory: MemoryFacts,
    /// Hardware, from the firmware.
    pub system: SystemFacts,
    /// Whether the host is itself a guest.
    pub virtualisation: Virtualisation,
    /// When it was started.
    pub booted_at: Option<Timestamp>,
    /// Changes with every start; counters begin anew with it.
    pub boot_id: Option<String>,
    /// Version of the agent that reports.
    pub agent_version: Option<String>,
    /// Size of the filesystem whose use is the sample `disk`: the one at `/`. Absent where no agent says, or where its
    /// size is not its own, as with a dataset of ZFS.
    pub disk_bytes: Option<u64>,
}

/// An operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct OperatingSystem {
    /// `ID` of os-release, such as `debian`.
    pub id: Option<String>,
    /// `VERSION_ID` of os-release, such as `13`.
    pub version: Option<String>,
    /// `PRETTY_NAME` of os-release.
    pub pretty_name: Option<String>,
    /// Kernel release, as `uname -r` prints it.
    pub kernel: Option<String>,
    /// Machine architecture, as `uname -m` prints it.
    pub architecture: Option<String>,
}

/// A host's processor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CpuFacts {
    /// Model name.
    pub model: Option<String>,
    /// Sockets.
    pub sockets: Option<u32>,
    /// Physical cores.
    pub cores: Option<u32>,
    /// Hardware threads.
    pub threads: Option<u32>,
}

/// A host's memory. How much of it is in use is a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MemoryFacts {
    /// All memory that the kernel manages (`MemTotal`).
    pub total_bytes: Option<u64>,
    /// All swap space (`SwapTotal`); 0 when there is none.
    pub swap_total_bytes: Option<u64>,
}

/// What the firmware says of the machine. Placeholders that vendors leave behind are dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct SystemFacts {
    /// System vendor.
    pub vendor: Option<String>,
    /// Product name.
    pub product: Option<String>,
    /// Serial number; only an agent that runs as root can read it.
    pub serial: Option<String>,
    /// Board name.
    pub board: Option<String>,
    /// Firmware version.
    pub bios_version: Option<String>,
    /// Firmware date, as the vendor writes it.
    pub bios_date: Option<String>,
}

/// What a host runs in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Virtualisation {
    /// Nobody could tell.
    #[default]
    Unknown,
    /// Hardware of its own.
    None,
    /// A virtual machine.
    Machine {
        /// The hypervisor, such as `kvm`.
        technology: String,
    },
    /// A container.
    Container {
        /// Its technology, such as `lxc`.
        technology: String,
    },
}

/// A mounted filesystem. Its use is the samples `usage`, `used`, `avail`, `total`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct FilesystemFacet {
    /// Where it is mounted. Bytes that are not UTF-8 are shown as U+FFFD.
    pub mountpoint: String,
    /// Further places where the same filesystem is mounted.
    pub aliases: Vec<String>,
    /// Device or share behind it.
    pub device: String,
    /// Type, such as `ext4`.
    pub fs_type: String,
    /// Size, as `df` shows it.
    pub total_bytes: Option<u64>,
    /// Inodes; absent where the filesystem has no fixed number.
    pub inodes_total: Option<u64>,
    /// Whether it can only be read.
    pub read_only: bool,
    /// Whether the data is on another machine.
    pub remote: bool,
}

/// A pool of disks: ZFS, md, LVM, btrfs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StoragePoolFacet {
    /// Technology, such as `zfs` or `md`.
    pub technology: String,
    /// Layout, such as `raid1`.
    pub layout: Option<String>,
    /// State.
    pub state: PoolState,
    /// Usable size.
    pub total_bytes: Option<u64>,
    /// Members, by device name.
    pub members: Vec<String>,
    /// How many members should be there.
    pub members_expected: Option<u32>,
}

/// State of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum PoolState {
    /// All members work.
    Healthy,
    /// All members work; data is being checked.
    Checking,
    /// Redundancy is being restored.
    Recovering,
    /// It works with less redundancy than designed.
    Degraded,
    /// It does not work.
    Failed,
    /// It is there but not in use.
    Inactive,
    /// Nobody could tell.
    Unknown,
}

/// A network interface. Its traffic is the samples `netin`, `netout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NetworkInterfaceFacet {
    /// Name on the host, such as `eth0`.
    pub name: String,
    /// What sort of interface.
    pub interface_kind: InterfaceKind,
    /// Hardware address.
    pub mac_address: Option<MacAddress>,
    /// Addresses with prefix length.
    pub addresses: Vec<AddressWithPrefix>,
    /// Negotiated speed.
    pub speed_bits_per_second: Option<u64>,
    /// Largest packet.
    pub mtu_bytes: Option<u32>,
    /// Whether the link is up (`operstate`); absent where the driver does not say.
    pub up: Option<bool>,
    /// Bridge or bond that it is part of.
    pub master: Option<String>,
}

/// The sort of a network interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum InterfaceKind {
    /// Backed by a device on a bus.
    Physical,
    /// Joins others into one link.
    Bond,
    /// Switches between others.
    Bridge,
    /// A tagged network on another interface.
    Vlan,
    /// A tunnel, such as WireGuard.
    Tunnel,
    /// Made by software in some other way.
    Virtual,
}

/// An address with the length of its network prefix, written `10.0.0.5/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct AddressWithPrefix {
    /// The address.
    pub address: IpAddr,
    /// Bits of the address that name the network.
    pub prefix: u8,
}

impl std::str::FromStr for AddressWithPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("`{text}` is not an address with a prefix length, such as 10.0.0.5/24");
        let (address, prefix) = text.trim().split_once('/').ok_or_else(invalid)?;
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.parse().ok().filter(|prefix| *prefix <= longest).ok_or_else(invalid)?;
        Ok(Self { address, prefix })
    }
}

impl TryFrom<String> for AddressWithPrefix {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for AddressWithPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_prefix_are_checked() {
        let check = |text: &str, valid| assert_eq!(text.parse::<AddressWithPrefix>().is_ok(), valid, "{text}");
        check("10.0.0.5/24", true);
        check("2001:db8::1/64", true);
        check("10.0.0.5/33", false);
        check("10.0.0.5", false);
        check("host/24", false);
    }

    #[test]
    fn a_facet_names_itself_on_the_wire() {
        let facet = Facet::Filesystem(FilesystemFacet { mountpoint: "/".into(), ..FilesystemFacet::default() });
        let json = serde_json::to_value(&facet).unwrap();
        assert_eq!(json["facet"], <&str>::from(facet.kind()));
        assert_eq!(json["totalBytes"], serde_json::Value::Null);
    }
}
