//! Nodes.

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{Rows, scalar};

/// A node in `GET /nodes` and `GET /cluster/resources`. Without `Sys.Audit` on it there are no numbers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct NodeRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) node: SmolStr,
    /// `online`, `offline`, or `unknown` when it has not reported for five minutes.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
    /// Level of its subscription: empty, `c`, `b`, `s` or `p`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) level: Option<SmolStr>,
    /// Seconds since it was started.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) uptime: Option<u64>,
    /// Fraction of all threads that is busy.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) cpu: Option<f64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) mem: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) maxmem: Option<u64>,
    /// Bytes used of the root filesystem.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) disk: Option<u64>,
    /// Bytes of the root filesystem.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) maxdisk: Option<u64>,
}

/// `GET /nodes/{node}/status`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct NodeStatus {
    /// Load over 1, 5 and 15 minutes.
    #[serde(default)]
    pub(crate) loadavg: Rows<Load>,
    /// Memory.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) memory: Option<NodeMemory>,
    /// Swap.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) swap: Option<Space>,
    /// Root filesystem.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) rootfs: Option<Space>,
    /// Processors.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) cpuinfo: Option<CpuInfo>,
    /// Kernel in one line.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) kversion: Option<SmolStr>,
    /// The kernel in parts (8).
    #[serde(default, rename = "current-kernel", deserialize_with = "scalar::object")]
    pub(crate) current_kernel: Option<Kernel>,
    /// Such as `pve-manager/9.0.6/0123abcd`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) pveversion: Option<SmolStr>,
}

/// One number of the load.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Load(#[serde(deserialize_with = "scalar::required_number")] pub(crate) f64);

/// Memory of a node in bytes. `used` and `free` need not sum up to `total`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct NodeMemory {
    /// All of it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) total: Option<u64>,
    /// In use; what that means changed with 8.4.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) used: Option<u64>,
    /// Free.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) free: Option<u64>,
    /// What programs could have (9.1).
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) available: Option<u64>,
    /// The same under another name.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) avail: Option<u64>,
    /// Buffers, where a version tells them.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) buffers: Option<u64>,
    /// Page cache, where a version tells it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) cached: Option<u64>,
    /// Shared, where a version tells it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) shared: Option<u64>,
}

/// Room, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Space {
    /// All of it.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) total: Option<u64>,
    /// In use.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) used: Option<u64>,
    /// Free for everybody.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) avail: Option<u64>,
}

/// Processors of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct CpuInfo {
    /// Model.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) model: Option<SmolStr>,
    /// Sockets.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) sockets: Option<u64>,
    /// Cores of all sockets together.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) cores: Option<u64>,
    /// Threads of all sockets together.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) cpus: Option<u64>,
}

/// A kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Kernel {
    /// Such as `6.14.11-2-pve`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) release: Option<SmolStr>,
    /// Such as `x86_64`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) machine: Option<SmolStr>,
}

/// `GET /nodes/{node}/time`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct NodeTime {
    /// Its clock.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) time: Option<Timestamp>,
}

/// A row of `GET /nodes/{node}/network`. Has no hardware addresses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct NetworkRow {
    /// Name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) iface: SmolStr,
    /// Whether it is up; absent means down.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) active: Option<bool>,
    /// IPv4 address with prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) cidr: Option<SmolStr>,
    /// IPv6 address with prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) cidr6: Option<SmolStr>,
}

/// A row of `GET /nodes/{node}/certificates/info`. The web server uses `pveproxy-ssl.pem` where there is one, else
/// `pve-ssl.pem`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct CertificateRow {
    /// `pve-root-ca.pem`, `pve-ssl.pem` or `pveproxy-ssl.pem`.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) filename: SmolStr,
    /// SHA-256, colon-separated.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) fingerprint: Option<SmolStr>,
    /// Until when it is good.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) notafter: Option<Timestamp>,
}

/// `GET /nodes/{node}/subscription`. The key is a secret and is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Subscription {
    /// `notfound`, `active`, `expired`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
    /// `c`, `b`, `s` or `p`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) level: Option<SmolStr>,
    /// Day until which it is paid, as `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) nextduedate: Option<SmolStr>,
}

/// A row of `GET /nodes/{node}/apt/update`: a package that waits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct UpdateRow {
    /// Name.
    #[serde(rename = "Package", deserialize_with = "scalar::identity")]
    pub(crate) package: SmolStr,
}
