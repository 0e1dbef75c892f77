//! Rates from the counters of guests (R-44, D-9). The platform hands out what it sampled up to ten seconds ago, so that
//! the same sample may be seen twice; its counters begin anew with a start and with a migration.

use jiff::{SignedDuration, Timestamp};
use muster_model::UnknownReason;
use smol_str::SmolStr;

/// A longer silence tells nothing of how fast it went.
const LONGEST_GAP: SignedDuration = SignedDuration::from_mins(5);
/// How long the last rate speaks for a sample that stands still.
const LONGEST_REPEAT: SignedDuration = SignedDuration::from_secs(60);

/// How many counters a guest has: received, sent, read, written.
pub(crate) const COUNTERS: usize = 4;
/// A rate of each, in bytes a second, or why there is none.
pub(crate) type Rates = [Result<f64, UnknownReason>; COUNTERS];

/// Counters of a guest as they were sampled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counters {
    /// Who counted.
    pub(crate) node: SmolStr,
    /// Seconds since the guest was started.
    pub(crate) uptime: Option<u64>,
    /// Bytes.
    pub(crate) values: [Option<u64>; COUNTERS],
}

/// The last sample of a guest's counters, and the rates that it gave.
#[derive(Debug, Clone)]
pub(crate) struct Baseline {
    at: Timestamp,
    counters: Counters,
    rates: Rates,
}

/// Takes a sample in and says how fast it goes.
pub(crate) fn observe(slot: &mut Option<Baseline>, counters: Counters, now: Timestamp) -> Rates {
    let Some(before) = slot.as_ref() else { return begin(slot, counters, now, UnknownReason::NoBaseline) };
    let elapsed = now.duration_since(before.at);
    if before.counters == counters {
        let stuck = elapsed > LONGEST_REPEAT;
        return before.rates.map(|rate| if stuck { Err(UnknownReason::NotReported) } else { rate });
    }
    if before.counters.node != counters.node || restarted(&before.counters, &counters) {
        return begin(slot, counters, now, UnknownReason::CounterReset);
    }
    if elapsed > LONGEST_GAP || elapsed <= SignedDuration::ZERO {
        return begin(slot, counters, now, UnknownReason::NoBaseline);
    }
    let rate = |place: usize| rate(before.counters.values[place], counters.values[place], elapsed);
    let rates = std::array::from_fn(rate);
    *slot = Some(Baseline { at: now, counters, rates });
    rates
}

fn begin(slot: &mut Option<Baseline>, counters: Counters, now: Timestamp, why: UnknownReason) -> Rates {
    let of = |value: &Option<u64>| Err(if value.is_some() { why } else { UnknownReason::NotReported });
    let rates = std::array::from_fn(|place| of(&counters.values[place]));
    *slot = Some(Baseline { at: now, counters, rates });
    rates
}

fn restarted(before: &Counters, now: &Counters) -> bool {
    before.uptime.zip(now.uptime).is_some_and(|(before, now)| now < before)
}

fn rate(before: Option<u64>, now: Option<u64>, elapsed: SignedDuration) -> Result<f64, UnknownReason> {
    let now = now.ok_or(UnknownReason::NotReported)?;
    let before = before.ok_or(UnknownReason::NoBaseline)?;
    let grown = now.checked_sub(before).ok_or(UnknownReason::CounterReset)?;
    Ok(grown as f64 / elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rate_needs_two_samples() {
        // R-44, D-9
        let mut slot = None;
        assert_eq!(observe(&mut slot, counters("a", 10, 1000), at(0))[0], Err(UnknownReason::NoBaseline));
        assert_eq!(observe(&mut slot, counters("a", 20, 3000), at(10))[0], Ok(200.0));
    }

    #[test]
    fn a_counter_that_goes_back_emits_no_rate() {
        // D-9: by itself, with a start, and with a migration.
        let check = |next: Counters| {
            let mut slot = None;
            let _ = observe(&mut slot, counters("a", 100, 1000), at(0));
            assert_eq!(observe(&mut slot, next.clone(), at(10))[0], Err(UnknownReason::CounterReset), "{next:?}");
            let later = Counters { uptime: next.uptime.map(|uptime| uptime + 10), values: [Some(9000); 4], ..next };
            assert!(observe(&mut slot, later, at(20))[0].is_ok());
        };
        check(counters("a", 110, 500));
        check(counters("a", 5, 5000));
        check(counters("b", 110, 5000));
    }

    #[test]
    fn a_sample_seen_twice_is_not_a_standstill() {
        //
        let mut slot = None;
        let _ = observe(&mut slot, counters("a", 10, 1000), at(0));
        let _ = observe(&mut slot, counters("a", 20, 3000), at(10));
        assert_eq!(observe(&mut slot, counters("a", 20, 3000), at(20))[0], Ok(200.0));
        assert_eq!(observe(&mut slot, counters("a", 40, 5000), at(30))[0], Ok(100.0));
        assert_eq!(observe(&mut slot, counters("a", 40, 5000), at(91))[0], Err(UnknownReason::NotReported));
    }

    #[test]
    fn a_real_standstill_is_a_rate_of_nothing() {
        let mut slot = None;
        let _ = observe(&mut slot, counters("a", 10, 1000), at(0));
        assert_eq!(observe(&mut slot, counters("a", 20, 1000), at(10))[0], Ok(0.0));
    }

    #[test]
    fn a_long_gap_emits_nothing() {
        // D-9: an average over more than five minutes is no rate of now.
        let mut slot = None;
        let _ = observe(&mut slot, counters("a", 10, 1000), at(0));
        assert_eq!(observe(&mut slot, counters("a", 311, 9000), at(301))[0], Err(UnknownReason::NoBaseline));
    }

    #[test]
    fn a_missing_counter_is_unknown() {
        // D-9
        let mut slot = None;
        let missing = Counters { values: [None; 4], ..counters("a", 10, 0) };
        assert_eq!(observe(&mut slot, missing, at(0))[0], Err(UnknownReason::NotReported));
        assert_eq!(observe(&mut slot, counters("a", 20, 10), at(10))[0], Err(UnknownReason::NoBaseline));
    }

    proptest! {
        #[test]
        fn a_rate_is_never_negative(samples in prop::collection::vec((any::<u64>(), any::<u64>(), any::<bool>()), 0..20)) {
            let mut slot = None;
            for (step, (uptime, value, moved)) in (0..).zip(samples) {
                let rates = observe(&mut slot, counters(if moved { "b" } else { "a" }, uptime, value), at(step * 10));
                prop_assert!(rates.into_iter().flatten().all(|rate| rate >= 0.0 && rate.is_finite()));
            }
        }
    }

    fn counters(node: &str, uptime: u64, value: u64) -> Counters {
        Counters { node: node.into(), uptime: Some(uptime), values: [Some(value); 4] }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
