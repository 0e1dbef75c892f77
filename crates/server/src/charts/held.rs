//! What a metric tells between two of its samples, where points follow each other faster: the last value, within the
//! metric's own cadence. Beyond 2.5 of its periods (D-10) there is a gap, and nothing is told.
//!
//! Only sums over several resources are made of it: a sum of whoever happens to have a sample in a point would jump from
//! point to point. A series of its own keeps its gaps and the places between its samples.

use std::{collections::BTreeSet, num::NonZeroU32};

use jiff::SignedDuration;
use muster_estate::Snapshot;
use muster_history::{Column, ManyAnswer};

use crate::subject::Subject;

/// The longest lead, in spans: points that nobody sees cost as much as others.
const MOST_SPANS: i32 = 4;

/// How long before a span to begin, so that sources which report more seldom than points follow each other are known
/// from its first point on.
pub(super) fn lead(
    snapshot: &Snapshot,
    subjects: &[Subject],
    range: SignedDuration,
    points: NonZeroU32,
) -> SignedDuration {
    let step = range / i32::try_from(points.get()).unwrap_or(i32::MAX);
    let sources: BTreeSet<_> = subjects.iter().flat_map(|subject| &subject.sources).collect();
    let intervals = sources.into_iter().filter_map(|source| Some(snapshot.source(source)?.interval));
    let slowest = intervals.filter(|interval| *interval > step).max().unwrap_or_default();
    (slowest.saturating_mul(5) / 2).min(range.saturating_mul(MOST_SPANS))
}

/// Carries the values of all columns forward.
pub(super) fn hold_all(answer: &mut ManyAnswer) {
    let step = milliseconds(answer.step);
    answer.resources.iter_mut().flatten().for_each(|column| hold(column, &answer.times, step));
}

/// Drops the points that end before a time, in epoch milliseconds.
pub(super) fn drop_until(answer: &mut ManyAnswer, begin: i64) {
    let early = ending_before(answer, begin);
    answer.times.drain(..early);
    for Column { avg, min, max, metric: _, gaps: _ } in answer.resources.iter_mut().flatten() {
        [avg, min, max].into_iter().for_each(|values| drop(values.drain(..early)));
    }
}

/// How many points end before a time, in epoch milliseconds.
pub(super) fn ending_before(answer: &ManyAnswer, begin: i64) -> usize {
    answer.times.partition_point(|time| time.saturating_add(milliseconds(answer.step)) <= begin)
}

fn milliseconds(step: SignedDuration) -> i64 {
    i64::try_from(step.as_millis()).unwrap_or(i64::MAX)
}

fn hold(column: &mut Column, times: &[i64], step: i64) {
    let mut gaps = column.gaps.iter().map(|gap| (gap.from.as_millisecond(), gap.to.as_millisecond())).peekable();
    let mut last: Option<usize> = None;
    for (place, begin) in times.iter().enumerate() {
        while gaps.next_if(|(_, to)| to < begin).is_some() {}
        if column.avg[place].is_some() {
            last = Some(place);
        } else if let Some(last) = last {
            // What stands in the point in which a gap ends came after it.
            let is_gap = |(from, _): &(i64, i64)| (times[last]..begin.saturating_add(step)).contains(from);
            if !gaps.peek().is_some_and(is_gap) {
                for values in [&mut column.avg, &mut column.min, &mut column.max] {
                    values[place] = values[last];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use muster_history::{Gap, Tier};
    use muster_model::Metric;

    use super::*;

    #[test]
    fn a_slow_metric_is_carried_from_sample_to_sample() {
        check(&[Some(1.0), None, None, Some(4.0), None], &[], &[Some(1.0), Some(1.0), Some(1.0), Some(4.0), Some(4.0)]);
        check(&[None, None, Some(3.0)], &[], &[None, None, Some(3.0)]);
    }

    #[test]
    fn nothing_is_carried_into_a_gap() {
        // D-10
        check(&[Some(1.0), None, None, Some(4.0), None], &[(0, 30)], &[Some(1.0), None, None, Some(4.0), Some(4.0)]);
        check(&[Some(1.0), None, None, None], &[(5, 39)], &[Some(1.0), None, None, None]);
        check(&[Some(1.0), None, Some(3.0), None, None], &[(25, 49)], &[Some(1.0), Some(1.0), Some(3.0), None, None]);
    }

    #[test]
    fn what_ends_a_gap_in_its_own_point_is_carried() {
        check(&[None, Some(2.0), None, None], &[(0, 15)], &[None, Some(2.0), Some(2.0), Some(2.0)]);
        check(&[None, Some(2.0), None, None], &[(0, 25)], &[None, Some(2.0), Some(2.0), Some(2.0)]);
    }

    #[test]
    fn what_lies_before_the_span_is_dropped_after_it_was_carried() {
        let mut answer = answer(&[Some(1.0), None, Some(3.0), None], &[]);
        hold_all(&mut answer);
        drop_until(&mut answer, 15_000);
        assert_eq!(answer.times, [10_000, 20_000, 30_000]);
        assert_eq!(answer.resources[0][0].max, [Some(1.0), Some(3.0), Some(3.0)]);
    }

    /// Points of ten seconds, and gaps in seconds.
    fn check(values: &[Option<f64>], gaps: &[(i64, i64)], expected: &[Option<f64>]) {
        let mut answer = answer(values, gaps);
        hold_all(&mut answer);
        assert_eq!(answer.resources[0][0].avg, expected, "{gaps:?}");
    }

    fn answer(values: &[Option<f64>], gaps: &[(i64, i64)]) -> ManyAnswer {
        let time = |second: i64| Timestamp::from_second(second).unwrap();
        let gaps = gaps.iter().map(|(from, to)| Gap { from: time(*from), to: time(*to) }).collect();
        let values = values.to_vec();
        let times = (0..values.len()).map(|place| place as i64 * 10_000).collect();
        let column = Column { metric: Metric::Used, avg: values.clone(), min: values.clone(), max: values, gaps };
        ManyAnswer {
            step: SignedDuration::from_secs(10),
            times,
            resources: vec![vec![column]],
            tier: Tier::Raw,
            from_memory: true,
            in_memory: true,
            archive_error: None,
        }
    }
}
