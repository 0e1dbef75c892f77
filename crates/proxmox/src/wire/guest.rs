//! Guests: virtual machines (`qemu`) and containers (`lxc`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::scalar;

/// A guest in `GET /cluster/resources`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct GuestRow {
    /// Its number, unique in its cluster at one time; used again after it was destroyed.
    #[serde(deserialize_with = "scalar::vmid")]
    pub(crate) vmid: u32,
    /// The node that runs it now.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) node: Option<SmolStr>,
    /// Absent while its node does not report.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) name: Option<SmolStr>,
    /// `running`, `stopped`, `paused`, … or `unknown` when its node has not reported for five minutes.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
    /// Whether it is only a pattern for others.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) template: Option<bool>,
    /// Seconds since it was started; 0 when it does not run.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) uptime: Option<u64>,
    /// Fraction of `maxcpu` that is busy; 1 is all of them.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) cpu: Option<f64>,
    /// Processors; a container's limit may be a fraction.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) maxcpu: Option<f64>,
    /// Memory in bytes; what it means for a virtual machine depends on the balloon.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) mem: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) maxmem: Option<u64>,
    /// Bytes; always 0 for a virtual machine, where it means nothing.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) disk: Option<u64>,
    /// Bytes of the boot disk or root filesystem.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) maxdisk: Option<u64>,
    /// Bytes received since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) netin: Option<u64>,
    /// Bytes sent since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) netout: Option<u64>,
    /// Bytes read since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) diskread: Option<u64>,
    /// Bytes written since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) diskwrite: Option<u64>,
    /// Pool.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) pool: Option<SmolStr>,
    /// Separated by `;`, on older versions also by `,` or a space.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) tags: Option<SmolStr>,
    /// What holds it, such as `backup`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) lock: Option<SmolStr>,
    /// State in high availability.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) hastate: Option<SmolStr>,
}

/// `GET /nodes/{node}/qemu/{vmid}/status/current` and the same of a container.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct GuestStatus {
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) mem: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) maxmem: Option<u64>,
    /// What the guest itself says is free, in bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) freemem: Option<u64>,
    /// What the balloon leaves to the guest at the moment, in bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) balloon: Option<u64>,
    /// What the balloon leaves at least, in bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) balloon_min: Option<u64>,
    /// What the kernel inside says of its memory, where a version tells it.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) meminfo: Option<super::node::NodeMemory>,
    /// Whether the configuration has an agent; says nothing of whether it runs.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) agent: Option<bool>,
    /// Percent of the last ten seconds in which something waited for a processor (9).
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) pressurecpusome: Option<f64>,
    /// The same for storage.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) pressureiosome: Option<f64>,
    /// The same as `pressurecpusome` for memory.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) pressurememorysome: Option<f64>,
}

/// `GET /nodes/{node}/{qemu,lxc}/{vmid}/config`: a flat map; keys and what they mean belong to the guest's kind.
///
/// Secrets that operators leave in it are dropped while it is read: description, passwords and keys of cloud-init, and
/// what is no single value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GuestConfig(BTreeMap<SmolStr, SmolStr>);

impl GuestConfig {
    /// All of it, in order of the keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl<K: Into<SmolStr>, V: Into<SmolStr>> FromIterator<(K, V)> for GuestConfig {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value.into()));
        Self(entries.filter(|(key, _): &(SmolStr, SmolStr)| !DROPPED.contains(&key.as_str())).collect())
    }
}

/// What may hold secrets and is of no use to us.
const DROPPED: [&str; 4] = ["description", "cipassword", "sshkeys", "hookscript"];

impl<'de> Deserialize<'de> for GuestConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = BTreeMap::<SmolStr, &RawValue>::deserialize(deserializer)?;
        let entries = raw.into_iter().filter_map(|(key, value)| Some((key, single(value)?)));
        Ok(entries.collect())
    }
}

fn single(value: &RawValue) -> Option<SmolStr> {
    scalar::text(&mut serde_json::Deserializer::from_str(value.get())).ok().flatten()
}

/// A row of `GET /nodes/{node}/{qemu,lxc}/{vmid}/snapshot`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct SnapshotRow {
    /// Name; the list always ends in one called `current` that is none.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
    /// When it was taken.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) snaptime: Option<Timestamp>,
    /// The one before it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) parent: Option<SmolStr>,
    /// Whether it holds the memory too.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) vmstate: Option<bool>,
    /// What people wrote.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) description: Option<SmolStr>,
    /// Stands only in the entry that is no snapshot.
    #[serde(default, deserialize_with = "scalar::flag")]
    running: Option<bool>,
}

impl SnapshotRow {
    /// Whether it is a snapshot, and not the present state that every list holds too.
    pub(crate) fn is_snapshot(&self) -> bool {
        !(self.name == "current" && (self.running.is_some() || self.snaptime.is_none()))
    }
}

/// A row of `GET /nodes/{node}/lxc/{vmid}/interfaces`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ContainerInterface {
    /// Name inside the container.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
    /// Hardware address.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) hwaddr: Option<SmolStr>,
    /// The last IPv4 address with its prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) inet: Option<SmolStr>,
    /// The last IPv6 address with its prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) inet6: Option<SmolStr>,
    /// All addresses (8.4).
    #[serde(default, rename = "ip-addresses")]
    pub(crate) ip_addresses: super::Rows<super::agent::IpAddress>,
}
