//! The cluster itself: what it consists of, what happened to it, and what is true of it at a time.
//!
//! Nothing here knows HTTP. Whatever moves by itself is a function of time; whatever happens is noted with its time, so
//! that the past stays as it was.

mod ceph;
mod events;
mod generate;
mod guest;
mod hardware;
mod life;
mod names;
mod node;
mod storage;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::{
    ceph::{Ceph, MONITORS as CEPH_MONITORS, OSDS_OF_NODE, PLACEMENT_GROUPS},
    generate::Size,
    guest::{Guest, GuestKind, GuestSample, Nic, Os, Snapshot, Volume},
    hardware::{Disk, DiskKind, Pool, link},
    life::{Run, RunState},
    node::{Node, NodeSample},
    storage::{Storage, StorageKind},
    tasks::Task,
};
pub use guest::GuestFacts;

use super::{certificates::Certificate, version::Version};

/// How long a row is shown without anything new about it, in seconds.
pub(super) const REPORTS_HOLD: i64 = 300;

/// A cluster.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) version: Version,
    pub(super) seed: u64,
    pub(super) is_standalone: bool,
    pub(super) is_quorate: bool,
    pub(super) nodes: Vec<Node>,
    pub(super) guests: BTreeMap<u32, Guest>,
    pub(super) storages: Vec<Storage>,
    pub(super) replications: Vec<Replication>,
    pub(super) ceph: Option<Ceph>,
    /// Guests that the nightly job leaves out.
    pub(super) excluded: BTreeSet<u32>,
    /// Whether the nightly job runs.
    pub(super) backs_up: bool,
    /// Backups beside those of the nights: of whom, and when.
    pub(super) backups: Vec<(u32, i64)>,
    /// What was noted of what happened; the work of every night is not noted but known.
    pub(super) tasks: Vec<Task>,
    pub(super) authority: Option<Certificate>,
    /// Counts what happened, so that numbers of processes differ.
    events: u32,
}

/// The copying of a guest's disks to another node.
#[derive(Debug, Clone)]
pub(super) struct Replication {
    pub(super) guest: u32,
    /// The node it is copied to, by place.
    pub(super) target: usize,
    /// Why it fails since when, in Unix seconds.
    pub(super) failing: Option<(i64, String)>,
}

impl World {
    /// The node of a name.
    pub(super) fn node(&self, name: &str) -> Option<(usize, &Node)> {
        self.nodes.iter().enumerate().find(|(_, node)| node.name == name)
    }

    /// The guest of a number, kind and node, as a path names one.
    pub(super) fn guest_at(&self, id: &str, kind: &str, node: usize) -> Option<&Guest> {
        let guest = self.guests.get(&id.parse().ok()?)?;
        (guest.kind.word() == kind && guest.node() == node).then_some(guest)
    }

    /// What each node carries at a time, by place.
    pub(super) fn node_samples(&self, time: i64) -> Vec<NodeSample> {
        let mut samples: Vec<NodeSample> = self.nodes.iter().map(|node| node.sample(time)).collect();
        for guest in self.guests.values() {
            let Some((run, sample)) = guest.sample(time, self.version) else { continue };
            let (node, at) = (&self.nodes[run.node], &mut samples[run.node]);
            at.cpu += sample.cpu * f64::from(guest.cores) / f64::from(node.threads);
            at.memory += match guest.kind {
                GuestKind::Machine => sample.memory_host,
                GuestKind::Container => sample.memory,
            };
        }
        for (sample, node) in samples.iter_mut().zip(&self.nodes) {
            sample.cpu = sample.cpu.min(0.99);
            sample.memory = sample.memory.min(node.memory / 100 * 97);
        }
        samples
    }
}
