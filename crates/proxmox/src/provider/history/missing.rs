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

/// What is missing.
#[derive(Debug, Default)]
pub(crate) struct Missing(BTreeMap<SmolStr, Span>);

/// A span without samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(super) since: Timestamp,
    until: Timestamp,
    /// Whether all was read that there was at that time; the newest averages were not complete yet.
    is_read: bool,
}

impl Missing {
    /// Notes that samples of a node are missing.
    pub(super) fn note(&mut self, node: &SmolStr, since: Timestamp, until: Timestamp) {
        let known = self.0.get(node).map_or(since, |known| known.since.min(since));
        self.0.insert(node.clone(), Span { since: known, until, is_read: false });
    }

    /// What can be asked for now. What nobody remembers any more is let go of.
    pub(super) fn wanted(&mut self, now: Timestamp) -> Vec<(SmolStr, Span)> {
        let oldest = now.checked_sub(MEMORY).unwrap_or(now);
        for span in self.0.values_mut() {
            span.since = span.since.max(oldest);
        }
        self.0.retain(|_, span| span.until.duration_since(span.since) >= SHORTEST);
        let ready = |span: &Span| !span.is_read || now.duration_since(span.until) >= SETTLED;
        self.0.iter().filter(|(_, span)| ready(span)).map(|(node, span)| (node.clone(), *span)).collect()
    }

    /// Every sample of a node was read.
    pub(super) fn filled(&mut self, node: &str) {
        self.0.remove(node);
    }

    /// The averages of a node were read: once more, where the newest were not complete.
    pub(super) fn averaged(&mut self, node: &str, now: Timestamp) {
        if let Some(span) = self.0.get_mut(node) {
            span.is_read = true;
            if now.duration_since(span.until) >= SETTLED {
                self.0.remove(node);
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
        assert!(missing.0.is_empty());
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
