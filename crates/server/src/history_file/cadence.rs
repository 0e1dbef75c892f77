//! How often a series was sampled, which may change: an export has sums of an hour first, then of ten minutes, and so on,
//! and every sample at last. Only the distances tell.

use jiff::{SignedDuration, Timestamp};

/// So many distances in a row that differ from those before, and not from each other, are a new rhythm. Fewer are gaps.
const STEADY: usize = 4;

type Sample = (Timestamp, f64);

/// Cuts samples, in ascending order, wherever the distance between them changes for good.
pub(super) fn runs(samples: &[Sample]) -> Vec<&[Sample]> {
    let steps = steps(samples);
    let mut usual = median(steps.iter().take(STEADY).map(|(_, step)| *step).collect());
    let (mut runs, mut begin, mut odd) = (Vec::new(), 0, 0);
    for (place, (_, step)) in steps.iter().enumerate() {
        let differs = usual.is_some_and(|usual| differ(usual, *step));
        let goes_on = odd > 0 && !differ(steps[place - odd].1, *step);
        odd = if differs { if goes_on { odd + 1 } else { 1 } } else { 0 };
        if odd == STEADY {
            let end = steps[place + 1 - STEADY].0;
            runs.push(&samples[begin..end]);
            (begin, odd, usual) = (end, 0, Some(*step));
        }
    }
    runs.push(&samples[begin..]);
    runs
}

/// How far apart samples lie as a rule: the median. `None` where there are not two times.
pub(super) fn interval(samples: &[Sample]) -> Option<SignedDuration> {
    median(steps(samples).into_iter().map(|(_, step)| step).collect())
}

/// Where a sample comes after another one, and how much later.
fn steps(samples: &[Sample]) -> Vec<(usize, SignedDuration)> {
    let steps = samples.windows(2).map(|pair| pair[1].0.duration_since(pair[0].0));
    (1..).zip(steps).filter(|(_, step)| *step > SignedDuration::ZERO).collect()
}

fn median(mut steps: Vec<SignedDuration>) -> Option<SignedDuration> {
    let middle = steps.len() / 2;
    (!steps.is_empty()).then(|| *steps.select_nth_unstable(middle).1)
}

/// Whether one is more than two and a half times the other, as a gap is of a period (D-10).
fn differ(one: SignedDuration, other: SignedDuration) -> bool {
    one.min(other) * 5 < one.max(other) * 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_end_where_the_distance_changes_for_good() {
        check(&[], &[0]);
        check(&[10; 5], &[6]);
        check(&[&[3600; 5][..], &[600; 5], &[60; 5], &[10; 5]].concat(), &[6, 5, 5, 5]);
        check(&[&[10; 9][..], &[60; 9]].concat(), &[10, 9]);
        // The first distances are of two kinds.
        check(&[3600, 3600, 10, 10, 10, 10, 10], &[3, 5]);
    }

    #[test]
    fn a_gap_ends_no_run() {
        check(&[10, 10, 10, 10, 3600, 10, 10, 10, 10], &[10]);
        check(&[10, 10, 10, 10, 60, 60, 60, 10, 10, 10, 10], &[12]);
        check(&[10, 10, 10, 10, 100, 1000, 100, 1000, 100, 1000], &[11]);
        check(&[3600, 10, 10, 10, 10], &[6]);
        // Two samples at one time are no distance.
        check(&[10, 0, 10, 0, 10, 0, 10, 0, 10, 0], &[11]);
        check(&[10, 25, 4, 10, 25, 25, 25, 25], &[9]);
    }

    proptest! {
        #[test]
        fn every_sample_is_in_one_run(steps in prop::collection::vec(prop::sample::select(vec![0, 10, 60, 600]), 0..40)) {
            let samples = samples(&steps);
            let runs = runs(&samples);
            prop_assert_eq!(runs.concat(), samples);
        }
    }

    fn check(steps: &[i64], lengths: &[usize]) {
        let samples = if steps.is_empty() { Vec::new() } else { samples(steps) };
        assert_eq!(runs(&samples).iter().map(|run| run.len()).collect::<Vec<_>>(), lengths, "{steps:?}");
    }

    fn samples(steps: &[i64]) -> Vec<Sample> {
        let mut time = 0;
        let after = steps.iter().map(|step| {
            time += step;
            (Timestamp::from_second(time).unwrap(), 1.0)
        });
        [(Timestamp::UNIX_EPOCH, 1.0)].into_iter().chain(after).collect()
    }
}
