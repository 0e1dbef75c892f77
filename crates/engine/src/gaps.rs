//! Known gaps: spans in which a source's data is missing, with the reason (D-11).
//!
//! A plain state machine over "was heard" and "fell silent"; time is an argument.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use muster_model::{GapReason, KnownGap, SourceId, SourceStamp};

/// What is known of each source's silence.
#[derive(Debug, Default)]
pub(crate) struct Gaps(BTreeMap<SourceId, Hearing>);

#[derive(Debug)]
struct Hearing {
    last_heard: Timestamp,
    /// The gap that is open, or that will be written once the source is heard again.
    silence: Option<GapReason>,
}

impl Gaps {
    /// Starts from what was stored: nobody was heard since this server stopped.
    pub(crate) fn after_restart(sources: &[SourceStamp]) -> Self {
        let stopped = |stamp: &SourceStamp| {
            let hearing = Hearing { last_heard: stamp.last_seen, silence: Some(GapReason::ServerStopped) };
            (stamp.source.clone(), hearing)
        };
        Self(sources.iter().map(stopped).collect())
    }

    /// A source was heard. Says which gap that closes, if the silence was long enough to be one: more than two and a
    /// half intervals (D-10).
    pub(crate) fn heard(&mut self, source: &SourceId, interval: SignedDuration, now: Timestamp) -> Option<KnownGap> {
        let hearing = Hearing { last_heard: now, silence: None };
        let before = self.0.insert(source.clone(), hearing)?;
        let silent_for = now.duration_since(before.last_heard);
        let reason = before.silence?;
        (silent_for * 2 > interval * 5).then(|| KnownGap {
            source: source.clone(),
            from: before.last_heard,
            to: Some(now),
            reason,
        })
    }

    /// A source was judged silent while this server ran. Says which gap that opens.
    pub(crate) fn fell_silent(&mut self, source: &SourceId) -> Option<KnownGap> {
        let hearing = self.0.get_mut(source).filter(|hearing| hearing.silence.is_none())?;
        hearing.silence = Some(GapReason::SourceSilent);
        Some(KnownGap { source: source.clone(), from: hearing.last_heard, to: None, reason: GapReason::SourceSilent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: SignedDuration = SignedDuration::from_secs(10);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_restart_leaves_a_gap_with_its_reason() {
        // D-11
        let source = SourceId::local_agent();
        let stamp = SourceStamp { source: source.clone(), last_seen: at(0), interval: INTERVAL };
        let mut gaps = Gaps::after_restart(&[stamp]);
        let gap = gaps.heard(&source, INTERVAL, at(300)).unwrap();
        assert_eq!((gap.from, gap.to, gap.reason), (at(0), Some(at(300)), GapReason::ServerStopped));
        assert_eq!(gaps.heard(&source, INTERVAL, at(310)), None);
    }

    #[test]
    fn a_quick_restart_leaves_none() {
        // D-10: a missing slot is a gap after 2.5 periods.
        let source = SourceId::local_agent();
        let stamp = SourceStamp { source: source.clone(), last_seen: at(0), interval: INTERVAL };
        assert_eq!(Gaps::after_restart(&[stamp]).heard(&source, INTERVAL, at(25)), None);
    }

    #[test]
    fn silence_opens_a_gap_once_and_the_next_report_closes_it() {
        let source = SourceId::local_agent();
        let mut gaps = Gaps::default();
        assert_eq!(gaps.fell_silent(&source), None, "a source never heard has no gap");
        gaps.heard(&source, INTERVAL, at(0));
        let open = gaps.fell_silent(&source).unwrap();
        assert_eq!((open.from, open.to), (at(0), None));
        assert_eq!(gaps.fell_silent(&source), None);
        let closed = gaps.heard(&source, INTERVAL, at(500)).unwrap();
        assert_eq!((closed.from, closed.to, closed.reason), (at(0), Some(at(500)), GapReason::SourceSilent));
    }
}
