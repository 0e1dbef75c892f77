//! Every call that we make: where, what it costs the platform, which right it needs, and what stays empty without it.
//!
//! One constant table. The client sends by it, the permission doctor tries by it, and the guide for operators is checked
//! against it.

use std::time::Duration;

use strum::{EnumCount, VariantArray};

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, VariantArray)]
#[expect(missing_docs, reason = "each is what its path in the table says")]
pub enum Call {
    Login,
    Version,
    Permissions,
    Users,
    ClusterStatus,
    ClusterResources,
    MetricsExport,
    Tasks,
    HaStatus,
    HaManagerStatus,
    ClusterReplication,
    CephStatus,
    BackupJobs,
    NotBackedUp,
    Storage,
    NodeStatus,
    NodeTime,
    NodeStorage,
    StorageRrd,
    NodeNetwork,
    NodeRrd,
    NodeReplication,
    NodeCephStatus,
    StorageBackups,
    Certificates,
    Subscription,
    AptUpdate,
    Disks,
    Smart,
    Zfs,
    ZfsPool,
    QemuStatus,
    QemuConfig,
    QemuSnapshots,
    QemuRrd,
    AgentInfo,
    AgentOsInfo,
    AgentHostName,
    AgentFsInfo,
    AgentInterfaces,
    AgentFileRead,
    LxcStatus,
    LxcConfig,
    LxcSnapshots,
    LxcInterfaces,
    LxcRrd,
}

/// What a call costs the platform, and with it how long it may take and what may run beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Answered from memory by whoever is asked.
    Cheap,
    /// Handed on to the node that it is about, which has 30 s.
    Node,
    /// Runs programs on the node or asks a guest: one at a time on each node.
    Heavy,
}

impl Cost {
    /// How long a call may take as a whole. Longer than the 30 s after which the platform itself gives up, where it may.
    pub(crate) fn deadline(self) -> Duration {
        match self {
            Self::Cheap => Duration::from_secs(15),
            Self::Node | Self::Heavy => Duration::from_secs(40),
        }
    }
}

/// A right that a call needs, and what stays empty without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Where, such as `/nodes/{node}`.
    pub path: &'static str,
    /// The privilege from version 9 on.
    pub privilege: &'static str,
    /// The privilege before version 9.
    pub before_9: &'static str,
    /// What stays empty without it, for people.
    pub without: &'static str,
}

impl Need {
    const fn new(path: &'static str, privilege: &'static str, without: &'static str) -> Self {
        Self { path, privilege, before_9: privilege, without }
    }

    /// The privilege in a version; unknown counts as the newest.
    pub fn privilege(&self, major: Option<u16>) -> &'static str {
        if major.is_some_and(|major| major < 9) { self.before_9 } else { self.privilege }
    }
}

/// What there is to know about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Below `/api2/json`, with `{node}`, `{vmid}`, `{storage}` and `{pool}` in the places of names.
    pub path: &'static str,
    /// What it costs.
    pub cost: Cost,
    /// Rights without which it is refused, or silently leaves something out. None: any user may.
    pub needs: &'static [Need],
}

