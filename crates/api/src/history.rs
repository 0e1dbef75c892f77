//! Metrics over time.

use jiff::Timestamp;
use muster_model::{GapReason, Metric, ResourceId, SourceId, Unit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Values;

/// Which history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// The resource.
    #[param(example = "agent-0123456789abcdef", required = true)]
    pub resource: String,
    /// Metric names, separated by commas.
    #[param(example = "cpu,memory", required = true)]
    pub metrics: String,
    /// A span that ends now: a number and `s`, `m`, `h`, `d` or `y`, such as `24h`. 24h if neither it nor `from` is given.
    pub range: Option<String>,
    /// Start of the span (RFC 3339); goes with `to`, not with `range`.
    pub from: Option<String>,
    /// End of the span (RFC 3339); now if absent.
    pub to: Option<String>,
    /// At most so many points: 1 to 5000, 300 if absent.
    #[param(minimum = 1, maximum = 5000)]
    pub points: Option<u32>,
}

/// History of one resource: one time column, and per metric the columns average, minimum and maximum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The resource.
    pub resource_id: ResourceId,
    /// Start of the span.
    pub from: Timestamp,
    /// End of the span.
    pub to: Timestamp,
    /// Width of a point.
    pub step_seconds: u32,
    /// The resolution that the points were made of.
    pub tier: HistoryTier,
    /// Where they were read.
    pub source: HistorySource,
    /// Why the remote history did not tell what it knows of older spans, if it was asked and did not; then what is `null`
    /// may be known there.
    pub archive_error: Option<String>,
    /// Start of each point, in epoch milliseconds, ascending.
    pub times: Vec<i64>,
    /// One entry for each metric asked for, in that order.
    pub series: Vec<HistorySeries>,
    /// Spans in which nothing was recorded, as far as it is known why.
    pub known_gaps: Vec<KnownGap>,
}

/// One metric's columns. All are as long as the time column; `null` means that nothing was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistorySeries {
    /// The metric.
    pub metric: Metric,
    /// The unit of its values.
    pub unit: Unit,
    /// Average in each point.
    pub avg: Values,
    /// Least in each point.
    pub min: Values,
    /// Greatest in each point.
    pub max: Values,
    /// Where nothing was recorded for more than 2.5 of the metric's periods, ascending: pairs of epoch milliseconds, the last sample
    /// before and the first one after, or the ends of the span. What is `null` elsewhere lies between two samples of a metric that is
    /// sampled more slowly than points follow each other. Gaps shorter than a point are left out.
    pub gaps: Vec<[i64; 2]>,
}

/// The stored resolution that an answer was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HistoryTier {
    /// Every sample as it was stored.
    Raw,
    /// Summed up by the minute.
    Minute,
    /// Summed up by ten minutes.
    TenMinutes,
    /// Summed up by the hour.
    Hour,
}

/// Where an answer was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HistorySource {
    /// Memory alone covered the span.
    Memory,
    /// Memory holds nothing of the span; stored blocks were asked.
    Store,
    /// Memory holds a part of the span; the rest was looked for in stored blocks.
    Mixed,
}

/// A span without data, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnownGap {
    /// Its start.
    pub from: Timestamp,
    /// Its end; `null` while it lasts.
    pub to: Option<Timestamp>,
    /// Why.
    pub reason: GapReason,
    /// Whose data is missing.
    pub source: SourceId,
}

/// Which short histories.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SparklineQuery {
    /// The resources, separated by commas; at most 500.
    #[param(required = true)]
    pub resources: String,
    /// Metric names, separated by commas.
    #[param(example = "cpu", required = true)]
    pub metrics: String,
    /// A span that ends now, such as `1h`; 1h if absent.
    pub range: Option<String>,
    /// At most so many points: 1 to 200, 48 if absent.
    #[param(minimum = 1, maximum = 200)]
    pub points: Option<u32>,
}

/// Short histories of several resources on one time column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sparklines {
    /// Width of a point.
    pub step_seconds: u32,
    /// Why the remote history did not tell what it knows of older spans, if it was asked and did not; then what is `null`
    /// may be known there.
    pub archive_error: Option<String>,
    /// Those of the ids asked for that no resource has.
    pub unknown_resources: Vec<ResourceId>,
    /// Start of each point, in epoch milliseconds, ascending.
    pub times: Vec<i64>,
    /// One entry for each resource and metric that has any history.
    pub series: Vec<SparklineSeries>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SparklineSeries {
    /// The resource.
    pub resource_id: ResourceId,
    /// The metric.
    pub metric: Metric,
    /// Average in each point; `null` means that nothing was recorded.
    pub values: Values,
    /// As in [`HistorySeries::gaps`].
    pub gaps: Vec<[i64; 2]>,
}
