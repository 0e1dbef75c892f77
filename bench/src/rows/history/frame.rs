//! The frame of a chart: its span and its points, the same for both sides.

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use muster_model::{Metric, ResourceId};
use serde::Deserialize;

use crate::{
    data::{METRICS, TICK},
    peers::victoria::Range,
};

/// A span that is cut into whole buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) from: Timestamp,
    /// Where the last bucket ends.
    pub(super) to: Timestamp,
    /// The width of a bucket, in whole ticks.
    pub(super) step: SignedDuration,
    /// How many points may be drawn.
    pub(super) points: u32,
}

/// What our server answers, as far as it is looked into.
#[derive(Debug, Deserialize)]
struct Chart {
    times: Vec<i64>,
    series: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Line {
    avg: Vec<Option<f64>>,
}

impl Frame {
    /// The last span before `now` whose buckets begin at multiples of their width. It is as long as given, or a little
    /// longer so that its buckets are whole.
    pub(super) fn before(now: Timestamp, span: SignedDuration, points: u32) -> Self {
        let tick = TICK.as_secs();
        let step = round_up(span.as_secs(), tick * i64::from(points)) / i64::from(points);
        let to = now.as_second().div_euclid(step) * step;
        let at = |second| Timestamp::from_second(second).expect("charts end in our time");
        let step_duration = SignedDuration::from_secs(step);
        Self { from: at(to - round_up(span.as_secs(), step)), to: at(to), step: step_duration, points }
    }

    /// What a browser asks our server for: one request with average, least and greatest value of each metric.
    pub(super) fn path(&self, resource: ResourceId) -> String {
        let Self { from, to, step: _, points } = self;
        let names = METRICS.map(Metric::as_str).join(",");
        let to = *to - TICK;
        format!("/api/metrics/history?resource={resource}&metrics={names}&from={from}&to={to}&points={points}")
    }

    /// What a dashboard asks VictoriaMetrics for. One query with its `rollup` function, which gives average, least and
    /// greatest value of every metric of the resource in one pass: the best that can be asked there.
    pub(super) fn range(&self, resource: ResourceId) -> Range {
        let query = format!(r#"rollup({{resource="{resource}"}}[{}s]) keep_metric_names"#, self.step.as_secs());
        self.ask(query)
    }

    /// What a dashboard asks VictoriaMetrics for, to show the mean of a metric of every resource.
    pub(super) fn means(&self, metric: Metric) -> Range {
        self.ask(format!("avg_over_time({metric}[{}s])", self.step.as_secs()))
    }

    /// There a point speaks for the time before it.
    fn ask(&self, query: String) -> Range {
        let Self { from, to, step, points: _ } = *self;
        Range { query, from: from + step, to, step }
    }

    /// How many buckets it is cut into.
    pub(super) fn buckets(&self) -> usize {
        let seconds = self.to.duration_since(self.from).as_secs() / self.step.as_secs();
        usize::try_from(seconds).expect("a span ends after it begins")
    }

    /// What is wrong with an answer of our server: it should have every metric, no hole, and at least three quarters of the
    /// points that may be drawn. Buckets may be a little wider than asked for, so that they are made of whole stored ones.
    pub(super) fn flaw(&self, body: &[u8]) -> Result<Option<String>> {
        let Chart { times, series } = serde_json::from_slice(body).context("reading a chart")?;
        if series.len() != METRICS.len() || times.len() * 4 < self.buckets() * 3 {
            return Ok(Some(format!("it has {} lines of {} points", series.len(), times.len())));
        }
        Ok(series.iter().find_map(|line| line.hole(&times)))
    }
}

impl Line {
    fn hole(&self, times: &[i64]) -> Option<String> {
        let holes: Vec<i64> = times.iter().zip(&self.avg).filter(|(_, avg)| avg.is_none()).map(|(at, _)| *at).collect();
        let (first, last) = (holes.first()?, holes.last()?);
        Some(format!("a line has {} holes among {} points, from {first} to {last}", holes.len(), times.len()))
    }
}

fn round_up(number: i64, step: i64) -> i64 {
    (number + step - 1).div_euclid(step) * step
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn buckets_begin_at_multiples_of_their_width() {
        let now: Timestamp = "2026-11-21T12:34:56Z".parse().unwrap();
        let check = |hours, points, step, buckets| {
            let frame = Frame::before(now, SignedDuration::from_hours(hours), points);
            assert_eq!((frame.step.as_secs(), frame.buckets()), (step, buckets));
            assert_eq!(frame.to.as_second() % step, 0);
            assert_eq!(frame.from.as_second() % step, 0);
            assert!((0..step).contains(&now.duration_since(frame.to).as_secs()));
            let range = frame.means(Metric::Cpu);
            assert_eq!(range.to.duration_since(range.from), frame.step * (buckets as i32 - 1));
        };
        check(24, 48, 1_800, 48);
        // Buckets of 288 s would end between two ticks.
        check(24, 300, 290, 298);
        check(30 * 24, 300, 8_640, 300);
    }

    #[test]
    fn a_chart_with_a_hole_is_not_full() {
        let (from, step) = (Timestamp::UNIX_EPOCH, TICK);
        let frame = Frame { from, to: from + step * 2, step, points: 2 };
        let chart = |avg: serde_json::Value| {
            let series = vec![json!({"metric": "cpu", "avg": avg}); METRICS.len()];
            frame.flaw(json!({"times": [0, 10], "series": series}).to_string().as_bytes()).unwrap()
        };
        assert_eq!(chart(json!([1.0, 2.0])), None);
        assert!(chart(json!([1.0, null])).unwrap().contains("1 holes among 2 points, from 10 to 10"));
        assert!(frame.flaw(br#"{"times": [], "series": []}"#).unwrap().is_some());
        assert!(frame.flaw(b"{}").is_err());
    }
}
