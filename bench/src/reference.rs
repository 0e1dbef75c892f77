//! The reference data set: synthetic and seeded, 300 resources × 7 metrics every 10 s.
//!
//! Noisy processor use, paged memory, slowly growing disk use, and rates that are log-normal. It comes an hour at a time,
//! so that a day of it never lies in memory.

use jiff::{SignedDuration, Timestamp};
use muster_model::{Metric, ResourceId, ResourceKind};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Sweeps of one hour, 10 s apart.
const SWEEPS_PER_HOUR: usize = 360;

/// How far apart sweeps are.
pub(crate) const TICK: SignedDuration = SignedDuration::from_secs(10);

/// What is measured of each resource.
pub(crate) const METRICS: [Metric; 7] =
    [Metric::Cpu, Metric::MemoryUsed, Metric::Disk, Metric::DiskRead, Metric::DiskWrite, Metric::NetIn, Metric::NetOut];

/// A page of memory, in bytes.
const PAGE: f64 = 4096.0;

/// One metric of one resource.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) resource: ResourceId,
    /// The resource's id as a table stores it.
    pub(crate) text: String,
    pub(crate) metric: Metric,
}

/// The data set, as far as it was taken.
#[derive(Debug)]
pub(crate) struct Reference {
    rng: StdRng,
    series: Vec<Series>,
    /// Where each series wanders.
    levels: Vec<f64>,
    next: Timestamp,
}

/// An hour of sweeps: in each, one value for each series.
#[derive(Debug)]
pub(crate) struct Hour {
    start: Timestamp,
    width: usize,
    values: Vec<f64>,
}

impl Reference {
    /// The data set of so many resources, from its beginning.
    pub(crate) fn new(resources: usize) -> Self {
        let mut rng = StdRng::seed_from_u64(42);
        let ids = (0..resources).map(|number| ResourceId::mint(ResourceKind::Vm, &format!("reference:{number}")));
        let series: Vec<Series> = ids
            .flat_map(|resource| METRICS.map(|metric| Series { resource, text: resource.to_string(), metric }))
            .collect();
        let levels = series.iter().map(|_| rng.random_range(0.1..0.9)).collect();
        Self { rng, series, levels, next: Timestamp::constant(1_795_132_800, 0) }
    }

    /// Every series, in the order of the values; all metrics of a resource stand together.
    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    /// When the next hour begins.
    pub(crate) fn now(&self) -> Timestamp {
        self.next
    }

    /// The next hour.
    pub(crate) fn next_hour(&mut self) -> Hour {
        let (start, width) = (self.next, self.series.len());
        let mut values = Vec::with_capacity(SWEEPS_PER_HOUR * width);
        for _ in 0..SWEEPS_PER_HOUR {
            for (series, level) in self.series.iter().zip(&mut self.levels) {
                values.push(value(series.metric, level, &mut self.rng));
            }
        }
        self.next += SignedDuration::from_hours(1);
        Hour { start, width, values }
    }
}

impl Hour {
    /// Each sweep with its time.
    pub(crate) fn sweeps(&self) -> impl Iterator<Item = (Timestamp, &[f64])> {
        let times = std::iter::successors(Some(self.start), |at| Some(*at + TICK));
        times.zip(self.values.chunks_exact(self.width))
    }

    /// How many values it has.
    pub(crate) fn samples(&self) -> usize {
        self.values.len()
    }

    /// The first and the last sweep, in epoch milliseconds.
    #[cfg(test)]
    pub(crate) fn span_ms(&self) -> (i64, i64) {
        let start = self.start.as_millisecond();
        (start, start + (SWEEPS_PER_HOUR as i64 - 1) * 10_000)
    }
}

/// The next value of a series, whose level wanders between 0 and 1.
fn value(metric: Metric, level: &mut f64, rng: &mut StdRng) -> f64 {
    let noise = normal(rng);
    let step = if metric == Metric::Disk { 1e-5 } else { 5e-3 };
    *level = (*level + noise * step).clamp(0.01, 0.99);
    if metric == Metric::Cpu {
        (100.0 * *level + 3.0 * normal(rng)).clamp(0.0, 100.0)
    } else if metric == Metric::MemoryUsed {
        (*level * f64::from(1_u32 << 22)).floor() * PAGE
    } else if metric == Metric::Disk {
        100.0 * *level
    } else {
        (8.0 + 8.0 * *level + 0.5 * normal(rng)).exp()
    }
}

/// A standard normal value (Box and Muller).
fn normal(rng: &mut StdRng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random_range(f64::MIN_POSITIVE..1.0), rng.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(first.values.iter().all(|value| value.is_finite()));
    }
}
