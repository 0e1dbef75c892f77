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
    last: Option<(Tick, Period)>,
    gaps: Vec<Gap>,
}

impl GapFinder {
    pub(crate) fn new(grid: Grid, span: Span, step_ticks: i64) -> Self {
        Self { grid, span, longer_than: if step_ticks > 1 { step_ticks } else { 0 }, last: None, gaps: Vec::new() }
    }

    /// Something was recorded from one tick to another. What lies before an earlier word closes no gap and opens none.
    pub(crate) fn covered(&mut self, first: Tick, last: Tick, period: Period) {
        match self.last {
            Some((known, _)) if last <= known => return,
            // When the cadence changed, the slower one is the one to wait for.
            Some((known, before)) => self.judge(known, first, period.max(before)),
            None => self.judge(self.span.from, first, period),
        }
        self.last = Some((last, period));
    }

    /// Something was recorded at each of some ticks.
    pub(crate) fn samples(&mut self, ticks: &[Tick], period: Period) {
        let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
        // At a period of one tick, as many samples as ticks leave no room for a gap.
        let is_steady = period.get() == 1 && last.0 - first.0 == ticks.len() as i64 - 1;
        if is_steady && self.last.is_none_or(|(known, _)| known < first) {
            self.covered(first, last, period);
        } else {
            ticks.iter().for_each(|tick| self.covered(*tick, *tick, period));
        }
    }

    /// Something was recorded in each of some buckets of a width.
    pub(crate) fn buckets(&mut self, ticks: &[Tick], width: i64, period: Period) {
        let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
        let is_steady = last.0 - first.0 == (ticks.len() as i64 - 1) * width;
        if is_steady && self.last.is_none_or(|(known, _)| known < first) {
            self.covered(first, last.plus(width - 1), period);
        } else {
            ticks.iter().for_each(|tick| self.covered(*tick, tick.plus(width - 1), period));
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Gap> {
        match self.last {
            Some((last, period)) => self.judge(last, self.span.to, period),
            // Without any sample nothing is known of a period: all of it is a gap.
            None => self.gaps.push(self.gap(self.span.from, self.span.to)),
        }
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

    fn check(samples: &[(i64, u32)], to: i64, expected: &[(i64, i64)]) {
        let grid = Grid::new(SignedDuration::from_secs(10)).unwrap();
        let mut finder = GapFinder::new(grid, Span { from: Tick(0), to: Tick(to) }, 1);
        for (tick, period) in samples {
            finder.covered(Tick(*tick), Tick(*tick), Period::of_ticks(NonZeroU32::new(*period).unwrap()));
        }
        let time = |ticks| Timestamp::from_second(ticks * 10).unwrap();
        let expected: Vec<_> = expected.iter().map(|(from, to)| Gap { from: time(*from), to: time(*to) }).collect();
        assert_eq!(finder.finish(), expected);
    }
}
