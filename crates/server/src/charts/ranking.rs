//! Who stands out of many resources, and how their averages are spread.

use muster_api::summary::DistributionBin;
use muster_history::Column;
use muster_model::{Metric, ResourceId, Unit};

use crate::rounding;

/// Bins of the distribution.
const BINS: usize = 10;

/// What a resource comes to over the whole span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    pub(super) id: ResourceId,
    /// Mean of its points.
    pub(super) avg: f64,
    /// Its greatest value.
    pub(super) max: f64,
    /// Its last value.
    pub(super) last: f64,
}

impl Ranked {
    /// A resource with its column from a point on; `None` when that has no value.
    pub(super) fn of(id: ResourceId, column: &Column, first: usize) -> Option<Self> {
        let known = || column.avg.iter().skip(first).flatten().copied();
        let last = known().last()?;
        let avg = known().sum::<f64>() / known().count() as f64;
        let max = column.max.iter().skip(first).flatten().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { id, avg, max, last })
    }
}

/// The resources with the greatest averages, greatest first; of equal ones the smaller id comes first.
pub(super) fn top(ranked: &mut [Ranked], most: usize) -> &[Ranked] {
    ranked.sort_unstable_by(|one, other| other.avg.total_cmp(&one.avg).then(one.id.cmp(&other.id)));
    &ranked[..most.min(ranked.len())]
}

/// How many resources have which average. Percentages have round bins, from 0 to 100 at least.
pub(super) fn distribution(metric: Metric, ranked: &[Ranked]) -> Vec<DistributionBin> {
    let averages = || ranked.iter().map(|ranked| ranked.avg);
    let (Some(least), Some(greatest)) = (averages().reduce(f64::min), averages().reduce(f64::max)) else {
        return Vec::new();
    };
    let (from, to) = match metric.unit() {
        Unit::Percent => (0.0, (greatest / 100.0).ceil().max(1.0) * 100.0),
        Unit::Bytes | Unit::BytesPerSecond | Unit::Celsius | Unit::Number | Unit::Hours => (least, greatest),
    };
    let width = (to - from) / BINS as f64;
    let mut counts = [0; BINS];
    for average in averages() {
        counts[bin(average - from, width)] += 1;
    }
    let edge = |place: usize| rounding::number(metric, from + width * place as f64);
    let bins = counts.iter().enumerate();
    bins.map(|(place, count)| DistributionBin { from: edge(place), to: edge(place + 1), count: *count }).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the bins")]
fn bin(offset: f64, width: f64) -> usize {
    if width > 0.0 { (offset / width).clamp(0.0, (BINS - 1) as f64) as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn every_resource_is_in_one_bin() {
        let check = |metric, averages: &[f64], expected: &[u32]| {
            let ranked: Vec<_> = averages.iter().map(|avg| ranked("x", *avg)).collect();
            let counts: Vec<u32> = distribution(metric, &ranked).iter().map(|bin| bin.count).collect();
            assert_eq!(counts, expected);
        };
        check(Metric::Cpu, &[0.0, 9.9, 10.0, 100.0], &[2, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
        check(Metric::Cpu, &[250.0], &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        check(Metric::NetIn, &[5.0, 5.0], &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        check(Metric::NetIn, &[], &[]);
    }

    #[test]
    fn who_stands_out_is_told_in_order() {
        let mut all = vec![ranked("a", 1.0), ranked("b", 3.0), ranked("c", 2.0), ranked("d", 3.0)];
        let averages: Vec<f64> = top(&mut all, 3).iter().map(|ranked| ranked.avg).collect();
        assert_eq!(averages, [3.0, 3.0, 2.0]);
        assert!(all[0].id < all[1].id, "the same estate has the same answer");
        assert_eq!(top(&mut all, 9).len(), 4);
    }

    #[test]
    fn a_resource_without_a_value_is_nowhere() {
        let id = ResourceId::mint(ResourceKind::Vm, "x");
        let column = |values: &[Option<f64>]| Column {
            metric: Metric::Cpu,
            avg: values.to_vec(),
            min: values.to_vec(),
            max: values.to_vec(),
            gaps: Vec::new(),
        };
        assert_eq!(Ranked::of(id, &column(&[None, None]), 0), None);
        let expected = Ranked { id, avg: 2.0, max: 3.0, last: 1.0 };
        assert_eq!(Ranked::of(id, &column(&[Some(9.0), Some(3.0), None, Some(1.0)]), 1), Some(expected));
    }

    fn ranked(name: &str, avg: f64) -> Ranked {
        Ranked { id: ResourceId::mint(ResourceKind::Vm, name), avg, max: avg, last: avg }
    }
}
