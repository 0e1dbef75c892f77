//! From samples to the columns of an answer.

use muster_model::{Aggregation, Metric};

use crate::{
    grid::Tick,
    query::{Column, Gap, window::Axis},
};

/// Sums up one column. Samples arrive in ascending order of time.
#[derive(Debug)]
pub(crate) struct Buckets {
    axis: Axis,
    buckets: Vec<Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    count: u32,
    sum: f64,
    min: f64,
    max: f64,
    last: f64,
}

const EMPTY: Bucket = Bucket { count: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, last: f64::NAN };

impl Buckets {
    pub(crate) fn new(axis: Axis) -> Self {
        Self { axis, buckets: vec![EMPTY; axis.buckets()] }
    }

    pub(crate) fn add(&mut self, tick: Tick, value: f64) {
        let bucket = &mut self.buckets[self.axis.bucket(tick)];
        bucket.count += 1;
        bucket.sum += value;
        bucket.min = bucket.min.min(value);
        bucket.max = bucket.max.max(value);
        bucket.last = value;
    }

    pub(crate) fn column(self, metric: Metric, gaps: Vec<Gap>) -> Column {
        let each = |value: fn(&Bucket) -> f64| {
            let known = |bucket: &Bucket| (bucket.count > 0).then(|| value(bucket));
            self.buckets.iter().map(known).collect()
        };
        let avg = match metric.aggregation() {
            Aggregation::Mean | Aggregation::Sum => each(|bucket| bucket.sum / f64::from(bucket.count)),
            Aggregation::Last => each(|bucket| bucket.last),
        };
        Column { metric, avg, min: each(|bucket| bucket.min), max: each(|bucket| bucket.max), gaps }
    }
}
