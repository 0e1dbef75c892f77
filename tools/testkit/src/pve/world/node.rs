//! A node: its hardware, its own load, when it was up, and when it last reported.

use super::{
    REPORTS_HOLD,
    hardware::{Disk, Pool},
};
use crate::pve::{
    certificates::Certificate,
    simulation::TICK,
    wave::{Wave, noise, whole},
};

/// A node.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// Bytes of the address in its own network: `10.<a>.<b>.<c>`.
    pub(crate) address: [u8; 4],
    pub(crate) seed: u64,
    pub(crate) threads: u32,
    pub(crate) cores: u32,
    pub(crate) sockets: u32,
    pub(crate) cpu_model: &'static str,
    pub(crate) cpu_vendor: &'static str,
    /// Bytes.
    pub(crate) memory: u64,
    /// Bytes.
    pub(crate) swap: u64,
    /// Bytes of the root file system.
    pub(crate) root: u64,
    pub(crate) root_used: Wave,
    /// What it does for itself, as a part of all threads.
    pub(crate) own_cpu: Wave,
    /// Bytes that it uses for itself.
    pub(crate) own_memory: Wave,
    /// Bytes a second.
    pub(crate) net_in: Wave,
    pub(crate) net_out: Wave,
    pub(crate) disks: Vec<Disk>,
    pub(crate) pools: Vec<Pool>,
    pub(crate) certificate: Option<Certificate>,
    /// Seconds that its clock is ahead.
    pub(crate) skew: i64,
    /// Since when its status daemon says nothing.
    pub(crate) silent_since: Option<i64>,
    /// When it went up and down, in turn, beginning with the first start.
    pub(crate) turns: Vec<i64>,
}

/// What a node carries at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeSample {
    /// Part of all threads.
    pub(crate) cpu: f64,
    /// Part of all threads that waits for disks.
    pub(crate) wait: f64,
    /// Bytes.
    pub(crate) memory: u64,
    pub(crate) swap: u64,
    pub(crate) root: u64,
    /// Bytes since the start.
    pub(crate) net_in: u64,
    pub(crate) net_out: u64,
    /// Seconds.
    pub(crate) uptime: i64,
    pub(crate) load: f64,
}

impl Node {
    /// Whether it is up.
    pub(crate) fn is_up(&self) -> bool {
        self.turns.len() % 2 == 1
    }

    /// Whether it was up at a time.
    pub(crate) fn was_up(&self, time: i64) -> bool {
        self.turns.partition_point(|turn| *turn <= time) % 2 == 1
    }

    /// Whether its status daemon looked at a time.
    pub(crate) fn reported(&self, time: i64) -> bool {
        self.was_up(time) && self.silent_since.is_none_or(|since| time < since)
    }

    /// When it last started before a time.
    pub(crate) fn started(&self, time: i64) -> i64 {
        let turns = self.turns.partition_point(|turn| *turn <= time);
        self.turns[turns.saturating_sub(1) & !1]
    }

    /// The time of which others know how it was. `None` when they know nothing any more.
    pub(crate) fn reported_at(&self, now: i64) -> Option<i64> {
        let gone = if self.is_up() { None } else { self.turns.last().copied() };
        let last = [Some(now), gone, self.silent_since].into_iter().flatten().min().expect("now is one of them");
        let tick = last - last.rem_euclid(TICK);
        (now - tick <= REPORTS_HOLD && tick >= self.started(tick)).then_some(tick)
    }

    /// What it carries itself; what its guests take comes on top.
    pub(crate) fn sample(&self, time: i64) -> NodeSample {
        let started = self.started(time);
        let cpu = self.own_cpu.at(time) * (1.0 + 0.2 * noise(self.seed, time));
        NodeSample {
            cpu,
            wait: cpu * 0.05,
            memory: whole(self.own_memory.at(time)),
            swap: self.swap / 50,
            root: whole(self.root_used.at(time)),
            net_in: whole(self.net_in.sum(started, time)),
            net_out: whole(self.net_out.sum(started, time)),
            uptime: time - started,
            load: cpu * f64::from(self.threads) * 1.3,
        }
    }
}
