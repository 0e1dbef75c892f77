//! What there is to do on the blocks of a shard. Decides only; what is done stands elsewhere.
//!
//! Samples gather in small blocks. When their window of two hours has ended they become one, and are summed up by ten
//! minutes; when the day has ended, its blocks become one. When ten days have ended, their sums become one block, and are
//! summed up by the hour. When samples are too old to keep they are summed up by the minute, and go. What comes late into
//! a window that was dealt with makes it be dealt with again.

use std::collections::BTreeSet;

use crate::{
    calendar::{Calendar, Level, Window},
    grid::Tick,
    head::GRACE_TICKS,
    index::{BlockMeta, ShardBlocks, waits},
    options::Settings,
    query::Tier,
};

/// One thing to do, as one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// A window of samples has ended: make its blocks one. When some of them are not summed up yet, sum up all of them.
    Unite { window: Window, level: Level, raw: Vec<BlockMeta>, sum_up: bool },
    /// Samples came for a day whose other samples are gone: add them to its sums.
    Absorb {
        day: Window,
        raw: Vec<BlockMeta>,
        /// Whether those by the minute are there. Without the others, new ones would hide coarser sums.
        has_minutes: bool,
    },
    /// Samples are too old: sum them up by the minute where that is kept for longer, and delete them.
    Fade { raw: BlockMeta, is_wanted: bool },
    /// Ten days have ended: make their sums by ten minutes one block, and sum them up by the hour.
    Collect { window: Window, sums: Vec<BlockMeta> },
    /// Sums came for ten days whose other sums by ten minutes are gone: add them to those by the hour.
    AbsorbSums { window: Window, sums: Vec<BlockMeta> },
    /// Sums are too old.
    Delete { block: BlockMeta },
}

/// By when things are over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    /// The time up to which windows have ended.
    ended: Tick,
    /// What ends before this is too old to keep, by tier.
    too_old: [Tick; 4],
    /// What ends before this goes now, by tier: what there is of the two oldest days of what is too old, since a clock
    /// that jumps far ahead for a moment must not take everything with it. Two, since the oldest may be of a source whose
    /// clock was never set, and always new.
    goes: [Tick; 4],
    /// The pack up to which everything has arrived elsewhere, where samples are shipped.
    shipped: Option<i64>,
}

impl Deadlines {
    /// Windows have ended as soon as the last sweeps say so: what comes for them all the same is dealt with again. What
    /// deletes waits until there is no doubt of the time.
    pub(super) fn new<'a>(
        now: Tick,
        undoubted: Option<Tick>,
        settings: &Settings,
        blocks: &(impl Iterator<Item = &'a BlockMeta> + Clone),
        shipped: Option<i64>,
    ) -> Self {
        let too_old = |tier| undoubted.map_or(Tick(i64::MIN), |now| now.plus(-settings.retention.of(tier)));
        let too_old = Tier::ALL.map(too_old);
        let goes = Tier::ALL.map(|tier| {
            let last = too_old[tier as usize];
            let old = blocks.clone().filter(|block| block.tier == tier && block.window.last < last);
            let days: BTreeSet<Window> =
                old.map(|block| settings.calendar.window(Level::Day, block.window.last)).collect();
            days.iter().nth(1).map_or(last, |day| last.min(day.last.plus(1)))
        });
        Self { ended: now.plus(-GRACE_TICKS), too_old, goes, shipped }
    }

    fn goes(&self, block: &BlockMeta) -> bool {
        block.window.last < self.goes[block.tier as usize]
    }

    fn is_too_old(&self, tier: Tier, last: Tick) -> bool {
        last < self.too_old[tier as usize]
    }
}

impl Job {
    /// The blocks that it is about.
    pub(super) fn inputs(&self) -> &[BlockMeta] {
        match self {
            Self::Unite { raw, .. } | Self::Absorb { raw, .. } => raw,
            Self::Collect { sums, .. } | Self::AbsorbSums { sums, .. } => sums,
            Self::Fade { raw: block, .. } | Self::Delete { block } => std::slice::from_ref(block),
        }
    }

    /// Whether what goes by it is gone for good, rather than summed up or written anew.
    pub(super) fn expires(&self) -> bool {
        match self {
            Self::Delete { .. } | Self::Fade { is_wanted: false, .. } => true,
            Self::Fade { is_wanted: true, .. }
            | Self::Unite { .. }
            | Self::Absorb { .. }
            | Self::Collect { .. }
            | Self::AbsorbSums { .. } => false,
        }
    }
}

/// Deletes a block that was set aside, once it is too old.
pub(super) fn expired<'a>(aside: impl Iterator<Item = &'a BlockMeta>, deadlines: &Deadlines) -> Option<Job> {
    aside.copied().find(|block| deadlines.goes(block)).map(|block| Job::Delete { block })
}

/// The next thing to do, if there is any.
pub(super) fn next(blocks: &ShardBlocks, calendar: Calendar, deadlines: &Deadlines) -> Option<Job> {
    let jobs = Jobs { blocks, calendar, deadlines };
    jobs.gathered()
        .or_else(|| jobs.ended_day())
        .or_else(|| jobs.fading())
        .or_else(|| jobs.ten_days())
        .or_else(|| jobs.old())
}

struct Jobs<'a> {
    blocks: &'a ShardBlocks,
    calendar: Calendar,
    deadlines: &'a Deadlines,
}

