//! Known gaps: spans in which a source's data is missing, with the reason (D-11).
//!
//! A plain state machine over "was heard" and "fell silent"; time is an argument.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use muster_model::{GapReason, KnownGap, SourceId, SourceStamp};

/// How far a stored stamp may be behind (D-12), and a report's work on top of it.
const STAMP_LAG: SignedDuration = SignedDuration::from_secs(70);

/// What is known of each source's silence.
#[derive(Debug, Default)]
pub(crate) struct Gaps(BTreeMap<SourceId, Hearing>);

#[derive(Debug)]
struct Hearing {
    last_heard: Timestamp,
    /// The gap that is open, or that will be written once the source is heard again.
    silence: Option<GapReason>,
    /// Why the source will be silent, if that is known beforehand.
    expected: Option<GapReason>,
}

impl Gaps {
    /// Starts from what was stored: nobody was heard since this server stopped. A stamp may be a minute old (D-12); where
    /// history reaches further, the source was heard until then, or for as long as a stamp can be behind.
    pub(crate) fn after_restart(sources: &[SourceStamp], recorded: Option<Timestamp>) -> Self {
        let stopped = |stamp: &SourceStamp| {
            let reach = stamp.last_seen + STAMP_LAG;
            let last_heard = recorded.map_or(stamp.last_seen, |recorded| recorded.min(reach).max(stamp.last_seen));
            let hearing = Hearing { last_heard, silence: Some(GapReason::ServerStopped), expected: None };
            (stamp.source.clone(), hearing)
        };
        Self(sources.iter().map(stopped).collect())
    }

    /// A source was heard. Says which gap that closes, if the silence was long enough to be one: more than two and a
    /// half intervals (D-10).
    pub(crate) fn heard(&mut self, source: &SourceId, interval: SignedDuration, now: Timestamp) -> Option<KnownGap> {
        let hearing = Hearing { last_heard: now, silence: None, expected: None };
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

    /// Nobody asks a source any more until it is heard again. A silence that lasts keeps the reason for which it began.
    pub(crate) fn disabled(&mut self, source: &SourceId) {
        if let Some(hearing) = self.0.get_mut(source) {
            hearing.expected = Some(GapReason::ConnectionDisabled);
        }
    }

    /// A source was judged silent while this server ran. Says which gap that opens. Whoever reports by itself did not;
    /// whoever is polled could not be reached, unless nobody was to try.
    pub(crate) fn fell_silent(&mut self, source: &SourceId) -> Option<KnownGap> {
        let hearing = self.0.get_mut(source).filter(|hearing| hearing.silence.is_none())?;
        let unexpected = match source.kind().is_polled() {
            true => GapReason::SourceUnreachable,
            false => GapReason::SourceSilent,
        };
        let reason = hearing.expected.unwrap_or(unexpected);
        hearing.silence = Some(reason);
        Some(KnownGap { source: source.clone(), from: hearing.last_heard, to: None, reason })
    }

    /// A source was let go of. Says which gap that ends: nothing is missing of it from here on.
    pub(crate) fn forget(&mut self, source: &SourceId, now: Timestamp) -> Option<KnownGap> {
        let Hearing { last_heard, silence, expected: _ } = self.0.remove(source)?;
        Some(KnownGap { source: source.clone(), from: last_heard, to: Some(now), reason: silence? })
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
        let mut gaps = Gaps::after_restart(&[stamp], None);
        let gap = gaps.heard(&source, INTERVAL, at(300)).unwrap();
        assert_eq!((gap.from, gap.to, gap.reason), (at(0), Some(at(300)), GapReason::ServerStopped));
        assert_eq!(gaps.heard(&source, INTERVAL, at(310)), None);
    }

    #[test]
    fn a_quick_restart_leaves_none() {
        // D-10: a missing slot is a gap after 2.5 periods.
        let source = SourceId::local_agent();
        let stamp = SourceStamp { source: source.clone(), last_seen: at(0), interval: INTERVAL };
        assert_eq!(Gaps::after_restart(&[stamp], None).heard(&source, INTERVAL, at(25)), None);
    }

    #[test]
    fn a_stale_stamp_makes_no_gap_where_history_has_samples() {
        // D-12: stamps are coalesced; a crash right before the next one must not look like a minute of silence.
        let source = SourceId::local_agent();
        let stamp = SourceStamp { source: source.clone(), last_seen: at(0), interval: INTERVAL };
        let after = |recorded| Gaps::after_restart(std::slice::from_ref(&stamp), Some(at(recorded)));
        assert_eq!(after(50).heard(&source, INTERVAL, at(60)), None);
        assert_eq!(after(50).heard(&source, INTERVAL, at(300)).unwrap().from, at(50));
        // Another source may have been recorded for much longer.
        assert_eq!(after(1000).heard(&source, INTERVAL, at(1010)).unwrap().from, at(70));
        assert_eq!(after(-100).heard(&source, INTERVAL, at(300)).unwrap().from, at(0));
    }

    #[test]
    fn whoever_is_polled_is_unreachable_rather_than_silent() {
        // D-11
        let source: SourceId = "proxmox:lab".parse().unwrap();
        let mut gaps = Gaps::default();
        gaps.heard(&source, INTERVAL, at(0));
        assert_eq!(gaps.fell_silent(&source).unwrap().reason, GapReason::SourceUnreachable);
    }

    #[test]
    fn whoever_nobody_asks_is_not_called_unreachable() {
        // D-11
        let source: SourceId = "proxmox:lab".parse().unwrap();
        let mut gaps = Gaps::default();
        gaps.heard(&source, INTERVAL, at(0));
        gaps.disabled(&source);
        assert_eq!(gaps.fell_silent(&source).unwrap().reason, GapReason::ConnectionDisabled);
        gaps.heard(&source, INTERVAL, at(500));
        assert_eq!(gaps.fell_silent(&source).unwrap().reason, GapReason::SourceUnreachable, "it was enabled again");
        gaps.disabled(&source);
        let closed = gaps.heard(&source, INTERVAL, at(900)).unwrap();
        assert_eq!(closed.reason, GapReason::SourceUnreachable, "that is how the silence began");
    }

    #[test]
    fn a_source_that_is_let_go_of_has_no_open_gap() {
        let source: SourceId = "proxmox:lab".parse().unwrap();
        let mut gaps = Gaps::default();
        gaps.heard(&source, INTERVAL, at(0));
        gaps.fell_silent(&source);
        let ended = gaps.forget(&source, at(90)).unwrap();
        assert_eq!((ended.from, ended.to), (at(0), Some(at(90))));
        gaps.heard(&source, INTERVAL, at(100));
        assert_eq!(gaps.forget(&source, at(110)), None, "there was no silence");
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
