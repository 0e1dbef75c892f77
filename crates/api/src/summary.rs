//! One metric of many resources as one: sums and quantiles over time, who stands out, and how they are spread.

use muster_model::{Metric, ResourceId, ResourceKind, Unit};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Values,
    history::{HistorySource, HistoryTier},
};

/// Which summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SummaryQuery {
    /// The metric.
    #[param(example = "cpu", required = true)]
    pub metric: String,
    /// A span that ends now, such as `1h`; 1h if absent.
    pub range: Option<String>,
    /// Only resources of these kinds, separated by commas.
    pub kind: Option<String>,
    /// How many of the resources with the greatest average to name: 0 to 100, 10 if absent.
    #[param(minimum = 0, maximum = 100)]
    pub top: Option<u32>,
    /// At most so many points: 1 to 500, 120 if absent. Fewer in a very large estate.
    #[param(minimum = 1, maximum = 500)]
    pub points: Option<u32>,
}

/// One metric of many resources as one. In each point, resources count that have a value there, or have told one within
/// the last 2.5 of their own periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsSummary {
    /// The metric.
    pub metric: Metric,
    /// The unit of its values.
    pub unit: Unit,
    /// Length of the span.
    pub range_seconds: u32,
    /// Width of a point.
    pub step_seconds: u32,
    /// The coarsest resolution that the points were made of.
    pub tier: HistoryTier,
    /// Where they were read.
    pub source: HistorySource,
    /// Why the remote history did not tell what it knows of older spans, if it was asked and did not.
    pub archive_error: Option<String>,
    /// Resources that have such a series.
    pub resources: u32,
    /// When the answer was made, in epoch milliseconds.
    pub timestamp: i64,
    /// Start of each point, in epoch milliseconds, ascending.
    pub times: Vec<i64>,
    /// How many resources have a value.
    pub count: Vec<u32>,
    /// Sum of their values.
    pub sum: Values,
    /// Mean of their values.
    pub avg: Values,
    /// Least value of any of them within the point.
    pub min: Values,
    /// Greatest value of any of them within the point.
    pub max: Values,
    /// Median of their values.
    pub p50: Values,
    /// The value that 95 in 100 do not exceed.
    pub p95: Values,
    /// The resources with the greatest average over the span, greatest first.
    pub top: Vec<TopResource>,
    /// How many resources have which average over the span; empty where none has any.
    pub distribution: Vec<DistributionBin>,
}

/// One of the resources that stand out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopResource {
    /// Which.
    pub resource_id: ResourceId,
    /// What it is called.
    #[schema(value_type = String)]
    pub name: SmolStr,
    /// What it is.
    pub kind: ResourceKind,
    /// Mean of its points.
    pub avg: f64,
    /// Its greatest value.
    pub max: f64,
    /// Its last value.
    pub last: f64,
}

/// How many resources have an average from `from` up to, but not including, `to`; the last bin includes it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DistributionBin {
    /// Its lower end.
    pub from: f64,
    /// Its upper end.
    pub to: f64,
    /// How many.
    pub count: u32,
}
