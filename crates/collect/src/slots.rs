//! The moments at which a lane is looked into: a multiple of its interval, moved by a part of the interval that is always
//! the same for the same connection and lane, so that many connections do not look at the same time.
//!
//! Pure arithmetic on wall time; whoever waits turns a moment into a monotonic wait.

use jiff::{SignedDuration, Timestamp};
use muster_model::ConnectionId;
use sha2::{Digest, Sha256};

/// The base tick of history (D-10): a look is for the tick that it falls into.
pub(crate) const TICK: SignedDuration = SignedDuration::from_secs(10);

/// No lane is looked into more often than this, whatever it says.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// The moments of one lane of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slots {
    every_ms: i64,
    /// From 0 up to, not including, `every_ms`.
    offset_ms: i64,
}

impl Slots {
    /// The moments of a lane that is looked into at an interval.
    pub(crate) fn new(connection: ConnectionId, lane: &str, every: SignedDuration) -> Self {
        let every_ms = i64::try_from(every.max(SHORTEST).as_millis()).unwrap_or(i64::MAX);
        Self { every_ms, offset_ms: part(connection, lane, every_ms) }
    }

    /// The first moment after the given one. What was missed before it is not made up for.
    pub(crate) fn after(self, at: Timestamp) -> Timestamp {
        let since = at.as_millisecond().saturating_sub(self.offset_ms);
        let slot = since.div_euclid(self.every_ms).saturating_add(1);
        let next = slot.saturating_mul(self.every_ms).saturating_add(self.offset_ms);
        Timestamp::from_millisecond(next).unwrap_or(Timestamp::MAX)
    }
}

/// The tick that a moment falls into.
pub(crate) fn tick_of(at: Timestamp) -> Timestamp {
    let tick_ms = i64::try_from(TICK.as_millis()).expect("a tick is seconds");
    let floor = at.as_millisecond().div_euclid(tick_ms).saturating_mul(tick_ms);
    Timestamp::from_millisecond(floor).unwrap_or(at)
}

/// A part of a span that is always the same for the same connection and lane, and spread evenly over many of them.
pub(crate) fn part(connection: ConnectionId, lane: &str, span_ms: i64) -> i64 {
    let digest = Sha256::new().chain_update(connection.0.as_bytes()).chain_update(lane.as_bytes()).finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let part = (u128::from(u64::from_be_bytes(first)) * u128::from(span_ms.unsigned_abs())) >> 64;
    i64::try_from(part).expect("a part is no longer than the whole")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn fifty_connections_do_not_look_at_once() {
        let mut seconds: BTreeMap<i64, u32> = BTreeMap::new();
        for number in 0..50 {
            let at = slots(number, "bulk", 10).after(Timestamp::UNIX_EPOCH);
            *seconds.entry(at.as_second() % 10).or_default() += 1;
        }
        assert_eq!(seconds.len(), 10, "{seconds:?}");
        assert!(seconds.values().all(|count| *count <= 12), "{seconds:?}");
    }

    #[test]
    fn lanes_of_one_connection_are_apart_and_stay_where_they_are() {
        let first = |lane| slots(7, lane, 300).after(Timestamp::UNIX_EPOCH);
        assert_ne!(first("disks"), first("nodes"));
        assert_eq!(first("disks"), first("disks"));
    }

    #[test]
    fn a_look_is_for_the_tick_that_it_falls_into() {
        // D-10
        let check = |ms, expected| {
            let at = Timestamp::from_millisecond(ms).unwrap();
            assert_eq!(tick_of(at).as_millisecond(), expected, "{ms}");
        };
        check(0, 0);
        check(9_999, 0);
        check(10_000, 10_000);
        check(-1, -10_000);
    }

    #[test]
    fn an_interval_of_nothing_is_no_busy_loop() {
        let now = Timestamp::UNIX_EPOCH;
        let slots = Slots::new(id(1), "bulk", SignedDuration::ZERO);
        assert!(slots.after(now) > now);
        assert_eq!(slots.after(slots.after(now)).duration_since(slots.after(now)), SHORTEST);
    }

    proptest! {
        #[test]
        fn moments_lie_on_the_grid_and_in_the_future(number: u128, every in 1_i64..100_000, at in -4_000_000_000_i64..4_000_000_000) {
            let (slots, now) = (slots(number, "bulk", every), Timestamp::from_second(at).unwrap());
            let next = slots.after(now);
            prop_assert!(slots.offset_ms >= 0 && slots.offset_ms < slots.every_ms);
            prop_assert!(next > now);
            prop_assert!(next.duration_since(now) <= SignedDuration::from_secs(every));
            prop_assert_eq!((next.as_millisecond() - slots.offset_ms).rem_euclid(slots.every_ms), 0);
            prop_assert_eq!(slots.after(next).duration_since(next), SignedDuration::from_secs(every));
        }
    }

    fn slots(number: u128, lane: &str, seconds: i64) -> Slots {
        Slots::new(id(number), lane, SignedDuration::from_secs(seconds))
    }

    fn id(number: u128) -> ConnectionId {
        ConnectionId(Uuid::from_u128(number))
    }
}
