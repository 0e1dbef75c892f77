//! Samples from a source's own memory, for spans that we missed.
//!
//! Only what is missing is written: a sample that lies between two of ours that are no more than 2.5 periods apart is
//! left alone, and so is everything that is there already. What is written takes the same way as a live sweep.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use muster_model::{Metric, ResourceId, SourceId, TenantId};
use muster_runtime::chain;

use crate::{
    cancel::Cancel,
    error::FlushError,
    grid::{Grid, Period, Tick},
    history::History,
    plan::{PlanError, PlanId},
    query::{QueryError, Recorded, SeriesQuery, Tier},
    sweep::{AppendError, Appended, PlanSamples},
};

/// So many bytes go into one append, more or less, and never more than a part of the memory that there is. Each append
/// waits for the disk once.
const BYTES_AN_APPEND: usize = 2 << 20;

/// The part of memory that one append may fill.
const APPENDS_TO_MEMORY: usize = 16;

/// What a row takes besides its values, in bytes.
const ROW_BYTES: usize = 40;

/// What a source remembers of series that it sampled together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backfill<'a> {
    /// Who.
    pub source: &'a SourceId,
    /// How often it sampled them.
    pub period: Period,
    /// What, each series once. They take a place each at every time that any of them has a sample at.
    pub series: &'a [BackfillSeries],
}

/// What a source remembers of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct BackfillSeries {
    /// Of whom.
    pub resource: ResourceId,
    /// The ids that it had before: what was recorded under them covers it, too.
    pub former: Vec<ResourceId>,
    /// What.
    pub metric: Metric,
    /// When, and how much; in any order.
    pub samples: Vec<(Timestamp, f64)>,
}

impl BackfillSeries {
    fn ids(&self) -> impl Iterator<Item = ResourceId> {
        [self.resource].into_iter().chain(self.former.iter().copied())
    }
}

/// What became of a backfill.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backfilled {
    /// Samples written.
    pub written: u64,
    /// Samples left out, because the time that they tell of is covered.
    pub covered: u64,
    /// Samples left out, because a later one of the same series and call fell on the same tick.
    pub shared: u64,
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
    /// The disk refuses: more of it would only drive out of memory what is sampled now.
    #[error("backfilling history: it would not be safe on disk; {written} samples before it are: {why}")]
    NotDurable {
        /// What the disk refused, and what to do about it.
        why: String,
        /// Samples of the same call that are safe.
        written: u64,
    },
}

impl History {
    /// Writes what a source remembers of spans that are missing here, and leaves covered spans alone.
    ///
    /// # Errors
    /// When a series is given twice, stored data cannot be read, the disk refuses what is written, or the history is
    /// closed.
    pub fn backfill(
        &self,
        tenant: &TenantId,
        source: &SourceId,
        period: Period,
        series: &[BackfillSeries],
        cancel: &Cancel,
    ) -> Result<Backfilled, BackfillError> {
        self.backfill_all(tenant, &[Backfill { source, period, series }], cancel)
    }

