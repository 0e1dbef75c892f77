//! What samples of the past leave of a known gap. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use muster_history::BackfillSeries;

/// From the first moment to the last.
pub(super) type Span = (Timestamp, Timestamp);

/// The spans that samples cover: those between samples that are no more than two and a half of their intervals apart
/// (D-10), and as far around them. In order, apart from each other.
pub(super) fn covered(by_interval: &BTreeMap<SignedDuration, Vec<BackfillSeries>>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (interval, series) in by_interval {
        let samples = series.iter().flat_map(|series| &series.samples);
        let times: BTreeSet<Timestamp> = samples.map(|(at, _)| *at).collect();
        let reach = *interval * 5 / 4;
        let around = |at: Timestamp| (at.saturating_sub(reach), at.saturating_add(reach));
        spans.extend(times.into_iter().filter_map(|at| Some((around(at).0.ok()?, around(at).1.ok()?))));
    }
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, end)) if *end >= from => *end = to.max(*end),
            Some(_) | None => joined.push((from, to)),
        }
    }
    joined
}

/// What is left of a gap, of a source that is heard at an interval. What is left between two samples no further apart than
/// two and a half intervals is no gap (D-10).
pub(super) fn left((from, to): Span, covered: &[Span], interval: SignedDuration) -> Vec<Span> {
    let mut left = Vec::new();
    let mut open = from;
    for (begin, end) in covered.iter().filter(|(begin, end)| *end > from && *begin < to) {
        left.push((open, *begin));
        open = *end;
    }
    left.push((open, to));
    left.retain(|(from, to)| to.duration_since(*from) * 2 > interval * 5);
    left
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, ResourceId, ResourceKind};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gap_that_is_covered_is_gone_and_one_that_is_half_covered_is_half_there() {
        // D-11
        let check = |samples: &[i64], expected: &[(i64, i64)]| {
            let covered = covered(&[(seconds(10), vec![series(samples)])].into());
            let found: Vec<_> = left((at(100), at(400)), &covered, seconds(10))
                .into_iter()
                .map(|(from, to)| (from.as_second(), to.as_second()))
                .collect();
            assert_eq!(found, expected, "{samples:?}");
        };
        let all: Vec<i64> = (9..=41).map(|tick| tick * 10).collect();
        check(&all, &[]);
        check(&[], &[(100, 400)]);
        check(&all[..10], &[(192, 400)]);
        check(&all[20..], &[(100, 277)]);
        check(&[200, 210, 220, 300], &[(100, 187), (232, 287), (312, 400)]);
        check(&[10, 20, 500], &[(100, 400)]);
    }

    proptest! {
        #[test]
        fn what_is_left_lies_in_the_gap_and_touches_no_sample(samples in prop::collection::vec(0..600_i64, 0..60)) {
            let covered = covered(&[(seconds(10), vec![series(&samples)])].into());
            let left = left((at(100), at(400)), &covered, seconds(10));
            prop_assert!(left.iter().all(|(from, to)| *from >= at(100) && *to <= at(400) && from < to));
            prop_assert!(left.windows(2).all(|two| two[0].1 <= two[1].0));
            for sample in samples {
                prop_assert!(!left.iter().any(|(from, to)| *from < at(sample) && at(sample) < *to), "{sample} in {left:?}");
            }
        }
    }

    fn series(samples: &[i64]) -> BackfillSeries {
        let samples = samples.iter().map(|second| (at(*second), 1.0)).collect();
        let resource = ResourceId::mint(ResourceKind::Vm, "v");
        BackfillSeries { resource, former: vec![], metric: Metric::Cpu, samples }
    }

    fn seconds(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
