//! Guests: virtual machines (`qemu`) and containers (`lxc`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::scalar;

/// A guest in `GET /cluster/resources`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct GuestRow {
    /// Its number, unique in its cluster at one time; used again after it was destroyed.
    #[serde(deserialize_with = "scalar::vmid")]
    pub vmid: u32,
    /// The node that runs it now.
    #[serde(default, deserialize_with = "scalar::text")]
    pub node: Option<SmolStr>,
    /// Absent while its node does not report.
    #[serde(default, deserialize_with = "scalar::text")]
    pub name: Option<SmolStr>,
    /// `running`, `stopped`, `paused`, … or `unknown` when its node has not reported for five minutes.
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
    /// Whether it is only a pattern for others.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub template: Option<bool>,
    /// Seconds since it was started; 0 when it does not run.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub uptime: Option<u64>,
    /// Fraction of `maxcpu` that is busy; 1 is all of them.
    #[serde(default, deserialize_with = "scalar::number")]
    pub cpu: Option<f64>,
    /// Processors; a container's limit may be a fraction.
    #[serde(default, deserialize_with = "scalar::number")]
    pub maxcpu: Option<f64>,
    /// Memory in bytes; what it means for a virtual machine depends on the balloon.
    #[serde(default, deserialize_with = "scalar::size")]
    pub mem: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxmem: Option<u64>,
    /// Memory of the host that a virtual machine takes, in bytes (9).
    #[serde(default, deserialize_with = "scalar::size")]
    pub memhost: Option<u64>,
    /// Bytes; always 0 for a virtual machine, where it means nothing.
    #[serde(default, deserialize_with = "scalar::size")]
    pub disk: Option<u64>,
    /// Bytes of the boot disk or root filesystem.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxdisk: Option<u64>,
    /// Bytes received since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub netin: Option<u64>,
    /// Bytes sent since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub netout: Option<u64>,
    /// Bytes read since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub diskread: Option<u64>,
    /// Bytes written since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub diskwrite: Option<u64>,
    /// Pool.
    #[serde(default, deserialize_with = "scalar::text")]
    pub pool: Option<SmolStr>,
    /// Separated by `;`, on older versions also by `,` or a space.
    #[serde(default, deserialize_with = "scalar::text")]
    pub tags: Option<SmolStr>,
    /// What holds it, such as `backup`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub lock: Option<SmolStr>,
    /// State in high availability.
    #[serde(default, deserialize_with = "scalar::text")]
    pub hastate: Option<SmolStr>,
}

/// `GET /nodes/{node}/qemu/{vmid}/status/current` and the same of a container.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct GuestStatus {
    /// `running` or `stopped`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
    /// The state in more words: `running`, `paused`, `prelaunch`, `io-error`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub qmpstatus: Option<SmolStr>,
    /// Name.
    #[serde(default, deserialize_with = "scalar::text")]
    pub name: Option<SmolStr>,
    /// Seconds since it was started; 0 when it does not run.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub uptime: Option<u64>,
    /// Fraction of `cpus` that is busy.
    #[serde(default, deserialize_with = "scalar::number")]
    pub cpu: Option<f64>,
    /// Processors.
    #[serde(default, deserialize_with = "scalar::number")]
    pub cpus: Option<f64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub mem: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxmem: Option<u64>,
    /// Memory of the host that a virtual machine takes, in bytes (9).
    #[serde(default, deserialize_with = "scalar::size")]
    pub memhost: Option<u64>,
    /// What the guest itself says is free, in bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub freemem: Option<u64>,
    /// What the balloon leaves to the guest at the moment, in bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub balloon: Option<u64>,
    /// What the balloon leaves at least, in bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub balloon_min: Option<u64>,
    /// What the kernel inside says of its memory, where a version tells it.
    #[serde(default, deserialize_with = "scalar::object")]
    pub meminfo: Option<super::node::NodeMemory>,
    /// The balloon's numbers.
    #[serde(default, deserialize_with = "scalar::object")]
    pub ballooninfo: Option<BalloonInfo>,
    /// Swap of a container in bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub swap: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxswap: Option<u64>,
    /// Bytes; means nothing for a virtual machine.
    #[serde(default, deserialize_with = "scalar::size")]
    pub disk: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxdisk: Option<u64>,
    /// Bytes received since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub netin: Option<u64>,
    /// Bytes sent since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub netout: Option<u64>,
    /// Bytes read since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub diskread: Option<u64>,
    /// Bytes written since it was started or migrated.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub diskwrite: Option<u64>,
    /// What holds it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub lock: Option<SmolStr>,
    /// Whether the configuration has an agent; says nothing of whether it runs.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub agent: Option<bool>,
    /// High availability.
    #[serde(default, deserialize_with = "scalar::object")]
    pub ha: Option<GuestHa>,
    /// Percent of the last ten seconds in which something waited for a processor (9).
    #[serde(default, deserialize_with = "scalar::number")]
    pub pressurecpusome: Option<f64>,
    /// The same for storage.
    #[serde(default, deserialize_with = "scalar::number")]
    pub pressureiosome: Option<f64>,
    /// Percent in which everything waited for storage.
    #[serde(default, deserialize_with = "scalar::number")]
    pub pressureiofull: Option<f64>,
    /// The same as `pressurecpusome` for memory.
    #[serde(default, deserialize_with = "scalar::number")]
    pub pressurememorysome: Option<f64>,
    /// Percent in which everything waited for memory.
    #[serde(default, deserialize_with = "scalar::number")]
    pub pressurememoryfull: Option<f64>,
}

