//! Which resolution answers which stretch of a span: the wanted one where it is there, a finer one where it is not yet,
//! a coarser one where only that is left.

use std::collections::BTreeSet;

use crate::{
    calendar::{Calendar, Level, Window},
    grid::Tick,
    index::ShardBlocks,
    intervals::Intervals,
    options::Settings,
    query::Tier,
};

/// A stretch of a span and what answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Piece {
    pub(crate) window: Window,
    pub(crate) tier: Tier,
}

/// What there is of one shard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holdings<'a> {
    pub(crate) blocks: &'a ShardBlocks,
    /// Windows of two hours that memory has rows in.
    pub(crate) fresh: &'a BTreeSet<Window>,
    pub(crate) settings: &'a Settings,
    pub(crate) present: Option<Tick>,
}

impl Holdings<'_> {
    /// Cuts a span into pieces, in ascending order of time. A stretch without any data may have none.
    pub(crate) fn pieces(self, span: Window, wanted: Tier) -> Vec<Piece> {
        let (unsummed, complete) = (self.unsummed(), self.complete());
        // Where samples are gone, those that came since lie over the sums of the others.
        let over = unsummed.without(&complete).and(&self.any_sums()).and(&Intervals::of([span]));
        let (uncollected, rest) = (self.uncollected(), self.rest().without(&complete).and(&Intervals::of([span])));
        let mut left = Intervals::of([span]);
        let mut pieces = Vec::new();
        for tier in preferences(wanted) {
            let usable = match tier {
                Tier::Raw => Intervals::of(complete.iter().chain(unsummed.without(&over).iter())),
                // Where all samples are there, they know of what came after the sums were made.
                Tier::Minute => self.sums(tier),
                Tier::TenMinutes => self.sums(tier).without(&rest),
                Tier::Hour => self.sums(tier).without(&uncollected.without(&rest)),
            };
            let usable = if tier == Tier::Raw { usable } else { usable.without(&unsummed.and(&complete)) };
            let taken = left.and(&usable);
            let laid_over = Intervals::of(over.iter().chain(rest.iter()));
            let parts = [taken.without(&laid_over), taken.and(&laid_over)];
            pieces.extend(parts.iter().flat_map(Intervals::iter).map(|window| Piece { window, tier }));
            left = left.without(&taken);
            if left.is_empty() {
                break;
            }
        }
        pieces.extend(rest.iter().map(|window| Piece { window, tier: Tier::TenMinutes }));
        pieces.extend(over.iter().map(|window| Piece { window, tier: Tier::Raw }));
        pieces.sort_by_key(|piece| (piece.window.first, std::cmp::Reverse(piece.tier)));
        pieces
    }

    /// Windows with samples that no sum knows of.
    fn unsummed(self) -> Intervals {
        let gathered = self.blocks.of_tier(Tier::Raw).iter().filter(|block| block.level == Level::Gathered);
        let gathered = gathered.map(|block| self.calendar().around(block.window.first, block.window.last));
        Intervals::of(gathered.chain(self.fresh.iter().copied()))
    }

    fn sums(self, tier: Tier) -> Intervals {
        Intervals::of(self.blocks.of_tier(tier).iter().map(|block| block.window))
    }

    /// Days with sums by ten minutes that no sum by the hour knows of.
    fn uncollected(self) -> Intervals {
        let sums = self.blocks.of_tier(Tier::TenMinutes).iter();
        Intervals::of(sums.filter(|block| block.level == Level::Day).map(|block| block.window))
    }

    /// Those of them whose ten days have other sums that are left by the hour only.
    fn rest(self) -> Intervals {
        let sums = self.blocks.of_tier(Tier::TenMinutes).iter();
        let collected = Intervals::of(sums.filter(|block| block.level == Level::TenDays).map(|block| block.window));
        self.uncollected().and(&self.sums(Tier::Hour)).without(&collected)
    }

    fn any_sums(self) -> Intervals {
        let tiers = [Tier::Minute, Tier::TenMinutes, Tier::Hour];
        Intervals::of(tiers.into_iter().flat_map(|tier| self.blocks.of_tier(tier)).map(|block| block.window))
    }

    /// Where all samples are still there: in every day that has some which were summed up, since a day's samples go
    /// together and what comes later goes into the sums; and in all time that is too new for samples to be gone.
    fn complete(self) -> Intervals {
        let raw = self.blocks.of_tier(Tier::Raw).iter();
        let summed = raw.filter(|block| block.level != Level::Gathered);
        let days = summed.map(|block| self.calendar().window(Level::Day, block.window.first));
        let new = Window { first: self.first_new(), last: Tick(i64::MAX) };
        Intervals::of(days.chain([new]))
    }

    /// The first day that is neither old enough to have faded nor faded all the same, because a clock ran ahead.
    fn first_new(self) -> Tick {
        let day_after = |tick: Tick| Tick(self.calendar().window(Level::Day, tick).last.0 + 1);
        let faded = self.blocks.of_tier(Tier::Minute).iter().map(|block| day_after(block.window.last)).max();
        let newest = self.blocks.of_tier(Tier::Raw).iter().map(|block| block.window.last).chain(self.present).max();
        let too_old = newest.map(|newest| day_after(newest.plus(-self.settings.retention.of(Tier::Raw))));
        faded.max(too_old).unwrap_or(Tick(i64::MIN))
    }

    fn calendar(self) -> Calendar {
        self.settings.calendar
    }
}

/// Cuts pieces that may overlap where others of their resolution begin or end, so that those that overlap are equal,
/// and leaves one of each.
pub(crate) fn cut_apart(pieces: &[Piece]) -> Vec<Piece> {
    let mut cut = BTreeSet::new();
    for Piece { window, tier } in pieces {
        let others = pieces.iter().filter(|other| other.tier == *tier).map(|other| other.window);
        let starts = others.flat_map(|other| [other.first, Tick(other.last.0.saturating_add(1))]);
        let inside = starts.filter(|start| *start > window.first && *start <= window.last);
        let mut first = window.first;
        for start in inside.collect::<BTreeSet<_>>() {
            cut.insert(Piece { window: Window { first, last: start.plus(-1) }, tier: *tier });
            first = start;
        }
        cut.insert(Piece { window: Window { first, last: window.last }, tier: *tier });
    }
    let mut cut: Vec<Piece> = cut.into_iter().collect();
    cut.sort_by_key(|piece| (piece.window.first, std::cmp::Reverse(piece.tier)));
    cut
}

/// In which order resolutions are taken: the wanted one, finer ones from coarse to fine, coarser ones from fine to
/// coarse. Where samples are wanted, or sums by the minute, all samples are the best to have.
fn preferences(wanted: Tier) -> [Tier; 4] {
    match wanted {
        Tier::Raw | Tier::Minute => [Tier::Raw, Tier::Minute, Tier::TenMinutes, Tier::Hour],
        Tier::TenMinutes => [Tier::TenMinutes, Tier::Minute, Tier::Raw, Tier::Hour],
        Tier::Hour => [Tier::Hour, Tier::TenMinutes, Tier::Minute, Tier::Raw],
    }
}

/// The coarsest tier whose buckets are no wider than a step.
pub(crate) fn tier_of_step(calendar: Calendar, step: i64) -> Tier {
    let fits = |tier: &Tier| calendar.width(*tier) <= step;
    Tier::ALL.into_iter().rev().find(fits).unwrap_or(Tier::Raw)
}
