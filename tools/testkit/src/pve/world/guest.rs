//! A guest: what it was given, what it does with it, and who answers in it.

use std::net::Ipv4Addr;

use super::{
    World,
    life::{Life, Run, RunState},
};
use crate::pve::{
    action::AgentState,
    version::Version,
    wave::{Wave, noise, whole},
};

/// What a guest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuestKind {
    Machine,
    Container,
}

/// What runs in a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Os {
    Debian,
    Ubuntu,
    Alpine,
    Windows,
}

/// A disk of a guest.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    /// Where it is attached, such as `scsi0` or `rootfs`.
    pub(crate) slot: String,
    pub(crate) storage: &'static str,
    /// GiB.
    pub(crate) gib: u64,
    /// Where a container mounts it.
    pub(crate) mount: Option<&'static str>,
}

/// An interface of a guest.
#[derive(Debug, Clone)]
pub(crate) struct Nic {
    /// Upper case, as configurations have it.
    pub(crate) mac: String,
    pub(crate) bridge: &'static str,
    pub(crate) vlan: Option<u16>,
    pub(crate) address: Ipv4Addr,
}

/// A snapshot of a guest, the oldest first.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) name: String,
    /// Unix seconds.
    pub(crate) taken: i64,
    pub(crate) has_memory: bool,
}

/// A guest.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    pub(crate) id: u32,
    pub(crate) kind: GuestKind,
    pub(crate) name: String,
    pub(crate) os: Os,
    /// What the firmware of a machine calls it.
    pub(crate) uuid: String,
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) seed: u64,
    pub(crate) cores: u32,
    /// Bytes.
    pub(crate) memory: u64,
    pub(crate) volumes: Vec<Volume>,
    pub(crate) nics: Vec<Nic>,
    /// `None` where the configuration has none.
    pub(crate) agent: Option<AgentState>,
    /// Whether the hypervisor hears from inside how memory is used.
    pub(crate) has_balloon: bool,
    /// Bytes that are left after some were taken.
    pub(crate) ballooned: Option<u64>,
    pub(crate) is_template: bool,
    pub(crate) is_highly_available: bool,
    pub(crate) starts_at_boot: bool,
    pub(crate) pool: Option<&'static str>,
    pub(crate) tags: &'static [&'static str],
    pub(crate) snapshots: Vec<Snapshot>,
    /// Part of its cores.
    pub(crate) cpu: Wave,
    /// Part of its memory.
    pub(crate) used: Wave,
    /// Part of its file systems.
    pub(crate) full: Wave,
    /// Bytes a second.
    pub(crate) net_in: Wave,
    pub(crate) net_out: Wave,
    pub(crate) disk_read: Wave,
    pub(crate) disk_write: Wave,
    pub(crate) life: Life,
}

/// What a running guest does at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GuestSample {
    /// Part of its cores.
    pub(crate) cpu: f64,
    /// Bytes, as the hypervisor tells.
    pub(crate) memory: u64,
    /// Bytes that the hypervisor spends on it.
    pub(crate) memory_host: u64,
    /// Bytes that are in use in its root file system.
    pub(crate) root: u64,
    /// Bytes since the start of the run.
    pub(crate) net_in: u64,
    pub(crate) net_out: u64,
    pub(crate) disk_read: u64,
    pub(crate) disk_write: u64,
    /// Seconds.
    pub(crate) uptime: i64,
}

/// What is true of a guest, for tests to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct GuestFacts {
    /// Its number.
    pub id: u32,
    /// `qemu` or `lxc`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The name of its node.
    pub node: String,
    /// Whether it runs, paused or not.
    pub runs: bool,
    /// Whether it is a template.
    pub is_template: bool,
    /// The identifier of its firmware.
    pub uuid: String,
    /// When it was made, in Unix seconds.
    pub created: i64,
    /// Cores.
    pub cores: u32,
    /// Bytes of memory that it was given.
    pub memory: u64,
    /// Its MAC addresses in lower case.
    pub macs: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// Whether its configuration has an agent.
    pub has_agent: bool,
    /// Whether the hypervisor hears from inside how memory is used.
    pub has_balloon: bool,
    /// Whether Windows runs in it.
    pub is_windows: bool,
    /// Part of its cores that is busy; 0 when it does not run.
    pub cpu: f64,
}

