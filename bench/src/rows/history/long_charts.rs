//! Charts of a month and of a year, beside the chart of a day: all over HTTP from the real server.

use std::cell::RefCell;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use muster_history::{History, PlanSamples};
use muster_model::{ResourceId, SourceId, TenantId};

use super::{
    frame::Frame,
    ours::{Ours, append},
};
use crate::{
    data::{DataSet, METRICS, Series, reference::Reference},
    disk,
    result::{Bar, Of, Op, Peer, Row},
    timing::Stopwatch,
    visitor::{Served, Visitor},
};

const RESOURCES: usize = 5;

const POINTS: u32 = 300;

const RUNS: usize = 40;

const DAY: SignedDuration = SignedDuration::from_hours(24);

const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How far apart samples are that are older than a month: they came from elsewhere, or long ago.
const COARSE: SignedDuration = SignedDuration::from_mins(5);

pub(in crate::rows) fn rows(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let directory = disk::scratch()?;
    let served = Served::start(directory.path(), RESOURCES)?;
    let (now, resources) = (served.now(), served.resources());
    let [day, month, year] = [DAY, MONTH, YEAR].map(|span| Frame::before(now, span, POINTS));
    let latest = day.to.max(month.to).max(year.to);
    fill(served.site.history(), &resources, [year.from, month.from, latest])?;
    let mut visitor = served.visit()?;
    let mut compare = |frame| compare(stopwatch, &mut visitor, &resources, frame, day);
    let rows = vec![
        row("history.chart.30d", "history: the same chart over 30 d, 5 resources stored (peer 24 h)", compare(month)?),
        row("history.chart.1y", "history: the same chart over 1 y, 5 resources stored (peer 24 h)", compare(year)?),
    ];
    visitor.leave();
    served.stop()?;
    Ok(rows)
}

fn row(id: &'static str, what: &'static str, (ours, peer): (f64, f64)) -> Row {
    Row {
        id,
        what,
        unit: "ms",
        ours,
        peer: Some(Peer { name: "our own over 24 h", value: peer }),
        bar: Some(Bar { op: Op::AtMost, value: 2.0, of: Of::Peer }),
    }
}

/// The medians of a long chart and of the short one. A chart with holes has no time.
fn compare(
    stopwatch: &Stopwatch,
    visitor: &mut Visitor<'_>,
    resources: &[ResourceId],
    long: Frame,
    short: Frame,
) -> Result<(f64, f64)> {
    let flaw = long.flaw(&visitor.get(&long.path(resources[0]))?)?;
    let path = |frame: Frame, run: usize| frame.path(resources[run % resources.len()]);
    let visitor = RefCell::new(visitor);
    let get = |path: &str| visitor.borrow_mut().get(path);
    let (ours, peer) = stopwatch.pairs(RUNS, |run| get(&path(long, run)), |run| get(&path(short, run)))?;
    let ours = match flaw {
        None => ours.median_milliseconds(),
        Some(flaw) => {
            complain(long, &flaw);
            f64::NAN
        }
    };
    Ok((ours, peer.median_milliseconds()))
}

#[expect(clippy::print_stderr, reason = "why a row has no value must be said somewhere")]
fn complain(frame: Frame, flaw: &str) {
    eprintln!("the chart from {} to {} is not what was asked for: {flaw}", frame.from, frame.to);
}

/// A year of which the last month has every tick, whole hours of them up to `now`.
fn fill(history: &History, resources: &[ResourceId], [year_ago, month_ago, now]: [Timestamp; 3]) -> Result<()> {
    let hours = i32::try_from(now.duration_since(month_ago).as_hours() + 1).expect("a month has some hundred hours");
    let month_ago = now - SignedDuration::from_hours(1) * hours;
    fill_coarsely(history, resources, year_ago, month_ago)?;
    let mut reference = Reference::of(resources.iter().copied(), &METRICS, month_ago);
    let mut ours = Ours::new(history.clone());
    (0..hours).try_for_each(|_| ours.load(&reference.next_hour()))?;
    history.flush()?;
    Ok(())
}

/// Samples some minutes apart, some hundred of them an append. Their shape is that of the reference data.
fn fill_coarsely(history: &History, resources: &[ResourceId], from: Timestamp, to: Timestamp) -> Result<()> {
    let mut reference = Reference::of(resources.iter().copied(), &METRICS, from);
    let series: Vec<_> = reference.series().iter().map(Series::key).collect();
    let plan = history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), history.period(COARSE), &series)?;
    let mut at = from;
    while at < to {
        let hour = reference.next_hour();
        let times = std::iter::successors(Some(at), |at| Some(*at + COARSE)).take_while(|at| *at < to);
        let rows: Vec<_> = times.zip(hour.sweeps()).map(|(at, (_, values))| PlanSamples { plan, at, values }).collect();
        append(history, &rows)?;
        at += COARSE * i32::try_from(rows.len()).expect("an hour has some hundred sweeps");
    }
    Ok(())
}
