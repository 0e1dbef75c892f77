//! Which entry point is asked. Pure: time is an argument.
//!
//! One is used until it fails; then the next, while the failed one is set aside for a growing while. What fails *behind* an
//! entry point says nothing about it: the node is asked through another one next time, and that is all.

use std::{collections::BTreeMap, time::Duration};

use muster_collect::Failure;
use smol_str::SmolStr;

/// How long an entry point that failed is set aside first; doubled each time it fails again.
const SHORTEST: Duration = Duration::from_secs(10);
/// And at most.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// After this long elsewhere, one that is preferred is tried again.
const BACK_AFTER: Duration = Duration::from_secs(10 * 60);
/// How long a node is asked elsewhere after it could not be reached through an entry point.
const DETOUR: Duration = Duration::from_secs(60);

/// The entry points of one cluster, by their place in the connection.
#[derive(Debug)]
pub(crate) struct Entries {
    states: Vec<State>,
    current: usize,
    since: Duration,
    /// Nodes that could not be reached through an entry point, and until when that counts.
    detours: BTreeMap<SmolStr, (usize, Duration)>,
}

#[derive(Debug, Clone, Default)]
struct State {
    failures: u32,
    not_before: Duration,
    failure: Option<Failure>,
}

impl Entries {
    /// `count` entry points, of which nothing is known.
    pub(crate) fn new(count: usize) -> Self {
        Self { states: vec![State::default(); count], current: 0, since: Duration::ZERO, detours: BTreeMap::new() }
    }

    /// The one to ask now. Where all are set aside, the one whose time comes first.
    pub(crate) fn choose(&self, node: Option<&str>, now: Duration) -> usize {
        let avoid =
            node.and_then(|node| self.detours.get(node)).filter(|(_, until)| now < *until).map(|(entry, _)| *entry);
        let good = |entry: &usize| self.states[*entry].not_before <= now;
        let every = 0..self.states.len();
        let preferred = (now.saturating_sub(self.since) >= BACK_AFTER).then(|| (0..self.current).find(good)).flatten();
        let sticky = preferred.or_else(|| Some(self.current).filter(good));
        sticky
            .filter(|entry| avoid != Some(*entry))
            .or_else(|| every.clone().find(|entry| good(entry) && avoid != Some(*entry)))
            .or(sticky)
            .or_else(|| every.min_by_key(|entry| self.states[*entry].not_before))
            .unwrap_or_default()
    }

    /// Whether another one than those that were tried is worth a try at once.
    pub(crate) fn another(&self, tried: &[usize], now: Duration) -> Option<usize> {
        (0..self.states.len()).find(|entry| !tried.contains(entry) && self.states[*entry].not_before <= now)
    }

    /// It could not be reached, or not be believed.
    pub(crate) fn failed(&mut self, entry: usize, failure: Failure, now: Duration) {
        let state = &mut self.states[entry];
        let pause = SHORTEST.saturating_mul(2_u32.saturating_pow(state.failures)).min(LONGEST);
        *state = State { failures: state.failures.saturating_add(1), not_before: now + pause, failure: Some(failure) };
    }

    /// It answered, whatever it said. A detour for one node does not make it the one in use.
    pub(crate) fn answered(&mut self, entry: usize, now: Duration) {
        self.states[entry] = State::default();
        let lost = self.states[self.current].failure.is_some();
        if entry != self.current && (lost || entry < self.current) {
            (self.current, self.since) = (entry, now);
        }
    }

    /// A node could not be reached through it.
    pub(crate) fn detour(&mut self, entry: usize, node: &str, now: Duration) {
        self.detours.retain(|_, (_, until)| now < *until);
        if self.states.len() > 1 {
            self.detours.insert(node.into(), (entry, now + DETOUR));
        }
    }

    /// Those that failed last, with why.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (usize, &Failure)> {
        self.states.iter().enumerate().filter_map(|(entry, state)| Some((entry, state.failure.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use muster_collect::FailureCategory;

    use super::*;

    #[test]
    fn one_is_used_until_it_fails() {
        let mut entries = Entries::new(3);
        entries.answered(0, at(0));
        assert_eq!(entries.choose(None, at(1)), 0);
        entries.failed(0, failure(), at(1));
        assert_eq!(entries.choose(None, at(1)), 1);
        entries.answered(1, at(1));
        assert_eq!(entries.choose(None, at(60)), 1, "sticky although the first may be tried again");
        assert_eq!(entries.choose(None, at(700)), 0, "the preferred one is tried again after a while");
        entries.answered(0, at(700));
        assert_eq!(entries.choose(None, at(701)), 0);
        assert_eq!(entries.failures().count(), 0);
    }

    #[test]
    fn where_all_failed_the_first_due_is_asked() {
        let mut entries = Entries::new(2);
        entries.failed(0, failure(), at(0));
        entries.failed(0, failure(), at(10));
        entries.failed(1, failure(), at(10));
        assert_eq!(entries.choose(None, at(11)), 1);
        assert_eq!(entries.another(&[1], at(11)), None);
        assert_eq!(entries.another(&[1], at(30)), Some(0));
    }

    #[test]
    fn pauses_double_up_to_a_bound() {
        let mut entries = Entries::new(1);
        let mut pauses = vec![];
        for _ in 0..40 {
            entries.failed(0, failure(), at(0));
            pauses.push(entries.states[0].not_before.as_secs());
        }
        assert_eq!(pauses[..6], [10, 20, 40, 80, 160, 300]);
        assert_eq!(pauses.last(), Some(&300));
    }

    #[test]
    fn a_node_behind_an_entry_point_is_asked_elsewhere_and_no_other() {
        let mut entries = Entries::new(2);
        entries.answered(0, at(0));
        entries.detour(0, "pve2", at(0));
        assert_eq!(entries.choose(Some("pve2"), at(1)), 1);
        entries.answered(1, at(1));
        assert_eq!(entries.choose(Some("pve1"), at(1)), 0);
        assert_eq!(entries.choose(None, at(1)), 0);
        assert_eq!(entries.choose(Some("pve2"), at(61)), 0);
        let mut alone = Entries::new(1);
        alone.detour(0, "pve2", at(0));
        assert_eq!(alone.choose(Some("pve2"), at(1)), 0);
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn failure() -> Failure {
        Failure { category: FailureCategory::Unreachable, message: "nobody answers".to_owned() }
    }
}
