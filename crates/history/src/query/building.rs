//! A column of an answer while it is read.

use std::num::NonZeroU32;

use muster_model::{Aggregation, Metric};

use crate::{
    archive::ArchiveBucket,
    codec::{buckets::Fields, scale::Scale},
    grid::{Grid, Period, Tick},
    query::{
        Column, Tier,
        answer::View,
        buckets::Buckets,
        gaps::GapFinder,
        reading::{Run, Sink},
        window::Span,
    },
    rollup::Bucket,
};

/// A column while it is read.
#[derive(Debug)]
pub(super) struct Building {
    metric: Metric,
    widths: [i64; 4],
    buckets: Buckets,
    gaps: GapFinder,
    /// From the first to the last of what this history told.
    extent: Option<(Tick, Tick)>,
}

/// A column that was read.
#[derive(Debug)]
pub(super) struct Built {
    /// Whose, by its place in the question.
    pub(super) resource: usize,
    /// Which of the metrics, by its place in the question.
    pub(super) metric: usize,
    pub(super) column: Column,
    /// From its first to its last sample here, if it has any.
    pub(super) ticks: Option<i64>,
}

impl Building {
    /// Begins the column of a metric with what a store elsewhere has told.
    pub(super) fn new(view: &View, metric: usize, older: &[ArchiveBucket]) -> Self {
        let View { settings, span, end, axis, metrics, .. } = view;
        let metric = metrics[metric];
        let mut column = Self {
            metric,
            widths: Tier::ALL.map(|tier| settings.calendar.width(tier)),
            buckets: Buckets::new(*axis, Scale::of_code(metric.code(), settings.rounding)),
            // The last point may reach farther than what was asked for: into a future of which nothing is missing.
            gaps: GapFinder::new(settings.grid, Span { from: span.from, to: *end }, axis.step_ticks()),
            extent: None,
        };
        column.add_archived(older, settings.grid, axis.step_ticks());
        column
    }

    fn cover(&mut self, first: Tick, last: Tick) {
        let (known_first, known_last) = self.extent.unwrap_or((first, last));
        self.extent = Some((known_first.min(first), known_last.max(last)));
    }

    fn add_archived(&mut self, buckets: &[ArchiveBucket], grid: Grid, width: i64) {
        let period = period(buckets, grid, width);
        for archived in buckets {
            let tick = Tick(archived.at_ms.div_euclid(grid.tick_ms()));
            // It may have answered more than it was asked.
            if !self.buckets.contains(tick) {
                continue;
            }
            let ArchiveBucket { count, sum, min, max, last, .. } = *archived;
            self.buckets.merge_in_unit(tick, Bucket { count, sum, min, max, last });
            self.gaps.covered(tick, tick.plus(width - 1), period);
        }
    }

    /// Goes on with what was read of the time after.
    pub(super) fn append(&mut self, later: Self) {
        self.buckets.append(&later.buckets);
        self.gaps.append(later.gaps);
        if let Some((first, last)) = later.extent {
            self.cover(first, last);
        }
    }

    pub(super) fn finish(self, resource: usize, metric: usize) -> Built {
        let ticks = self.extent.map(|(first, last)| last.0 - first.0);
        Built { resource, metric, column: self.buckets.column(self.metric, self.gaps.finish()), ticks }
    }
}

/// How far apart samples are of which only sums are known: as far as most sums are, or their samples within.
fn period(buckets: &[ArchiveBucket], grid: Grid, width: i64) -> Period {
    let mut apart: Vec<i64> = buckets.windows(2).map(|pair| (pair[1].at_ms - pair[0].at_ms) / grid.tick_ms()).collect();
    let mut counts: Vec<u32> = buckets.iter().map(|bucket| bucket.count.max(1)).collect();
    let apart = median(&mut apart).unwrap_or(width);
    let ticks = apart / i64::from(median(&mut counts).unwrap_or(1));
    Period::of_ticks(u32::try_from(ticks).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN))
}

fn median<T: Copy + Ord>(values: &mut [T]) -> Option<T> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable(middle).1)
}

impl Sink for &mut [Building] {
    fn fields(&self, metric: usize) -> Fields {
        match self[metric].metric.aggregation() {
            Aggregation::Mean | Aggregation::Sum => Fields::AllButLast,
            Aggregation::Last => Fields::All,
        }
    }

    fn samples(&mut self, metric: usize, run: Run<'_, f64>) {
        let column = &mut self[metric];
        column.buckets.add(run.ticks, run.values);
        column.gaps.samples(run.ticks, run.period);
        column.cover(run.ticks[0], run.ticks[run.ticks.len() - 1]);
    }

    fn buckets(&mut self, metric: usize, tier: Tier, run: Run<'_, Bucket>) {
        let column = &mut self[metric];
        let (first, last) = (run.ticks[0], run.ticks[run.ticks.len() - 1].plus(column.widths[tier as usize] - 1));
        column.buckets.merge_all(run.ticks, run.values);
        column.gaps.buckets(run.ticks, column.widths[tier as usize], run.period);
        column.cover(first, last);
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_period_of_sums_is_that_of_their_samples() {
        // D-10: a slow metric is no row of gaps.
        let grid = Grid::new(SignedDuration::from_secs(10)).unwrap();
        let check = |places: &[i64], count, width, expected| {
            let bucket =
                |place: &i64| ArchiveBucket { at_ms: place * 10_000, count, sum: 1.0, min: 1.0, max: 1.0, last: 1.0 };
            let buckets: Vec<_> = places.iter().map(bucket).collect();
            assert_eq!(period(&buckets, grid, width).get(), expected, "{places:?}");
        };
        check(&[0, 30, 60, 300, 330], 1, 6, 30);
        check(&[0, 60, 120], 2, 60, 30);
        check(&[0, 60, 120], 60, 60, 1);
        check(&[0], 60, 60, 1);
        check(&[], 1, 60, 60);
    }
}