impl Jobs<'_> {
    fn raw(&self) -> impl Iterator<Item = &BlockMeta> {
        self.blocks.of_tier(Tier::Raw).iter()
    }

    fn has_ended(&self, window: Window) -> bool {
        window.last <= self.deadlines.ended
    }

    /// Something gathered, and its window has ended.
    fn gathered(&self) -> Option<Job> {
        let gathered = self.raw().filter(|block| block.level == Level::Gathered);
        let narrow = gathered.map(|block| self.calendar.window(Level::TwoHours, block.window.first));
        let narrow = narrow.filter(|window| self.has_ended(*window) && !self.waits(*window)).min()?;
        let day = self.calendar.window(Level::Day, narrow.first);
        // A clock that ran ahead may have ended a day before its time.
        let whole_day = self.raw().any(|block| block.level == Level::Day && day.contains(block.window.first));
        let whole_day = whole_day || self.has_ended(day);
        let (window, level) = if whole_day { (day, Level::Day) } else { (narrow, Level::TwoHours) };
        let is_old = self.deadlines.is_too_old(Tier::Raw, day.last) || self.have_later_days_faded(day);
        if self.has_faded(day) || is_old && self.has_only_sums(day) {
            return Some(Job::Absorb { day, raw: self.raw_in(day), has_minutes: self.has_faded(day) });
        }
        Some(Job::Unite { window, level, raw: self.raw_in(window), sum_up: true })
    }

    /// Whether something in the day of a window has to be shipped first. Later on it could not be told from what was.
    fn waits(&self, window: Window) -> bool {
        let day = self.calendar.window(Level::Day, window.first);
        let window = if self.has_ended(day) { day } else { window };
        self.raw_in(window).iter().any(|block| waits(block, self.deadlines.shipped))
    }

    /// Whether the samples of a day are gone and their sums are there.
    fn has_only_sums(&self, day: Window) -> bool {
        let has_sums = [Tier::Minute, Tier::TenMinutes, Tier::Hour]
            .into_iter()
            .any(|tier| self.blocks.of_tier(tier).iter().any(|block| block.window.touches(day.first, day.last)));
        has_sums && self.raw_in(day).iter().all(|block| block.level == Level::Gathered)
    }

    /// Whether the samples of a day went into sums by the minute: early, when a clock ran ahead or less was kept.
    fn has_faded(&self, day: Window) -> bool {
        self.blocks.of_tier(Tier::Minute).iter().any(|block| block.window.touches(day.first, day.last))
    }

    /// Days fade in their order. This tells what is old when a clock has gone back, too.
    fn have_later_days_faded(&self, day: Window) -> bool {
        self.blocks.of_tier(Tier::Minute).iter().any(|block| block.window.first > day.last)
    }

    /// A day has ended whose samples are in several blocks.
    fn ended_day(&self) -> Option<Job> {
        let narrow = self.raw().filter(|block| block.level == Level::TwoHours);
        let days: BTreeSet<Window> = narrow.map(|block| self.calendar.window(Level::Day, block.window.first)).collect();
        let window = days.into_iter().find(|day| self.has_ended(*day) && !self.waits(*day))?;
        Some(Job::Unite { window, level: Level::Day, raw: self.raw_in(window), sum_up: false })
    }

    fn raw_in(&self, window: Window) -> Vec<BlockMeta> {
        self.raw().filter(|block| window.holds(block.window.first, block.window.last)).copied().collect()
    }

    fn fading(&self) -> Option<Job> {
        let raw = *self.raw().find(|block| block.level == Level::Day && self.deadlines.goes(block))?;
        let is_wanted = !self.deadlines.is_too_old(Tier::Minute, raw.window.last);
        Some(Job::Fade { raw, is_wanted })
    }

    fn ten_days(&self) -> Option<Job> {
        let all = self.blocks.of_tier(Tier::TenMinutes);
        let days = all.iter().filter(|block| block.level == Level::Day);
        let windows: BTreeSet<Window> =
            days.map(|block| self.calendar.window(Level::TenDays, block.window.first)).collect();
        let window = windows.into_iter().find(|window| self.has_ended(*window))?;
        let inside = all.iter().filter(|block| window.holds(block.window.first, block.window.last));
        let sums: Vec<BlockMeta> = inside.copied().collect();
        let has_hours = self.blocks.of_tier(Tier::Hour).iter().any(|it| window.holds(it.window.first, it.window.last));
        // Sums by the hour were made of a block of ten days; without it, they know more than what is there now.
        let is_rest = has_hours && sums.iter().all(|block| block.level == Level::Day);
        if is_rest {
            return Some(Job::AbsorbSums { window, sums });
        }
        Some(Job::Collect { window, sums })
    }

    fn old(&self) -> Option<Job> {
        // Sums by ten minutes stay until those by the hour are made of them.
        let is_done = |block: &&BlockMeta| match block.tier {
            Tier::Raw => false,
            Tier::TenMinutes => block.level == Level::TenDays,
            Tier::Minute | Tier::Hour => true,
        };
        let buckets = self.blocks.all().filter(is_done);
        let block = *buckets.into_iter().find(|block| self.deadlines.goes(block))?;
        Some(Job::Delete { block })
    }
}

#[cfg(test)]
mod tests;
