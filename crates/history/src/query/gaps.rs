//! Finds where nothing was recorded (D-10).

use crate::{
    grid::{Grid, Period, Tick},
    query::{Gap, window::Span},
};

/// Watches the samples of one column go by, in ascending order of time.
#[derive(Debug)]
pub(crate) struct GapFinder {
    grid: Grid,
    span: Span,
    /// Gaps that are not longer than a bucket cannot be shown; without this bound their number would have none.
    longer_than: i64,
    known: Option<Known>,
    /// Between what is known.
    gaps: Vec<Gap>,
}

/// What went by: its first tick and its last one, and the period there.
#[derive(Debug, Clone, Copy)]
struct Known {
    first: (Tick, Period),
    last: (Tick, Period),
}

impl GapFinder {
    pub(crate) fn new(grid: Grid, span: Span, step_ticks: i64) -> Self {
        Self { grid, span, longer_than: if step_ticks > 1 { step_ticks } else { 0 }, known: None, gaps: Vec::new() }
    }

    /// Something was recorded from one tick to another. What lies before an earlier word closes no gap and opens none.
    pub(crate) fn covered(&mut self, first: Tick, last: Tick, period: Period) {
        self.take(Known { first: (first, period), last: (last, period) });
    }

    /// Goes on with what another finder saw of the time after.
    pub(crate) fn append(&mut self, later: Self) {
        let Some(known) = later.known else { return };
        self.take(known);
        self.gaps.extend(later.gaps);
    }

    fn take(&mut self, later: Known) {
        let first = match self.known {
            Some(known) if later.last.0 <= known.last.0 => return,
            Some(known) => {
                // When the cadence changed, the slower one is the one to wait for.
                self.judge(known.last.0, later.first.0, later.first.1.max(known.last.1));
                known.first
            }
            None => later.first,
        };
        self.known = Some(Known { first, last: later.last });
    }

    /// Something was recorded at each of some ticks.
    pub(crate) fn samples(&mut self, ticks: &[Tick], period: Period) {
        let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
        // At a period of one tick, as many samples as ticks leave no room for a gap.
        let is_steady = period.get() == 1 && last.0 - first.0 == ticks.len() as i64 - 1;
        if is_steady && self.is_after(first) {
            self.covered(first, last, period);
        } else {
            ticks.iter().for_each(|tick| self.covered(*tick, *tick, period));
        }
    }

    /// Something was recorded in each of some buckets of a width.
    pub(crate) fn buckets(&mut self, ticks: &[Tick], width: i64, period: Period) {
        let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
        let is_steady = last.0 - first.0 == (ticks.len() as i64 - 1) * width;
        if is_steady && self.is_after(first) {
            self.covered(first, last.plus(width - 1), period);
        } else {
            ticks.iter().for_each(|tick| self.covered(*tick, tick.plus(width - 1), period));
        }
    }

    /// Whether a tick is later than all that is known.
    fn is_after(&self, tick: Tick) -> bool {
        self.known.is_none_or(|known| known.last.0 < tick)
    }

    pub(crate) fn finish(mut self) -> Vec<Gap> {
        // Without any sample nothing is known of a period: all of it is a gap.
        let Some(Known { first, last }) = self.known else { return vec![self.gap(self.span.from, self.span.to)] };
        let between = std::mem::take(&mut self.gaps);
        self.judge(self.span.from, first.0, first.1);
        self.gaps.extend(between);
        self.judge(last.0, self.span.to, last.1);
        self.gaps
    }

    fn judge(&mut self, from: Tick, to: Tick, period: Period) {
        let ticks = to.0 - from.0;
        if period.is_exceeded_by(ticks) && ticks > self.longer_than {
            self.gaps.push(self.gap(from, to));
        }
    }

    fn gap(&self, from: Tick, to: Tick) -> Gap {
        Gap { from: self.grid.time(from), to: self.grid.time(to) }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[test]
    fn a_missing_slot_is_a_gap_after_two_and_a_half_periods() {
        // D-10
        check(&[(0, 1), (1, 1), (2, 1)], 2, &[]);
        check(&[(0, 1), (2, 1), (4, 1)], 4, &[]);
        check(&[(0, 1), (3, 1)], 3, &[(0, 3)]);
        check(&[(0, 6), (15, 6), (31, 6)], 31, &[(15, 31)]);
    }

    #[test]
    fn a_slower_cadence_is_waited_for() {
        check(&[(0, 1), (6, 6), (12, 6), (13, 1)], 13, &[]);
    }

    #[test]
    fn the_ends_of_the_span_count() {
        check(&[(10, 1)], 20, &[(0, 10), (10, 20)]);
        check(&[], 20, &[(0, 20)]);
    }

    /// However much of it several finders saw one after the other.
    fn check(samples: &[(i64, u32)], to: i64, expected: &[(i64, i64)]) {
        let time = |ticks| Timestamp::from_second(ticks * 10).unwrap();
        let expected: Vec<_> = expected.iter().map(|(from, to)| Gap { from: time(*from), to: time(*to) }).collect();
        for cut in 0..=samples.len() {
            let (mut finder, later) = (found(&samples[..cut], to), found(&samples[cut..], to));
            finder.append(later);
            assert_eq!(finder.finish(), expected, "cut at {cut}");
        }
    }

    fn found(samples: &[(i64, u32)], to: i64) -> GapFinder {
        let grid = Grid::new(SignedDuration::from_secs(10)).unwrap();
        let mut finder = GapFinder::new(grid, Span { from: Tick(0), to: Tick(to) }, 1);
        for (tick, period) in samples {
            finder.covered(Tick(*tick), Tick(*tick), Period::of_ticks(NonZeroU32::new(*period).unwrap()));
        }
        finder
    }
}
