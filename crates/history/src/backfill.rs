//! Samples from a source's own memory, for spans that we missed.
//!
//! Only what is missing is written: a sample that lies between two of ours that are no more than 2.5 periods apart is
//! left alone, and so is everything that is there already. What is written takes the same way as a live sweep.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use muster_model::{Metric, ResourceId, SourceId, TenantId};

use crate::{
    cancel::Cancel,
    grid::{Grid, Period, Tick},
    history::History,
    plan::PlanError,
    query::{QueryError, Recorded, SeriesQuery, Tier},
    sweep::{AppendError, PlanSamples},
};

/// The most rows that one append of a backfill carries.
const ROWS_A_SWEEP: usize = 512;

/// What a source remembers of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct BackfillSeries {
    /// Of whom.
    pub resource: ResourceId,
    /// What.
    pub metric: Metric,
    /// When, and how much; in any order.
    pub samples: Vec<(Timestamp, f64)>,
}

/// What became of a backfill.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backfilled {
    /// Samples written.
    pub written: u64,
    /// Samples left out, because the time that they tell of is covered.
    pub covered: u64,
}

/// Why a backfill was refused or broke off. What was written before stays.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// Its series make no plan.
    #[error("backfilling history")]
    Plan(#[source] PlanError),
    /// What is there already cannot be read.
    #[error("backfilling history")]
    Read(#[source] QueryError),
    /// It cannot be taken in.
    #[error("backfilling history")]
    Append(#[source] AppendError),
}

impl History {
    /// Writes what a source remembers of spans that are missing here, and leaves covered spans alone.
    ///
    /// # Errors
    /// When a series is given twice, stored data cannot be read, or the history is closed.
    pub fn backfill(
        &self,
        tenant: &TenantId,
        source: &SourceId,
        period: Period,
        series: &[BackfillSeries],
        cancel: &Cancel,
    ) -> Result<Backfilled, BackfillError> {
        let grid = self.grid();
        let mut done = Backfilled::default();
        let mut rows: BTreeMap<Tick, Vec<f64>> = BTreeMap::new();
        for (column, series_of_source) in series.iter().enumerate() {
            let offered = offered(grid, series_of_source);
            let missing = self.missing(tenant, series_of_source, &offered, period, cancel)?;
            done.covered += (offered.len() - missing.len()) as u64;
            done.written += missing.len() as u64;
            for (tick, value) in missing {
                rows.entry(tick).or_insert_with(|| vec![f64::NAN; series.len()])[column] = value;
            }
        }
        if rows.is_empty() {
            return Ok(done);
        }
        let names: Vec<_> = series.iter().map(|series| (series.resource, series.metric)).collect();
        let plan = self.backfill_plan(tenant, source, period, &names).map_err(BackfillError::Plan)?;
        let rows: Vec<_> = rows.iter().collect();
        for rows in rows.chunks(ROWS_A_SWEEP) {
            let sweep = rows.iter().map(|(tick, values)| PlanSamples { plan, at: grid.time(**tick), values });
            let sweep: Vec<_> = sweep.collect();
            self.append_backfill(&sweep).map_err(BackfillError::Append)?;
        }
        Ok(done)
    }

    fn missing(
        &self,
        tenant: &TenantId,
        series: &BackfillSeries,
        offered: &BTreeMap<Tick, f64>,
        period: Period,
        cancel: &Cancel,
    ) -> Result<Vec<(Tick, f64)>, BackfillError> {
        let (Some((first, _)), Some((last, _))) = (offered.first_key_value(), offered.last_key_value()) else {
            return Ok(Vec::new());
        };
        let grid = self.grid();
        // A bucket that covers the first sample may begin long before it.
        let reach = (period.get() * 3).max(grid.width(Tier::Hour));
        let query = SeriesQuery {
            tenant: tenant.clone(),
            resources: vec![series.resource],
            metric: series.metric,
            from: grid.time(first.plus(-reach)),
            to: grid.time(last.plus(reach)),
        };
        let mut ours = Ours::default();
        self.walk(&query, cancel, |recorded| ours.add(grid, recorded)).map_err(BackfillError::Read)?;
        let missing = |(tick, _): &(&Tick, &f64)| !ours.cover(**tick, period);
        Ok(offered.iter().filter(missing).map(|(tick, value)| (*tick, *value)).collect())
    }
}

/// The samples on the grid; of two on one tick the last counts. What is no number is none.
fn offered(grid: Grid, series: &BackfillSeries) -> BTreeMap<Tick, f64> {
    let known = series.samples.iter().filter(|(_, value)| value.is_finite());
    known.map(|(at, value)| (grid.stamp(*at), *value)).collect()
}

/// What is there already.
#[derive(Debug, Default)]
struct Ours {
    samples: BTreeSet<Tick>,
    /// First and last tick of each bucket.
    buckets: BTreeMap<Tick, Tick>,
}

impl Ours {
    fn add(&mut self, grid: Grid, recorded: Recorded) {
        match recorded {
            Recorded::Sample { at, .. } => drop(self.samples.insert(grid.stamp(at))),
            Recorded::Bucket { at, tier, .. } => {
                let first = grid.stamp(at);
                self.buckets.insert(first, first.plus(grid.width(tier) - 1));
            }
        }
    }

    fn cover(&self, tick: Tick, period: Period) -> bool {
        let bucket = self.buckets.range(..=tick).next_back().is_some_and(|(_, last)| *last >= tick);
        let before = self.samples.range(..=tick).next_back();
        let after = self.samples.range(tick..).next();
        let between = before.zip(after).is_some_and(|(before, after)| !period.is_exceeded_by(after.0 - before.0));
        bucket || between
    }
}
