//! Lets a source go for good: what it listed is withdrawn, with a line in the timeline for whatever nobody else lists,
//! and the source itself is published no more. Ids are kept, so that a thing that somebody lists again is known again.

use jiff::Timestamp;
use muster_model::{LogOp, NativeKey, SourceFreshness, SourceId};

use crate::{
    diff::Cause,
    estate::{Applied, Estate},
    ledger::Ledger,
};

impl Estate {
    /// Takes all that a source has said out of the state. A source that is not known is nothing to do about. In the log
    /// it is a source judged as never sighted; one that reports again begins anew.
    pub fn dismiss(&mut self, source: &SourceId, now: Timestamp) -> Applied {
        self.let_go(source, &Cause::Dismissal(source.clone()), now)
    }

    /// Takes all that a source has said out of the state, for this cause.
    pub(crate) fn let_go(&mut self, source: &SourceId, cause: &Cause, now: Timestamp) -> Applied {
        let known = self.sources.get(source).filter(|source| !source.is_dismissed());
        let Some(known) = known else { return Applied::default() };
        let mut listed: Vec<NativeKey> = known.listed.keys().cloned().collect();
        listed.sort_unstable();
        let mut ledger = Ledger::new(self.revision, now);
        for key in &listed {
            self.withdraw(source, key, &mut ledger);
        }
        ledger.write(LogOp::SourceJudged { source: source.clone(), freshness: SourceFreshness::Unknown });
        self.sources.get_mut(source).expect("it was known just now").dismiss();
        self.settle_joins(&mut ledger);
        let changes = self.rebuild(&mut ledger, cause);
        self.revision = ledger.revision;
        self.publisher.heard();
        Applied { entries: ledger.entries, changes, ..Applied::default() }
    }
}
