//! Nodes.

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{Rows, scalar};

/// A node in `GET /nodes` and `GET /cluster/resources`. Without `Sys.Audit` on it there are no numbers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct NodeRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub node: SmolStr,
    /// `online`, `offline`, or `unknown` when it has not reported for five minutes.
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
    /// Level of its subscription: empty, `c`, `b`, `s` or `p`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub level: Option<SmolStr>,
    /// SHA-256 of the certificate that its web server uses; only in `GET /nodes`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub ssl_fingerprint: Option<SmolStr>,
    /// Seconds since it was started.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub uptime: Option<u64>,
    /// Fraction of all threads that is busy.
    #[serde(default, deserialize_with = "scalar::number")]
    pub cpu: Option<f64>,
    /// Threads.
    #[serde(default, deserialize_with = "scalar::number")]
    pub maxcpu: Option<f64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub mem: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxmem: Option<u64>,
    /// Bytes used of the root filesystem.
    #[serde(default, deserialize_with = "scalar::size")]
    pub disk: Option<u64>,
    /// Bytes of the root filesystem.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxdisk: Option<u64>,
    /// State in high availability (8.3).
    #[serde(default, deserialize_with = "scalar::text")]
    pub hastate: Option<SmolStr>,
}

/// `GET /nodes/{node}/status`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct NodeStatus {
    /// Seconds since it was started.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub uptime: Option<u64>,
    /// Fraction of all threads that is busy, as one worker of the API saw it; repeats.
    #[serde(default, deserialize_with = "scalar::number")]
    pub cpu: Option<f64>,
    /// Fraction of the time in which processors waited for storage.
    #[serde(default, deserialize_with = "scalar::number")]
    pub wait: Option<f64>,
    /// Load over 1, 5 and 15 minutes.
    #[serde(default)]
    pub loadavg: Rows<Load>,
    /// Memory.
    #[serde(default, deserialize_with = "scalar::object")]
    pub memory: Option<NodeMemory>,
    /// Swap.
    #[serde(default, deserialize_with = "scalar::object")]
    pub swap: Option<Space>,
    /// Root filesystem.
    #[serde(default, deserialize_with = "scalar::object")]
    pub rootfs: Option<Space>,
    /// Processors.
    #[serde(default, deserialize_with = "scalar::object")]
    pub cpuinfo: Option<CpuInfo>,
    /// Kernel in one line.
    #[serde(default, deserialize_with = "scalar::text")]
    pub kversion: Option<SmolStr>,
    /// The kernel in parts (8).
    #[serde(default, rename = "current-kernel", deserialize_with = "scalar::object")]
    pub current_kernel: Option<Kernel>,
    /// Such as `pve-manager/9.0.6/0123abcd`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub pveversion: Option<SmolStr>,
}

/// One number of the load.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Load(#[serde(deserialize_with = "scalar::required_number")] pub f64);

/// Memory of a node in bytes. `used` and `free` need not sum up to `total`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct NodeMemory {
    /// All of it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub total: Option<u64>,
    /// In use; what that means changed with 8.4.
    #[serde(default, deserialize_with = "scalar::size")]
    pub used: Option<u64>,
    /// Free.
    #[serde(default, deserialize_with = "scalar::size")]
    pub free: Option<u64>,
    /// What programs could have (9.1).
    #[serde(default, deserialize_with = "scalar::size")]
    pub available: Option<u64>,
    /// The same under another name.
    #[serde(default, deserialize_with = "scalar::size")]
    pub avail: Option<u64>,
    /// Buffers, where a version tells them.
    #[serde(default, deserialize_with = "scalar::size")]
    pub buffers: Option<u64>,
    /// Page cache, where a version tells it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub cached: Option<u64>,
    /// Shared, where a version tells it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub shared: Option<u64>,
}

/// Room, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Space {
    /// All of it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub total: Option<u64>,
    /// In use.
    #[serde(default, deserialize_with = "scalar::size")]
    pub used: Option<u64>,
    /// Free, for root too.
    #[serde(default, deserialize_with = "scalar::size")]
    pub free: Option<u64>,
    /// Free for everybody.
    #[serde(default, deserialize_with = "scalar::size")]
    pub avail: Option<u64>,
}

