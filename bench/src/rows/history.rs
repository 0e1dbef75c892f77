//! Metrics history on the reference data, beside a SQLite table with a row for each sample.

use std::{fs, num::NonZeroU32, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use muster_history::{Cancel, History, Options, PlanId, PlanSamples, Query};
use muster_model::{ResourceId, SourceId, TenantId};

use crate::{
    peers::row_table::RowTable,
    reference::{METRICS, Reference, TICK},
    result::{Bar, Of, Op, Peer, Row},
    timing::{Runs, Stopwatch},
};

const RESOURCES: usize = 300;

/// The row table's chart is drawn from a table of these only, since filling it with all would take minutes. A smaller
/// table is the faster one.
const CHARTED: usize = 30;

const HOURS: usize = 24;

const CHART_RUNS: usize = 60;

const POINTS: u32 = 300;

/// What taking in some hours cost.
#[derive(Debug, Default)]
struct Intake {
    samples: usize,
    took: Duration,
    bytes: u64,
}

pub(super) fn rows(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let directory = tempfile::tempdir().context("making a directory for history")?;
    let (ours, chart) = measure_ours(stopwatch, &directory.path().join("history"))?;
    let peer = measure_row_table(stopwatch, directory.path())?;
    let peer_chart = chart_of_row_table(stopwatch)?;
    Ok(vec![ingest_row(&ours, &peer), size_row(&ours, &peer), chart_row(&chart, &peer_chart)])
}

fn ingest_row(ours: &Intake, peer: &Intake) -> Row {
    Row {
        id: "history.ingest",
        what: "history: durable ingest, one synced write a sweep of 2,100 samples, blocks included (24 h; peer 1 h)",
        unit: "samples/s",
        ours: ours.samples_per_second(),
        peer: Some(Peer { name: "a SQLite row per sample", value: peer.samples_per_second() }),
        bar: Bar { op: Op::AtLeast, value: 1.0, of: Of::Peer },
    }
}

fn size_row(ours: &Intake, peer: &Intake) -> Row {
    Row {
        id: "history.size",
        what: "history: bytes per stored sample at each metric's precision, all files counted (24 h; peer 1 h)",
        unit: "B/sample",
        ours: ours.bytes_per_sample(),
        peer: Some(Peer { name: "a SQLite row per sample", value: peer.bytes_per_sample() }),
        bar: Bar { op: Op::AtMost, value: 1.0, of: Of::Peer },
    }
}

fn chart_row(ours: &Runs, peer: &Runs) -> Row {
    Row {
        id: "history.chart",
        what: "history: chart of 7 metrics over 24 h, 300 points, with 300 resources stored (peer 30), median",
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer { name: "a SQLite row per sample, GROUP BY", value: peer.median_milliseconds() }),
        bar: Bar { op: Op::AtMost, value: 1.0, of: Of::Peer },
    }
}

/// Takes in a day, draws charts of it while it is open, and weighs it once it is closed.
fn measure_ours(stopwatch: &Stopwatch, directory: &Path) -> Result<(Intake, Runs)> {
    let mut reference = Reference::new(RESOURCES);
    let history = History::open(directory, Options::default())?;
    let plan = intern(&history, &reference)?;
    let mut intake = Intake::default();
    for _ in 0..HOURS {
        let hour = reference.next_hour();
        let (appended, took) = stopwatch.once(|| append(&history, plan, hour.sweeps()));
        appended?;
        intake.add(hour.samples(), took);
    }
    let (flushed, took) = stopwatch.once(|| history.flush());
    flushed?;
    intake.add(0, took);
    let charts = charts(stopwatch, &history, &reference)?;
    history.close()?;
    intake.bytes = length_of_files(directory)?;
    Ok((intake, charts))
}

fn intern(history: &History, reference: &Reference) -> Result<PlanId> {
    let series: Vec<_> = reference.series().iter().map(|series| (series.resource, series.metric)).collect();
    let period = history.period(TICK);
    Ok(history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series)?)
}

fn append<'a>(history: &History, plan: PlanId, sweeps: impl Iterator<Item = (Timestamp, &'a [f64])>) -> Result<()> {
    for (at, values) in sweeps {
        let appended = history.append(&[PlanSamples { plan, at, values }])?;
        ensure!(appended.not_durable.is_none(), "a sweep is not durable: {:?}", appended.not_durable);
    }
    Ok(())
}

fn charts(stopwatch: &Stopwatch, history: &History, reference: &Reference) -> Result<Runs> {
    let mut resources = reference.series().iter().step_by(METRICS.len()).map(|series| series.resource).cycle();
    let next = |_: &mut ()| resources.next().context("there is no resource");
    stopwatch.runs_on(&mut (), CHART_RUNS, next, |(), resource| {
        let answer = history.query(&day_of(resource, reference.now()), &Cancel::default())?;
        let drawn = answer.columns.iter().all(|column| column.avg.iter().all(Option::is_some));
        ensure!(drawn && answer.columns.len() == METRICS.len(), "a chart has holes");
        Ok(answer)
    })
}

/// The last 24 h before `now`.
fn day_of(resource: ResourceId, now: Timestamp) -> Query {
    Query {
        tenant: TenantId::DEFAULT,
        resources: vec![resource],
        metrics: METRICS.to_vec(),
        from: now - SignedDuration::from_hours(24),
        to: now - TICK,
        points: NonZeroU32::new(POINTS).expect("a chart has points"),
    }
}

fn length_of_files(directory: &Path) -> Result<u64> {
    let files = fs::read_dir(directory).with_context(|| format!("listing {}", directory.display()))?;
    files.map(|file| Ok(file?.metadata()?.len())).sum()
}

fn measure_row_table(stopwatch: &Stopwatch, directory: &Path) -> Result<Intake> {
    let mut reference = Reference::new(RESOURCES);
    let hour = reference.next_hour();
    let mut table = RowTable::create(directory)?;
    let (inserted, took) = stopwatch.once(|| table.insert(reference.series(), &hour));
    inserted?;
    Ok(Intake { samples: hour.samples(), took, bytes: table.close()? })
}

fn chart_of_row_table(stopwatch: &Stopwatch) -> Result<Runs> {
    let directory = tempfile::tempdir().context("making a directory for the row table")?;
    let mut reference = Reference::new(CHARTED);
    let mut table = RowTable::create(directory.path())?;
    for _ in 0..HOURS {
        let hour = reference.next_hour();
        table.load(reference.series(), &hour)?;
    }
    let to = reference.now().as_millisecond() - 1;
    let from = to + 1 - 24 * 3_600_000;
    let step = 24 * 3_600_000 / i64::from(POINTS);
    let mut resources = reference.series().iter().step_by(METRICS.len()).map(|series| series.resource).cycle();
    let next = |_: &mut ()| resources.next().context("there is no resource");
    stopwatch.runs_on(&mut (), CHART_RUNS, next, |(), resource| {
        let buckets = table.chart(resource, from, to, step)?;
        ensure!(buckets >= METRICS.len() * POINTS as usize, "a chart of the row table has holes");
        Ok(buckets)
    })
}

impl Intake {
    fn add(&mut self, samples: usize, took: Duration) {
        self.samples += samples;
        self.took += took;
    }

    fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.took.as_secs_f64()
    }

    fn bytes_per_sample(&self) -> f64 {
        self.bytes as f64 / self.samples as f64
    }
}
