//! Why the memory of a node or guest is the number that it is: what was read, which source was chosen of it,
//! how far that can be trusted, and why nothing better was there.
//!
//! A provider records them, the API serves them as they are. They carry amounts and names, never a credential.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{MemorySource, MemoryTrust, NativeKey};

/// The decisions of one connection, in order of their keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MemoryDecisions {
    /// Of its nodes.
    pub nodes: Vec<NodeMemoryDecision>,
    /// Of its guests.
    pub guests: Vec<GuestMemoryDecision>,
}

/// The decision about a node's memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodeMemoryDecision {
    /// The node's key in its connection, such as `node/pve1`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub key: NativeKey,
    /// The node's name.
    pub node: String,
    /// When it was taken last.
    pub retrieved_at: Timestamp,
    /// The source that was chosen.
    pub memory_source: MemorySource,
    /// How far it can be trusted.
    pub trust: MemoryTrust,
    /// Why nothing better was there; `null` where this is no fallback.
    pub fallback_reason: Option<String>,
    /// What is shown.
    pub memory: MemoryAmounts,
    /// What was read.
    pub raw: NodeMemoryInputs,
}

/// The decision about a guest's memory. Keyed by the guest, whatever node runs it (D-6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GuestMemoryDecision {
    /// The guest's key in its connection, such as `qemu/100`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub key: NativeKey,
    /// `qemu` or `lxc`.
    pub guest_type: String,
    /// The node that runs it.
    pub node: String,
    /// Its name; empty where nobody told it.
    pub name: String,
    /// Its number.
    pub vmid: u32,
    /// Its state in the platform's word.
    pub status: String,
    /// When it was taken last.
    pub retrieved_at: Timestamp,
    /// The source that was chosen.
    pub memory_source: MemorySource,
    /// How far it can be trusted.
    pub trust: MemoryTrust,
    /// Why nothing better was there; `null` where this is no fallback.
    pub fallback_reason: Option<String>,
    /// What is shown.
    pub memory: MemoryAmounts,
    /// What was read.
    pub raw: GuestMemoryInputs,
    /// Why an earlier value stands in for the present one, such as
    /// `preserved-previous-memory-after-repeated-low-trust-pattern`.
    pub notes: Vec<String>,
}

/// A memory. Unknown is `null`, never 0 (D-9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MemoryAmounts {
    /// What there is.
    pub total_bytes: Option<u64>,
    /// What is in use.
    pub used_bytes: Option<u64>,
    /// What is not.
    pub free_bytes: Option<u64>,
    /// Use in percent of the total.
    pub usage_percent: Option<f64>,
}

/// What was read of a node's memory, in bytes. What nobody told is `null`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct NodeMemoryInputs {
    /// The status: all of it.
    pub total: Option<u64>,
    /// The status: in use.
    pub used: Option<u64>,
    /// The status: free.
    pub free: Option<u64>,
    /// The status: what programs could have.
    pub available: Option<u64>,
    /// The status: the same under another name.
    pub avail: Option<u64>,
    /// The status: buffers.
    pub buffers: Option<u64>,
    /// The status: page cache.
    pub cached: Option<u64>,
    /// The status: shared between guests.
    pub shared: Option<u64>,
    /// What the chosen source takes for available.
    pub effective_available: Option<u64>,
    /// The platform's history: available.
    pub rrd_available: Option<u64>,
    /// The platform's history: in use.
    pub rrd_used: Option<u64>,
    /// The status: what is left of the total.
    pub total_minus_used: Option<u64>,
    /// The list of nodes: all of it.
    pub fallback_total: Option<u64>,
    /// The list of nodes: in use.
    pub fallback_used: Option<u64>,
    /// The list of nodes: what is left of it.
    pub fallback_free: Option<u64>,
}

