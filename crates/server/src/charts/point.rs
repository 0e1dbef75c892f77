//! One point of a summary: what is kept of the values that resources have there.

use super::folds::Part;

/// The values of a point. One number a resource is kept, for the quantiles.
#[derive(Debug, Clone)]
pub(super) struct Point {
    sum: f64,
    min: f64,
    max: f64,
    /// Half the precision suffices for a quantile that is drawn.
    values: Vec<f32>,
}

/// What a point comes to. Nothing but the count is known where nobody has a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Told {
    pub(super) sum: f64,
    pub(super) avg: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) p50: f64,
    pub(super) p95: f64,
}

impl Default for Point {
    fn default() -> Self {
        Self { sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, values: Vec::new() }
    }
}

impl Part for Point {
    fn add(&mut self, other: &Self) {
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.values.extend_from_slice(&other.values);
    }
}

impl Point {
    /// Takes in what one resource has there: its average, least and greatest value.
    pub(super) fn take(&mut self, avg: f64, min: f64, max: f64) {
        self.sum += avg;
        self.min = self.min.min(min);
        self.max = self.max.max(max);
        self.values.push(avg as f32);
    }

    /// How many resources have a value.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    /// What it comes to, if anybody has a value.
    pub(super) fn tell(&mut self) -> Option<Told> {
        let count = self.values.len();
        (count > 0).then(|| Told {
            sum: self.sum,
            avg: self.sum / count as f64,
            min: self.min,
            max: self.max,
            p50: quantile(&mut self.values, 50),
            p95: quantile(&mut self.values, 95),
        })
    }
}

/// The nearest-rank quantile of values, of which there is at least one.
fn quantile(values: &mut [f32], percent: usize) -> f64 {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    let (_, value, _) = values.select_nth_unstable_by(rank - 1, f32::total_cmp);
    f64::from(*value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let mut values: Vec<f32> = (1..=20_u8).rev().map(f32::from).collect();
        assert_eq!((quantile(&mut values, 50), quantile(&mut values, 95)), (10.0, 19.0));
        assert_eq!(quantile(&mut [7.0], 95), 7.0);
    }

    #[test]
    fn nobody_tells_nothing() {
        assert_eq!(Point::default().tell(), None);
    }

    proptest! {
        #[test]
        fn slices_do_not_show(values in prop::collection::vec(-1000..1000_i32, 1..200), cut in 0..200_usize) {
            let point = |values: &[i32]| {
                let mut point = Point::default();
                values.iter().map(|value| f64::from(*value)).for_each(|value| point.take(value, value - 1.0, value + 1.0));
                point
            };
            let (first, second) = values.split_at(cut.min(values.len()));
            let mut merged = point(first);
            merged.add(&point(second));
            prop_assert_eq!(merged.tell(), point(&values).tell());
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let told = point(&values).tell().unwrap();
            prop_assert_eq!(told.p50, f64::from(sorted[values.len().div_ceil(2) - 1]));
            prop_assert_eq!((told.min, told.max), (f64::from(sorted[0] - 1), f64::from(sorted[values.len() - 1] + 1)));
        }
    }
}
