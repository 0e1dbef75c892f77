//! Folds the stored log into a state (D-3). Bindings are repeated as they were decided; nothing is matched, judged or
//! told anew.
//!
//! The log may be whole, or compacted to the last entry of each record and each ruling, all joins and splits, and the last
//! judgement of each source: the state is the same.

use jiff::Timestamp;
use muster_model::{LogEntry, LogOp, Revision, SourceFreshness, SourceId, SourceStamp, TenantId};

use crate::{
    alias::Absorption, bind::Observed, diff::Cause, estate::Estate, ledger::Ledger, resource::Former, source::Source,
};

/// A place that no record of a report has: the first report after a restart arranges them anew.
const NO_PLACE: u32 = u32::MAX;

/// What outlives a restart.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// The log, whole or compacted, in order.
    pub entries: Vec<LogEntry>,
    /// When each source last spoke.
    pub sources: Vec<SourceStamp>,
}

/// Why a stored log gives no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// An entry does not come after the one before it.
    #[error("replaying log entry {found}: it stands after entry {before}; restore the database from a backup")]
    OutOfOrder {
        /// The entry before.
        before: Revision,
        /// The entry that should be later.
        found: Revision,
    },
    /// Revisions would be given twice.
    #[error("going on from revision {start}: the log already has entry {last}; start at {last} or above")]
    StartsInThePast {
        /// Where to go on from.
        start: Revision,
        /// The last entry.
        last: Revision,
    },
}

impl Estate {
    /// Folds the stored log; bindings are repeated, not decided anew. Every source stands as stale until it reports
    /// again. That marking makes no rows in the timeline, and neither does the first report after it unless something
    /// really differs. `start` is the revision to go on from, greater than any that was ever published.
    ///
    /// # Errors
    /// When the entries are out of order, or `start` lies before the last of them.
    pub fn restore(tenant: TenantId, stored: Stored, start: Revision, now: Timestamp) -> Result<Self, RestoreError> {
        check_order(&stored.entries, start)?;
        let mut estate = Self::new(tenant);
        let mut ledger = Ledger::new(start, now);
        for entry in stored.entries {
            estate.repeat(entry, &mut ledger);
        }
        for stamp in stored.sources {
            estate.stamp(stamp);
        }
        estate.await_all(now);
        estate.show_all(ledger);
        estate.revision = start;
        Ok(estate)
    }

    /// Repeats one entry.
    fn repeat(&mut self, entry: LogEntry, ledger: &mut Ledger) {
        let LogEntry { at, op, revision: _ } = entry;
        match op {
            LogOp::Observed { source, record, binding } => {
                self.heard(&source, at);
                self.leave(&source, &record.key, ledger);
                let place = NO_PLACE;
                self.observe(Observed { source: &source, record: &record, binding: &binding, place, at }, ledger);
            }
            LogOp::Withdrawn { source, key, binding, identity } => {
                self.heard(&source, at);
                let former = Former::new((source, key), *identity, &binding);
                self.retire(self.registry.canonical(binding.resource_id), binding.first_seen_at, former);
            }
            LogOp::SourceJudged { source, freshness: SourceFreshness::Unknown } => self.know(&source).dismiss(),
            LogOp::SourceJudged { source, freshness } => self.know(&source).judged = freshness,
            LogOp::Joined { survivor, absorbed, evidence, absorbed_first_seen_at } => {
                let first_seen_at = absorbed_first_seen_at.unwrap_or(at);
                let absorption = Absorption { into: survivor, at, first_seen_at, by: None };
                self.registry.join(absorbed, absorption, &evidence);
            }
            LogOp::Ruled { ruling, absorbed_first_seen_at } => self.repeat_ruling(ruling, absorbed_first_seen_at),
            LogOp::RulingWithdrawn { ruling } => drop(self.registry.rulings_mut().remove(ruling)),
            op @ LogOp::Split { .. } => self.repeat_split(op, at),
        }
    }

    /// A source of the log. Until a judgement says otherwise it was current.
    fn know(&mut self, id: &SourceId) -> &mut Source {
        let current = || Source { judged: SourceFreshness::Online, ..Source::new(id.clone()) };
        self.sources.entry(id.clone()).or_insert_with(current)
    }

    /// A source of the log that spoke at the given time.
    fn heard(&mut self, id: &SourceId, at: Timestamp) -> &mut Source {
        let source = self.know(id);
        let last_seen = source.state.last_seen.max(Some(at));
        source.state_mut().last_seen = last_seen;
        source
    }

    fn stamp(&mut self, stamp: SourceStamp) {
        let SourceStamp { source, last_seen, interval } = stamp;
        // A source that was let go of has left its stamp.
        if !self.know(&source).is_dismissed() {
            self.heard(&source, last_seen).state_mut().interval = interval;
        }
    }

    /// Shows every source as stale; how long it may stay silent is counted from now, since nobody listened before.
    fn await_all(&mut self, now: Timestamp) {
        for source in self.sources.values_mut() {
            source.awaited = true;
            source.silent_since = Some(now);
            let (freshness, count) = (source.freshness(), source.listed.len());
            let state = source.state_mut();
            state.freshness = freshness;
            state.record_count = u32::try_from(count).unwrap_or(u32::MAX);
        }
    }

    /// Builds every row. Whatever the comparison with nothing gives is not told: a restart is no event.
    fn show_all(&mut self, mut ledger: Ledger) {
        let start = ledger.revision;
        for id in self.registry.ids() {
            ledger.touch(id, start);
        }
        let untold = self.rebuild(&mut ledger, &Cause::Silence { reason: String::new() });
        drop(untold);
        self.publisher.begin(start);
    }
}

fn check_order(entries: &[LogEntry], start: Revision) -> Result<(), RestoreError> {
    let mut before = Revision::ZERO;
    for entry in entries {
        if entry.revision <= before {
            return Err(RestoreError::OutOfOrder { before, found: entry.revision });
        }
        before = entry.revision;
    }
    if start < before { Err(RestoreError::StartsInThePast { start, last: before }) } else { Ok(()) }
}
