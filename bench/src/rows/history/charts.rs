//! Charts and sparklines of the last day over HTTP, from the real server and from VictoriaMetrics with the same samples.
//!
//! Both are asked in turn over one kept connection each. No question is asked twice, so that neither side answers from a
//! cache of answers.

use anyhow::{Context, Result, ensure};
use hyper::body::Bytes;
use jiff::SignedDuration;
use muster_model::{Metric, ResourceId};
use serde::Deserialize;

use super::{VICTORIA, frame::Frame, ours::Ours};
use crate::{
    data::{DataSet, METRICS, reference::Reference},
    disk,
    peers::victoria::{Matrix, Victoria},
    result::{Bar, Of, Op, Peer, Row},
    site,
    timing::{Runs, Stopwatch},
    visitor::{Served, Visitor},
};

const RESOURCES: usize = 300;

const HOURS: i64 = 24;

const CHART_RUNS: usize = 99;

const CHART_POINTS: u32 = 300;

/// With the one that warms up, a run for each metric.
const SPARKLINE_RUNS: usize = METRICS.len() - 1;

const SPARKLINE_POINTS: u32 = 48;

/// How many resources a request for sparklines names.
const RESOURCES_A_REQUEST: usize = 300;

/// Both sides with the same day.
struct Sides<'a> {
    visitor: Visitor<'a>,
    victoria: Victoria,
    resources: Vec<ResourceId>,
    /// Of charts.
    frame: Frame,
    /// Of sparklines. VictoriaMetrics is asked for all resources it has, which are the same.
    small: Frame,
}

pub(in crate::rows) fn rows(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let directory = disk::scratch()?;
    let served = Served::start(directory.path(), RESOURCES)?;
    let span = SignedDuration::from_hours(HOURS);
    // A minute ago: VictoriaMetrics does not show the last half of one.
    let frame = Frame::before(served.now() - SignedDuration::from_mins(1), span, CHART_POINTS);
    let resources = served.resources();
    let victoria = fill(&served, &resources, frame)?;
    let small = Frame::before(frame.to, span, SPARKLINE_POINTS);
    let mut sides = Sides { visitor: served.visit()?, victoria, resources, frame, small };
    sides.check()?;
    let rows = vec![sides.chart_row(stopwatch)?, sides.sparklines_row(stopwatch)?];
    sides.visitor.leave();
    served.stop()?;
    Ok(rows)
}

fn fill(served: &Served, resources: &[ResourceId], frame: Frame) -> Result<Victoria> {
    let mut reference = Reference::of(resources.iter().copied(), &METRICS, frame.from);
    let mut ours = Ours::new(served.site.history().clone());
    let mut victoria = Victoria::start(site::runtime()?)?;
    for _ in 0..HOURS {
        let hour = reference.next_hour();
        ours.load(&hour)?;
        victoria.import(&hour)?;
    }
    ours.history().flush()?;
    victoria.settle()?;
    Ok(victoria)
}

impl Sides<'_> {
    /// Whether both sides draw all there is. It asks for a resource that is not timed.
    fn check(&mut self) -> Result<()> {
        let resource = *self.resources.last().context("there is no resource")?;
        let ours = self.visitor.get(&self.frame.path(resource))?;
        let flaw = self.frame.flaw(&ours)?;
        ensure!(flaw.is_none(), "our chart is not what was asked for: {flaw:?}");
        let theirs = self.victoria.range(&self.frame.range(resource))?;
        let full = Matrix::read(&theirs)?.is_full(METRICS.len() * 3, self.frame.buckets());
        ensure!(full, "the chart of VictoriaMetrics has holes");
        self.check_sparklines()
    }

    /// The metric is the one that warms up.
    fn check_sparklines(&mut self) -> Result<()> {
        let answers = sparklines(&mut self.visitor, &self.resources, METRICS[0])?;
        let mut lines = 0;
        for answer in answers {
            lines += serde_json::from_slice::<Lines>(&answer).context("reading sparklines")?.series.len();
        }
        ensure!(lines == RESOURCES, "{lines} sparklines came from us");
        let theirs = Matrix::read(&self.victoria.range(&self.small.means(METRICS[0]))?)?;
        ensure!(theirs.is_full(RESOURCES, self.small.buckets() - 1), "sparklines of VictoriaMetrics have holes");
        Ok(())
    }

    fn chart_row(&mut self, stopwatch: &Stopwatch) -> Result<Row> {
        let Self { visitor, victoria, resources, frame, small: _ } = self;
        let (ours, peer) = stopwatch.pairs(
            CHART_RUNS,
            |run| visitor.get(&frame.path(resources[run])),
            |run| victoria.range(&frame.range(resources[run])),
        )?;
        let what = "history: chart of 7 metrics of one resource over 24 h, 300 points of avg, min and max, \
                    300 resources stored, over HTTP, median";
        Ok(row("history.chart", what, &ours, &peer, 0.5))
    }

    fn sparklines_row(&mut self, stopwatch: &Stopwatch) -> Result<Row> {
        let Self { visitor, victoria, resources, frame: _, small } = self;
        let (ours, peer) = stopwatch.pairs(
            SPARKLINE_RUNS,
            |run| sparklines(visitor, resources, METRICS[run]),
            |run| victoria.range(&small.means(METRICS[run])),
        )?;
        let what = "history: sparklines of one metric of 300 resources over 24 h, 48 points of avg, over HTTP, median";
        Ok(row("history.sparklines", what, &ours, &peer, 0.3))
    }
}

fn row(id: &'static str, what: &'static str, ours: &Runs, peer: &Runs, bar: f64) -> Row {
    Row {
        id,
        what,
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer { name: VICTORIA, value: peer.median_milliseconds() }),
        bar: Some(Bar { op: Op::AtMost, value: bar, of: Of::Peer }),
    }
}

#[derive(Debug, Deserialize)]
struct Lines {
    series: Vec<serde::de::IgnoredAny>,
}

/// Asks our server for one metric of every resource.
fn sparklines(visitor: &mut Visitor<'_>, resources: &[ResourceId], metric: Metric) -> Result<Vec<Bytes>> {
    let ask = |resources: &[ResourceId]| {
        let ids: Vec<String> = resources.iter().map(ResourceId::to_string).collect();
        let ids = ids.join(",");
        visitor.get(&format!(
            "/api/metrics/sparklines?resources={ids}&metrics={metric}&range=24h&points={SPARKLINE_POINTS}"
        ))
    };
    resources.chunks(RESOURCES_A_REQUEST).map(ask).collect()
}
