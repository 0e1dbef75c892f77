//! When a thing that a list no longer holds is gone: after two whole answers in a row without it, and not when
//! everything of its sort is missing at once. Lists leave out what we may not see, without a word.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::Hash,
};

/// Answers in a row that must lack a thing before it is gone.
const ANSWERS: u8 = 2;

/// What came of comparing a whole answer with what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict<K> {
    /// Missing and still kept.
    pub(crate) kept: BTreeSet<K>,
    /// Gone.
    pub(crate) gone: BTreeSet<K>,
    /// Whether everything vanished at once, which looks like a lost right.
    pub(crate) suspicious: bool,
}

/// What a list held, and how often each thing was missing since.
#[derive(Debug, Clone)]
pub(crate) struct Absence<K> {
    missed: BTreeMap<K, u8>,
}

impl<K: Ord + Clone + Hash> Absence<K> {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { missed: BTreeMap::new() }
    }

    /// Compares a whole answer with what is known. `may_go` says of a thing whether its absence means anything: the
    /// guests of a node that is away, or of a cluster without quorum, are not gone. `rights_hold` says that an empty
    /// list is the truth.
    pub(crate) fn observe(
        &mut self,
        listed: &BTreeSet<K>,
        may_go: impl Fn(&K) -> bool,
        rights_hold: bool,
    ) -> Verdict<K> {
        let suspicious = listed.is_empty() && !self.missed.is_empty() && !rights_hold;
        let mut verdict = Verdict { kept: BTreeSet::new(), gone: BTreeSet::new(), suspicious };
        self.missed.retain(|key, missed| {
            if listed.contains(key) {
                *missed = 0;
                return true;
            }
            if !suspicious && may_go(key) {
                *missed += 1;
            }
            let kept = *missed < ANSWERS;
            if kept { &mut verdict.kept } else { &mut verdict.gone }.insert(key.clone());
            kept
        });
        for key in listed {
            self.missed.entry(key.clone()).or_insert(0);
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_gone_after_two_whole_answers() {
        //
        let mut absence = Absence::new();
        observe(&mut absence, &[100, 101]);
        assert_eq!(observe(&mut absence, &[101]), (vec![100], vec![], false));
        assert_eq!(observe(&mut absence, &[101]), (vec![], vec![100], false));
        assert_eq!(observe(&mut absence, &[101]), (vec![], vec![], false));
    }

    #[test]
    fn one_answer_with_it_begins_anew() {
        //
        let mut absence = Absence::new();
        observe(&mut absence, &[100, 101]);
        observe(&mut absence, &[101]);
        observe(&mut absence, &[100, 101]);
        assert_eq!(observe(&mut absence, &[101]), (vec![100], vec![], false));
    }

    #[test]
    fn everything_at_once_is_suspected_to_be_a_lost_right() {
        //
        let mut absence = Absence::new();
        observe(&mut absence, &[100, 101]);
        for _ in 0..5 {
            assert_eq!(observe(&mut absence, &[]), (vec![100, 101], vec![], true));
        }
        let all = |_: &u32| true;
        assert!(!absence.observe(&BTreeSet::new(), all, true).suspicious);
        assert_eq!(absence.observe(&BTreeSet::new(), all, true).gone.len(), 2);
    }

    #[test]
    fn guests_of_a_node_that_is_away_are_kept() {
        //
        let mut absence = Absence::new();
        observe(&mut absence, &[100, 101]);
        for _ in 0..5 {
            let verdict = absence.observe(&[101].into(), |_| false, true);
            assert_eq!((verdict.kept.len(), verdict.gone.len()), (1, 0));
        }
    }

    fn observe(absence: &mut Absence<u32>, listed: &[u32]) -> (Vec<u32>, Vec<u32>, bool) {
        let listed = listed.iter().copied().collect();
        let Verdict { kept, gone, suspicious } = absence.observe(&listed, |_| true, false);
        (kept.into_iter().collect(), gone.into_iter().collect(), suspicious)
    }
}
