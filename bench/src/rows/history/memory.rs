//! What an active series takes of memory: measured in a process of its own, since a process gives little memory back.

use anyhow::Result;
use muster_history::{History, Options, PlanSamples};

use super::ours::{append, plans};
use crate::{
    child::{self, Finding, Job},
    data::{METRICS, Series, reference::Reference},
    disk, process,
    result::{Bar, Of, Op, Row},
    rows::dropped,
    timing::Stopwatch,
};

const SERIES: usize = 200_000;

/// Series of one poll plan: 57 resources with all their metrics.
const PLAN: usize = 57 * METRICS.len();

const TICKS: usize = 40;

pub(in crate::rows) fn row() -> Result<Row> {
    let found = child::run(&Job::SeriesMemory { series: SERIES })?;
    Ok(Row {
        id: "history.memory",
        what: "history: resident memory per active series at 200,000 series after 40 sweeps, labels and open block",
        unit: "B/series",
        ours: found.counted(found.bytes as f64 / found.series as f64),
        peer: None,
        bar: Some(Bar { op: Op::AtMost, value: 600.0, of: Of::Absolute }),
    })
}

/// Takes sweeps in, and finds out by how much the process grew.
pub(crate) fn series_memory(series: usize) -> Result<Finding> {
    let directory = disk::scratch()?;
    let mut reference = Reference::new(series.div_ceil(METRICS.len()));
    let mut values = Vec::with_capacity(reference.series().len());
    reference.sweep(&mut values);
    let before = process::memory()?.resident;
    let (grown, took) = Stopwatch::start().once(|| {
        let history = History::open(directory.path(), Options::default())?;
        take_in(&history, &mut reference, &mut values)?;
        anyhow::Ok((process::memory()?.resident.saturating_sub(before), history))
    });
    let (bytes, history) = grown?;
    let lost = dropped(&history.stats());
    history.close()?;
    Ok(Finding { series: reference.series().len() as u64, seconds: took.as_secs_f64(), bytes, lost })
}

fn take_in(history: &History, reference: &mut Reference, values: &mut Vec<f64>) -> Result<()> {
    let plans = plans(history, reference.series().iter().map(Series::key), PLAN)?;
    for _ in 0..TICKS {
        let at = reference.sweep(values);
        let rows = plans.iter().zip(values.chunks(PLAN));
        let rows: Vec<_> = rows.map(|(plan, values)| PlanSamples { plan: *plan, at, values }).collect();
        append(history, &rows)?;
    }
    Ok(())
}
