//! Charts of a whole estate in one answer: one time column, and the series by the resources' own ids.

use std::collections::BTreeMap;

use muster_model::{Metric, ResourceId, ResourceKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    PageToken, Values,
    history::{HistorySource, HistoryTier},
};

/// Series by resource and metric. What has no history is not there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct SeriesByResource(pub BTreeMap<ResourceId, BTreeMap<Metric, Values>>);

/// Which charts of workloads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkloadChartsQuery {
    /// A span that ends now, such as `1h`; 1h if absent.
    pub range: Option<String>,
    /// Only what runs on this host, by id or name; a host that nobody knows means all.
    pub node: Option<String>,
    /// At most so many points: clamped to 30 to 500, 180 if absent. Fewer in a very large estate.
    #[param(format = Int64, maximum = 4_294_967_295_i64)]
    pub max_points: Option<u32>,
    /// Out of cpu, memory, disk, diskread, diskwrite, netin, netout; all of them if absent.
    pub metrics: Option<String>,
    /// At most so many resources: 1 to 5000, 5000 if absent.
    #[param(minimum = 1, maximum = 5000)]
    pub limit: Option<u32>,
    /// `nextPageToken` of the answer before, with the same `node`.
    pub page_token: Option<String>,
}

/// Short charts of everything that runs, in pages of many resources in the order of their ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadCharts {
    /// Start of each point, in epoch milliseconds, ascending.
    pub times: Vec<i64>,
    /// Averages of virtual machines, system containers and pods.
    pub data: SeriesByResource,
    /// Averages of application containers.
    pub docker_data: SeriesByResource,
    /// What each of them is.
    pub guest_types: BTreeMap<ResourceId, ResourceKind>,
    /// When the answer was made, in epoch milliseconds.
    pub timestamp: i64,
    /// Pass it as `pageToken` to read on; `null` on the last page. Each page has its own time column.
    pub next_page_token: Option<PageToken>,
    /// About the answer.
    pub stats: ChartStats,
}

/// Which charts of hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InfrastructureChartsQuery {
    /// A span that ends now, such as `1h`; 1h if absent.
    pub range: Option<String>,
    /// Out of cpu, memory, disk, diskread, diskwrite, netin, netout, memoryused; the first seven if absent.
    #[param(example = "cpu,memory")]
    pub metrics: Option<String>,
    /// At most so many hosts: 1 to 5000, 5000 if absent.
    #[param(minimum = 1, maximum = 5000)]
    pub limit: Option<u32>,
    /// `nextPageToken` of the answer before.
    pub page_token: Option<String>,
}

/// Short charts of all hosts, in pages of many hosts in the order of their ids. Memory and disk are averages of a point,
/// everything else its greatest value; the last point is the current reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InfrastructureCharts {
    /// Start of each point, in epoch milliseconds, ascending.
    pub times: Vec<i64>,
    /// Nodes of a Proxmox VE.
    pub node_data: SeriesByResource,
    /// Hosts of a Docker engine that are no nodes.
    pub docker_host_data: SeriesByResource,
    /// All other hosts.
    pub agent_data: SeriesByResource,
    /// When the answer was made, in epoch milliseconds.
    pub timestamp: i64,
    /// Pass it as `pageToken` to read on; `null` on the last page. Each page has its own time column.
    pub next_page_token: Option<PageToken>,
    /// About the answer.
    pub stats: ChartStats,
}

/// Which summary of storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StorageSummaryQuery {
    /// A span that ends now, such as `24h`; 24h if absent.
    pub range: Option<String>,
}

/// How full everything that holds data is, as a whole. Only what tells both its use and its free space counts; what
/// lies within another storage counts once. A storage that is asked more seldom than points follow each other counts
/// with what it told last, until it has been silent for 2.5 of its own periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StorageSummary {
    /// Start of each point, in epoch milliseconds, ascending.
    pub times: Vec<i64>,
    /// Use, in percent of use and free space together.
    pub capacity: Values,
    /// Bytes in use.
    pub used: Values,
    /// Bytes that can still be used.
    pub avail: Values,
    /// How many storages the point is the sum of.
    pub counted: Vec<u32>,
    /// How many more there were that told nothing then: where it is not 0, the point is the sum of a part.
    pub missing: Vec<u32>,
    /// When the answer was made, in epoch milliseconds.
    pub timestamp: i64,
    /// About the answer.
    pub stats: ChartStats,
}

/// About an answer with charts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartStats {
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
    /// Resources that were looked at.
    pub resources: u32,
    /// Series that have any history, two of each resource in a summary of storage.
    pub series: u32,
    /// Start of the first point that has a value, in epoch milliseconds; `null` where none has.
    pub oldest_data_timestamp: Option<i64>,
}
