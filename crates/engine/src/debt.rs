//! What is owed to the state log: entries and timeline rows that are applied but not yet written.

use std::collections::BTreeMap;

use muster_model::{KnownGap, LogEntry, ResourceChange, SourceId, SourceStamp};
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
