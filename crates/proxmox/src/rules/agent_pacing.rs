//! When the agent inside a guest is asked, so that a cluster does not spend its few workers on agents.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::disk_status::CallFailure;

/// Agents that are asked at the same time, over all nodes, unless a connection says otherwise. Less than one entry point
/// takes on, so that agents that hang leave room for the rest.
pub(crate) const CONCURRENT: usize = 2;
const HOLD: SignedDuration = SignedDuration::from_secs(15);
/// An agent that does not run is left alone for longer.
const SILENT: SignedDuration = SignedDuration::from_mins(30);
/// Failures after which a call that an agent may lack is given up.
const MOST_FAILURES: u8 = 3;

/// What came of asking an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It told all that matters.
    Complete,
    /// It told less.
    Incomplete,
    /// It takes questions and answers none.
    Hanging,
    /// It does not run.
    Silent,
}

/// How long agents are left alone, unless a connection says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// One that told all that matters.
    pub(crate) complete: SignedDuration,
    /// By up to how much longer, so that turns are spread.
    pub(crate) jitter: SignedDuration,
    /// One that told less.
    pub(crate) incomplete: SignedDuration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            complete: SignedDuration::from_mins(2),
            jitter: SignedDuration::from_secs(45),
            incomplete: SignedDuration::from_secs(30),
        }
    }
}

/// When which guest's agent is asked next.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    pace: Pace,
    next: HashMap<String, Timestamp>,
}

impl Pacing {
    /// Nobody was asked yet.
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, next: HashMap::new() }
    }

    /// Since when it is this guest's turn; absent while it is not. Who was never asked comes before everybody.
    pub(crate) fn turn_since(&self, guest: &str, now: Timestamp) -> Option<Timestamp> {
        let next = self.next.get(guest).copied().unwrap_or(Timestamp::MIN);
        (next <= now).then_some(next)
    }

    /// Whether this guest's turn has come; it is then held for a while, so that nobody else asks too.
    pub(crate) fn reserve(&mut self, guest: &str, now: Timestamp) -> bool {
        let due = self.next.get(guest).is_none_or(|next| *next <= now);
        if due {
            self.next.insert(guest.to_owned(), now + HOLD);
        }
        due
    }

    /// Sets the next turn.
    pub(crate) fn done(&mut self, guest: &str, outcome: Outcome, now: Timestamp) {
        let Pace { complete, jitter: most, incomplete } = self.pace;
        let wait = match outcome {
            Outcome::Complete | Outcome::Hanging => complete + jitter(guest, most),
            Outcome::Incomplete => incomplete,
            Outcome::Silent => SILENT,
        };
        self.next.insert(guest.to_owned(), now + wait);
    }

    /// Makes it this guest's turn: it was started anew.
    pub(crate) fn restart(&mut self, guest: &str) {
        self.next.remove(guest);
    }

    /// Forgets guests that are gone.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.next.retain(|guest, _| keep(guest));
    }
}

/// The same for the same guest at all times, different between guests, and `most` at most.
fn jitter(guest: &str, most: SignedDuration) -> SignedDuration {
    let mixed = guest.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        let hash = (hash ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^ (hash >> 29)
    });
    SignedDuration::from_secs(i64::try_from(mixed >> 33).unwrap_or_default() % (most.as_secs() + 1))
}

/// Whether a call is tried once more: only one that nobody answered in time.
pub(crate) fn retries(failure: &CallFailure) -> bool {
    failure.timed_out || failure.says(&["timeout", "timed out"])
}

/// Whether an agent is still asked what not every agent can tell, such as its operating system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Optional {
    failures: u8,
}

impl Optional {
    /// Whether to ask.
    pub(crate) fn is_asked(self) -> bool {
        self.failures < MOST_FAILURES
    }

    /// It was told.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// It was not: three times in a row, or in words that say never.
    pub(crate) fn failed(&mut self, failure: &CallFailure) {
        let never = failure.says(&["unsupported", "not supported", "commandnotfound", "has not been found"]);
        self.failures = if never { MOST_FAILURES } else { self.failures.saturating_add(1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_held_while_it_is_asked() {
        //
        let mut pacing = Pacing::default();
        assert!(pacing.reserve("qemu/100", at(0)));
        assert!(!pacing.reserve("qemu/100", at(14)));
        assert!(pacing.reserve("qemu/101", at(14)));
        assert!(pacing.reserve("qemu/100", at(15)));
    }

    #[test]
    fn the_next_turn_depends_on_what_was_told() {
        //
        let check = |outcome, from: i64, until: i64| {
            let mut pacing = Pacing::default();
            pacing.done("qemu/100", outcome, at(0));
            assert!(!pacing.reserve("qemu/100", at(from - 1)), "{outcome:?}");
            assert!(pacing.reserve("qemu/100", at(until)), "{outcome:?}");
        };
        check(Outcome::Complete, 120, 165);
        check(Outcome::Hanging, 120, 165);
        check(Outcome::Incomplete, 30, 30);
        check(Outcome::Silent, 1800, 1800);
        let mut pacing = Pacing::default();
        pacing.done("qemu/100", Outcome::Silent, at(0));
        pacing.restart("qemu/100");
        assert!(pacing.reserve("qemu/100", at(1)));
    }

    #[test]
    fn turns_are_spread_and_stay_the_same() {
        //
        let most = Pace::default().jitter;
        let spread: std::collections::BTreeSet<_> = (100..300).map(|n| jitter(&format!("qemu/{n}"), most)).collect();
        assert!(spread.len() > 30 && spread.iter().all(|wait| (0..=45).contains(&wait.as_secs())));
        assert_eq!(jitter("qemu/100", most), jitter("qemu/100", most));
        assert!(jitter("qemu/100", SignedDuration::ZERO).is_zero());
    }

    #[test]
    fn the_third_failure_is_the_last_call() {
        //
        let mut optional = Optional::default();
        let mut calls = 0;
        while optional.is_asked() {
            calls += 1;
            optional.failed(&failure("got timeout"));
        }
        assert_eq!(calls, 3);
        let mut optional = Optional::default();
        optional.failed(&failure("Unsupported: this feature is not available"));
        assert!(!optional.is_asked());
        let mut optional = Optional { failures: 2 };
        optional.succeeded();
        optional.failed(&failure("got timeout"));
        assert!(optional.is_asked());
    }

    #[test]
    fn only_a_timeout_is_tried_again() {
        //
        assert!(retries(&failure("qga command 'guest-get-fsinfo' failed - got timeout")));
        assert!(!retries(&failure("QEMU guest agent is not running")));
    }

    fn failure(text: &str) -> CallFailure {
        CallFailure { status: Some(500), timed_out: false, text: text.into() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
