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
        self.entries.is_empty() && self.changes.is_empty() && self.stamps.is_empty() && self.gaps.is_empty()
    }

    /// What could not be written at the last attempt.
    pub(crate) fn overdue(&self) -> usize {
        self.overdue
    }

    /// Takes everything, to be written in one transaction.
    pub(crate) fn take(&mut self) -> SweepCommit {
        self.overdue = 0;
        SweepCommit {
            entries: std::mem::take(&mut self.entries),
            changes: std::mem::take(&mut self.changes),
            sources: std::mem::take(&mut self.stamps).into_values().collect(),
            gaps: std::mem::take(&mut self.gaps),
        }
    }

    /// Puts back what could not be written, in front of what has come since. Says how many timeline rows had to be
    /// given up.
    pub(crate) fn put_back(&mut self, commit: SweepCommit) -> usize {
        let SweepCommit { mut entries, mut changes, sources, mut gaps } = commit;
        entries.append(&mut self.entries);
        let entries = compacted(entries);
        changes.append(&mut self.changes);
        gaps.append(&mut self.gaps);
        let excess = changes.len().saturating_sub(MAX_OWED_CHANGES);
        changes.drain(..excess);
        self.overdue = entries.len() + changes.len();
        for stamp in sources {
            self.stamps.entry(stamp.source.clone()).or_insert(stamp);
        }
        (self.entries, self.changes, self.gaps) = (entries, changes, gaps);
        excess
    }
}

/// Keeps the last word on each record and each ruling, and every join and split: what the log would keep anyway. So a log that cannot be written
/// for days costs memory for what exists, not for what happened.
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
    use muster_model::{Revision, SourceFreshness};

    use super::*;

    fn judged(revision: u64, connection: &str) -> LogEntry {
        let source: SourceId = format!("agent:{connection}").parse().unwrap();
        let op = LogOp::SourceJudged { source, freshness: SourceFreshness::Stale };
        LogEntry { revision: Revision(revision), at: jiff::Timestamp::UNIX_EPOCH, op }
    }

    #[test]
    fn what_is_owed_for_long_is_the_last_word_on_each_thing() {
        let mut debt = Debt::default();
        for revision in 1..100 {
            debt.owe(vec![judged(revision, "a"), judged(revision + 1000, "b")], vec![]);
            let commit = debt.take();
            assert_eq!(debt.put_back(commit), 0);
        }
        let revisions: Vec<_> = debt.take().entries.iter().map(|entry| entry.revision.0).collect();
        assert_eq!(revisions, [99, 1099]);
    }
}
