//! The estate: what taking a report costs, beside scripts that write, read and compare JSON dumps of the same records.

use anyhow::{Context, Result, ensure};
use muster_estate::{Applied, Estate};
use muster_model::{Report, TenantId};
use muster_testkit::{EstateSpec, SyntheticEstate};
use smol_str::format_smolstr;

use crate::{
    peers::dump::Dump,
    result::{Bar, Of, Op, Peer, Row},
    timing::Stopwatch,
};

/// Records of one large report.
const RECORDS: usize = 10_000;

/// Resources of one large estate.
const RESOURCES: usize = 100_000;

const RUNS: usize = 30;

/// The scripts take their time.
const PEER_RUNS: usize = 5;

pub(super) fn rows(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    Ok(vec![first_report(stopwatch)?, unchanged_report(stopwatch)?, publication(stopwatch)?])
}

fn first_report(stopwatch: &Stopwatch) -> Result<Row> {
    let report = synthetic(RECORDS).single_report();
    let mut estate = new_estate();
    let applied = take(&mut estate, &report)?;
    ensure!(applied.entries.len() >= RECORDS && estate.snapshot(report.reported_at).len() == RECORDS);
    let ours = stopwatch.runs(RUNS, new_estate, |mut estate| {
        let applied = estate.apply(&report, report.reported_at);
        (estate, applied)
    });
    let dump = Dump::of(&report.records)?;
    let peer = stopwatch.runs_on(&mut (), PEER_RUNS, |()| Ok(()), |(), ()| dump.read())?;
    Ok(Row {
        id: "estate.first_report",
        what: "estate: apply a full first report of 10,000 records",
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer { name: "reading a JSON dump of them", value: peer.median_milliseconds() }),
        bar: Some(Bar { op: Op::AtMost, value: 50.0, of: Of::Absolute }),
    })
}

/// Each report is read from JSON anew, as one that came over the network: no record is shared with the one before.
fn unchanged_report(stopwatch: &Stopwatch) -> Result<Row> {
    let report = synthetic(RECORDS).single_report();
    let text = serde_json::to_vec(&report).context("writing a report as JSON")?;
    let mut estate = new_estate();
    take(&mut estate, &report)?;
    let reread = |_: &mut Estate| serde_json::from_slice(&text).context("reading a report from JSON");
    let ours = stopwatch.runs_on(&mut estate, RUNS, reread, |estate, report: Report| {
        let applied = take(estate, &report)?;
        ensure!(applied.entries.is_empty(), "an unchanged report changed something");
        Ok((applied, report))
    })?;
    let (before, after) = (Dump::of(&report.records)?, Dump::of(&report.records)?);
    let peer = stopwatch.runs_on(&mut (), PEER_RUNS, |()| Ok(()), |(), ()| after.differences(&before))?;
    Ok(Row {
        id: "estate.unchanged_report",
        what: "estate: apply a report of 10,000 records that changes nothing",
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer { name: "comparing two JSON dumps row by row", value: peer.median_milliseconds() }),
        bar: Some(Bar { op: Op::AtMost, value: 10.0, of: Of::Absolute }),
    })
}

fn publication(stopwatch: &Stopwatch) -> Result<Row> {
    let reports = synthetic(RESOURCES).reports();
    let mut estate = new_estate();
    for report in &reports {
        take(&mut estate, report)?;
    }
    let first = &reports[0];
    ensure!(estate.snapshot(first.reported_at).len() == RESOURCES, "the estate is not as large as it should be");
    let mut state = (estate, first.clone());
    let ours = stopwatch
        .runs_on(&mut state, RUNS, change_one, |(estate, report), ()| Ok(estate.snapshot(report.reported_at)))?;
    let records: Vec<_> = reports.iter().flat_map(|report| &report.records).collect();
    let peer = stopwatch.runs_on(&mut (), PEER_RUNS, |()| Ok(()), |(), ()| Dump::of(&records))?;
    Ok(Row {
        id: "estate.publication",
        what: "estate: publish a snapshot of 100,000 rows after one has changed",
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer { name: "writing a JSON dump of them anew", value: peer.median_milliseconds() }),
        bar: Some(Bar { op: Op::AtMost, value: 0.1, of: Of::Peer }),
    })
}

/// Tags one record with something new.
fn change_one((estate, report): &mut (Estate, Report)) -> Result<()> {
    let record = std::sync::Arc::make_mut(&mut report.records[1]);
    record.tags = [format_smolstr!("at-{}", estate.revision())].into();
    let changes = take(estate, report)?.changes.len();
    ensure!(changes == 1, "one changed record changed {changes} rows");
    Ok(())
}

fn take(estate: &mut Estate, report: &Report) -> Result<Applied> {
    let applied = estate.apply(report, report.reported_at);
    ensure!(applied.rejected.is_empty(), "parts of a synthetic report were refused: {:?}", applied.rejected.first());
    Ok(applied)
}

fn new_estate() -> Estate {
    Estate::new(TenantId::DEFAULT)
}

fn synthetic(resources: usize) -> SyntheticEstate {
    SyntheticEstate::new(EstateSpec { resources, seed: 0 })
}
