//! From nothing to ready: open both stores, restore the estate, listen, answer.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use jiff::SignedDuration;
use muster_history::{History, Options, PlanId, PlanSamples, Sync};
use muster_model::{Metric, Record, Report, ResourceId, TenantId};
use muster_runtime::{Clock, SystemClock};
use tokio::runtime::Runtime;

use crate::{
    http::{Connection, Get},
    result::{Bar, Of, Op, Peer, Row},
    site::{self, Site},
    timing::{Runs, Stopwatch},
};

const RESOURCES: usize = 10_000;

const RUNS: usize = 5;

/// How much history there is: for each poll plan a block every two hours, which is the span that blocks are meant to have.
const BLOCKS_PER_PLAN: i64 = 30 * 12;

pub(super) fn rows(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let directory = tempfile::tempdir().context("making a directory for a server")?;
    let runtime = site::runtime()?;
    let reports = site::estate(RESOURCES, &SystemClock::new());
    runtime.block_on(fill_state(directory.path(), reports.clone()))?;
    let dump = directory.path().join("dump.json");
    fs::write(&dump, serde_json::to_vec(&records(&reports))?).context("writing a JSON dump")?;
    let peer = stopwatch.runs_on(&mut (), RUNS, |()| Ok(()), |(), ()| read_dump(&dump))?;
    let bare = time_start(stopwatch, &runtime, directory.path())?;
    fill_history(&site::history_directory(directory.path()), &reports)?;
    let with_history = time_start(stopwatch, &runtime, directory.path())?;
    Ok(vec![
        row("start.estate", "start to ready with 10,000 resources", &bare, &peer),
        row(
            "start.history",
            "start to ready with 10,000 resources and 30 d of history (thinned: a block every 2 h, one sweep in each)",
            &with_history,
            &peer,
        ),
    ])
}

fn row(id: &'static str, what: &'static str, ours: &Runs, peer: &Runs) -> Row {
    Row {
        id,
        what,
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer { name: "reading a JSON dump of the records", value: peer.median_milliseconds() }),
        bar: Some(Bar { op: Op::AtMost, value: 1_000.0, of: Of::Absolute }),
    }
}

async fn fill_state(directory: &Path, reports: Vec<Report>) -> Result<()> {
    let site = Site::start(directory).await?;
    site.fill(reports, RESOURCES).await?;
    site.stop().await
}

fn records(reports: &[Report]) -> Vec<&Record> {
    reports.iter().flat_map(|report| report.records.iter().map(|record| &**record)).collect()
}

fn read_dump(path: &Path) -> Result<Vec<Record>> {
    let text = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&text).context("reading a JSON dump")
}

fn time_start(stopwatch: &Stopwatch, runtime: &Runtime, directory: &Path) -> Result<Runs> {
    let stop = |site: &mut Option<Site>| match site.take() {
        Some(site) => runtime.block_on(site.stop()),
        None => Ok(()),
    };
    let mut site = None;
    let runs = stopwatch.runs_on(&mut site, RUNS, stop, |site, ()| {
        *site = Some(runtime.block_on(start_until_ready(directory))?);
        Ok(())
    })?;
    stop(&mut site)?;
    Ok(runs)
}

async fn start_until_ready(directory: &Path) -> Result<Site> {
    let site = Site::start(directory).await?;
    let mut connection = Connection::open(site.address, &site.tasks).await?;
    connection.get_ok(Get { path: "/readyz", token: None, known: None }).await?;
    ensure!(site.resources() == RESOURCES, "{} resources are there after the start", site.resources());
    Ok(site)
}

/// Writes history as far back as it would reach, thinned to one sweep in each block: a start reads how many blocks there
/// are and what they span, none of their values.
fn fill_history(directory: &Path, reports: &[Report]) -> Result<()> {
    let history = History::open(directory, Options { sync: Sync::None, ..Options::default() })?;
    let plans: Vec<(PlanId, Vec<f64>)> = reports
        .iter()
        .filter(|report| !report.samples.is_empty())
        .map(|report| plan(&history, report))
        .collect::<Result<_>>()?;
    let now = SystemClock::new().now();
    for age in (1..=BLOCKS_PER_PLAN).rev() {
        let at = now - SignedDuration::from_hours(2 * age);
        let sweep: Vec<_> = plans.iter().map(|(plan, values)| PlanSamples { plan: *plan, at, values }).collect();
        history.append(&sweep)?;
        history.flush()?;
    }
    history.close().context("closing the filled history")
}

/// A poll plan as long as the report's own, and a sweep of it.
fn plan(history: &History, report: &Report) -> Result<(PlanId, Vec<f64>)> {
    let series: Vec<(ResourceId, Metric)> = report
        .samples
        .iter()
        .map(|sample| {
            let record = &report.records[sample.record as usize];
            (ResourceId::mint(record.kind, &format!("{}/{}", report.source, record.key)), sample.metric)
        })
        .collect();
    let period = history.period(SignedDuration::from_secs(10));
    let plan = history.plan(&TenantId::DEFAULT, &report.source, period, &series)?;
    Ok((plan, vec![1.0; series.len()]))
}