impl GuestKind {
    /// How the API names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Machine => "qemu",
            Self::Container => "lxc",
        }
    }
}

impl Guest {
    /// The place of the node that it is on.
    pub(crate) fn node(&self) -> usize {
        self.life.node()
    }

    /// Whether it runs, is paused or is stopped.
    pub(crate) fn state(&self) -> RunState {
        self.life.state()
    }

    /// Whether it ran at a time.
    pub(crate) fn state_at(&self, time: i64) -> RunState {
        match self.life.run(time) {
            Some(Run { is_paused: true, .. }) => RunState::Paused,
            Some(Run { is_paused: false, .. }) => RunState::Running,
            None => RunState::Stopped,
        }
    }

    /// The place of the node that it was on at a time.
    pub(crate) fn node_at(&self, time: i64) -> usize {
        self.life.node_at(time)
    }

    /// Bytes of its first disk.
    pub(crate) fn root_size(&self) -> u64 {
        self.volumes.first().map_or(0, |volume| volume.gib << 30)
    }

    /// What it does at a time, and the run that the time lies in. `None` when it does not run then.
    pub(crate) fn sample(&self, time: i64, version: Version) -> Option<(Run, GuestSample)> {
        let run = self.life.run(time)?;
        let used = whole(self.used_part(time) * as_f64(self.memory));
        let overhead = 96 << 20;
        let (memory, memory_host) = match self.kind {
            GuestKind::Container => (used, 0),
            GuestKind::Machine if self.ballooned.is_some() => (self.memory, self.memory + overhead),
            GuestKind::Machine if self.has_balloon => (used, self.memory / 10 * 9 + overhead),
            GuestKind::Machine if version.major >= 9 => (self.memory + overhead, self.memory + overhead),
            GuestKind::Machine => (self.memory / 100 * 97, self.memory),
        };
        let cpu = if run.is_paused { 0.0 } else { self.cpu.at(time) * (1.0 + 0.3 * noise(self.seed, time)) };
        let sum = |rate: &Wave| whole(rate.sum(run.since, time));
        let sample = GuestSample {
            cpu: cpu.clamp(0.0, 1.0),
            memory,
            memory_host,
            root: whole(self.full.at(time) * as_f64(self.root_size())),
            net_in: sum(&self.net_in),
            net_out: sum(&self.net_out),
            disk_read: sum(&self.disk_read),
            disk_write: sum(&self.disk_write),
            uptime: time - run.since,
        };
        Some((run, sample))
    }

    /// The part of its memory that is in use, from 0 to 1.
    pub(crate) fn used_part(&self, time: i64) -> f64 {
        self.used.at(time).clamp(0.0, 0.98)
    }

    pub(crate) fn facts(&self, world: &World, now: i64) -> GuestFacts {
        GuestFacts {
            id: self.id,
            kind: self.kind.word(),
            name: self.name.clone(),
            node: world.nodes[self.node()].name.clone(),
            runs: self.state() != RunState::Stopped,
            is_template: self.is_template,
            uuid: self.uuid.clone(),
            created: self.created,
            cores: self.cores,
            memory: self.memory,
            macs: self.nics.iter().map(|nic| nic.mac.to_lowercase()).collect(),
            addresses: self.nics.iter().map(|nic| nic.address).collect(),
            has_agent: self.agent.is_some(),
            has_balloon: self.has_balloon,
            is_windows: self.os == Os::Windows,
            cpu: self.sample(now, world.version).map_or(0.0, |(_, sample)| sample.cpu),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes in this world are far below 2^53")]
pub(crate) fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}