/// What was read of a guest's memory, in bytes. What nobody told, or nobody had to ask for, is `null`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestMemoryInputs {
    /// The list of resources: in use.
    pub listing_mem: Option<u64>,
    /// The list of resources: all of it.
    pub listing_maxmem: Option<u64>,
    /// The status: in use.
    pub status_mem: Option<u64>,
    /// The status: free.
    pub status_freemem: Option<u64>,
    /// The status: all of it.
    pub status_maxmem: Option<u64>,
    /// The status: what the balloon leaves to the guest.
    pub balloon: Option<u64>,
    /// The status: what the balloon leaves at least.
    pub balloon_min: Option<u64>,
    /// The kernel inside, through the status: in use.
    pub meminfo_used: Option<u64>,
    /// The kernel inside, through the status: free.
    pub meminfo_free: Option<u64>,
    /// The kernel inside, through the status: all of it.
    pub meminfo_total: Option<u64>,
    /// The kernel inside, through the status: what programs could have.
    pub meminfo_available: Option<u64>,
    /// The kernel inside, through the status: buffers.
    pub meminfo_buffers: Option<u64>,
    /// The kernel inside, through the status: page cache.
    pub meminfo_cached: Option<u64>,
    /// The kernel inside, through the status: shared.
    pub meminfo_shared: Option<u64>,
    /// The kernel inside, through the status: what is left of the total.
    pub meminfo_total_minus_used: Option<u64>,
    /// The platform's history: available.
    pub rrd_available: Option<u64>,
    /// The platform's history: in use.
    pub rrd_used: Option<u64>,
    /// The kernel inside, read through the agent: what programs could have.
    pub guest_agent_mem_available: Option<u64>,
    /// Whether the status says that an agent is configured.
    pub agent: Option<bool>,
}

impl MemoryDecisions {
    /// Makes what was recorded, perhaps by older code, what it would be called today: trust and reason are those of
    /// the catalogue, an empty reason is none, notes are said once, and the order is that of the keys.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        for node in &mut self.nodes {
            node.trust = node.memory_source.trust();
            node.fallback_reason = reason(node.memory_source, node.fallback_reason.take());
        }
        for guest in &mut self.guests {
            guest.trust = guest.memory_source.trust();
            guest.fallback_reason = reason(guest.memory_source, guest.fallback_reason.take());
            let mut said = BTreeSet::new();
            guest.notes.retain(|note| !note.trim().is_empty() && said.insert(note.clone()));
        }
        self.nodes.sort_by(|a, b| a.key.cmp(&b.key));
        self.guests.sort_by_key(|guest| (guest.vmid, guest.key.clone()));
        self
    }
}

/// The reason that was given, or that of the catalogue. What is no fallback needs none.
fn reason(source: MemorySource, given: Option<String>) -> Option<String> {
    let given = given.map(|given| given.trim().to_owned()).filter(|given| !given.is_empty());
    given.filter(|_| source.is_fallback()).or_else(|| source.fallback_reason().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_older_code_recorded_comes_out_canonical() {
        //
        let check = |label: &str, given: &str, source: &str, reason: Option<&str>| {
            let recorded = json!({
                "key": "node/pve1", "node": "pve1", "retrievedAt": "2026-01-01T00:00:00Z", "memorySource": label,
                "trust": "preferred", "fallbackReason": given, "memory": {}, "raw": {},
            });
            let read: NodeMemoryDecision = serde_json::from_value(recorded).unwrap();
            let read = MemoryDecisions { nodes: vec![read], guests: vec![] }.normalised();
            let node = serde_json::to_value(&read.nodes[0]).unwrap();
            assert_eq!((&node["memorySource"], &node["fallbackReason"]), (&json!(source), &json!(reason)), "{label}");
            assert_eq!(node["trust"], json!(read.nodes[0].memory_source.trust()), "{label}");
        };
        check("rrd-data", " ", "rrd-memused", Some("rrd-memused"));
        check("Available-Field", "left from before", "available-field", None);
        check("calculated", "", "derived-free-buffers-cached", None);
        check("node-status-used", "node-status-unavailable", "nodes-endpoint", Some("node-status-unavailable"));
        check("node-status-used", "", "nodes-endpoint", None);
    }

    #[test]
    fn notes_are_said_once_wherever_they_stand() {
        //
        let recorded = json!({
            "key": "qemu/100", "guestType": "qemu", "node": "pve1", "name": "web", "vmid": 100, "status": "running",
            "retrievedAt": "2026-01-01T00:00:00Z", "memorySource": "status-mem", "trust": "fallback",
            "fallbackReason": null, "memory": {}, "raw": {}, "notes": ["one", " ", "two", "one"],
        });
        let guests = vec![serde_json::from_value(recorded).unwrap()];
        let read = MemoryDecisions { nodes: vec![], guests }.normalised();
        assert_eq!(read.guests[0].notes, ["one", "two"]);
    }
}
