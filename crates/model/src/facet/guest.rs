//! What a hypervisor says of a guest: a virtual machine or a system container.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::{AddressWithPrefix, MemorySource};
use crate::MacAddress;

/// A guest as its hypervisor knows it. What it uses is the samples `cpu`, `memory`, `disk` and the rates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestFacet {
    /// The platform's own number or name for it, such as `100`.
    pub native_id: String,
    /// The node that runs it. Changes when it migrates.
    pub node: String,
    /// Processors that it may use; a container's limit may be a fraction.
    pub cpus: Option<f64>,
    /// Memory that it may use.
    pub memory_bytes: Option<u64>,
    /// Size of its boot disk or root filesystem.
    pub disk_bytes: Option<u64>,
    /// Pool that it was put into.
    pub pool: Option<String>,
    /// What holds it at the moment, such as `backup` or `migrate`.
    pub lock: Option<String>,
    /// State in the cluster's high availability, such as `started`.
    pub ha_state: Option<String>,
    /// Whether it starts with its node.
    pub starts_with_node: Option<bool>,
    /// When it was started. Kept to the precision at which the platform counts, so that it stays the same.
    pub started_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Operating system, as the agent inside or the configuration tells it.
    pub os: Option<String>,
    /// The name that the system inside gives itself.
    pub hostname: Option<String>,
    /// The agent inside.
    pub agent: GuestAgent,
    /// Version of the agent inside.
    pub agent_version: Option<String>,
    /// Where the value of its memory comes from; absent while nothing is known of it.
    pub memory_source: Option<MemorySource>,
    /// Why the use of its disks is unknown, or that it was carried over; absent where the agent inside told it.
    pub disk_status: Option<DiskStatus>,
    /// Who tells the use of its disks; absent while nobody does.
    pub disk_source: Option<GuestDiskSource>,
    /// Its network interfaces.
    pub interfaces: Vec<GuestInterface>,
    /// Its disks.
    pub disks: Vec<GuestDisk>,
    /// What the agent inside says is mounted, in order of the places: every mount that holds data, though several may share
    /// one device. How full they are together is the sample `disk`.
    pub filesystems: Vec<GuestFilesystem>,
    /// Jobs that copy it to other nodes.
    pub replication: Vec<GuestReplication>,
}

/// A job that copies a guest to another node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestReplication {
    /// The platform's name for it, such as `100-0`.
    pub id: String,
    /// The node that it copies from.
    pub source: Option<String>,
    /// The node that it copies to.
    pub target: Option<String>,
    /// When, as the platform writes it, such as `*/15`.
    pub schedule: Option<String>,
    /// Whether it runs at all.
    pub enabled: bool,
    /// How it goes.
    pub state: ReplicationState,
    /// When it last worked; absent where it never did or nobody could ask.
    pub last_sync: Option<Timestamp>,
    /// When it is due next; absent where nobody could ask.
    pub next_sync: Option<Timestamp>,
    /// How long it last took.
    pub duration_seconds: Option<f64>,
    /// Failures since it last worked.
    pub fail_count: Option<u32>,
    /// What went wrong last, in the platform's words.
    pub error: Option<String>,
    /// What its maker noted.
    pub comment: Option<String>,
    /// Bound of its traffic in megabytes a second.
    pub rate_limit_mb_per_second: Option<f64>,
}

/// How a replication goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum ReplicationState {
    /// Nobody could ask.
    #[default]
    Unknown,
    /// It is switched off.
    Disabled,
    /// It has not worked yet.
    Pending,
    /// It works.
    Healthy,
    /// It failed and is tried again.
    Failing,
    /// It is being removed.
    Removing,
}

/// The agent inside a guest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum GuestAgent {
    /// Nobody has asked, or we may not.
    #[default]
    Unknown,
    /// The configuration has none.
    NotConfigured,
    /// It is configured and does not answer.
    Silent,
    /// It answers.
    Running,
}

/// A network interface of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestInterface {
    /// The platform's name for it, such as `net0`, or the guest's where the platform has none.
    pub name: String,
    /// The guest's own name for it, such as `eth0`.
    pub guest_name: Option<String>,
    /// Hardware address.
    pub mac_address: Option<MacAddress>,
    /// Device model, such as `virtio`.
    pub model: Option<String>,
    /// Bridge that it is plugged into.
    pub bridge: Option<String>,
    /// Tagged network.
    pub vlan: Option<u16>,
    /// Addresses with prefix length, link-local ones left out.
    pub addresses: Vec<AddressWithPrefix>,
    /// Whether the platform holds its link up; absent where nobody said otherwise.
    pub up: Option<bool>,
}

/// A disk of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestDisk {
    /// Where it is plugged in, such as `scsi0` or `rootfs`.
    pub slot: String,
    /// The storage that holds it.
    pub storage: Option<String>,
    /// The volume on that storage.
    pub volume: Option<String>,
    /// Size.
    pub size_bytes: Option<u64>,
}

/// A filesystem inside a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestFilesystem {
    /// Where it is mounted, such as `/srv` or `C:\\`.
    pub mountpoint: String,
    /// Kind, such as `ext4`.
    pub fs_type: Option<String>,
    /// The device below it, as the guest names it.
    pub device: Option<String>,
    /// Size.
    pub total_bytes: Option<u64>,
}

/// Who tells the use of a guest's disks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GuestDiskSource {
    /// The platform's agent inside it.
    GuestAgent,
    /// A host agent inside it.
    Agent,
    /// The platform itself, as it does of a container.
    ClusterResources,
}

/// Why a running guest's use of its disks is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum DiskStatus {
    /// It does not run.
    VmStopped,
    /// The agent is off: its status says so, or the connection asks no agents.
    AgentDisabled,
    /// No agent was ever configured.
    NoAgent,
    /// Its status could not be read.
    NoStatus,
    /// The agent does not run.
    AgentNotRunning,
    /// The agent took too long.
    AgentTimeout,
    /// We may not ask the agent.
    PermissionDenied,
    /// The agent answered with another error.
    AgentError,
    /// The agent lists no filesystem.
    NoFilesystems,
    /// The agent lists only filesystems that hold no data.
    SpecialFilesystemsOnly,
    /// Carried over once: the status could not be read.
    PrevNoStatus,
    /// Carried over once: the agent does not run.
    PrevAgentNotRunning,
    /// Carried over once: the agent took too long.
    PrevAgentTimeout,
    /// Carried over once: we may not ask the agent.
    PrevPermissionDenied,
    /// Carried over once: the agent answered with another error.
    PrevAgentError,
    /// Carried over once: the agent listed no filesystem.
    PrevNoFilesystems,
    /// Carried over once: the agent listed only filesystems that hold no data.
    PrevSpecialFilesystemsOnly,
}
