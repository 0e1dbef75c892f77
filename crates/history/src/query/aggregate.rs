//! Many resources as one: sums, extremes and quantiles over them for each point of time, and who stands out.
//!
//! Columns are folded in one after the other and let go of; what is kept is a few numbers a point, and one number a
//! point and resource for the quantiles.

use std::{cmp::Reverse, collections::BinaryHeap, num::NonZeroU32};

use jiff::{SignedDuration, Timestamp};
use muster_model::{Metric, ResourceId, TenantId};

use crate::query::{Column, Tier};

/// A question about several resources as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateQuery {
    /// Whose.
    pub tenant: TenantId,
    /// One entry a resource: its id, then its aliases, as in [`Query::resources`](crate::Query::resources).
    pub resources: Vec<Vec<ResourceId>>,
    /// What.
    pub metric: Metric,
    /// Start of the span, as in [`Query::from`](crate::Query::from).
    pub from: Timestamp,
    /// End of the span, as in [`Query::to`](crate::Query::to).
    pub to: Timestamp,
    /// At most so many points; clamped to 5000.
    pub points: NonZeroU32,
    /// How many of the resources with the greatest average to name.
    pub top: usize,
}

/// Several resources as one. In each point, only resources that have a value there count.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Width of a point.
    pub step: SignedDuration,
    /// Start of each point, as in [`Answer::times`](crate::Answer::times).
    pub times: Vec<i64>,
    /// How many resources have a value.
    pub count: Vec<u32>,
    /// Sum of their values.
    pub sum: Vec<Option<f64>>,
    /// Mean of their values.
    pub avg: Vec<Option<f64>>,
    /// Least value of any of them within the point.
    pub min: Vec<Option<f64>>,
    /// Greatest value of any of them within the point.
    pub max: Vec<Option<f64>>,
    /// Median of their values.
    pub p50: Vec<Option<f64>>,
    /// The value that 95 in 100 do not exceed (nearest rank).
    pub p95: Vec<Option<f64>>,
    /// The resources with the greatest average over the whole span, greatest first.
    pub top: Vec<Ranked>,
    /// The coarsest resolution that the answer was made of.
    pub tier: Tier,
    /// Whether memory alone sufficed for every resource.
    pub from_memory: bool,
    /// As in [`Answer::in_memory`](crate::Answer::in_memory).
    pub in_memory: bool,
    /// As in [`Answer::archive_error`](crate::Answer::archive_error).
    pub archive_error: Option<String>,
}

/// One of the resources that stand out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its place in [`AggregateQuery::resources`].
    pub index: usize,
    /// Mean of its points.
    pub avg: f64,
    /// Its greatest value.
    pub max: f64,
    /// Its last value.
    pub last: f64,
}

/// Where what was folded came from.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) from_memory: bool,
    pub(crate) in_memory: bool,
    pub(crate) archive_error: Option<String>,
}

/// Folds columns.
#[derive(Debug)]
pub(crate) struct Fold {
    points: Vec<Point>,
    most: usize,
    ranked: BinaryHeap<Reverse<ByAverage>>,
}

#[derive(Debug, Clone)]
struct Point {
    sum: f64,
    min: f64,
    max: f64,
    /// Half precision of a double suffices for a quantile that is drawn.
    values: Vec<f32>,
}

impl Fold {
    pub(crate) fn new(points: usize, top: usize) -> Self {
        let point = Point { sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, values: Vec::new() };
        Self { points: vec![point; points], most: top, ranked: BinaryHeap::new() }
    }

    /// Takes in the column of one resource.
    pub(crate) fn add(&mut self, index: usize, column: &Column) {
        let (mut sum, mut count, mut greatest, mut last) = (0.0, 0_u32, f64::NEG_INFINITY, f64::NAN);
        let values = column.avg.iter().zip(&column.min).zip(&column.max);
        for (point, ((avg, min), max)) in self.points.iter_mut().zip(values) {
            let (Some(avg), Some(min), Some(max)) = (*avg, *min, *max) else { continue };
            point.sum += avg;
            point.min = point.min.min(min);
            point.max = point.max.max(max);
            point.values.push(avg as f32);
            (sum, count, greatest, last) = (sum + avg, count + 1, greatest.max(max), avg);
        }
        if count > 0 {
            self.rank(Ranked { index, avg: sum / f64::from(count), max: greatest, last });
        }
    }

    fn rank(&mut self, ranked: Ranked) {
        self.ranked.push(Reverse(ByAverage(ranked)));
        if self.ranked.len() > self.most {
            self.ranked.pop();
        }
    }

    pub(crate) fn finish(self, step: SignedDuration, times: Vec<i64>, tier: Tier, found: Found) -> Aggregate {
        let Self { mut points, ranked, .. } = self;
        for point in &mut points {
            point.values.sort_unstable_by(f32::total_cmp);
        }
        let each = |value: &dyn Fn(&Point) -> f64| {
            points.iter().map(|point| (!point.values.is_empty()).then(|| value(point))).collect::<Vec<_>>()
        };
        Aggregate {
            count: points.iter().map(|point| u32::try_from(point.values.len()).unwrap_or(u32::MAX)).collect(),
            sum: each(&|point| point.sum),
            avg: each(&|point| point.sum / point.values.len() as f64),
            min: each(&|point| point.min),
            max: each(&|point| point.max),
            p50: each(&|point| quantile(&point.values, 50)),
            p95: each(&|point| quantile(&point.values, 95)),
            top: ranked.into_sorted_vec().into_iter().map(|Reverse(ByAverage(ranked))| ranked).collect(),
            step,
            times,
            tier,
            from_memory: found.from_memory,
            in_memory: found.in_memory,
            archive_error: found.archive_error,
        }
    }
}

/// The nearest-rank quantile of sorted values, of which there is at least one.
fn quantile(sorted: &[f32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    f64::from(sorted[rank - 1])
}

/// Orders by average, and equal averages by place, so that the same question has the same answer.
#[derive(Debug)]
struct ByAverage(Ranked);

impl PartialEq for ByAverage {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ByAverage {}

impl PartialOrd for ByAverage {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByAverage {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.avg.total_cmp(&other.0.avg).then_with(|| other.0.index.cmp(&self.0.index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let values: Vec<f32> = (1..=20_u8).map(f32::from).collect();
        assert_eq!((quantile(&values, 50), quantile(&values, 95)), (10.0, 19.0));
        assert_eq!(quantile(&values[..1], 95), 1.0);
    }

    #[test]
    fn only_who_has_a_value_counts() {
        let mut fold = Fold::new(2, 1);
        fold.add(0, &column(&[Some(1.0), None]));
        fold.add(1, &column(&[Some(3.0), Some(5.0)]));
        fold.add(2, &column(&[None, None]));
        let answer = fold.finish(SignedDuration::ZERO, vec![0, 1], Tier::Raw, Found::default());
        assert_eq!(answer.count, [2, 1]);
        assert_eq!(answer.sum, [Some(4.0), Some(5.0)]);
        assert_eq!(answer.avg, [Some(2.0), Some(5.0)]);
        assert_eq!(answer.top, [Ranked { index: 1, avg: 4.0, max: 5.0, last: 5.0 }]);
    }

    fn column(values: &[Option<f64>]) -> Column {
        let values = values.to_vec();
        Column { metric: Metric::Cpu, avg: values.clone(), min: values.clone(), max: values, gaps: Vec::new() }
    }
}
