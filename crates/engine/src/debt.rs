//! What is owed to the state log: entries and timeline rows that are applied but not yet written.

use std::collections::{BTreeMap, HashSet};

use muster_model::{KnownGap, LogEntry, LogOp, NativeKey, ResourceChange, RulingId, SourceId, SourceStamp};
use muster_store::SweepCommit;

/// Timeline rows kept while the log cannot be written. Beyond it the oldest are given up and counted: the state itself
/// is never given up, since the log keeps only the last word on each record anyway.
const MAX_OWED_CHANGES: usize = 100_000;

/// Applied, not yet written.
#[derive(Debug, Default)]
pub(crate) struct Debt {
    /// What the last attempt tried to write. It may be written all the same, and is repeated as it was until the log says so.
    attempted: Option<SweepCommit>,
    entries: Vec<LogEntry>,
    changes: Vec<ResourceChange>,
    stamps: BTreeMap<SourceId, SourceStamp>,
    gaps: Vec<KnownGap>,
    /// Entries and rows that were already owed when the last attempt failed.
    overdue: usize,
}

impl Debt {
    /// Adds what a sweep brought.
    pub(crate) fn owe(&mut self, entries: Vec<LogEntry>, changes: Vec<ResourceChange>) {
        self.entries.extend(entries);
        self.changes.extend(changes);
    }

    /// Adds a source's stamp; a newer one replaces it.
    pub(crate) fn owe_stamp(&mut self, stamp: SourceStamp) {
        self.stamps.insert(stamp.source.clone(), stamp);
    }

    /// Adds a gap that opened or closed.
    pub(crate) fn owe_gap(&mut self, gap: KnownGap) {
        self.gaps.push(gap);
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        let is_new_empty = self.entries.is_empty() && self.changes.is_empty();
        self.attempted.is_none() && is_new_empty && self.stamps.is_empty() && self.gaps.is_empty()
    }

    /// What could not be written at the last attempt.
    pub(crate) fn overdue(&self) -> usize {
        self.overdue
    }

    /// Takes what is to be written next, in one transaction: what was tried before, else everything. Whoever has written the
    /// one asks for the other.
    pub(crate) fn take(&mut self) -> SweepCommit {
        self.overdue = 0;
        self.attempted.take().unwrap_or_else(|| SweepCommit {
            entries: std::mem::take(&mut self.entries),
            changes: std::mem::take(&mut self.changes),
            sources: std::mem::take(&mut self.stamps).into_values().collect(),
            gaps: std::mem::take(&mut self.gaps),
        })
    }

    /// Puts back what could not be written, or was written without an answer. Its entries stay as they are, since the log
    /// knows its own by them; only what has come since is compacted. Says how many timeline rows had to be given up.
    pub(crate) fn put_back(&mut self, mut commit: SweepCommit) -> usize {
        self.entries = compacted(std::mem::take(&mut self.entries));
        let excess = (commit.changes.len() + self.changes.len()).saturating_sub(MAX_OWED_CHANGES);
        let oldest = excess.min(commit.changes.len());
        commit.changes.drain(..oldest);
        self.changes.drain(..excess - oldest);
        self.overdue = commit.entries.len() + commit.changes.len() + self.entries.len() + self.changes.len();
        self.attempted = Some(commit);
        excess
    }
}

/// Keeps the last word on each record and each ruling, and every join and split: what the log would keep anyway. So a log
/// that cannot be written for days costs memory for what exists, not for what happened.
fn compacted(entries: Vec<LogEntry>) -> Vec<LogEntry> {
    let mut spoken = HashSet::new();
    let mut kept: Vec<_> =
        entries.into_iter().rev().filter(|entry| slot(entry).is_none_or(|slot| spoken.insert(slot))).collect();
    kept.reverse();
    kept
}

/// What a later entry replaces.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Slot {
    Record(SourceId, NativeKey),
    Judgement(SourceId),
    Ruling(RulingId),
}

