//! Samples of one series summed up over a span of time: how many, their sum, the least, the greatest and the last.
//!
//! Written by the compaction of each tier from the one below, read by queries. The sum is kept in whole steps of the
//! metric ([`Scale::steps`]), so that adding is exact and a rollup of rollups is the rollup of the samples, bit for bit,
//! however they were grouped. Values from beyond the declared precision make the sum as exact as doubles are.

use crate::codec::scale::Scale;

/// The samples of a span, at least one, summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bucket {
    /// How many samples there were.
    pub(crate) count: u32,
    /// Their sum, in steps of the metric.
    pub(crate) sum: f64,
    /// The least value.
    pub(crate) min: f64,
    /// The greatest value.
    pub(crate) max: f64,
    /// The latest value.
    pub(crate) last: f64,
}

impl Bucket {
    /// Sums up a single sample.
    pub(crate) fn of(value: f64, scale: Scale) -> Self {
        Self { count: 1, sum: scale.steps(value), min: value, max: value, last: value }
    }

    /// Sums up samples in ascending order of time, at least one. A loop for each field, which is how it is fast.
    pub(crate) fn of_all(values: &[f64], scale: Scale) -> Self {
        // Not `f64::min`, which may answer either of 0 and -0.
        let min = values.iter().copied().fold(values[0], |min, value| if value < min { value } else { min });
        let max = values.iter().copied().fold(values[0], |max, value| if value > max { value } else { max });
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
        Self { count, sum: scale.sum_of_steps(values), min, max, last: values[values.len() - 1] }
    }

    /// Takes in a sample later than all before.
    pub(crate) fn add(&mut self, value: f64, scale: Scale) {
        self.merge(&Self::of(value, scale));
    }

    /// Takes in a bucket later than all samples before.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.count = self.count.saturating_add(later.count);
        self.sum += later.sum;
        // Not `f64::min`, which may answer either of 0 and -0.
        if later.min < self.min {
            self.min = later.min;
        }
        if later.max > self.max {
            self.max = later.max;
        }
        self.last = later.last;
    }

    /// The sum in the metric's unit.
    pub(crate) fn sum(&self, scale: Scale) -> f64 {
        scale.unsteps(self.sum)
    }

    /// The mean in the metric's unit; of equal values it is that value. Values below the step that sums are kept in
    /// would add up to nothing: the mean is never beyond the least and the greatest.
    pub(crate) fn mean(&self, scale: Scale) -> f64 {
        scale.unsteps(self.sum / f64::from(self.count)).max(self.min).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, Precision};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bucket_keeps_what_charts_need() {
        let scale = Scale::of(Metric::Cpu);
        let bucket = rollup(&[20.1, 99.9, 0.3, 20.1], scale);
        assert_eq!(bucket, Bucket { count: 4, sum: 1404.0, min: 0.3, max: 99.9, last: 20.1 });
        assert_eq!((bucket.sum(scale), bucket.mean(scale)), (140.4, 35.1));
    }

    proptest! {
        #[test]
        fn a_rollup_of_rollups_is_the_rollup_of_the_samples(
            samples in prop::collection::vec(-1e9..1e9_f64, 1..200),
            metric in prop::sample::select(Metric::ALL),
            cuts in prop::collection::vec(1..20_usize, 1..200),
            coarse in 1..9_usize,
        ) {
            let scale = Scale::of(metric);
            let samples: Vec<_> = samples.iter().map(|sample| stored(metric, *sample)).collect();
            let fine = grouped(&samples, &cuts, scale);
            let coarser: Vec<_> = fine.chunks(coarse).map(merged).collect();
            prop_assert_eq!(merged(&coarser), rollup(&samples, scale));
            prop_assert_eq!(merged(&fine), rollup(&samples, scale));
        }

        #[test]
        fn all_at_once_is_one_after_the_other(
            samples in prop::collection::vec(prop_oneof![-1e9..1e9_f64, Just(0.0), Just(-0.0)], 1..100),
            metric in prop::sample::select(Metric::ALL),
            exact: bool,
        ) {
            let scale = if exact { Scale::Exact } else { Scale::of(metric) };
            let (fast, slow) = (Bucket::of_all(&samples, scale), rollup(&samples, scale));
            prop_assert_eq!(fast, slow);
            prop_assert_eq!(fast.min.to_bits(), slow.min.to_bits());
            prop_assert_eq!(fast.max.to_bits(), slow.max.to_bits());
        }

        #[test]
        fn merging_is_associative(values in [-1e9..1e9_f64, -1e9..1e9_f64, -1e9..1e9_f64], metric in prop::sample::select(Metric::ALL)) {
            let [a, b, c] = values.map(|value| Bucket::of(stored(metric, value), Scale::of(metric)));
            prop_assert_eq!(merged(&[merged(&[a, b]), c]), merged(&[a, merged(&[b, c])]));
        }

        #[test]
        fn the_mean_of_equal_values_is_that_value(value in -1e9..1e9_f64, count in 1..1000_u32, metric in prop::sample::select(Metric::ALL)) {
            let (scale, value) = (Scale::of(metric), stored(metric, value));
            let bucket = rollup(&vec![value; count as usize], scale);
            prop_assert_eq!(bucket.mean(scale), value);
        }
    }

    /// As the door of history lets it in; what is exact comes as whole numbers.
    fn stored(metric: Metric, value: f64) -> f64 {
        match metric.precision() {
            Precision::Exact => value.round() + 0.0,
            Precision::Decimal { .. } | Precision::Step { .. } | Precision::Significant { .. } => {
                metric.precision().apply(value) + 0.0
            }
        }
    }

    fn rollup(samples: &[f64], scale: Scale) -> Bucket {
        let mut bucket = Bucket::of(samples[0], scale);
        for sample in &samples[1..] {
            bucket.add(*sample, scale);
        }
        bucket
    }

    fn grouped(samples: &[f64], cuts: &[usize], scale: Scale) -> Vec<Bucket> {
        let (mut rest, mut cuts, mut buckets) = (samples, cuts.iter().cycle(), Vec::new());
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
            buckets.push(rollup(head, scale));
            rest = tail;
        }
        buckets
    }

    fn merged(buckets: &[Bucket]) -> Bucket {
        let mut whole = buckets[0];
        for bucket in &buckets[1..] {
            whole.merge(bucket);
        }
        whole
    }
}
