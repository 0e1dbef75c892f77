//! The lane of running guests: their status, and from it the best source of their memory (R-69, R-74, R-75). Each guest
//! about once a minute; a node that does not answer is left for the next look.

use jiff::{SignedDuration, Timestamp};
use muster_model::GuestMemoryInputs;
use smol_str::SmolStr;

use super::{
    Pve,
    api::Refused,
    key::{GuestKey, GuestKind},
    state::{Guest, GuestHistory, State},
    sweep::{MANY, Outcome, each_node},
};
use crate::{
    rules::{
        agent_metadata::AgentMetadata,
        container_memory::{self, ContainerHistory},
        guest_memory::{self, Asked, GuestMemory, MemInfo, StatusMemory, Wanted},
        memory::Memory,
        stabilise::{AgentEvidence, stabilise},
    },
    wire::{guest::GuestStatus, metrics::RrdRow},
};

/// How often a guest is asked whose memory only its status tells.
const EVERY: SignedDuration = SignedDuration::from_secs(60);
/// How often one is asked whose memory the list of resources tells as well, and newer.
const SELDOM: SignedDuration = SignedDuration::from_mins(5);

/// Looks at the guests whose turn it is.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let turn = pve.state().guests_due(due);
    read(pve, turn, due).await
}

/// Looks at these guests.
pub(super) async fn read(pve: &Pve, turn: Vec<(SmolStr, GuestKey)>, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    each_node(turn, MANY, |node, key| async move { guest(pve, &node, key, due).await }).await
}

impl State {
    /// Running guests whose turn it is, the longest waiting first.
    fn guests_due(&self, now: Timestamp) -> Vec<(SmolStr, GuestKey)> {
        let every = |guest: &Guest| if guest.memory_is_listed() { SELDOM } else { EVERY };
        let is_due = |guest: &Guest| guest.status_tried_at.is_none_or(|at| now.duration_since(at) >= every(guest));
        let turn = self.guests.iter().filter(|(_, guest)| guest.listed && guest.runs() && is_due(guest));
        let mut turn: Vec<_> = turn.map(|(key, guest)| (guest.status_tried_at, guest.node(), *key)).collect();
        turn.sort();
        turn.into_iter().map(|(_, node, key)| (node, key)).collect()
    }

    /// Running guests that nobody has asked yet.
    pub(super) fn guests_never_asked(&self) -> Vec<(SmolStr, GuestKey)> {
        let new = |guest: &Guest| guest.listed && guest.runs() && guest.status_tried_at.is_none();
        self.guests.iter().filter(|(_, guest)| new(guest)).map(|(key, guest)| (guest.node(), *key)).collect()
    }
}

async fn guest(pve: &Pve, node: &SmolStr, key: GuestKey, now: Timestamp) -> Outcome {
    let status = pve.api.guest_status(node, key).await;
    let status = match status {
        Ok(status) => Ok(status),
        // Asking more of a node that is away costs a worker there for nothing.
        Err(refused) if refused.is_node_away() => Err(refused),
        Err(refused) => {
            tracing::debug!(guest.id = %key, error = %refused.text(), "the status of a guest could not be read");
            Err(refused)
        }
    };
    let away = status.as_ref().is_err_and(Refused::is_node_away);
    let chosen = if away { None } else { Some(memory(pve, node, key, status.as_ref().ok(), now).await) };
    let mut state = pve.state();
    let Some(guest) = state.guests.get_mut(&key) else { return Outcome::Done };
    guest.status_tried_at = Some(now);
    let (outcome, status) = match status {
        Ok(status) => (Outcome::Done, Some(status)),
        Err(refused) if away => (Outcome::NodeAway(refused), None),
        Err(refused) => (Outcome::Refused(refused), None),
    };
    if let Some(status) = status {
        guest.status = Some((now, status));
    }
    if let Some((memory, inputs)) = chosen {
        guest.settle(memory, now);
        guest.memory_inputs = Some(inputs);
    }
    outcome
}

impl Guest {
    /// Takes the chosen memory, or keeps the one before where that is the better truth (R-75).
    fn settle(&mut self, memory: Memory, now: Timestamp) {
        let evidence = AgentEvidence {
            status_says_so: self.last_status().is_some_and(|status| status.agent == Some(true)),
            disk_from_agent: self.disks.usage.is_some() && self.disks.status.is_none(),
            metadata_known: self.told.as_ref().is_some_and(|told| told.metadata.is_known()),
        };
        self.memory = Some(stabilise(memory, self.runs(), self.memory.as_ref(), evidence.healthy(), now));
    }
}

/// The memory of a guest by the best source that answers, and what was read for it.
async fn memory(
    pve: &Pve,
    node: &SmolStr,
    key: GuestKey,
    status: Option<&GuestStatus>,
    now: Timestamp,
) -> (Memory, GuestMemoryInputs) {
    let row = pve.state().guests.get(&key).map(|guest| (guest.runs(), guest.row.mem, guest.row.maxmem));
    let (running, listed, listed_max) = row.unwrap_or_default();
    if key.kind == GuestKind::Lxc {
        let history = history(pve, node, key, now).await;
        let inputs = GuestMemoryInputs {
            rrd_available: history.available,
            rrd_used: history.used,
            ..inputs(&GuestMemory::default(), status)
        };
        let history = ContainerHistory { available: history.available, used: history.used };
        return (container_memory::choose(running, listed, listed_max, history), inputs);
    }
    let read = status;
    let status = status.map(status_memory);
    let mut facts = GuestMemory { running, listed, listed_max, status, ..GuestMemory::default() };
    loop {
        match guest_memory::choose(&facts) {
            Ok(memory) => return (memory, inputs(&facts, read)),
            Err(Wanted::History) => facts.history = asked(history(pve, node, key, now).await.available),
            Err(Wanted::AgentMeminfo) => facts.agent = asked(meminfo(pve, node, key, now).await),
        }
    }
}

