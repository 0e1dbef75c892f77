//! An hour of sweeps at a million series, and at a half and a quarter of that: both time and memory must grow no faster
//! than the estate does.

use anyhow::Result;
use muster_history::{History, Options, PlanId, PlanSamples};
use muster_model::{Metric, ResourceId, ResourceKind};

use super::ours::{append, plans};
use crate::{
    child::{self, Finding, Job},
    data::{BEGINNING, DataSet, Hour, METRICS, SWEEPS_PER_HOUR, TICK, reference::Reference},
    disk, process,
    result::{Bar, Of, Op, Peer, Row},
    rows::dropped,
    timing::Stopwatch,
};

const QUARTER: usize = 250_000;

/// Resources of one poll plan.
const RESOURCES_A_PLAN: usize = 57;

const PLAN: usize = RESOURCES_A_PLAN * METRICS.len();

/// After so many sweeps, five minutes of them, it is waited until they are written. Real sweeps leave the time for that
/// between them; simulated ones do not, and it is counted as time taken. It divides the sweeps of an hour.
const SWEEPS_A_FLUSH: usize = 30;

/// Resources whose values are made; all others have the values of one of them. To make a million different ones would
/// take longer than to store them.
const DISTINCT: usize = 570;

pub(in crate::rows) fn rows() -> Result<Vec<Row>> {
    let run = |series| child::run(&Job::HourOfSweeps { series });
    let (quarter, half, whole) = (run(QUARTER)?, run(2 * QUARTER)?, run(4 * QUARTER)?);
    let name = "our own at 250,000 series, times as many";
    let row = |id, what, unit, ours, peer| Row {
        id,
        what,
        unit,
        ours,
        peer: Some(Peer { name, value: peer }),
        bar: Some(Bar { op: Op::AtMost, value: 1.3, of: Of::Peer }),
    };
    let seconds = |found: &Finding| found.counted(found.seconds);
    let megabytes = |found: &Finding| found.counted(found.bytes as f64 / 1e6);
    Ok(vec![
        row(
            "history.half_million",
            "history: an hour of sweeps at 500,000 series, each synced, blocks included",
            "s",
            seconds(&half),
            2.0 * seconds(&quarter),
        ),
        row(
            "history.half_million.memory",
            "history: the most memory that the process held meanwhile",
            "MB",
            megabytes(&half),
            2.0 * megabytes(&quarter),
        ),
        row(
            "history.million",
            "history: an hour of sweeps at 1,000,000 series, each synced, blocks included",
            "s",
            seconds(&whole),
            4.0 * seconds(&quarter),
        ),
        row(
            "history.million.memory",
            "history: the most memory that the process held meanwhile",
            "MB",
            megabytes(&whole),
            4.0 * megabytes(&quarter),
        ),
    ])
}

/// Takes an hour in, and finds out how long that took and how much memory the process held at most.
pub(crate) fn hour_of_sweeps(series: usize) -> Result<Finding> {
    let directory = disk::scratch()?;
    let history = History::open(directory.path(), Options::default())?;
    let stopwatch = Stopwatch::start();
    let (plans, mut took) = stopwatch.once(|| plans(&history, self::series(series.div_ceil(PLAN)), PLAN));
    let plans = plans?;
    let hour = Reference::new(DISTINCT).next_hour();
    for sweep in 0..SWEEPS_PER_HOUR {
        let rows = sweep_of(&plans, &hour, sweep);
        let (taken, each) = stopwatch.once(|| take_in(&history, &rows, sweep));
        taken?;
        took += each;
    }
    let (bytes, lost) = (process::memory()?.peak, dropped(&history.stats()));
    history.close()?;
    Ok(Finding { series: (plans.len() * PLAN) as u64, seconds: took.as_secs_f64(), bytes, lost })
}

/// Takes a sweep in, and from time to time waits until all is written.
fn take_in(history: &History, rows: &[PlanSamples<'_>], sweep: usize) -> Result<()> {
    append(history, rows)?;
    if (sweep + 1).is_multiple_of(SWEEPS_A_FLUSH) {
        history.flush()?;
    }
    Ok(())
}

/// The series of so many plans.
fn series(plans: usize) -> impl Iterator<Item = (ResourceId, Metric)> {
    let resource = |number| ResourceId::mint(ResourceKind::Vm, &format!("million:{number}"));
    (0..plans * RESOURCES_A_PLAN).map(resource).flat_map(|resource| METRICS.map(|metric| (resource, metric)))
}

/// Each plan has the values of some of the distinct resources, beginning at another one than its neighbours do.
fn sweep_of<'a>(plans: &[PlanId], hour: &'a Hour, sweep: usize) -> Vec<PlanSamples<'a>> {
    let width = hour.series.len();
    let values = &hour.values[sweep * width..][..width];
    let at = BEGINNING + TICK * i32::try_from(sweep).expect("an hour has some hundred sweeps");
    let places = (0..).map(|plan: usize| plan * METRICS.len() % (width - PLAN));
    plans
        .iter()
        .zip(places)
        .map(|(plan, place)| PlanSamples { plan: *plan, at, values: &values[place..][..PLAN] })
        .collect()
}
