//! What one call writes: log entries in order, and which resources each of them touched.

use std::collections::VecDeque;

use jiff::Timestamp;
use muster_model::{LogEntry, LogOp, ResourceId, Revision};

use crate::{id_map::IdMap, row::Row};

/// The entries and consequences of one report, or of one judgement.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) now: Timestamp,
    pub(crate) revision: Revision,
    pub(crate) entries: Vec<LogEntry>,
    /// Resources whose row may differ now, each with the entry to blame.
    touched: IdMap<Revision>,
    /// Hosts and disks with new clues, to be looked at for joins.
    pub(crate) to_match: VecDeque<ResourceId>,
    pub(crate) absorbed: Vec<Absorbed>,
    pub(crate) successions: Vec<Succession>,
}

/// A resource that turned out to be another one.
#[derive(Debug)]
pub(crate) struct Absorbed {
    pub(crate) id: ResourceId,
    pub(crate) survivor: ResourceId,
    pub(crate) row: Option<std::sync::Arc<Row>>,
    pub(crate) revision: Revision,
    pub(crate) why: String,
}

/// A guest that took another one's number (D-6).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Succession {
    pub(crate) of: ResourceId,
    pub(crate) by: ResourceId,
}

impl Ledger {
    /// Goes on from the last revision that was ever given.
    pub(crate) fn new(last: Revision, now: Timestamp) -> Self {
        Self {
            now,
            revision: last,
            entries: Vec::new(),
            touched: IdMap::default(),
            to_match: VecDeque::new(),
            absorbed: Vec::new(),
            successions: Vec::new(),
        }
    }

    /// Makes room for so many entries, each about a resource of its own.
    pub(crate) fn reserve(&mut self, entries: usize) {
        self.entries.reserve(entries);
        self.touched.reserve(entries);
    }

    /// Writes an entry.
    pub(crate) fn write(&mut self, op: LogOp) -> Revision {
        self.revision = self.revision.next();
        self.entries.push(LogEntry { revision: self.revision, at: self.now, op });
        self.revision
    }

    /// Notes that an entry may have changed a resource's row.
    pub(crate) fn touch(&mut self, id: ResourceId, by: Revision) {
        let blamed = self.touched.entry(id).or_insert(by);
        *blamed = (*blamed).max(by);
    }

    /// The resources that are touched so far, in no order.
    pub(crate) fn touched(&self) -> Vec<(ResourceId, Revision)> {
        self.touched.iter().map(|(id, revision)| (*id, *revision)).collect()
    }

    /// The resources that were touched since the last call, in the order of the entries.
    pub(crate) fn take_touched(&mut self) -> Vec<(ResourceId, Revision)> {
        let mut touched: Vec<_> = self.touched.drain().collect();
        touched.sort_unstable_by_key(|(id, revision)| (*revision, *id));
        touched
    }
}
