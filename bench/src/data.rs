//! What is stored in a measurement: series of numbers on the grid, an hour at a time, so that a day of them never lies in
//! memory. Each set is the same every time it is made.

pub(crate) mod mix;
mod noise;
pub(crate) mod recorded;
pub(crate) mod recording;
pub(crate) mod reference;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use muster_model::{Metric, ResourceId, Unit};

/// How far apart sweeps are.
pub(crate) const TICK: SignedDuration = SignedDuration::from_secs(10);

/// Sweeps of one hour.
pub(crate) const SWEEPS_PER_HOUR: usize = 360;

/// When a data set begins, where that does not matter: at a full hour.
pub(crate) const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What is measured of a guest.
pub(crate) const METRICS: [Metric; 7] =
    [Metric::Cpu, Metric::MemoryUsed, Metric::Disk, Metric::DiskRead, Metric::DiskWrite, Metric::NetIn, Metric::NetOut];

/// One metric of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Series {
    pub(crate) resource: ResourceId,
    /// The resource's id as a table stores it.
    pub(crate) text: String,
    pub(crate) metric: Metric,
}

/// A data set, as far as it was taken.
pub(crate) trait DataSet {
    /// The next hour.
    fn next_hour(&mut self) -> Hour;
}

/// An hour of sweeps: in each, one value for each series. NaN where there is none.
#[derive(Debug, Clone)]
pub(crate) struct Hour {
    pub(crate) start: Timestamp,
    /// All metrics of a resource stand together.
    pub(crate) series: Arc<[Series]>,
    /// How many series one source has: a cluster all of them, an agent those of its machine.
    pub(crate) source_width: usize,
    /// Sweep after sweep.
    pub(crate) values: Vec<f64>,
}

impl Series {
    /// What history knows it by.
    pub(crate) fn key(&self) -> (ResourceId, Metric) {
        (self.resource, self.metric)
    }

    /// Every given metric of one resource.
    pub(crate) fn of(resource: ResourceId, metrics: &[Metric]) -> impl Iterator<Item = Self> {
        metrics.iter().map(move |metric| Self { resource, text: resource.to_string(), metric: *metric })
    }
}

impl Hour {
    /// Each sweep with its time.
    pub(crate) fn sweeps(&self) -> impl Iterator<Item = (Timestamp, &[f64])> {
        let times = std::iter::successors(Some(self.start), |at| Some(*at + TICK));
        times.zip(self.values.chunks_exact(self.series.len()))
    }

    /// The known values of the series at a place, each with its time.
    pub(crate) fn column(&self, place: usize) -> impl Iterator<Item = (Timestamp, f64)> {
        let values = self.sweeps().map(move |(at, values)| (at, values[place]));
        values.filter(|(_, value)| !value.is_nan())
    }

    /// How many values are known.
    pub(crate) fn samples(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }
}

/// A value as platforms state it: shares with two decimals, memory in pages, rates in whole bytes a second. A number of
/// fifteen digits at most, so that a store which keeps decimal numbers keeps all of it.
pub(crate) fn as_reported(metric: Metric, value: f64) -> f64 {
    const PAGE: f64 = 4096.0;
    match metric.unit() {
        Unit::Percent | Unit::Celsius | Unit::Number => (value * 100.0).round() / 100.0,
        Unit::Bytes => (value / PAGE).floor() * PAGE,
        Unit::BytesPerSecond | Unit::Hours => value.round(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_platforms_state_them() {
        let check = |metric, value, expected| assert_eq!(as_reported(metric, value), expected);
        check(Metric::Cpu, 12.3456, 12.35);
        check(Metric::MemoryUsed, 8200.0, 8192.0);
        check(Metric::NetIn, 1234.5678, 1235.0);
        check(Metric::Load1, 0.25, 0.25);
    }

    #[test]
    fn unknown_values_are_in_no_column_and_are_not_counted() {
        let resource = ResourceId::mint(muster_model::ResourceKind::Vm, "one");
        let series: Arc<[Series]> = Series::of(resource, &METRICS[..2]).collect();
        let hour = Hour { start: BEGINNING, series, source_width: 2, values: vec![1.0, f64::NAN, f64::NAN, 4.0] };
        assert_eq!(hour.samples(), 2);
        assert_eq!(hour.column(0).collect::<Vec<_>>(), [(BEGINNING, 1.0)]);
        assert_eq!(hour.column(1).collect::<Vec<_>>(), [(BEGINNING + TICK, 4.0)]);
    }
}
