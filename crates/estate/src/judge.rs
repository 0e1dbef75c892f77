//! Judges silence (R-9, D-8). A judgement is an input of the state: it stands in the log, and a replay repeats it
//! instead of looking at a clock.

use jiff::{SignedDuration, Timestamp};
use muster_model::{LogOp, SourceFreshness, SourceId};

use crate::{
    diff::Cause,
    estate::{Applied, Estate},
    ledger::Ledger,
    source::Source,
};

impl Estate {
    /// Judges the freshness of every source. A source that fell silent gets an entry, and the resources whose status
    /// suffers get theirs in the timeline. A source comes back by reporting, not here.
    pub fn judge(&mut self, now: Timestamp) -> Applied {
        let mut ledger = Ledger::new(self.revision, now);
        let mut changes = Vec::new();
        let silent: Vec<SourceId> = self.sources.values().filter_map(|source| fell_silent(source, now)).collect();
        for id in silent {
            let reason = self.silence(&id);
            let op = LogOp::SourceJudged { source: id.clone(), freshness: SourceFreshness::Stale };
            self.touch_source(&id, op, &mut ledger);
            changes.extend(self.rebuild(&mut ledger, &Cause::Silence { reason }));
            self.publisher.heard();
        }
        self.revision = ledger.revision;
        Applied { entries: ledger.entries, changes, ..Applied::default() }
    }

    /// Marks a source as silent and says so in a sentence.
    fn silence(&mut self, id: &SourceId) -> String {
        self.readings_sequence += 1;
        let sequence = self.readings_sequence;
        let source = self.sources.get_mut(id).expect("the source was judged just now");
        source.judged = SourceFreshness::Stale;
        source.awaited = false;
        let state = source.state_mut();
        state.freshness = SourceFreshness::Stale;
        // Others may speak for its resources now.
        state.readings_sequence = sequence;
        format!(
            "{id} has not reported for more than {} seconds",
            patience(&source.state.id, source.state.interval).as_secs()
        )
    }
}

fn fell_silent(source: &Source, now: Timestamp) -> Option<SourceId> {
    let state = &source.state;
    let freshness = SourceFreshness::judge(state.id.kind(), state.interval, source.silent_since, now);
    let newly = source.judged == SourceFreshness::Online && freshness == SourceFreshness::Stale;
    newly.then(|| state.id.clone())
}

fn patience(id: &SourceId, interval: SignedDuration) -> SignedDuration {
    id.kind().stale_after().max(interval * 3)
}
