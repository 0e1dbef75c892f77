//! A chart as the API gives it, at its full resolution.

use jiff::Timestamp;
use serde_json::Value;

use super::site::{Site, id};

/// One metric over a span.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) points: Vec<(i64, f64)>,
    /// Where nothing was recorded for more than 2.5 periods, in epoch seconds.
    pub(super) gaps: Vec<(i64, i64)>,
    pub(super) known_gaps: Vec<Value>,
}

impl Site {
    /// What was recorded of a metric from one moment to another.
    pub(super) async fn chart(&self, key: &str, metric: &str, from: Timestamp, to: Timestamp) -> Chart {
        let resource = id(&self.resource(key).await);
        let path = format!("/api/metrics/history?resource={resource}&metrics={metric}&from={from}&to={to}&points=5000");
        Chart::of(&self.json(&path).await)
    }
}

impl Chart {
    fn of(answer: &Value) -> Self {
        let series = &answer["series"][0];
        let times = answer["times"].as_array().expect("a time column").iter();
        let values = series["avg"].as_array().expect("a column").iter();
        let points = times.zip(values).filter_map(|(at, value)| Some((at.as_i64()? / 1000, value.as_f64()?)));
        let gap = |gap: &Value| (gap[0].as_i64().unwrap() / 1000, gap[1].as_i64().unwrap() / 1000);
        Self {
            points: points.collect(),
            gaps: series["gaps"].as_array().expect("gaps").iter().map(gap).collect(),
            known_gaps: answer["knownGaps"].as_array().expect("gaps").clone(),
        }
    }

    /// The longest time between two points, in seconds.
    pub(super) fn longest_hole(&self) -> i64 {
        self.points.windows(2).map(|two| two[1].0 - two[0].0).max().unwrap_or(i64::MAX)
    }

    /// The greatest value.
    pub(super) fn peak(&self) -> f64 {
        self.points.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max)
    }
}
