//! Why the memory of nodes and guests is the number that is shown. A provider knows what its platform told; where an agent
//! speaks in the platform's place, the snapshot knows that, and its word stands here in place of the provider's
//! choice. What the platform told stays beside it.

use std::collections::HashMap;

use muster_estate::{Row, Snapshot};
use muster_model::{
    Facet, MemoryAmounts, MemoryDecisions, MemorySource, Metric, NativeKey, Reading, SourceId, SourceKind,
};

/// The decisions of a source as the snapshot shows them; only those of one key, if one is given.
pub(crate) fn shown(
    snapshot: &Snapshot,
    source: &SourceId,
    decisions: MemoryDecisions,
    key: Option<&str>,
) -> MemoryDecisions {
    let MemoryDecisions { mut nodes, mut guests } = decisions;
    let is_wanted = |of: &NativeKey| key.is_none_or(|key| key == of.as_str());
    nodes.retain(|node| is_wanted(&node.key));
    guests.retain(|guest| is_wanted(&guest.key));
    let told = told_by_agents(snapshot, source);
    // Reason and trust are those of the catalogue; notes are about a number that is not shown.
    for node in &mut nodes {
        if let Some(memory) = told.get(&node.key) {
            (node.memory_source, node.memory, node.fallback_reason) = (MemorySource::Agent, *memory, None);
        }
    }
    for guest in &mut guests {
        if let Some(memory) = told.get(&guest.key) {
            (guest.memory_source, guest.memory, guest.fallback_reason) = (MemorySource::Agent, *memory, None);
            guest.notes.clear();
        }
    }
    MemoryDecisions { nodes, guests }.normalised()
}

/// What agents tell of the memory of a source's things, by the source's keys.
fn told_by_agents<'a>(snapshot: &'a Snapshot, source: &SourceId) -> HashMap<&'a NativeKey, MemoryAmounts> {
    let of_source = |row: &'a Row| row.sources.iter().find(|part| part.source == *source);
    let told = snapshot.rows().iter().filter_map(|row| {
        let part = of_source(row)?;
        Some((&part.key, told_by_agent(snapshot, row)?))
    });
    told.collect()
}

/// What an agent tells of a row's memory, where that is what is shown.
fn told_by_agent(snapshot: &Snapshot, row: &Row) -> Option<MemoryAmounts> {
    let total = row.shown_facets().find_map(|(_, facet)| match &**facet {
        Facet::Guest(guest) => (guest.memory_source == Some(MemorySource::Agent)).then_some(guest.memory_bytes),
        Facet::Node(node) => {
            let total = || row.host().and_then(|host| host.memory.total_bytes);
            (node.memory_source == Some(MemorySource::Agent)).then(total)
        }
        Facet::Host(_)
        | Facet::Filesystem(_)
        | Facet::StoragePool(_)
        | Facet::PhysicalDisk(_)
        | Facet::NetworkInterface(_)
        | Facet::Storage(_)
        | Facet::Ceph(_)
        | Facet::ZfsPool(_)
        | Facet::Protection(_)
        | Facet::BackupTarget(_) => None,
    })?;
    let witnesses = snapshot.witnesses(row);
    let told = |metric| match witnesses.reading(metric) {
        Reading::Known { value, source, .. } if source.kind() == SourceKind::Agent => Some(value),
        Reading::Known { .. } | Reading::Unknown { .. } => None,
    };
    let used = told(Metric::MemoryUsed)?.round() as u64;
    let free = total.and_then(|total| total.checked_sub(used));
    Some(MemoryAmounts {
        total_bytes: total,
        used_bytes: Some(used),
        free_bytes: free,
        usage_percent: told(Metric::Memory),
    })
}
