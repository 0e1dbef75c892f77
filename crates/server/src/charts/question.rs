//! The questions that charts of the estate answer, read from query strings. Equal questions share one answer.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use muster_api::{
    charts::{InfrastructureChartsQuery, StorageSummaryQuery, WorkloadChartsQuery},
    summary::SummaryQuery,
};
use muster_estate::Snapshot;
use muster_model::{Metric, ResourceId, ResourceKind};

use super::page::Page;
use crate::{
    extract::within,
    inventory::filter::{names, words},
    problem::ApiError,
    span::parse_range,
    subject::metrics_out_of,
};

/// What charts of workloads show.
const WORKLOAD_METRICS: [Metric; 7] =
    [Metric::Cpu, Metric::Memory, Metric::Disk, Metric::DiskRead, Metric::DiskWrite, Metric::NetIn, Metric::NetOut];

/// What charts of hosts can show: the same, and one more on demand.
const HOST_METRICS: [Metric; 8] = [
    Metric::Cpu,
    Metric::Memory,
    Metric::Disk,
    Metric::DiskRead,
    Metric::DiskWrite,
    Metric::NetIn,
    Metric::NetOut,
    Metric::MemoryUsed,
];

const DEFAULT_WORKLOAD_POINTS: u32 = 180;
const DEFAULT_SUMMARY_POINTS: u32 = 120;
const MAX_SUMMARY_POINTS: u32 = 500;
const DEFAULT_TOP: u32 = 10;
const MAX_TOP: u32 = 100;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Workloads(Workloads),
    Infrastructure(Infrastructure),
    StorageSummary { range: SignedDuration },
    Summary(Summary),
}

/// Charts of workloads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Workloads {
    pub(crate) range: SignedDuration,
    /// Only what runs on it.
    pub(crate) node: Option<ResourceId>,
    pub(crate) points: NonZeroU32,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) page: Page,
}

impl Workloads {
    /// Names the list whose pages a token leads through.
    pub(crate) fn list(node: Option<ResourceId>) -> String {
        node.map_or_else(|| "workloads".to_owned(), |node| format!("workloads {node}"))
    }
}

/// Charts of hosts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Infrastructure {
    pub(crate) range: SignedDuration,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) page: Page,
}

impl Infrastructure {
    /// Names the list whose pages a token leads through.
    pub(crate) const LIST: &str = "infrastructure";
}

/// One metric of many resources as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Summary {
    pub(crate) metric: Metric,
    pub(crate) range: SignedDuration,
    /// Empty for all.
    pub(crate) kinds: Vec<ResourceKind>,
    pub(crate) top: usize,
    pub(crate) points: NonZeroU32,
}

impl Question {
    /// The one that is always answered ahead.
    pub(crate) const DAY_OF_STORAGE: Self = Self::StorageSummary { range: SignedDuration::from_hours(24) };

    pub(crate) fn workloads(query: &WorkloadChartsQuery, snapshot: &Snapshot) -> Result<Self, ApiError> {
        let points = query.max_points.unwrap_or(DEFAULT_WORKLOAD_POINTS).clamp(30, 500);
        let node = query.node.as_deref().and_then(|node| host(snapshot, node));
        Ok(Self::Workloads(Workloads {
            range: range(query.range.as_deref(), "1h")?,
            node,
            points: NonZeroU32::new(points).expect("clamped to at least 30"),
            metrics: subset(query.metrics.as_deref(), &WORKLOAD_METRICS, &WORKLOAD_METRICS)?,
            page: Page::read(query.limit, query.page_token.as_deref(), &Workloads::list(node))?,
        }))
    }

    pub(crate) fn infrastructure(query: &InfrastructureChartsQuery) -> Result<Self, ApiError> {
        Ok(Self::Infrastructure(Infrastructure {
            range: range(query.range.as_deref(), "1h")?,
            metrics: subset(query.metrics.as_deref(), &HOST_METRICS, &WORKLOAD_METRICS)?,
            page: Page::read(query.limit, query.page_token.as_deref(), Infrastructure::LIST)?,
        }))
    }

