//! The reference data set: synthetic and seeded, 7 metrics of each resource every 10 s.
//!
//! Noisy processor use, paged memory, slowly growing disk use, and rates that are log-normal.

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{Metric, ResourceId, ResourceKind};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{BEGINNING, DataSet, Hour, METRICS, SWEEPS_PER_HOUR, Series, TICK, as_reported, noise::normal};

/// The data set, as far as it was taken.
#[derive(Debug)]
pub(crate) struct Reference {
    rng: StdRng,
    series: Arc<[Series]>,
    /// Where each series wanders.
    levels: Vec<f64>,
    next: Timestamp,
}

impl Reference {
    /// The data set of so many resources, from its beginning.
    pub(crate) fn new(resources: usize) -> Self {
        let ids = (0..resources).map(|number| ResourceId::mint(ResourceKind::Vm, &format!("reference:{number}")));
        Self::of(ids, &METRICS, BEGINNING)
    }

    /// The data set of some metrics of these resources, beginning at `start`.
    pub(crate) fn of(resources: impl IntoIterator<Item = ResourceId>, metrics: &[Metric], start: Timestamp) -> Self {
        let mut rng = StdRng::seed_from_u64(42);
        let series: Arc<[Series]> = resources.into_iter().flat_map(|resource| Series::of(resource, metrics)).collect();
        let levels = series.iter().map(|_| rng.random_range(0.1..0.9)).collect();
        Self { rng, series, levels, next: start }
    }

    /// Every series, in the order of the values.
    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    /// Takes one sweep in place of what is in `values`, and says when it is.
    pub(crate) fn sweep(&mut self, values: &mut Vec<f64>) -> Timestamp {
        values.clear();
        self.push_sweep(values)
    }

    fn push_sweep(&mut self, values: &mut Vec<f64>) -> Timestamp {
        for (series, level) in self.series.iter().zip(&mut self.levels) {
            values.push(value(series.metric, level, &mut self.rng));
        }
        let at = self.next;
        self.next += TICK;
        at
    }
}

impl DataSet for Reference {
    fn next_hour(&mut self) -> Hour {
        let mut values = Vec::with_capacity(SWEEPS_PER_HOUR * self.series.len());
        let (start, source_width) = (self.next, self.series.len());
        for _ in 0..SWEEPS_PER_HOUR {
            self.push_sweep(&mut values);
        }
        Hour { start, series: Arc::clone(&self.series), source_width, values }
    }
}

/// The next value of a series, whose level wanders between 0 and 1.
fn value(metric: Metric, level: &mut f64, rng: &mut StdRng) -> f64 {
    const MEMORY: f64 = (1_u64 << 34) as f64;
    let noise = normal(rng);
    let step = if metric == Metric::Disk { 1e-5 } else { 5e-3 };
    *level = (*level + noise * step).clamp(0.01, 0.99);
    let value = if metric == Metric::Cpu {
        (100.0 * *level + 3.0 * normal(rng)).clamp(0.0, 100.0)
    } else if metric == Metric::MemoryUsed {
        *level * MEMORY
    } else if metric == Metric::Disk {
        100.0 * *level
    } else {
        (8.0 + 8.0 * *level + 0.5 * normal(rng)).exp()
    };
    as_reported(metric, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::TICK;

    #[test]
    fn it_is_the_same_every_time() {
        let hour = |resources| Reference::new(resources).next_hour().values;
        assert_eq!(hour(2), hour(2));
    }

    #[test]
    fn an_hour_has_every_sweep_of_every_series() {
        let mut reference = Reference::new(3);
        let (first, second) = (reference.next_hour(), reference.next_hour());
        assert_eq!(first.samples(), 3 * 7 * 360);
        assert_eq!(first.sweeps().count(), 360);
        let last = first.sweeps().last().unwrap().0;
        assert_eq!(second.sweeps().next().unwrap().0, last + TICK);
    }

    #[test]
    fn values_have_the_shape_of_their_metric() {
        let hour = Reference::new(1).next_hour();
        let column = |place| hour.column(place).map(|(_, value)| value).collect::<Vec<_>>();
        assert!(column(0).iter().all(|cpu| (0.0..=100.0).contains(cpu)));
        assert!(column(1).iter().all(|memory| memory % 4096.0 == 0.0));
        let disk = column(2);
        assert!((disk[0] - disk[359]).abs() < 1.0, "disk use moves slowly");
        assert!(column(5).iter().all(|rate| rate.fract() == 0.0 && *rate > 0.0));
    }
}
