//! Answers that are kept for a while, the empty ones too. Keyed by node and guest: after a migration the
//! new node is asked anew.

use std::{collections::HashMap, hash::Hash};

use jiff::{SignedDuration, Timestamp};

/// How long an answer is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetimes {
    /// One with a value.
    pub(crate) found: SignedDuration,
    /// One without.
    pub(crate) nothing: SignedDuration,
    /// Any, before its memory is given back.
    pub(crate) dropped: SignedDuration,
}

/// The platform's own history of a guest or node.
pub(crate) const HISTORY: Lifetimes = Lifetimes {
    found: SignedDuration::from_secs(30),
    nothing: SignedDuration::from_secs(30),
    dropped: SignedDuration::from_mins(10),
};
/// What is available by `/proc/meminfo`, read through the agent.
pub(crate) const MEMINFO: Lifetimes = Lifetimes {
    found: SignedDuration::from_secs(60),
    nothing: SignedDuration::from_mins(5),
    dropped: SignedDuration::from_mins(10),
};

/// Answers by key.
#[derive(Debug)]
pub(crate) struct Expiring<K, V> {
    lifetimes: Lifetimes,
    entries: HashMap<K, (Timestamp, Option<V>)>,
}

impl<K: Eq + Hash, V: Copy> Expiring<K, V> {
    /// Nothing yet.
    pub(crate) fn new(lifetimes: Lifetimes) -> Self {
        Self { lifetimes, entries: HashMap::new() }
    }

    /// The answer, if one is still good: `Some(None)` means that there was nothing a short time ago.
    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<Option<V>> {
        let (at, value) = self.entries.get(key)?;
        let lifetime = if value.is_some() { self.lifetimes.found } else { self.lifetimes.nothing };
        (now.duration_since(*at) < lifetime).then_some(*value)
    }

    /// Keeps an answer.
    pub(crate) fn put(&mut self, key: K, value: Option<V>, now: Timestamp) {
        self.entries.insert(key, (now, value));
    }

    /// Forgets what is too old to be used again.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        self.entries.retain(|_, (at, _)| now.duration_since(*at) < self.lifetimes.dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_kept_for_half_a_minute_by_node_and_guest() {
        // R-71; two connections have a cache each, and two nodes never share an entry.
        let mut cache = Expiring::new(HISTORY);
        cache.put(("pve1", 100), Some(5u64), at(0));
        cache.put(("pve2", 100), Some(7), at(0));
        assert_eq!(cache.get(&("pve1", 100), at(29)), Some(Some(5)));
        assert_eq!(cache.get(&("pve2", 100), at(29)), Some(Some(7)));
        assert_eq!(cache.get(&("pve1", 100), at(30)), None);
    }

    #[test]
    fn an_agent_that_fails_is_asked_once_in_five_minutes() {
        //
        let mut cache = Expiring::new(MEMINFO);
        let mut asked = 0;
        for second in (0..600).step_by(10) {
            if cache.get(&("pve1", 100), at(second)).is_none() {
                asked += 1;
                cache.put(("pve1", 100), None::<u64>, at(second));
            }
        }
        assert_eq!(asked, 2);
        cache.put(("pve1", 100), Some(1), at(0));
        assert_eq!(cache.get(&("pve1", 100), at(59)), Some(Some(1)));
        assert_eq!(cache.get(&("pve1", 100), at(60)), None);
    }

    #[test]
    fn old_entries_are_dropped() {
        //
        let mut cache = Expiring::new(MEMINFO);
        cache.put(1, Some(1u64), at(0));
        cache.sweep(at(599));
        assert_eq!(cache.entries.len(), 1);
        cache.sweep(at(600));
        assert_eq!(cache.entries.len(), 0);
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
