//! From samples to the columns of an answer.

use muster_model::{Aggregation, Metric};

use crate::{
    calendar::Window,
    codec::scale::Scale,
    grid::Tick,
    query::{Column, Gap, window::Axis},
    rollup::Bucket,
};

/// Sums up one column. What arrives is mostly in ascending order of time.
#[derive(Debug)]
pub(crate) struct Buckets {
    axis: Axis,
    scale: Scale,
    points: Vec<Option<Point>>,
    /// The point that was written last, and the ticks that it covers.
    current: (usize, Window),
}

/// One point, and when the last thing in it was.
#[derive(Debug, Clone, Copy)]
struct Point {
    sum: Bucket,
    last_at: Tick,
}

impl Point {
    fn merge(&mut self, tick: Tick, bucket: &Bucket) {
        let last = self.sum.last;
        self.sum.merge(bucket);
        if tick < self.last_at {
            self.sum.last = last;
        } else {
            self.last_at = tick;
        }
    }
}

impl Buckets {
    pub(crate) fn new(axis: Axis, scale: Scale) -> Self {
        Self { axis, scale, points: vec![None; axis.buckets()], current: (0, axis.window(0)) }
    }

    /// Whether the axis has a point for a tick.
    pub(crate) fn contains(&self, tick: Tick) -> bool {
        self.axis.span().window().contains(tick)
    }

    /// Takes in samples, at least one, in ascending order of time.
    pub(crate) fn add(&mut self, ticks: &[Tick], values: &[f64]) {
        let (mut ticks, mut values) = (ticks, values);
        while let Some(first) = ticks.first() {
            let window = self.axis.window(self.axis.bucket(*first));
            let inside = ticks.partition_point(|tick| *tick <= window.last);
            let ((here, later), (of_here, of_later)) = (ticks.split_at(inside), values.split_at(inside));
            self.merge(here[inside - 1], &Bucket::of_all(of_here, self.scale));
            (ticks, values) = (later, of_later);
        }
    }

    /// Takes in stored buckets, at least one, in ascending order of time.
    pub(crate) fn merge_all(&mut self, ticks: &[Tick], buckets: &[Bucket]) {
        let (mut ticks, mut buckets) = (ticks, buckets);
        while let Some(first) = ticks.first() {
            let window = self.axis.window(self.axis.bucket(*first));
            let inside = ticks.partition_point(|tick| *tick <= window.last);
            let ((here, later), (of_here, of_later)) = (ticks.split_at(inside), buckets.split_at(inside));
            let mut sum = of_here[0];
            of_here[1..].iter().for_each(|bucket| sum.merge(bucket));
            self.merge(here[inside - 1], &sum);
            (ticks, buckets) = (later, of_later);
        }
    }

    /// Takes in a stored bucket.
    pub(crate) fn merge(&mut self, tick: Tick, bucket: &Bucket) {
        if !self.current.1.contains(tick) {
            let point = self.axis.bucket(tick);
            self.current = (point, self.axis.window(point));
        }
        match &mut self.points[self.current.0] {
            Some(known) => known.merge(tick, bucket),
            empty => *empty = Some(Point { sum: *bucket, last_at: tick }),
        }
    }

    /// Takes in a bucket whose sum is in the metric's unit. It lies within the axis.
    pub(crate) fn merge_in_unit(&mut self, tick: Tick, bucket: Bucket) {
        let sum = self.scale.steps(bucket.sum);
        self.merge(tick, &Bucket { sum, ..bucket });
    }

    /// Takes in what was summed up on the same axis elsewhere, of the time after.
    pub(crate) fn append(&mut self, later: &Self) {
        for (known, later) in self.points.iter_mut().zip(&later.points) {
            match (known, later) {
                (Some(known), Some(later)) => known.merge(later.last_at, &later.sum),
                (known, Some(later)) => *known = Some(*later),
                (_, None) => {}
            }
        }
    }

    pub(crate) fn column(self, metric: Metric, gaps: Vec<Gap>) -> Column {
        let scale = self.scale;
        let each = |value: &dyn Fn(&Bucket) -> f64| {
            self.points.iter().map(|it| it.as_ref().map(|point| value(&point.sum))).collect()
        };
        let avg = match metric.aggregation() {
            Aggregation::Mean | Aggregation::Sum => each(&|bucket| bucket.mean(scale)),
            Aggregation::Last => each(&|bucket| bucket.last),
        };
        Column { metric, avg, min: each(&|bucket| bucket.min), max: each(&|bucket| bucket.max), gaps }
    }
}
