//! Buckets computed from raw samples, by us: no server's functions agree on edges, gaps and staleness.

use crate::answer::RawSample;

/// The samples of one span of fixed length, summed up. Never empty: a bucket without samples does not exist.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Where it begins, in ms since 1970: a multiple of the length.
    pub from_ms: i64,
    /// How many samples.
    pub count: u64,
    /// Their sum, added up in order of time.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The latest.
    pub last: f64,
}

impl Bucket {
    fn of(from_ms: i64, value: f64) -> Self {
        Self { from_ms, count: 1, sum: value, min: value, max: value, last: value }
    }

    fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.last = value;
    }
}

/// Puts samples, ascending by time, into buckets of `length_ms`; the last bucket goes on where an earlier call left off.
pub(crate) fn extend(buckets: &mut Vec<Bucket>, samples: &[RawSample], length_ms: i64) {
    for sample in samples {
        let from_ms = sample.at_ms.div_euclid(length_ms) * length_ms;
        match buckets.last_mut() {
            Some(bucket) if bucket.from_ms == from_ms => bucket.add(sample.value),
            Some(_) | None => buckets.push(Bucket::of(from_ms, sample.value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bucket_says_all_five() {
        let samples = [(-1, 9.0), (0, 2.0), (5, -1.0), (9, 3.0), (30, 4.0)].map(sample);
        let mut buckets = vec![];
        extend(&mut buckets, &samples, 10);
        let middle = Bucket { from_ms: 0, count: 3, sum: 4.0, min: -1.0, max: 3.0, last: 3.0 };
        assert_eq!(buckets, [Bucket::of(-10, 9.0), middle, Bucket::of(30, 4.0)]);
    }

    proptest! {
        #[test]
        fn pieces_do_not_show(
            samples in prop::collection::btree_map(0..1_000i64, -1e9..1e9f64, 0..60),
            cut in 0..60usize,
        ) {
            let samples: Vec<RawSample> = samples.into_iter().map(sample).collect();
            let (mut whole, mut pieces) = (vec![], vec![]);
            extend(&mut whole, &samples, 60);
            let (first, second) = samples.split_at(cut.min(samples.len()));
            extend(&mut pieces, first, 60);
            extend(&mut pieces, second, 60);
            prop_assert_eq!(whole, pieces);
        }
    }

    fn sample((at_ms, value): (i64, f64)) -> RawSample {
        RawSample { at_ms, value }
    }
}
