//! Of which nodes samples are missing, and from when on. Pure; time is an argument.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::Exported;

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
    /// Whose averages were read already, where those of others on the node were not.
    averaged: BTreeMap<SmolStr, BTreeSet<Exported>>,
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
        self.spans.insert(node.clone(), Span { since: known, until, is_read: false, silent: 0 });
        self.averaged.remove(node);
    }

    /// What can be asked for now, beginning with another node each time, so that one that takes all the time there is
    /// keeps no other from its turn. What nobody remembers any more is let go of.
    pub(super) fn wanted(&mut self, now: Timestamp) -> Vec<(SmolStr, Span)> {
        let oldest = now.checked_sub(MEMORY).unwrap_or(now);
        for span in self.spans.values_mut() {
            span.since = span.since.max(oldest);
        }
        self.spans.retain(|_, span| span.until.duration_since(span.since) >= SHORTEST);
        self.averaged.retain(|node, _| self.spans.contains_key(node));
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

    /// The averages of these things on a node were read, and those of others were not.
    pub(super) fn averaged_partly(&mut self, node: &SmolStr, read: impl IntoIterator<Item = Exported>) {
        if self.spans.contains_key(node) {
            self.averaged.entry(node.clone()).or_default().extend(read);
        }
    }

    /// Whether the averages of something on a node are still to be read.
    pub(super) fn lacks(&self, node: &str, subject: &Exported) -> bool {
        !self.averaged.get(node).is_some_and(|read| read.contains(subject))
    }

    /// The averages of a node were read: once more, where the newest were not complete.
    pub(super) fn averaged(&mut self, node: &str, now: Timestamp) {
        if let Some(span) = self.spans.get_mut(node) {
            span.is_read = true;
            self.averaged.remove(node);
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
    fn what_was_read_of_a_node_is_not_read_again_until_the_rest_is() {
        let (one, other) = (Exported::Node("a".into()), Exported::Node("b".into()));
        let mut missing = Missing::default();
        missing.note(&node(), at(0), at(600));
        missing.averaged_partly(&node(), [one.clone()]);
        assert!(!missing.lacks("a", &one) && missing.lacks("a", &other));
        missing.averaged("a", at(610));
        assert!(missing.lacks("a", &one), "once more, when the newest are complete");
        missing.averaged_partly(&node(), [one.clone()]);
        missing.note(&node(), at(700), at(800));
        assert!(missing.lacks("a", &one), "another gap");
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
