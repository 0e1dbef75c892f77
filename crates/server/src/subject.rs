//! What a question to history is about: a resource with its former ids, whose series are one (D-11).

use muster_api::history::{HistorySource, HistoryTier};
use muster_estate::{Row, Snapshot};
use muster_history::Tier;
use muster_model::{Metric, ResourceId, SourceId};

use crate::{
    inventory::filter::{names, words},
    problem::ApiError,
    text::list,
};

/// A resource with its former ids, and who reports it.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) id: ResourceId,
    pub(crate) ids: Vec<ResourceId>,
    pub(crate) sources: Vec<SourceId>,
}

impl Subject {
    /// The resource with this id or former id.
    pub(crate) fn find(snapshot: &Snapshot, id: ResourceId) -> Option<Self> {
        snapshot.get(id).map(|row| Self::of(snapshot, row))
    }

    /// The resource of a row.
    pub(crate) fn of(snapshot: &Snapshot, row: &Row) -> Self {
        let ids = std::iter::once(row.id).chain(snapshot.aliases_of(row.id).iter().copied()).collect();
        let sources = row.sources.iter().map(|source| source.source.clone()).collect();
        Self { id: row.id, ids, sources }
    }
}

/// Reads a list of metrics: each once, at least one.
pub(crate) fn metrics(text: &str) -> Result<Vec<Metric>, ApiError> {
    metrics_out_of(text, Metric::ALL)
}

/// Reads a list of metrics out of those that a route has: each once, at least one.
pub(crate) fn metrics_out_of(text: &str, known: &[Metric]) -> Result<Vec<Metric>, ApiError> {
    let read = |word: &str| word.parse().ok().filter(|metric| known.contains(metric));
    let mut metrics = words("metrics", Some(text), read, &names(known))?;
    if metrics.is_empty() {
        return Err(ApiError::query("metrics", "name at least one metric, such as `cpu`"));
    }
    let mut seen = std::collections::BTreeSet::new();
    metrics.retain(|metric| seen.insert(*metric));
    Ok(metrics)
}

/// Reads a list of resource ids.
pub(crate) fn resource_ids(field: &str, text: &str) -> Result<Vec<ResourceId>, ApiError> {
    let parse =
        |word: &str| word.parse().map_err(|error: muster_model::InvalidId| ApiError::query(field, error.to_string()));
    list(text).map(parse).collect()
}

/// A resolution on the wire.
pub(crate) fn tier(tier: Tier) -> HistoryTier {
    match tier {
        Tier::Raw => HistoryTier::Raw,
        Tier::Minute => HistoryTier::Minute,
        Tier::TenMinutes => HistoryTier::TenMinutes,
        Tier::Hour => HistoryTier::Hour,
    }
}

/// Where an answer was read; `in_memory` says whether memory holds any of the span.
pub(crate) fn source(from_memory: bool, in_memory: bool) -> HistorySource {
    match (from_memory, in_memory) {
        (true, _) => HistorySource::Memory,
        (false, true) => HistorySource::Mixed,
        (false, false) => HistorySource::Store,
    }
}

/// A width or length in whole seconds.
pub(crate) fn seconds(span: jiff::SignedDuration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
}