    pub(crate) fn storage_summary(query: &StorageSummaryQuery) -> Result<Self, ApiError> {
        Ok(Self::StorageSummary { range: range(query.range.as_deref(), "24h")? })
    }

    pub(crate) fn summary(query: &SummaryQuery) -> Result<Self, ApiError> {
        let metric = words("metric", Some(&query.metric), |word| word.parse().ok(), &names(Metric::ALL))?;
        let [metric] = metric[..] else {
            return Err(ApiError::query("metric", "name one metric, such as `cpu`"));
        };
        let mut kinds = words("kind", query.kind.as_deref(), ResourceKind::from_input, &names(ResourceKind::ALL))?;
        kinds.sort_unstable();
        kinds.dedup();
        let top = within("top", query.top.unwrap_or(DEFAULT_TOP), 0..=MAX_TOP)?;
        let points = within("points", query.points.unwrap_or(DEFAULT_SUMMARY_POINTS), 1..=MAX_SUMMARY_POINTS)?;
        Ok(Self::Summary(Summary {
            metric,
            range: range(query.range.as_deref(), "1h")?,
            kinds,
            top: top as usize,
            points: NonZeroU32::new(points).expect("at least 1"),
        }))
    }
}

fn range(text: Option<&str>, default: &str) -> Result<SignedDuration, ApiError> {
    parse_range("range", text.unwrap_or(default))
}

/// The metrics asked for, in the order of `known`, so that the same set is the same question.
fn subset(text: Option<&str>, known: &[Metric], default: &[Metric]) -> Result<Vec<Metric>, ApiError> {
    let Some(text) = text else { return Ok(default.to_vec()) };
    let asked = metrics_out_of(text, known)?;
    Ok(known.iter().copied().filter(|metric| asked.contains(metric)).collect())
}

/// The host with this id or name; a host that nobody knows means no restriction.
fn host(snapshot: &Snapshot, node: &str) -> Option<ResourceId> {
    let node = node.trim();
    let by_id = node.parse().ok().and_then(|id| snapshot.get(id)).map(|row| row.id);
    by_id.or_else(|| {
        let is_called = |name: &str| name.eq_ignore_ascii_case(node);
        let mut hosts = snapshot.infrastructure();
        let found = hosts.find(|row| {
            is_called(&row.display_name) || is_called(&row.name) || row.hostname.as_deref().is_some_and(is_called)
        });
        found.map(|row| row.id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_questions_are_equal_however_they_are_written() {
        let ask = |metrics: &str, range: Option<&str>| {
            let (metrics, range) = (Some(metrics.into()), range.map(Into::into));
            let query = InfrastructureChartsQuery { metrics, range, ..Default::default() };
            Question::infrastructure(&query).unwrap()
        };
        assert_eq!(ask("memory,cpu", Some("60m")), ask(" cpu , memory,cpu", None));
        assert_ne!(ask("cpu", None), ask("memory", None));
    }

    #[test]
    fn the_points_of_workload_charts_are_clamped() {
        //
        let check = |max_points, expected| {
            let query = WorkloadChartsQuery { max_points, ..WorkloadChartsQuery::default() };
            let snapshot = Snapshot::empty(muster_model::TenantId::DEFAULT);
            let Question::Workloads(question) = Question::workloads(&query, &snapshot).unwrap() else { panic!() };
            assert_eq!(question.points.get(), expected);
        };
        check(None, 180);
        check(Some(10), 30);
        check(Some(9999), 500);
    }

    #[test]
    fn a_metric_that_the_charts_do_not_have_is_refused() {
        //
        let query = InfrastructureChartsQuery { metrics: Some("cpu,load1".into()), ..Default::default() };
        let error = format!("{:?}", Question::infrastructure(&query).unwrap_err());
        assert!(error.contains("field: \"metrics\""), "{error}");
    }
}