impl Call {
    /// Every call.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Method and path: its name in metrics, messages and documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "POST /access/ticket",
            Self::Version => "GET /version",
            Self::Permissions => "GET /access/permissions",
            Self::Users => "GET /access/users",
            Self::ClusterStatus => "GET /cluster/status",
            Self::ClusterResources => "GET /cluster/resources",
            Self::MetricsExport => "GET /cluster/metrics/export",
            Self::Tasks => "GET /cluster/tasks",
            Self::HaStatus => "GET /cluster/ha/status/current",
            Self::HaManagerStatus => "GET /cluster/ha/status/manager_status",
            Self::ClusterReplication => "GET /cluster/replication",
            Self::CephStatus => "GET /cluster/ceph/status",
            Self::BackupJobs => "GET /cluster/backup",
            Self::NotBackedUp => "GET /cluster/backup-info/not-backed-up",
            Self::Storage => "GET /storage",
            Self::NodeStatus => "GET /nodes/{node}/status",
            Self::NodeTime => "GET /nodes/{node}/time",
            Self::NodeStorage => "GET /nodes/{node}/storage",
            Self::StorageRrd => "GET /nodes/{node}/storage/{storage}/rrddata",
            Self::NodeNetwork => "GET /nodes/{node}/network",
            Self::NodeRrd => "GET /nodes/{node}/rrddata",
            Self::NodeReplication => "GET /nodes/{node}/replication",
            Self::NodeCephStatus => "GET /nodes/{node}/ceph/status",
            Self::StorageBackups => "GET /nodes/{node}/storage/{storage}/content",
            Self::Certificates => "GET /nodes/{node}/certificates/info",
            Self::Subscription => "GET /nodes/{node}/subscription",
            Self::AptUpdate => "GET /nodes/{node}/apt/update",
            Self::Disks => "GET /nodes/{node}/disks/list",
            Self::Smart => "GET /nodes/{node}/disks/smart",
            Self::Zfs => "GET /nodes/{node}/disks/zfs",
            Self::ZfsPool => "GET /nodes/{node}/disks/zfs/{pool}",
            Self::QemuStatus => "GET /nodes/{node}/qemu/{vmid}/status/current",
            Self::QemuConfig => "GET /nodes/{node}/qemu/{vmid}/config",
            Self::QemuSnapshots => "GET /nodes/{node}/qemu/{vmid}/snapshot",
            Self::QemuRrd => "GET /nodes/{node}/qemu/{vmid}/rrddata",
            Self::AgentInfo => "GET /nodes/{node}/qemu/{vmid}/agent/info",
            Self::AgentOsInfo => "GET /nodes/{node}/qemu/{vmid}/agent/get-osinfo",
            Self::AgentHostName => "GET /nodes/{node}/qemu/{vmid}/agent/get-host-name",
            Self::AgentFsInfo => "GET /nodes/{node}/qemu/{vmid}/agent/get-fsinfo",
            Self::AgentInterfaces => "GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces",
            Self::AgentFileRead => "GET /nodes/{node}/qemu/{vmid}/agent/file-read",
            Self::LxcStatus => "GET /nodes/{node}/lxc/{vmid}/status/current",
            Self::LxcConfig => "GET /nodes/{node}/lxc/{vmid}/config",
            Self::LxcSnapshots => "GET /nodes/{node}/lxc/{vmid}/snapshot",
            Self::LxcInterfaces => "GET /nodes/{node}/lxc/{vmid}/interfaces",
            Self::LxcRrd => "GET /nodes/{node}/lxc/{vmid}/rrddata",
        }
    }

    /// Its path below `/api2/json`.
    pub(crate) fn path(self) -> &'static str {
        self.name().split_once(' ').map_or("", |(_, path)| path)
    }

    /// What it costs and needs.
    pub fn spec(self) -> Spec {
        let (cost, needs) = self.cost_and_needs();
        Spec { path: self.path(), cost, needs }
    }

    fn cost_and_needs(self) -> (Cost, &'static [Need]) {
        match self {
            Self::Login | Self::Version | Self::Permissions => (Cost::Cheap, &[]),
            Self::Users => (Cost::Cheap, USERS),
            Self::ClusterStatus => (Cost::Cheap, CLUSTER_STATUS),
            Self::ClusterResources => (Cost::Cheap, RESOURCES),
            // The entry point waits up to 20 s for each of the other nodes.
            Self::MetricsExport => (Cost::Node, METRICS),
            Self::Tasks => (Cost::Cheap, TASKS),
            Self::HaStatus | Self::HaManagerStatus => (Cost::Cheap, HIGH_AVAILABILITY),
            Self::ClusterReplication => (Cost::Cheap, REPLICATION),
            Self::NodeReplication => (Cost::Node, REPLICATION),
            Self::CephStatus | Self::NodeCephStatus => (Cost::Node, CEPH),
            Self::BackupJobs | Self::NotBackedUp => (Cost::Cheap, BACKUP_JOBS),
            // A backup server may take a minute to list what it holds.
            Self::StorageBackups => (Cost::Heavy, BACKUPS),
            Self::Storage => (Cost::Cheap, STORAGE),
            Self::NodeStorage => (Cost::Node, STORAGE),
            Self::NodeStatus => (Cost::Node, NODE_NUMBERS),
            Self::NodeRrd => (Cost::Cheap, NODE_NUMBERS),
            Self::StorageRrd => (Cost::Cheap, STORAGE),
            Self::NodeTime => (Cost::Node, NODE_NUMBERS),
            Self::NodeNetwork | Self::Certificates | Self::Subscription => (Cost::Node, &[]),
            Self::AptUpdate => (Cost::Node, UPDATES),
            Self::Disks => (Cost::Heavy, DISKS),
            Self::Smart => (Cost::Heavy, SMART),
            Self::Zfs | Self::ZfsPool => (Cost::Heavy, ZFS),
            Self::QemuStatus | Self::LxcStatus => (Cost::Node, GUESTS),
            Self::QemuRrd | Self::LxcRrd => (Cost::Cheap, GUESTS),
            Self::QemuConfig | Self::LxcConfig => (Cost::Node, GUEST_CONFIG),
            Self::QemuSnapshots | Self::LxcSnapshots => (Cost::Node, SNAPSHOTS),
            Self::LxcInterfaces => (Cost::Node, CONTAINER_ADDRESSES),
            Self::AgentInfo | Self::AgentOsInfo | Self::AgentHostName | Self::AgentFsInfo | Self::AgentInterfaces => {
                (Cost::Heavy, AGENT)
            }
            Self::AgentFileRead => (Cost::Heavy, AGENT_FILES),
        }
    }
}

