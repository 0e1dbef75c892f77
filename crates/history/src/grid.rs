//! The grid on which all samples lie (D-10): one base tick for everybody, a period in ticks for each plan.
//!
//! Pure arithmetic. A sample's time is rounded to the nearest tick; where a sample lies is then a whole number.

use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};

use crate::query::Tier;

/// A place on the grid: so many ticks after the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tick(pub(crate) i64);

impl Tick {
    /// No time that [`Timestamp`] can express lies further from the epoch, at ticks of a second or more.
    const FURTHEST: i64 = 1 << 40;

    /// Reads a stored number, refusing what cannot be a time.
    pub(crate) fn checked(number: i64) -> Option<Self> {
        (-Self::FURTHEST..=Self::FURTHEST).contains(&number).then_some(Self(number))
    }

    /// The tick so many ticks later.
    pub(crate) fn plus(self, ticks: i64) -> Self {
        Self(self.0 + ticks)
    }
}

/// How often a poll plan samples: a whole number of ticks, at least one. Made by [`History::period`](crate::History::period).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(NonZeroU32);

impl Period {
    /// A period of so many ticks.
    pub fn of_ticks(ticks: NonZeroU32) -> Self {
        Self(ticks)
    }

    /// The period in ticks.
    pub fn ticks(self) -> NonZeroU32 {
        self.0
    }

    pub(crate) fn get(self) -> i64 {
        i64::from(self.0.get())
    }

    /// Whether two samples this many ticks apart have a gap between them: more than 2.5 periods (D-10).
    pub(crate) fn is_exceeded_by(self, ticks: i64) -> bool {
        ticks.saturating_mul(2) > self.get() * 5
    }
}

/// The base tick, and the arithmetic between ticks and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    tick_ms: i64,
}

impl Grid {
    /// A grid with the given tick, unless it is not a whole part of a minute from 10 s to 60 s.
    pub(crate) fn new(tick: SignedDuration) -> Option<Self> {
        const MINUTE_MS: i64 = 60_000;
        let tick_ms = i64::try_from(tick.as_millis()).ok()?;
        let whole = SignedDuration::from_millis(tick_ms) == tick && (10_000..=MINUTE_MS).contains(&tick_ms);
        (whole && MINUTE_MS % tick_ms == 0).then_some(Self { tick_ms })
    }

    pub(crate) fn tick_ms(self) -> i64 {
        self.tick_ms
    }

    /// The tick nearest to a time; halfway goes up.
    pub(crate) fn stamp(self, at: Timestamp) -> Tick {
        Tick((at.as_millisecond() + self.tick_ms / 2).div_euclid(self.tick_ms))
    }

    /// A tick in milliseconds since the Unix epoch.
    pub(crate) fn epoch_ms(self, tick: Tick) -> i64 {
        tick.0.saturating_mul(self.tick_ms)
    }

    /// The time of a tick, clamped to what a timestamp can express.
    pub(crate) fn time(self, tick: Tick) -> Timestamp {
        let edge = if tick.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_millisecond(self.epoch_ms(tick)).unwrap_or(edge)
    }

    /// How long so many ticks last.
    pub(crate) fn duration(self, ticks: i64) -> SignedDuration {
        SignedDuration::from_millis(ticks.saturating_mul(self.tick_ms))
    }

    /// How many ticks a span covers, rounded up, at least one.
    pub(crate) fn ticks_in(self, span: SignedDuration) -> i64 {
        let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX).max(0);
        (span_ms / self.tick_ms + i64::from(span_ms % self.tick_ms != 0)).max(1)
    }

    /// How many ticks a bucket of a tier covers; a sample covers one.
    pub(crate) fn width(self, tier: Tier) -> i64 {
        tier.width().map_or(1, |width| self.ticks_in(width))
    }

    /// The period nearest to an interval, at least one tick.
    pub(crate) fn period(self, interval: SignedDuration) -> Period {
        let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(0);
        let ticks = interval_ms.saturating_add(self.tick_ms / 2) / self.tick_ms;
        let ticks = u32::try_from(ticks).unwrap_or(u32::MAX);
        Period(NonZeroU32::new(ticks).unwrap_or(NonZeroU32::MIN))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn samples_are_stamped_to_the_nearest_tick() {
        // D-10
        let check =
            |ms, tick| assert_eq!(grid().stamp(Timestamp::from_millisecond(ms).unwrap()), Tick(tick), "{ms} ms");
        check(0, 0);
        check(4_999, 0);
        check(5_000, 1);
        check(14_999, 1);
        check(-5_000, 0);
        check(-5_001, -1);
    }

    #[test]
    fn a_gap_begins_after_two_and_a_half_periods() {
        // D-10
        let check = |period, ticks, expected| {
            assert_eq!(Period::of_ticks(NonZeroU32::new(period).unwrap()).is_exceeded_by(ticks), expected);
        };
        check(1, 2, false);
        check(1, 3, true);
        check(6, 15, false);
        check(6, 16, true);
    }

    #[test]
    fn periods_are_whole_ticks() {
        let check = |seconds, ticks| {
            assert_eq!(grid().period(SignedDuration::from_secs(seconds)).ticks().get(), ticks, "{seconds} s");
        };
        check(-1, 1);
        check(0, 1);
        check(14, 1);
        check(15, 2);
        check(300, 30);
        check(i64::MAX, u32::MAX);
    }

    #[test]
    fn a_tick_is_a_whole_part_of_a_minute() {
        let check = |seconds, fits| assert_eq!(Grid::new(SignedDuration::from_secs(seconds)).is_some(), fits);
        check(10, true);
        check(20, true);
        check(60, true);
        check(1, false);
        check(25, false);
        check(120, false);
        assert_eq!(Grid::new(SignedDuration::from_nanos(10_000_000_001)), None);
    }

    proptest! {
        #[test]
        fn every_time_has_a_tick_and_every_tick_its_time(ms in Timestamp::MIN.as_millisecond()..=Timestamp::MAX.as_millisecond()) {
            let tick = grid().stamp(Timestamp::from_millisecond(ms).unwrap());
            prop_assert!(Tick::checked(tick.0).is_some());
            let back = grid().time(tick).as_millisecond();
            prop_assert!((back - ms).abs() <= 5_000);
        }
    }

    fn grid() -> Grid {
        Grid::new(SignedDuration::from_secs(10)).unwrap()
    }
}
