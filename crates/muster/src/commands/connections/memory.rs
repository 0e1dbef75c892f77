//! Why the memory of a node or guest is the number that it is.

use muster_api::connection::MemoryQuery;
use muster_client::Client;
use muster_model::{GuestMemoryDecision, MemoryAmounts, MemoryDecisions, MemorySource, NodeMemoryDecision};

use super::find;
use crate::{commands::CommandError, output};

/// Asks for the decisions of a connection, or for that about one guest.
pub(super) async fn decisions(
    client: &Client,
    name: &str,
    guest: Option<u32>,
) -> Result<MemoryDecisions, CommandError> {
    let connection = find(client, name).await?;
    let Some(vmid) = guest else { return Ok(client.connection_memory(connection.id, &MemoryQuery::default()).await?) };
    // A number is that of a machine or of a container.
    for kind in ["qemu", "lxc"] {
        let query = MemoryQuery { key: Some(format!("{kind}/{vmid}")) };
        let decisions = client.connection_memory(connection.id, &query).await?;
        if !decisions.guests.is_empty() {
            return Ok(decisions);
        }
    }
    Err(CommandError::Failed(format!(
        "{} knows nothing of the memory of guest {vmid}; it may be new, a template, or on a node that is away",
        connection.name
    )))
}

/// Nodes and guests, one a line.
pub(super) fn table(decisions: &MemoryDecisions) -> String {
    let header = ["key", "name", "used", "of", "percent", "source", "trust", "reason"];
    output::table(header, decisions.nodes.iter().map(node).chain(decisions.guests.iter().map(guest)))
}

fn node(decision: &NodeMemoryDecision) -> [String; 8] {
    let NodeMemoryDecision { key, node, memory_source, fallback_reason, memory, .. } = decision;
    row(key.as_str(), node, memory, *memory_source, fallback_reason.as_deref().unwrap_or_default())
}

fn guest(decision: &GuestMemoryDecision) -> [String; 8] {
    let GuestMemoryDecision { key, name, memory_source, fallback_reason, memory, notes, .. } = decision;
    let reason = fallback_reason.iter().chain(notes).map(String::as_str).collect::<Vec<_>>().join(", ");
    row(key.as_str(), name, memory, *memory_source, &reason)
}

fn row(key: &str, name: &str, memory: &MemoryAmounts, source: MemorySource, reason: &str) -> [String; 8] {
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "unknown".to_owned(), |bytes| output::bytes(bytes as f64));
    let trust = match source.trust() {
        muster_model::MemoryTrust::Preferred => "preferred",
        muster_model::MemoryTrust::Derived => "derived",
        muster_model::MemoryTrust::Fallback => "fallback",
    };
    [
        key.to_owned(),
        name.to_owned(),
        size(memory.used_bytes),
        size(memory.total_bytes),
        memory.usage_percent.map(|percent| format!("{percent:.1} %")).unwrap_or_default(),
        source.as_str().to_owned(),
        trust.to_owned(),
        reason.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_said_to_be() {
        // D-9, R-68
        let decision = serde_json::json!({
            "nodes": [{
                "key": "node/pve1", "node": "pve1", "retrievedAt": "2026-01-01T00:00:00Z", "memorySource": "available-field",
                "trust": "preferred", "fallbackReason": null, "raw": {},
                "memory": {"totalBytes": 4_294_967_296_u64, "usedBytes": 1_073_741_824, "usagePercent": 25.0},
            }],
            "guests": [{
                "key": "qemu/100", "guestType": "qemu", "node": "pve1", "name": "web", "vmid": 100, "status": "running",
                "retrievedAt": "2026-01-01T00:00:00Z", "memorySource": "status-unavailable", "trust": "fallback",
                "fallbackReason": "status-unavailable", "memory": {}, "raw": {}, "notes": ["a-note"],
            }],
        });
        let shown = table(&serde_json::from_value(decision).unwrap());
        assert!(shown.contains("1.0 GiB") && shown.contains("25.0 %") && shown.contains("preferred"), "{shown}");
        let guest = shown.lines().find(|line| line.contains("qemu/100")).unwrap();
        assert!(guest.contains("unknown") && guest.contains("status-unavailable, a-note"), "{shown}");
        assert!(!guest.contains(" 0 "), "{shown}");
    }
}