/// Processors of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct CpuInfo {
    /// Model.
    #[serde(default, deserialize_with = "scalar::text")]
    pub model: Option<SmolStr>,
    /// Sockets.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub sockets: Option<u64>,
    /// Cores of all sockets together.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub cores: Option<u64>,
    /// Threads of all sockets together.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub cpus: Option<u64>,
}

/// A kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Kernel {
    /// Such as `6.14.11-2-pve`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub release: Option<SmolStr>,
    /// Such as `x86_64`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub machine: Option<SmolStr>,
}

/// `GET /nodes/{node}/time`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct NodeTime {
    /// Its clock.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub time: Option<Timestamp>,
    /// Its time zone.
    #[serde(default, deserialize_with = "scalar::text")]
    pub timezone: Option<SmolStr>,
}

/// A row of `GET /nodes/{node}/network`. Has no hardware addresses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NetworkRow {
    /// Name.
    #[serde(deserialize_with = "scalar::identity")]
    pub iface: SmolStr,
    /// `bridge`, `bond`, `eth`, `vlan`, …
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// Whether it is up; absent means down.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub active: Option<bool>,
    /// IPv4 address with prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub cidr: Option<SmolStr>,
    /// IPv6 address with prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub cidr6: Option<SmolStr>,
    /// Members of a bridge, separated by spaces.
    #[serde(default, deserialize_with = "scalar::text")]
    pub bridge_ports: Option<SmolStr>,
    /// Members of a bond, separated by spaces.
    #[serde(default, deserialize_with = "scalar::text")]
    pub slaves: Option<SmolStr>,
    /// Tag of a tagged interface.
    #[serde(default, rename = "vlan-id", deserialize_with = "scalar::unsigned")]
    pub vlan_id: Option<u64>,
    /// Largest packet in bytes.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub mtu: Option<u64>,
}

/// A row of `GET /nodes/{node}/certificates/info`. The web server uses `pveproxy-ssl.pem` where there is one, else
/// `pve-ssl.pem`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CertificateRow {
    /// `pve-root-ca.pem`, `pve-ssl.pem` or `pveproxy-ssl.pem`.
    #[serde(deserialize_with = "scalar::identity")]
    pub filename: SmolStr,
    /// SHA-256, colon-separated.
    #[serde(default, deserialize_with = "scalar::text")]
    pub fingerprint: Option<SmolStr>,
    /// Whom it is for.
    #[serde(default, deserialize_with = "scalar::text")]
    pub subject: Option<SmolStr>,
    /// Until when it is good.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub notafter: Option<Timestamp>,
}

/// `GET /nodes/{node}/subscription`. The key is a secret and is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// `notfound`, `active`, `expired`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
    /// `c`, `b`, `s` or `p`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub level: Option<SmolStr>,
    /// The product in words.
    #[serde(default, deserialize_with = "scalar::text")]
    pub productname: Option<SmolStr>,
    /// Day until which it is paid, as `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub nextduedate: Option<SmolStr>,
}

/// A row of `GET /nodes/{node}/apt/update`: a package that waits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UpdateRow {
    /// Name.
    #[serde(rename = "Package", deserialize_with = "scalar::identity")]
    pub package: SmolStr,
    /// Version that waits.
    #[serde(default, rename = "Version", deserialize_with = "scalar::text")]
    pub version: Option<SmolStr>,
    /// Version that is installed.
    #[serde(default, rename = "OldVersion", deserialize_with = "scalar::text")]
    pub old_version: Option<SmolStr>,
    /// `Debian` or `Proxmox`.
    #[serde(default, rename = "Origin", deserialize_with = "scalar::text")]
    pub origin: Option<SmolStr>,
}

/// A row of `GET /nodes/{node}/apt/versions`: a package that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PackageRow {
    /// Name.
    #[serde(rename = "Package", deserialize_with = "scalar::identity")]
    pub package: SmolStr,
    /// Version that is installed.
    #[serde(default, rename = "OldVersion", deserialize_with = "scalar::text")]
    pub old_version: Option<SmolStr>,
    /// State, such as `Installed`.
    #[serde(default, rename = "CurrentState", deserialize_with = "scalar::text")]
    pub current_state: Option<SmolStr>,
    /// Kernel that runs; stands in the row `proxmox-ve`.
    #[serde(default, rename = "RunningKernel", deserialize_with = "scalar::text")]
    pub running_kernel: Option<SmolStr>,
}