/// What the balloon driver inside a guest tells. All in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct BalloonInfo {
    /// What the guest has at the moment.
    #[serde(default, deserialize_with = "scalar::size")]
    pub actual: Option<u64>,
    /// What it may have.
    #[serde(default, deserialize_with = "scalar::size")]
    pub max_mem: Option<u64>,
    /// What the guest sees as its memory.
    #[serde(default, deserialize_with = "scalar::size")]
    pub total_mem: Option<u64>,
    /// What the guest sees as free.
    #[serde(default, deserialize_with = "scalar::size")]
    pub free_mem: Option<u64>,
    /// When the guest told it; when it stands still, the numbers are old.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub last_update: Option<Timestamp>,
}

/// A guest in high availability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct GuestHa {
    /// Whether it is managed.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub managed: Option<bool>,
    /// Such as `started`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub state: Option<SmolStr>,
}

/// `GET /nodes/{node}/{qemu,lxc}/{vmid}/config`: a flat map; keys and what they mean belong to the guest's kind.
///
/// Secrets that operators leave in it are dropped while it is read: description, passwords and keys of cloud-init, and
/// what is no single value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuestConfig(BTreeMap<SmolStr, SmolStr>);

impl GuestConfig {
    /// The value of a key; a number becomes its digits.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(SmolStr::as_str)
    }

    /// All of it, in order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
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
pub struct SnapshotRow {
    /// Name; the list always ends in one called `current` that is none.
    #[serde(deserialize_with = "scalar::identity")]
    pub name: SmolStr,
    /// When it was taken.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub snaptime: Option<Timestamp>,
    /// The one before it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub parent: Option<SmolStr>,
    /// Whether it holds the memory too.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub vmstate: Option<bool>,
    /// What people wrote.
    #[serde(default, deserialize_with = "scalar::text")]
    pub description: Option<SmolStr>,
    /// Stands only in the entry that is no snapshot.
    #[serde(default, deserialize_with = "scalar::flag")]
    running: Option<bool>,
}

impl SnapshotRow {
    /// Whether it is a snapshot, and not the present state that every list holds too.
    pub fn is_snapshot(&self) -> bool {
        !(self.name == "current" && (self.running.is_some() || self.snaptime.is_none()))
    }
}

/// A row of `GET /nodes/{node}/lxc/{vmid}/interfaces`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ContainerInterface {
    /// Name inside the container.
    #[serde(deserialize_with = "scalar::identity")]
    pub name: SmolStr,
    /// Hardware address.
    #[serde(default, deserialize_with = "scalar::text")]
    pub hwaddr: Option<SmolStr>,
    /// The last IPv4 address with its prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub inet: Option<SmolStr>,
    /// The last IPv6 address with its prefix.
    #[serde(default, deserialize_with = "scalar::text")]
    pub inet6: Option<SmolStr>,
    /// All addresses (8.4).
    #[serde(default, rename = "ip-addresses")]
    pub ip_addresses: super::Rows<super::agent::IpAddress>,
}