fn slot(entry: &LogEntry) -> Option<Slot> {
    match &entry.op {
        LogOp::Observed { source, record, .. } => Some(Slot::Record(source.clone(), record.key.clone())),
        LogOp::Withdrawn { source, key, .. } => Some(Slot::Record(source.clone(), key.clone())),
        LogOp::SourceJudged { source, .. } => Some(Slot::Judgement(source.clone())),
        LogOp::Ruled { ruling, .. } => Some(Slot::Ruling(ruling.id)),
        LogOp::RulingWithdrawn { ruling } => Some(Slot::Ruling(*ruling)),
        LogOp::Joined { .. } | LogOp::Split { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use muster_model::{
        Binding, Incarnation, RecordRef, ResourceId, ResourceKind, Revision, Ruling, SourceFreshness, Verdict,
    };
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_owed_for_long_is_the_last_word_on_each_thing() {
        // D-3
        let mut debt = Debt::default();
        for revision in (1..100).step_by(2) {
            debt.owe(vec![judged(revision, "a"), judged(revision + 1, "b")], vec![]);
            let commit = debt.take();
            assert_eq!(debt.put_back(commit), 0);
        }
        assert_eq!(revisions(&debt.take()), [1, 2], "as it was tried first");
        assert_eq!(revisions(&debt.take()), [99, 100], "the last word of all since");
        assert!(debt.is_empty());
    }

    #[test]
    fn what_may_be_written_already_is_tried_again_as_it_was() {
        // D-3: the log tells its own entries from another server's by their revisions.
        let mut debt = Debt::default();
        debt.owe(vec![judged(1, "a"), judged(2, "b")], vec![]);
        let tried = debt.take();
        debt.put_back(tried.clone());
        debt.owe(vec![judged(3, "b")], vec![]);
        assert_eq!(debt.take(), tried);
        debt.put_back(tried.clone());
        assert_eq!((debt.overdue(), debt.take()), (3, tried));
    }

    #[test]
    fn rulings_are_owed_by_their_last_word_and_splits_for_ever() {
        // R-12, D-3
        let mut debt = Debt::default();
        debt.put_back(SweepCommit::default());
        let ruled = |revision| entry(revision, LogOp::Ruled { ruling: ruling(1), absorbed_first_seen_at: None });
        let withdrawn =
            |revision, number| entry(revision, LogOp::RulingWithdrawn { ruling: RulingId(Uuid::from_u128(number)) });
        debt.owe(vec![ruled(1), split(2), split(3), withdrawn(4, 1), withdrawn(5, 2), gone(6), gone(7)], vec![]);
        let empty = debt.take();
        debt.put_back(empty);
        drop(debt.take());
        assert_eq!(revisions(&debt.take()), [2, 3, 4, 5, 7]);
    }

    fn revisions(commit: &SweepCommit) -> Vec<u64> {
        commit.entries.iter().map(|entry| entry.revision.0).collect()
    }

    fn judged(revision: u64, connection: &str) -> LogEntry {
        let source: SourceId = format!("agent:{connection}").parse().unwrap();
        entry(revision, LogOp::SourceJudged { source, freshness: SourceFreshness::Stale })
    }

    /// The same record each time.
    fn gone(revision: u64) -> LogEntry {
        let binding = Binding {
            resource_id: host("a"),
            evidence: vec![],
            first_seen_at: jiff::Timestamp::UNIX_EPOCH,
            incarnation: Incarnation::default(),
            origin: None,
        };
        let (source, key) = ("agent:a".parse().unwrap(), NativeKey::new("host").unwrap());
        entry(revision, LogOp::Withdrawn { source, key, binding, identity: Default::default() })
    }

    fn split(revision: u64) -> LogEntry {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let records = vec![RecordRef { source: "agent:a".parse().unwrap(), key: NativeKey::new("host").unwrap() }];
        let op = LogOp::Split {
            ruling: ruling(9),
            survivor: host("a"),
            survivor_first_seen_at: at,
            departed: host("b"),
            departed_first_seen_at: at,
            aliases: vec![],
            records,
        };
        entry(revision, op)
    }

    fn ruling(number: u128) -> Ruling {
        let verdict = Verdict::Distinct { first: host("a"), second: host("b") };
        let at = jiff::Timestamp::UNIX_EPOCH;
        Ruling { id: RulingId(Uuid::from_u128(number)), at, by: "user:anna".into(), note: None, verdict }
    }

    fn host(stable: &str) -> ResourceId {
        ResourceId::mint(ResourceKind::Agent, stable)
    }

    fn entry(revision: u64, op: LogOp) -> LogEntry {
        LogEntry { revision: Revision(revision), at: jiff::Timestamp::UNIX_EPOCH, op }
    }
}
