//! How fast samples come in: each sweep one durable write, what becomes of it in the background counted too.

use std::time::Duration;

use anyhow::{Result, ensure};
use muster_history::{History, Options};

use super::{ROW_TABLE, ours::Ours};
use crate::{
    data::{DataSet, reference::Reference},
    disk,
    peers::row_table::RowTable,
    result::{Bar, Of, Op, Peer, Row},
    rows::dropped,
    timing::Stopwatch,
};

const RESOURCES: usize = 300;

const HOURS: usize = 24;

pub(in crate::rows) fn rows(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let peer = row_table_speed(stopwatch)?;
    let ours = our_speed(stopwatch)?;
    let row = |id, what, value, of| Row {
        id,
        what,
        unit: "samples/s",
        ours,
        peer: Some(Peer { name: ROW_TABLE, value: peer }),
        bar: Some(Bar { op: Op::AtLeast, value, of }),
    };
    let what = "history: durable ingest, one synced write a sweep of 2,100 samples, blocks included (24 h; peer 1 h)";
    let times = "history: the same as a multiple of a row table's";
    Ok(vec![row("history.ingest", what, 2e6, Of::Absolute), row("history.ingest.ratio", times, 20.0, Of::Peer)])
}

fn our_speed(stopwatch: &Stopwatch) -> Result<f64> {
    let directory = disk::scratch()?;
    let mut ours = Ours::new(History::open(directory.path(), Options::default())?);
    let mut reference = Reference::new(RESOURCES);
    let (mut samples, mut took) = (0, Duration::ZERO);
    for _ in 0..HOURS {
        let hour = reference.next_hour();
        let (appended, each) = stopwatch.once(|| ours.append(&hour));
        appended?;
        samples += hour.samples();
        took += each;
    }
    let (flushed, last) = stopwatch.once(|| ours.history().flush());
    flushed?;
    ensure!(dropped(&ours.history().stats()) == 0, "history could not keep up and dropped samples");
    Ok(samples as f64 / (took + last).as_secs_f64())
}

fn row_table_speed(stopwatch: &Stopwatch) -> Result<f64> {
    let directory = disk::scratch()?;
    let mut table = RowTable::create(directory.path())?;
    let hour = Reference::new(RESOURCES).next_hour();
    let (inserted, took) = stopwatch.once(|| table.insert(&hour));
    inserted?;
    Ok(hour.samples() as f64 / took.as_secs_f64())
}
