//! Of which nodes samples are missing, and from when on. Pure; time is an argument.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

/// How far back the platform remembers.
const MEMORY: SignedDuration = SignedDuration::from_mins(30);
/// A span that is worth a question.
const SHORTEST: SignedDuration = SignedDuration::from_secs(20);
/// How long after the end of a gap averages are complete.
const SETTLED: SignedDuration = SignedDuration::from_secs(150);

/// Empty answers after which a node is thought to remember no single samples.
const PATIENCE: u8 = 2;

/// What is missing.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    spans: BTreeMap<SmolStr, Span>,
    /// The node that was asked first the last time.
    first: Option<SmolStr>,
}

/// A span without samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(super) since: Timestamp,
    until: Timestamp,
    /// Whether all was read that there was at that time; the newest averages were not complete yet.
    is_read: bool,
    /// How often the node was asked for every sample and told nothing.
    silent: u8,
    /// Of how many things the averages were read already, in their order.
    pub(super) averaged: usize,
}

impl Span {
    /// Whether the node was asked often enough to know that it remembers no single samples.
    pub(super) fn is_silent(&self) -> bool {
        self.silent >= PATIENCE
    }
}

impl Missing {
    /// Notes that samples of a node are missing.
    pub(super) fn note(&mut self, node: &SmolStr, since: Timestamp, until: Timestamp) {
        let known = self.spans.get(node).map_or(since, |known| known.since.min(since));
        self.spans.insert(node.clone(), Span { since: known, until, is_read: false, silent: 0, averaged: 0 });
    }

    /// What can be asked for now, beginning with another node each time, so that one that takes all the time there is
    /// keeps no other from its turn. What nobody remembers any more is let go of.
    pub(super) fn wanted(&mut self, now: Timestamp) -> Vec<(SmolStr, Span)> {
        let oldest = now.checked_sub(MEMORY).unwrap_or(now);
        for span in self.spans.values_mut() {
            span.since = span.since.max(oldest);
        }
        self.spans.retain(|_, span| span.until.duration_since(span.since) >= SHORTEST);
        let ready = |span: &Span| !span.is_read || now.duration_since(span.until) >= SETTLED;
        let ready = self.spans.iter().filter(|(_, span)| ready(span));
        let mut wanted: Vec<_> = ready.map(|(node, span)| (node.clone(), *span)).collect();
        let next = wanted.iter().position(|(node, _)| Some(node) > self.first.as_ref()).unwrap_or_default();
        wanted.rotate_left(next);
        self.first = wanted.first().map(|(node, _)| node.clone());
        wanted
    }

    /// Every sample of a node was read.
    pub(super) fn filled(&mut self, node: &str) {
        self.spans.remove(node);
    }

    /// A node answered and told nothing of itself.
    pub(super) fn silent(&mut self, node: &str) {
        if let Some(span) = self.spans.get_mut(node) {
            span.silent = span.silent.saturating_add(1);
        }
    }

    /// The averages of so many more things on a node were read, and others were not.
    pub(super) fn averaged_partly(&mut self, node: &str, more: usize) {
        if let Some(span) = self.spans.get_mut(node) {
            span.averaged = span.averaged.saturating_add(more);
        }
    }

    /// The averages of a node were read: once more, where the newest were not complete.
    pub(super) fn averaged(&mut self, node: &str, now: Timestamp) {
        if let Some(span) = self.spans.get_mut(node) {
            (span.is_read, span.averaged) = (true, 0);
            if now.duration_since(span.until) >= SETTLED {
                self.spans.remove(node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_wanted_until_it_was_read_or_nobody_remembers_it() {
        let mut missing = Missing::default();
        missing.note(&node(), at(0), at(600));
        assert_eq!(since(&mut missing, 600), Some(at(0)));
        missing.note(&node(), at(500), at(700));
        assert_eq!(since(&mut missing, 700), Some(at(0)), "the older one is not forgotten");
        assert_eq!(since(&mut missing, 2000), Some(at(200)), "nobody remembers more");
        missing.filled("a");
        assert_eq!(since(&mut missing, 2000), None);
        missing.note(&node(), at(2000), at(2100));
        assert_eq!(since(&mut missing, 3890), None, "what is left is not worth a question");
        assert!(missing.spans.is_empty());
    }

    #[test]
    fn averages_are_read_again_once_the_newest_are_complete() {
        let mut missing = Missing::default();
        missing.note(&node(), at(0), at(600));
        missing.averaged("a", at(610));
        assert_eq!(since(&mut missing, 640), None);
        assert_eq!(since(&mut missing, 750), Some(at(0)));
        missing.averaged("a", at(750));
        assert_eq!(since(&mut missing, 800), None);
    }

    #[test]
    fn another_node_begins_each_time() {
        let mut missing = Missing::default();
        for name in ["a", "b", "c"] {
            missing.note(&SmolStr::new(name), at(0), at(600));
        }
        let mut order = || -> String { missing.wanted(at(600)).iter().map(|(node, _)| node.as_str()).collect() };
        assert_eq!([order(), order(), order(), order()], ["abc", "bca", "cab", "abc"]);
    }

    #[test]
    fn who_tells_nothing_twice_remembers_nothing() {
        let mut missing = Missing::default();
        missing.note(&node(), at(0), at(600));
        missing.silent("a");
        assert!(!missing.spans["a"].is_silent());
        missing.silent("a");
        assert!(missing.spans["a"].is_silent());
        missing.note(&node(), at(600), at(700));
        assert!(!missing.spans["a"].is_silent(), "after another gap it is asked again");
    }

    fn since(missing: &mut Missing, now: i64) -> Option<Timestamp> {
        missing.wanted(at(now)).first().map(|(_, span)| span.since)
    }

    fn node() -> SmolStr {
        SmolStr::new("a")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }
}
