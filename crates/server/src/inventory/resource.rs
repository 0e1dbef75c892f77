//! The wire form of a snapshot row.

use std::collections::BTreeMap;

use muster_api::resource::{CanonicalIdentity, MetricReading, MetricsTarget, Resource, ResourceSource, SourcedFacet};
use muster_estate::{Row, RowSource, Snapshot};
use muster_model::{Metric, Reading, ResourceId};

/// How much of a resource to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What changes only with the revision (D-1).
    Facts,
    /// Also current readings and when it was last seen.
    Everything,
}

impl Detail {
    /// Readings are for those who may see them; the facts are for all who may see the resource.
    pub(crate) fn for_caller(may_read_metrics: bool) -> Self {
        if may_read_metrics { Self::Everything } else { Self::Facts }
    }
}

/// Writes a row.
pub(crate) fn resource(snapshot: &Snapshot, row: &Row, detail: Detail) -> Resource {
    let (resource_type, resource_id) = row.metrics_target();
    let readings = matches!(detail, Detail::Everything);
    Resource {
        id: row.id,
        kind: row.kind,
        name: row.name.clone(),
        technology: row.technology.clone(),
        status: row.status,
        canonical_identity: canonical_identity(snapshot, row),
        identity: row.identity.clone(),
        parent_id: row.parent,
        parent_name: row.parent.and_then(|id| snapshot.get(id)).map(|parent| parent.display_name.clone()),
        child_count: row.child_count,
        tags: row.tags.iter().cloned().collect(),
        sources: row.sources.iter().map(|source| resource_source(snapshot, source, detail)).collect(),
        facets: row.facets.iter().map(sourced_facet).collect(),
        relationships: snapshot.relationships(row.id).into_iter().map(relationship).collect(),
        metrics_target: MetricsTarget { resource_type, resource_id },
        revision: row.revision,
        first_seen_at: row.first_seen_at,
        changed_at: row.changed_at,
        last_seen: if readings { snapshot.last_seen(row.id) } else { None },
        metrics: readings.then(|| metrics(snapshot, row.id)),
    }
}

fn canonical_identity(snapshot: &Snapshot, row: &Row) -> CanonicalIdentity {
    CanonicalIdentity {
        display_name: row.display_name.clone(),
        hostname: row.hostname.clone(),
        platform_id: row.platform_id.clone(),
        primary_id: row.primary_id.clone(),
        aliases: snapshot.aliases_of(row.id).to_vec(),
    }
}

fn resource_source(snapshot: &Snapshot, source: &RowSource, detail: Detail) -> ResourceSource {
    ResourceSource {
        source: source.source.clone(),
        key: source.key.clone(),
        status: source.status,
        last_seen: match detail {
            Detail::Facts => None,
            Detail::Everything => snapshot.last_seen_by(source),
        },
        evidence: source.evidence.clone(),
    }
}

fn sourced_facet(entry: &muster_estate::FacetEntry) -> SourcedFacet {
    SourcedFacet { source: entry.source.clone(), facet: entry.facet.clone() }
}

fn relationship(relationship: muster_estate::Relationship) -> muster_api::resource::Relationship {
    muster_api::resource::Relationship {
        id: relationship.id,
        source_id: relationship.source_id,
        target_id: relationship.target_id,
        relationship_type: relationship.relationship_type.as_str().to_owned(),
        confidence_percent: percent(relationship.confidence),
        discoverer: relationship.discoverer.to_owned(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
fn percent(ratio: f64) -> u8 {
    (ratio * 100.0).round().clamp(0.0, 100.0) as u8
}

fn metrics(snapshot: &Snapshot, id: ResourceId) -> BTreeMap<Metric, MetricReading> {
    snapshot.readings(id).map(|(metric, reading)| (metric, metric_reading(metric, reading))).collect()
}

fn metric_reading(metric: Metric, reading: Reading<f64>) -> MetricReading {
    match reading {
        Reading::Known { value, at, source } => MetricReading::Known { value, unit: metric.unit(), at, source },
        Reading::Unknown { reason } => MetricReading::Unknown { reason },
    }
}
