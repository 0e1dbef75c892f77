//! The time axis of an answer: which ticks, in which buckets.

use jiff::{SignedDuration, Timestamp};

use crate::{
    calendar::Window,
    grid::{Grid, Tick},
    query::QueryError,
};

/// The most points of an answer.
const MOST_POINTS: u32 = 5000;

/// No bucket is wider, in ticks: a span around the epoch lies in two, however wide they are.
const WIDEST: i64 = 1 << 42;

/// A span on the grid, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Tick,
    pub(crate) to: Tick,
}

impl Span {
    pub(crate) fn new(grid: Grid, from: Timestamp, to: Timestamp) -> Result<Self, QueryError> {
        if from > to {
            return Err(QueryError::Backwards { from, to });
        }
        Ok(Self { from: grid.stamp(from), to: grid.stamp(to) })
    }

    pub(crate) fn ticks(self) -> i64 {
        self.to.0 - self.from.0
    }

    pub(crate) fn window(self) -> Window {
        Window { first: self.from, last: self.to }
    }
}

/// A span cut into buckets of equal width that begin at multiples of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Axis {
    first: i64,
    step: i64,
    buckets: usize,
}

impl Axis {
    /// Cuts a span into at most so many buckets. None is narrower than `period`: between two samples there would be
    /// nothing to show.
    pub(crate) fn cut(span: Span, points: u32, period: i64) -> Self {
        let points = i64::from(points.clamp(1, MOST_POINTS));
        let ticks = span.ticks() + 1;
        let mut step = (ticks / points + i64::from(ticks % points != 0)).max(period);
        // Beginning at a multiple of the step may take one bucket more.
        while Self::of_step(span, step).buckets as i64 > points && step < WIDEST {
            step += (step / points).max(1);
        }
        Self::of_step(span, step)
    }

    /// Cuts a span into at most so many buckets whose width is a multiple of `width`, and at least `step`.
    pub(crate) fn cut_in_multiples(span: Span, points: u32, step: i64, width: i64) -> Self {
        let points = i64::from(points.clamp(1, MOST_POINTS));
        let mut step = step.div_euclid(width).max(1) * width;
        let ticks = span.ticks() + 1;
        step = step.max((ticks / points).div_euclid(width) * width);
        step = step.max(width);
        while Self::of_step(span, step).buckets as i64 > points && step < WIDEST {
            step += (step / points).div_euclid(width).max(1) * width;
        }
        Self::of_step(span, step)
    }

    /// All of its buckets as a span.
    pub(crate) fn span(self) -> Span {
        let end = (self.first + self.buckets as i64) * self.step - 1;
        Span { from: Tick(self.first * self.step), to: Tick(end) }
    }

    /// The ticks of one bucket.
    pub(crate) fn window(self, bucket: usize) -> Window {
        let first = (self.first + bucket as i64) * self.step;
        Window { first: Tick(first), last: Tick(first + self.step - 1) }
    }

    fn of_step(span: Span, step: i64) -> Self {
        let first = span.from.0.div_euclid(step);
        let last = span.to.0.div_euclid(step);
        Self { first, step, buckets: usize::try_from(last - first + 1).expect("a span ends after it begins") }
    }

    pub(crate) fn buckets(self) -> usize {
        self.buckets
    }

    pub(crate) fn step_ticks(self) -> i64 {
        self.step
    }

    pub(crate) fn step(self, grid: Grid) -> SignedDuration {
        grid.duration(self.step)
    }

    /// The bucket of a tick within the span.
    pub(crate) fn bucket(self, tick: Tick) -> usize {
        usize::try_from(tick.0.div_euclid(self.step) - self.first).expect("only ticks within the span are asked for")
    }

    /// The start of each bucket, in epoch milliseconds.
    pub(crate) fn times(self, grid: Grid) -> Vec<i64> {
        (self.first..).take(self.buckets).map(|bucket| grid.epoch_ms(Tick(bucket * self.step))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_begin_at_multiples_of_their_width() {
        let axis = Axis::cut(Span { from: Tick(7), to: Tick(26) }, 7, 1);
        assert_eq!(axis, Axis { first: 2, step: 3, buckets: 7 });
        assert_eq!(axis.bucket(Tick(7)), 0);
        assert_eq!(axis.bucket(Tick(26)), 6);
    }

    #[test]
    fn no_bucket_is_narrower_than_the_period() {
        assert_eq!(Axis::cut(Span { from: Tick(0), to: Tick(59) }, 100, 6).step, 6);
    }

    proptest! {
        #[test]
        fn there_are_never_more_points_than_asked_for(from in -1_000_000..1_000_000i64, length in 0..100_000_000i64, points: u32, period in 1..9000i64) {
            let span = Span { from: Tick(from), to: Tick(from + length) };
            let coarse = Axis::cut_in_multiples(span, points, period, 360);
            prop_assert!(coarse.buckets() <= points.clamp(1, 5000) as usize && coarse.step % 360 == 0);
            prop_assert!(coarse.span().from <= span.from && coarse.span().to >= span.to);
            let axis = Axis::cut(span, points, period);
            prop_assert!(axis.buckets() <= points.clamp(1, 5000) as usize);
            prop_assert_eq!(axis.bucket(span.to), axis.buckets() - 1);
            prop_assert_eq!(axis.bucket(span.from), 0);
        }
    }
}