    /// The same for any number of sources and periods at once. A few large writes cost less than many small ones: each
    /// waits for the disk.
    ///
    /// # Errors
    /// As [`History::backfill`].
    pub fn backfill_all(
        &self,
        tenant: &TenantId,
        backfills: &[Backfill<'_>],
        cancel: &Cancel,
    ) -> Result<Backfilled, BackfillError> {
        let mut done = Backfilled::default();
        let most_bytes = BYTES_AN_APPEND.min(self.shared().settings.memory_bytes / APPENDS_TO_MEMORY);
        let mut batch = Batch::default();
        for backfill in backfills {
            let rows = self.missing_rows(tenant, backfill, cancel, &mut done)?;
            if rows.is_empty() {
                continue;
            }
            batch.begin(*backfill);
            for (tick, values) in rows {
                batch.add(self.grid().time(tick), values);
                if batch.bytes >= most_bytes {
                    done.written += batch.take(*backfill).append(self, tenant, done.written)?;
                }
            }
        }
        done.written += batch.append(self, tenant, done.written)?;
        Ok(done)
    }

    /// What is missing, as rows with a place for each series; NaN where there is none.
    fn missing_rows(
        &self,
        tenant: &TenantId,
        backfill: &Backfill<'_>,
        cancel: &Cancel,
        done: &mut Backfilled,
    ) -> Result<BTreeMap<Tick, Vec<f64>>, BackfillError> {
        let Backfill { period, series, .. } = *backfill;
        let mut rows: BTreeMap<Tick, Vec<f64>> = BTreeMap::new();
        for (column, series_of_source) in series.iter().enumerate() {
            let (offered, shared) = offered(self.grid(), series_of_source);
            let missing = self.missing(tenant, series_of_source, &offered, period, cancel)?;
            done.shared += shared;
            done.covered += (offered.len() - missing.len()) as u64;
            for (tick, value) in missing {
                rows.entry(tick).or_insert_with(|| vec![f64::NAN; series.len()])[column] = value;
            }
        }
        Ok(rows)
    }

    /// Whether anything was ever recorded of a series.
    fn knows(&self, tenant: &TenantId, series: &BackfillSeries) -> bool {
        let head = self.shared().head();
        let mut tracks = series.ids().filter_map(|id| head.catalogue.track_by_id(head.catalogue.track_of(tenant, id)?));
        tracks.any(|track| track.metrics.metrics().any(|metric| metric == series.metric))
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
        if !self.knows(tenant, series) {
            return Ok(offered.iter().map(|(tick, value)| (*tick, *value)).collect());
        }
        let grid = self.grid();
        // A bucket that covers the first sample may begin long before it.
        let reach = (period.get() * 3).max(grid.width(Tier::Hour));
        let query = SeriesQuery {
            tenant: tenant.clone(),
            resources: series.ids().collect(),
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

/// Rows of any backfills that go into one append.
#[derive(Debug, Default)]
struct Batch<'a> {
    parts: Vec<Part<'a>>,
    bytes: usize,
}

/// Those of one backfill.
#[derive(Debug)]
struct Part<'a> {
    of: Backfill<'a>,
    rows: Vec<(Timestamp, Vec<f64>)>,
}

impl<'a> Batch<'a> {
    /// What is added from now on is of this backfill.
    fn begin(&mut self, of: Backfill<'a>) {
        self.parts.push(Part { of, rows: Vec::new() });
    }

    fn add(&mut self, at: Timestamp, values: Vec<f64>) {
        self.bytes += size_of_val(&*values) + ROW_BYTES;
        let part = self.parts.last_mut().expect("a backfill was begun");
        part.rows.push((at, values));
    }

    /// Takes what has gathered out. What is added from now on is of this backfill.
    fn take(&mut self, of: Backfill<'a>) -> Self {
        let taken = std::mem::take(self);
        self.begin(of);
        taken
    }

    /// Appends what has gathered, after so many samples. Says how many it has.
    fn append(self, history: &History, tenant: &TenantId, written: u64) -> Result<u64, BackfillError> {
        let parts: Vec<_> = self.parts.into_iter().filter(|part| !part.rows.is_empty()).collect();
        if parts.is_empty() {
            return Ok(0);
        }
        history.make_room().map_err(|error| no_room(&error, written))?;
        loop {
            let plans = parts.iter().map(|part| part.plan(history, tenant));
            let plans = plans.collect::<Result<Vec<_>, _>>().map_err(BackfillError::Plan)?;
            let rows = parts.iter().zip(plans).flat_map(|(part, plan)| part.rows.iter().map(move |row| (plan, row)));
            let sweep: Vec<_> = rows.map(|(plan, (at, values))| PlanSamples { plan, at: *at, values }).collect();
            match history.append_past(&sweep) {
                Ok(Appended { not_durable: Some(why), .. }) => return Err(BackfillError::NotDurable { why, written }),
                Ok(appended) => return Ok(appended.samples),
                // A flush forgot a plan that was used before, and nothing was taken in. A new one is not forgotten.
                Err(AppendError::UnknownPlan { .. }) => {}
                Err(error) => return Err(BackfillError::Append(error)),
            }
        }
    }
}

impl Part<'_> {
    fn plan(&self, history: &History, tenant: &TenantId) -> Result<PlanId, PlanError> {
        let Backfill { source, period, series } = self.of;
        let names: Vec<_> = series.iter().map(|series| (series.resource, series.metric)).collect();
        history.backfill_plan(tenant, source, period, &names)
    }
}

/// Why memory has no room for more.
fn no_room(error: &FlushError, written: u64) -> BackfillError {
    match error {
        FlushError::Closed => BackfillError::Append(AppendError::Closed),
        FlushError::Log(_) | FlushError::ReadBack(_) | FlushError::Store(_) | FlushError::Stopped => {
            BackfillError::NotDurable { why: chain(error), written }
        }
    }
}

/// The samples on the grid, and how many of them gave way to a later one on the same tick. What is no number is none.
fn offered(grid: Grid, series: &BackfillSeries) -> (BTreeMap<Tick, f64>, u64) {
    let (mut on_grid, mut shared) = (BTreeMap::new(), 0);
    for (at, value) in series.samples.iter().filter(|(_, value)| value.is_finite()) {
        shared += u64::from(on_grid.insert(grid.stamp(*at), *value).is_some());
    }
    (on_grid, shared)
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
