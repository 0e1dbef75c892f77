//! Our history as a data set goes into it.

use std::{path::Path, sync::Arc};

use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use muster_history::{Cancel, History, Options, PlanId, PlanSamples, Recorded, SeriesQuery};
use muster_model::{Metric, ResourceId, SourceId, SourceKind, TenantId};

use crate::{
    data::{Hour, Series, TICK},
    disk,
};

/// A history with the poll plans of one data set.
#[derive(Debug)]
pub(super) struct Ours {
    history: History,
    series: Arc<[Series]>,
    /// One for each source.
    plans: Vec<PlanId>,
    /// Hours that lie in memory.
    unwritten: i64,
}

impl Ours {
    /// Data sets go into this history.
    pub(super) fn new(history: History) -> Self {
        Self { history, series: Arc::from([]), plans: Vec::new(), unwritten: 0 }
    }

    pub(super) fn history(&self) -> &History {
        &self.history
    }

    /// Takes in an hour, one durable append a sweep.
    pub(super) fn append(&mut self, hour: &Hour) -> Result<()> {
        self.intern(hour)?;
        for (at, values) in hour.sweeps() {
            append(&self.history, &self.rows(hour, at, values))?;
        }
        Ok(())
    }

    /// Takes in an hour in one append: to have the samples soon, not to measure how they came. They are written whenever
    /// a block is full, as they would be at their own pace.
    pub(super) fn load(&mut self, hour: &Hour) -> Result<()> {
        self.intern(hour)?;
        let rows: Vec<_> = hour.sweeps().flat_map(|(at, values)| self.rows(hour, at, values)).collect();
        append(&self.history, &rows)?;
        self.unwritten += 1;
        if SignedDuration::from_hours(self.unwritten) >= Options::default().block_span {
            self.history.flush()?;
            self.unwritten = 0;
        }
        Ok(())
    }

    /// Whether it gives back every bit of an hour: it reads one series in so many.
    pub(super) fn has_every_bit(&self, hour: &Hour) -> Result<bool> {
        const ONE_IN: usize = 37;
        for (place, series) in hour.series.iter().enumerate().step_by(ONE_IN) {
            let expected: Vec<_> = hour.column(place).map(|(at, value)| (at, value.to_bits())).collect();
            if self.recorded(series, hour)? != expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The samples of a series in an hour. One that was summed up is none.
    fn recorded(&self, series: &Series, hour: &Hour) -> Result<Vec<(Timestamp, u64)>> {
        let query = SeriesQuery {
            tenant: TenantId::DEFAULT,
            resources: vec![series.resource],
            metric: series.metric,
            from: hour.start,
            to: hour.start + SignedDuration::from_hours(1) - TICK,
        };
        let mut found = Vec::new();
        self.history.walk(&query, &Cancel::default(), |recorded| match recorded {
            Recorded::Sample { at, value } => found.push((at, value.to_bits())),
            Recorded::Bucket { .. } => {}
        })?;
        Ok(found)
    }

    /// Closes it, and says how long all its files are, in bytes.
    pub(super) fn close(self, directory: &Path) -> Result<u64> {
        self.history.close()?;
        disk::length_below(directory)
    }

    fn rows<'a>(&self, hour: &Hour, at: Timestamp, values: &'a [f64]) -> Vec<PlanSamples<'a>> {
        let rows = self.plans.iter().zip(values.chunks(hour.source_width));
        rows.map(|(plan, values)| PlanSamples { plan: *plan, at, values }).collect()
    }

    /// Makes plans of the series, unless they are the same as before.
    fn intern(&mut self, hour: &Hour) -> Result<()> {
        if self.series != hour.series {
            self.plans = plans(&self.history, hour.series.iter().map(Series::key), hour.source_width)?;
            self.series = Arc::clone(&hour.series);
        }
        Ok(())
    }
}

/// A poll plan for each source, which has so many of the series.
pub(super) fn plans(
    history: &History,
    series: impl Iterator<Item = (ResourceId, Metric)>,
    width: usize,
) -> Result<Vec<PlanId>> {
    let series: Vec<_> = series.collect();
    let plan = |(number, series): (usize, &[(ResourceId, Metric)])| {
        let source = SourceId::new(SourceKind::Agent, &format!("source-{number}"))?;
        Ok(history.plan(&TenantId::DEFAULT, &source, history.period(TICK), series)?)
    };
    series.chunks(width).enumerate().map(plan).collect()
}

/// Appends, and insists that it became durable.
pub(super) fn append(history: &History, rows: &[PlanSamples<'_>]) -> Result<()> {
    let appended = history.append(rows)?;
    ensure!(appended.not_durable.is_none(), "a sweep is not durable: {:?}", appended.not_durable);
    Ok(())
}
