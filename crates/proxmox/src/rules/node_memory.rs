//! How much memory a node uses: what counts no cache as used first, the plain value last.

use muster_model::MemorySource;

use super::memory::{MIB, Memory, known};

/// How much more than free must be left of the total before the free memory is thought to leave out the cache.
const CACHE_SLACK: u64 = 16 * MIB;

/// Memory in a node's status, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StatusMemory {
    pub(crate) total: Option<u64>,
    pub(crate) used: Option<u64>,
    pub(crate) free: Option<u64>,
    pub(crate) available: Option<u64>,
    pub(crate) buffers: Option<u64>,
    pub(crate) cached: Option<u64>,
}

/// Memory in the list of nodes, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ListedMemory {
    pub(crate) used: Option<u64>,
    pub(crate) total: Option<u64>,
}

/// The newest point of the platform's own history of a node, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct NodeHistory {
    pub(crate) available: Option<u64>,
    pub(crate) used: Option<u64>,
}

/// Whether the status leaves out what counts the cache, so that the platform's history has to be asked.
pub(crate) fn wants_history(status: &StatusMemory) -> bool {
    known(status.total).is_some() && status.available.is_none() && status.buffers.is_none() && status.cached.is_none()
}

/// What was chosen for a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NodeChoice {
    pub(crate) memory: Memory,
    /// A more precise reason than the catalogue's, where there is one.
    pub(crate) reason: Option<&'static str>,
    /// What counts as available, in bytes; absent where only the use is known.
    pub(crate) available: Option<u64>,
}

impl NodeChoice {
    fn available(total: u64, available: u64, source: MemorySource) -> Self {
        let memory = Memory::available(total, available, source);
        Self { memory, reason: None, available: Some(available.min(total)) }
    }

    fn used(memory: Memory, reason: Option<&'static str>) -> Self {
        Self { memory, reason, available: None }
    }
}

/// Chooses the source of a node's memory.
pub(crate) fn choose(status: Option<&StatusMemory>, listed: ListedMemory, history: NodeHistory) -> NodeChoice {
    let by_status = status.and_then(|status| Some((status, known(status.total)?)));
    let Some((status, total)) = by_status else { return by_list(listed) };
    if let Some(available) = known(status.available).filter(|available| *available <= total) {
        return NodeChoice::available(total, available, MemorySource::AvailableField);
    }
    if status.buffers.is_some() || status.cached.is_some() {
        let parts = [status.free, status.buffers, status.cached].into_iter().flatten();
        let left = parts.fold(0u64, u64::saturating_add).min(total);
        return NodeChoice::available(total, left, MemorySource::DerivedFreeBuffersCached);
    }
    if let Some(available) = known(history.available) {
        return NodeChoice::available(total, available, MemorySource::RrdMemavailable);
    }
    if let Some(used) = known(history.used) {
        return NodeChoice::used(Memory::used(Some(total), used, MemorySource::RrdMemused), None);
    }
    by_used(total, status)
}

fn by_used(total: u64, status: &StatusMemory) -> NodeChoice {
    let Some(used) = status.used else {
        return NodeChoice::used(Memory::unknown(Some(total), MemorySource::NodesEndpoint), None);
    };
    let (left, free) = (total.saturating_sub(used), status.free.unwrap_or(0));
    let hides_cache = left > 0 && (free == 0 || left >= free.saturating_add(CACHE_SLACK));
    let (source, reason) = if hides_cache {
        (MemorySource::DerivedTotalMinusUsed, Some("node-status-total-minus-used"))
    } else {
        (MemorySource::NodesEndpoint, None)
    };
    NodeChoice::used(Memory::used(Some(total), used, source), reason)
}

fn by_list(listed: ListedMemory) -> NodeChoice {
    let memory = match listed.used {
        Some(used) => Memory::used(listed.total, used, MemorySource::NodesEndpoint),
        None => Memory::unknown(listed.total, MemorySource::NodesEndpoint),
    };
    NodeChoice::used(memory, Some("node-status-unavailable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn each_source_in_turn() {
        //
        let check = |status: StatusMemory, history: NodeHistory, expected: (u64, MemorySource)| {
            let memory = choose(Some(&status), ListedMemory::default(), history).memory;
            assert_eq!((memory.used, memory.source), (Some(expected.0), expected.1), "{status:?}");
        };
        let none = NodeHistory::default();
        let plain = StatusMemory { total: Some(32 * GIB), used: Some(20 * GIB), ..StatusMemory::default() };
        let free = |free| StatusMemory { free: Some(free), ..plain };
        check(StatusMemory { available: Some(24 * GIB), ..plain }, none, (8 * GIB, MemorySource::AvailableField));
        let parts = StatusMemory { free: Some(GIB), cached: Some(9 * GIB), ..plain };
        check(parts, none, (22 * GIB, MemorySource::DerivedFreeBuffersCached));
        let history = NodeHistory { available: Some(30 * GIB), used: Some(9 * GIB) };
        check(plain, history, (2 * GIB, MemorySource::RrdMemavailable));
        check(plain, NodeHistory { available: None, ..history }, (9 * GIB, MemorySource::RrdMemused));
        check(free(0), none, (20 * GIB, MemorySource::DerivedTotalMinusUsed));
        check(free(12 * GIB - 16 * MIB), none, (20 * GIB, MemorySource::DerivedTotalMinusUsed));
        check(free(12 * GIB - 15 * MIB), none, (20 * GIB, MemorySource::NodesEndpoint));
    }

    #[test]
    fn without_a_status_the_list_speaks() {
        //
        let listed = ListedMemory { used: Some(GIB), total: Some(4 * GIB) };
        let choice = choose(None, listed, NodeHistory::default());
        assert_eq!((choice.memory.percent(), choice.memory.source), (Some(25.0), MemorySource::NodesEndpoint));
        assert_eq!(choice.reason, Some("node-status-unavailable"));
        assert_eq!(choose(None, ListedMemory::default(), NodeHistory::default()).memory.used, None);
    }

    #[test]
    fn more_than_everything_is_not_available() {
        // `available` counts only up to the total.
        let status =
            StatusMemory { total: Some(GIB), used: Some(GIB / 2), available: Some(2 * GIB), ..StatusMemory::default() };
        let choice = choose(Some(&status), ListedMemory::default(), NodeHistory::default());
        assert_eq!((choice.memory.used, choice.reason), (Some(GIB / 2), Some("node-status-total-minus-used")));
    }

    #[test]
    fn history_is_asked_only_where_the_status_counts_no_cache() {
        //
        let status = StatusMemory { total: Some(GIB), used: Some(1), ..StatusMemory::default() };
        assert!(wants_history(&status));
        assert!(!wants_history(&StatusMemory { available: Some(1), ..status }));
        assert!(!wants_history(&StatusMemory { cached: Some(1), ..status }));
        assert!(!wants_history(&StatusMemory { total: None, ..status }));
    }
}
