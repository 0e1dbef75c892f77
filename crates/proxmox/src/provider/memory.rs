//! Which memory of each node and guest a report shows, and why: every report decides anew from what the lanes have
//! learned, and what it decided is kept for people who ask.

use jiff::{SignedDuration, Timestamp};
use muster_model::{
    GuestMemoryDecision, GuestMemoryInputs, MemoryDecisions, MemorySource, NodeMemoryDecision, NodeMemoryInputs,
    SourceId,
};

use super::{
    key::{self, GuestKey},
    nodes,
    state::{Guest, Node, State},
};
use crate::{
    rules::{
        memory::Memory,
        memory_decision::{Decision, SourceChange},
        node_memory::{self, ListedMemory, NodeChoice},
    },
    wire::node::NodeStatus,
};

/// How long a node's status speaks for now.
const FRESH: SignedDuration = SignedDuration::from_secs(150);

impl State {
    /// Decides about every memory of which the platform spoke, and tells the log where another source speaks than before.
    pub(super) fn decide_memory(&mut self, source: &SourceId, due: Timestamp) {
        for (name, node) in self.nodes.iter_mut().filter(|(_, node)| node.listed) {
            let decision = node.decide_memory(due);
            if let Some(change) = node.decision.keep(decision) {
                tell(source, &key::node(name), change);
            }
        }
        for (key, guest) in self.guests.iter_mut().filter(|(_, guest)| guest.listed) {
            let decision = guest.decide_memory(due);
            if let Some(change) = guest.decision.keep(decision) {
                tell(source, &key.to_string(), change);
            }
        }
    }

    /// The decisions that are still told of.
    pub(super) fn memory_decisions(&self, now: Timestamp) -> MemoryDecisions {
        let nodes = self.nodes.values().filter_map(|node| node.told_decision(now));
        let guests = self.guests.iter().filter_map(|(key, guest)| guest.told_decision(*key, now));
        MemoryDecisions { nodes: nodes.collect(), guests: guests.collect() }.normalised()
    }
}

impl Node {
    /// Its status, while it speaks for now.
    pub(super) fn fresh_status(&self, due: Timestamp) -> Option<&NodeStatus> {
        let (at, status) = self.status.as_ref()?;
        (self.reports() && due.duration_since(*at) <= FRESH).then_some(status)
    }

    /// Its memory.
    pub(super) fn shown_memory(&self, due: Timestamp) -> NodeChoice {
        let listed = ListedMemory { used: self.row.mem, total: self.row.maxmem };
        let status = self.fresh_status(due).and_then(|status| status.memory.as_ref()).map(nodes::memory);
        node_memory::choose(status.as_ref(), listed, self.history)
    }

    fn decide_memory(&self, due: Timestamp) -> Decision<NodeMemoryInputs> {
        let NodeChoice { memory, reason, available } = self.shown_memory(due);
        Decision { at: due, memory, reason, note: None, raw: self.inputs(available, due) }
    }

    fn inputs(&self, available: Option<u64>, due: Timestamp) -> NodeMemoryInputs {
        let status = self.fresh_status(due);
        let memory = status.and_then(|status| status.memory.clone()).unwrap_or_default();
        let history = status.map(|_| self.history).unwrap_or_default();
        let left = |total: Option<u64>, used: Option<u64>| Some(total?.saturating_sub(used?));
        NodeMemoryInputs {
            total: memory.total,
            used: memory.used,
            free: memory.free,
            available: memory.available,
            avail: memory.avail,
            buffers: memory.buffers,
            cached: memory.cached,
            shared: memory.shared,
            effective_available: available,
            rrd_available: history.available,
            rrd_used: history.used,
            total_minus_used: left(memory.total, memory.used),
            fallback_total: self.row.maxmem,
            fallback_used: self.row.mem,
            fallback_free: left(self.row.maxmem, self.row.mem),
        }
    }

    fn told_decision(&self, now: Timestamp) -> Option<NodeMemoryDecision> {
        let Decision { at, memory, reason, note: _, raw } = self.decision.get(now)?;
        Some(NodeMemoryDecision {
            key: key::native(&key::node(&self.row.node)),
            node: self.row.node.to_string(),
            retrieved_at: *at,
            memory_source: memory.source,
            trust: memory.source.trust(),
            fallback_reason: reason.map(str::to_owned),
            memory: memory.amounts(),
            raw: *raw,
        })
    }
}

impl Guest {
    /// Its memory now. A plain value of the status is the same quantity as that of the list, which is newer.
    pub(super) fn shown_memory(&self, due: Timestamp) -> Memory {
        let listed = |source| match self.row.mem.filter(|_| self.listed) {
            Some(used) => Memory::used(self.row.maxmem, used, source),
            None => Memory::unknown(self.row.maxmem, source),
        };
        if !self.runs() || !self.listed {
            return if self.listed && self.is_off() {
                Memory::used(self.row.maxmem, 0, MemorySource::PoweredOff)
            } else {
                Memory::unknown(self.row.maxmem, MemorySource::Unknown)
            };
        }
        match self.chosen_memory(due) {
            Some(memory) if memory.source == MemorySource::StatusMem => listed(MemorySource::StatusMem),
            Some(memory) if memory.source == MemorySource::ClusterResources => listed(MemorySource::ClusterResources),
            Some(memory) => memory,
            None => listed(MemorySource::ClusterResources),
        }
    }

    /// Whether it is known not to run. A paused guest keeps its memory.
    pub(super) fn is_off(&self) -> bool {
        self.row.status.as_deref() == Some("stopped")
    }

    fn decide_memory(&self, due: Timestamp) -> Decision<GuestMemoryInputs> {
        // What was read for a choice that is too old does not explain what is shown.
        let is_chosen = self.runs() && self.chosen_memory(due).is_some();
        let read = self.memory_inputs.filter(|_| is_chosen).unwrap_or_default();
        let raw = GuestMemoryInputs { listing_mem: self.row.mem, listing_maxmem: self.row.maxmem, ..read };
        let note = self.memory.as_ref().filter(|_| is_chosen).and_then(|snapshot| snapshot.note);
        Decision { at: due, memory: self.shown_memory(due), reason: None, note, raw }
    }

    fn told_decision(&self, key: GuestKey, now: Timestamp) -> Option<GuestMemoryDecision> {
        let Decision { at, memory, reason, note, raw } = self.decision.get(now)?;
        Some(GuestMemoryDecision {
            key: key::native(&key.to_string()),
            guest_type: key.kind.as_str().to_owned(),
            node: self.node().to_string(),
            name: self.row.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            vmid: key.vmid,
            status: self.row.status.as_ref().map(ToString::to_string).unwrap_or_default(),
            retrieved_at: *at,
            memory_source: memory.source,
            trust: memory.source.trust(),
            fallback_reason: reason.map(str::to_owned),
            memory: memory.amounts(),
            raw: *raw,
            notes: note.iter().map(|note| <&str>::from(note).to_owned()).collect(),
        })
    }
}

/// Says in the log that another source speaks.
fn tell(source: &SourceId, key: &str, change: SourceChange) {
    let (from, to) = (change.from.map(MemorySource::as_str), change.to.as_str());
    if change.is_loss() {
        tracing::warn!(source.id = %source, key, from, to, "memory comes from a poorer source than before");
    } else {
        tracing::debug!(source.id = %source, key, from, to, "memory comes from another source than before");
    }
}