fn asked(value: Option<u64>) -> Asked {
    value.map_or(Asked::Nothing, Asked::Available)
}

fn status_memory(status: &GuestStatus) -> StatusMemory {
    let meminfo = status.meminfo.as_ref().map(|info| MemInfo {
        total: info.total.unwrap_or(0),
        used: info.used.unwrap_or(0),
        free: info.free.unwrap_or(0),
        available: info.available.unwrap_or(0),
        buffers: info.buffers.unwrap_or(0),
        cached: info.cached.unwrap_or(0),
    });
    StatusMemory {
        mem: status.mem,
        max: status.maxmem,
        free: status.freemem,
        balloon: status.balloon,
        meminfo,
        agent: status.agent == Some(true),
    }
}

/// What was read for a choice, for people who ask (R-68).
fn inputs(facts: &GuestMemory, status: Option<&GuestStatus>) -> GuestMemoryInputs {
    let available = |asked| if let Asked::Available(bytes) = asked { Some(bytes) } else { None };
    let kernel = status.and_then(|status| status.meminfo.clone()).unwrap_or_default();
    GuestMemoryInputs {
        listing_mem: facts.listed,
        listing_maxmem: facts.listed_max,
        status_mem: status.and_then(|status| status.mem),
        status_freemem: status.and_then(|status| status.freemem),
        status_maxmem: status.and_then(|status| status.maxmem),
        balloon: status.and_then(|status| status.balloon),
        balloon_min: status.and_then(|status| status.balloon_min),
        meminfo_used: kernel.used,
        meminfo_free: kernel.free,
        meminfo_total: kernel.total,
        meminfo_available: kernel.available,
        meminfo_buffers: kernel.buffers,
        meminfo_cached: kernel.cached,
        meminfo_shared: kernel.shared,
        meminfo_total_minus_used: kernel.total.zip(kernel.used).map(|(total, used)| total.saturating_sub(used)),
        rrd_available: available(facts.history),
        rrd_used: None,
        guest_agent_mem_available: available(facts.agent),
        agent: status.and_then(|status| status.agent),
    }
}

/// The newest point of a guest's own history (R-71). Most versions keep no memory that counts no cache; whether this one
/// does is found out by asking a few.
async fn history(pve: &Pve, node: &SmolStr, key: GuestKey, now: Timestamp) -> GuestHistory {
    const NOTHING: GuestHistory = GuestHistory { available: None, used: None };
    let cache_key = (node.clone(), key);
    {
        let state = pve.state();
        if let Some(cached) = state.guest_history.get(&cache_key, now) {
            return cached.unwrap_or(NOTHING);
        }
        if !state.history_offer.is_asked(now) {
            return NOTHING;
        }
    }
    let Ok(rows) = pve.api.recent_guest_history(node, key).await else { return NOTHING };
    let point =
        GuestHistory { available: newest(&rows, |row| row.memavailable), used: newest(&rows, |row| row.memused) };
    let found = point != NOTHING;
    let mut state = pve.state();
    state.history_offer.note(found, now);
    state.guest_history.put(cache_key, found.then_some(point), now);
    point
}

/// The newest value of a history that is a number above nothing (R-71).
pub(super) fn newest(rows: &[RrdRow], of: fn(&RrdRow) -> Option<f64>) -> Option<u64> {
    let values = rows.iter().rev().filter_map(of);
    values.filter(|value| value.is_finite() && *value > 0.0).map(|value| value.round() as u64).next()
}

/// What is available by the kernel of a guest, read through its agent (R-72).
async fn meminfo(pve: &Pve, node: &SmolStr, key: GuestKey, now: Timestamp) -> Option<u64> {
    if !pve.settings.agents.are_asked {
        return None;
    }
    let cache_key = (node.clone(), key);
    if let Some(cached) = pve.state().meminfo.get(&cache_key, now) {
        return cached;
    }
    let content = pve.api.agent_file(node, key.vmid, "/proc/meminfo").await;
    let available = content.ok().and_then(|content| mem_available(&content));
    pve.state().meminfo.put(cache_key, available, now);
    available
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
fn mem_available(text: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = value.trim().strip_suffix("kB").unwrap_or(value).trim().parse().ok()?;
    kilobytes.checked_mul(1024).filter(|bytes| *bytes > 0)
}

/// Whether the agent told anything that still counts.
pub(super) fn metadata(guest: &Guest) -> Option<&AgentMetadata> {
    guest.told.as_ref().map(|told| &told.metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_is_read_with_care() {
        // R-72
        let check = |text: &str, expected| assert_eq!(mem_available(text), expected, "{text}");
        check("MemTotal: 8 kB\nMemAvailable:    1024 kB\n", Some(1_048_576));
        check("MemAvailable: 18446744073709551615 kB", None);
        check("MemAvailable: 0 kB", None);
        check("MemFree: 5 kB", None);
        check("MemAvailable: lots", None);
    }

    #[test]
    fn the_newest_point_with_a_value_counts() {
        // R-71
        let rows: Vec<RrdRow> = serde_json::from_str(
            r#"[{"time":60,"memavailable":5},{"time":120,"memavailable":7.6},{"time":180,"memavailable":0},{"time":240}]"#,
        )
        .unwrap();
        assert_eq!(newest(&rows, |row| row.memavailable), Some(8));
        assert_eq!(newest(&rows, |row| row.memused), None);
    }
}