const USERS: &[Need] = &[Need::new("/access/groups", "Sys.Audit", "When the token expires.")];
const CLUSTER_STATUS: &[Need] =
    &[Need::new("/", "Sys.Audit", "The cluster's name, its quorum, and which members are online.")];
const RESOURCES: &[Need] = &[
    Need::new("/vms", "VM.Audit", "Virtual machines and containers: all those without the right, silently."),
    Need::new("/nodes", "Sys.Audit", "Processor, memory and disk of the nodes."),
    Need::new("/storage", "Datastore.Audit", "Storages: all those without the right, silently."),
    Need::new("/pool", "Pool.Audit", "Which pool a guest belongs to."),
];
const METRICS: &[Need] =
    &[Need::new("/", "Sys.Audit", "Samples every 10 s, and what was measured while nobody asked (8.3 and later).")];
const TASKS: &[Need] = &[Need::new("/", "Sys.Audit", "Tasks of other users on the timeline.")];
const HIGH_AVAILABILITY: &[Need] = &[Need::new("/", "Sys.Audit", "High availability and maintenance of nodes.")];
const REPLICATION: &[Need] = &[Need::new("/vms", "VM.Audit", "Replication jobs, silently.")];
const STORAGE: &[Need] = &[Need::new("/storage", "Datastore.Audit", "Storages and how full they are, silently.")];
const NODE_NUMBERS: &[Need] =
    &[Need::new("/nodes/{node}", "Sys.Audit", "Load, memory, filesystem, kernel and clock of the node.")];
const UPDATES: &[Need] = &[Need::new(
    "/nodes/{node}",
    "Sys.Modify",
    "Pending updates. The right changes more than it shows: leave it out at will.",
)];
const DISKS: &[Need] = &[Need::new("/nodes/{node}", "Sys.Audit", "Physical disks and their health.")];
const SMART: &[Need] = &[Need::new("/", "Sys.Audit", "Temperature, hours and wear of physical disks.")];
const ZFS: &[Need] = &[Need::new("/", "Sys.Audit", "State of ZFS pools and of their devices.")];
const CEPH: &[Need] = &[Need::new("/", "Sys.Audit", "Ceph: health, storage daemons, monitors, room and traffic.")];
const BACKUP_JOBS: &[Need] = &[Need::new("/", "Sys.Audit", "Backup jobs, and which guests no job covers.")];
const BACKUPS: &[Need] = &[
    Need::new(
        "/storage",
        "Datastore.AllocateSpace",
        "When each guest was last backed up, silently. Its holder may also write to storages: leave it out at will.",
    ),
    Need::new(
        "/vms",
        "VM.Backup",
        "When each guest was last backed up, silently. Its holder may also make and remove backups: leave it out at will.",
    ),
];
const SNAPSHOTS: &[Need] = &[Need::new("/vms/{vmid}", "VM.Audit", "Snapshots of guests, and how old they are.")];
const GUESTS: &[Need] = &[Need::new("/vms/{vmid}", "VM.Audit", "Memory as the guest sees it, and its history.")];
const GUEST_CONFIG: &[Need] =
    &[Need::new("/vms/{vmid}", "VM.Audit", "Network interfaces, hardware addresses and disks of guests.")];
const CONTAINER_ADDRESSES: &[Need] =
    &[Need::new("/vms/{vmid}", "VM.Audit", "Addresses of containers (8.1 and later).")];
const AGENT: &[Need] = &[Need {
    path: "/vms/{vmid}",
    privilege: "VM.GuestAgent.Audit",
    before_9: "VM.Monitor",
    without: "Operating system, addresses and filesystems inside of virtual machines.",
}];
const AGENT_FILES: &[Need] = &[Need {
    path: "/vms/{vmid}",
    privilege: "VM.GuestAgent.FileRead",
    before_9: "VM.Monitor",
    without: "Memory that is really available inside of Linux guests.",
}];
