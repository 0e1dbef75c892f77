//! The windows of time that blocks fill: two hours, a day, ten days, counted from the epoch. A wider one is made of whole
//! narrower ones, and all are made of whole buckets of every tier.

use jiff::SignedDuration;

use crate::{
    grid::{Grid, Tick},
    query::Tier,
};

/// How much time a block was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// Whatever had gathered, within one window of two hours.
    Gathered,
    /// Two hours.
    TwoHours,
    /// A day.
    Day,
    /// Ten days.
    TenDays,
}

impl Level {
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn of_number(number: u8) -> Option<Self> {
        [Self::Gathered, Self::TwoHours, Self::Day, Self::TenDays].into_iter().find(|level| level.number() == number)
    }
}

/// A stretch of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Window {
    pub(crate) first: Tick,
    pub(crate) last: Tick,
}

impl Window {
    pub(crate) fn contains(self, tick: Tick) -> bool {
        (self.first..=self.last).contains(&tick)
    }

    pub(crate) fn touches(self, first: Tick, last: Tick) -> bool {
        first <= self.last && last >= self.first
    }

    pub(crate) fn holds(self, first: Tick, last: Tick) -> bool {
        first >= self.first && last <= self.last
    }
}

/// Cuts time into windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calendar {
    hour: i64,
    grid: Grid,
}

impl Calendar {
    pub(crate) fn new(grid: Grid) -> Self {
        Self { hour: grid.ticks_in(SignedDuration::from_hours(1)), grid }
    }

    /// The window of a level that a tick lies in; that of what has gathered is two hours.
    pub(crate) fn window(self, level: Level, tick: Tick) -> Window {
        let length = self.length(level);
        let first = Tick(tick.0.div_euclid(length) * length);
        Window { first, last: first.plus(length - 1) }
    }

    fn length(self, level: Level) -> i64 {
        self.hour
            * match level {
                Level::Gathered | Level::TwoHours => 2,
                Level::Day => 24,
                Level::TenDays => 240,
            }
    }

    /// Whole windows of two hours around a stretch of time.
    pub(crate) fn around(self, first: Tick, last: Tick) -> Window {
        Window { first: self.window(Level::TwoHours, first).first, last: self.window(Level::TwoHours, last).last }
    }

    /// How many ticks a bucket of a tier covers; a sample covers one.
    pub(crate) fn width(self, tier: Tier) -> i64 {
        self.grid.width(tier)
    }

    /// The first tick of the bucket that a tick lies in.
    pub(crate) fn bucket(self, tier: Tier, tick: Tick) -> Tick {
        let width = self.width(tier);
        Tick(tick.0.div_euclid(width) * width)
    }
}
