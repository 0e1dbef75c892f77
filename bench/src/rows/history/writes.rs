//! What a day of a small estate has the disk write: 60 guests, 8 metrics, every 10 s, each sweep synced.

use anyhow::{Result, ensure};
use muster_history::{History, Options};
use muster_model::{Metric, ResourceId, ResourceKind};

use super::{ROW_TABLE, ours::Ours};
use crate::{
    data::{BEGINNING, DataSet, METRICS, reference::Reference},
    disk,
    peers::row_table::RowTable,
    process,
    result::{Bar, Of, Op, Peer, Row},
};

const GUESTS: usize = 60;

const HOURS: usize = 24;

/// Hours that the row table is measured for. It is as if it wrote no more in each hour later on, which favours it: its
/// index grows.
const PEER_HOURS: usize = 1;

pub(in crate::rows) fn row() -> Result<Row> {
    let ours = written_by_ours()?;
    let peer = written_by_row_table()? * (HOURS / PEER_HOURS) as u64;
    Ok(Row {
        id: "history.writes",
        what: "history: bytes that a day of 60 guests × 8 metrics × 10 s writes to disk, each sweep synced \
               (peer 1 h × 24)",
        unit: "MB",
        ours: ours as f64 / 1e6,
        peer: Some(Peer { name: ROW_TABLE, value: peer as f64 / 1e6 }),
        bar: Some(Bar { op: Op::AtMost, value: 200.0, of: Of::Absolute }),
    })
}

fn guests() -> Reference {
    let metrics: Vec<Metric> = METRICS.into_iter().chain([Metric::Load1]).collect();
    let ids = (0..GUESTS).map(|number| ResourceId::mint(ResourceKind::Vm, &format!("guest:{number}")));
    Reference::of(ids, &metrics, BEGINNING)
}

fn written_by_ours() -> Result<u64> {
    let directory = disk::scratch()?;
    written(|| {
        let mut ours = Ours::new(History::open(directory.path(), Options::default())?);
        let mut guests = guests();
        (0..HOURS).try_for_each(|_| ours.append(&guests.next_hour()))?;
        ours.close(directory.path()).map(drop)
    })
}

fn written_by_row_table() -> Result<u64> {
    let directory = disk::scratch()?;
    written(|| {
        let mut table = RowTable::create(directory.path())?;
        let mut guests = guests();
        (0..PEER_HOURS).try_for_each(|_| table.insert(&guests.next_hour()))?;
        table.close().map(drop)
    })
}

/// What this process had written meanwhile. Nothing else happens in it.
fn written(work: impl FnOnce() -> Result<()>) -> Result<u64> {
    let before = process::written_bytes()?;
    work()?;
    let written = process::written_bytes()? - before;
    ensure!(written > 0, "the kernel counts no writes of this process; run on a kernel with task I/O accounting");
    Ok(written)
}
