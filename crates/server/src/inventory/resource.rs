//! The wire form of a snapshot row.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use muster_api::resource::{CanonicalIdentity, MetricReading, MetricsTarget, Resource, ResourceSource, SourcedFacet};
use muster_estate::{RelationshipBasis, Row, RowSource, Snapshot};
use muster_model::{Facet, Metric, Reading, SourceId};
use serde::{Serialize, Serializer};

/// How much of a resource to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// A row of an answer. Its wire form exists only while it is written, so that a long list takes the memory of its text
/// and of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) row: &'a Row,
    pub(crate) detail: Detail,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        resource(self.snapshot, self.row, self.detail).serialize(serializer)
    }
}

/// The wire form of a row.
pub(crate) fn resource(snapshot: &Snapshot, row: &Row, detail: Detail) -> Resource {
    match detail {
        Detail::Facts => facts(snapshot, row, row.sources.iter().map(|part| resource_source(part, None)).collect()),
        Detail::Everything => everything(snapshot, row),
    }
}

fn everything(snapshot: &Snapshot, row: &Row) -> Resource {
    let witnesses = snapshot.witnesses(row);
    let sources = witnesses.parts().map(|(part, last_seen)| resource_source(part, last_seen)).collect();
    let readings = witnesses.readings().map(|(metric, reading)| (metric, metric_reading(metric, reading)));
    let mut resource = facts(snapshot, row, sources);
    for relation in &mut resource.relationships {
        relation.last_seen_at = snapshot.last_seen(relation.source_id).min(snapshot.last_seen(relation.target_id));
    }
    Resource { last_seen: witnesses.last_seen(), metrics: Some(readings.collect()), ..resource }
}

fn facts(snapshot: &Snapshot, row: &Row, sources: Vec<ResourceSource>) -> Resource {
    let (resource_type, resource_id) = row.metrics_target();
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
        sources,
        facets: row.shown_facets().map(sourced_facet).collect(),
        relationships: snapshot.relationships_of(row).map(relationship).collect(),
        metrics_target: MetricsTarget { resource_type, resource_id },
        revision: row.revision,
        first_seen_at: row.first_seen_at,
        changed_at: row.changed_at,
        rulings: Vec::new(),
        last_seen: None,
        metrics: None,
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

fn resource_source(source: &RowSource, last_seen: Option<Timestamp>) -> ResourceSource {
    ResourceSource {
        source: source.source.clone(),
        key: source.key.clone(),
        status: source.status,
        last_seen,
        evidence: source.evidence.clone(),
        former_id: source.origin,
    }
}

fn sourced_facet((source, facet): (&SourceId, &Arc<Facet>)) -> SourcedFacet {
    SourcedFacet { source: source.clone(), facet: Arc::clone(facet) }
}

fn relationship(relationship: muster_estate::Relationship) -> muster_api::resource::Relationship {
    let (taken_from, evidence) = match relationship.basis {
        RelationshipBasis::Parent => ("parentId", None),
        RelationshipBasis::Evidence(evidence) => ("identity", Some(evidence)),
    };
    muster_api::resource::Relationship {
        id: relationship.id,
        source_id: relationship.source_id,
        target_id: relationship.target_id,
        relationship_type: relationship.relationship_type.as_str().to_owned(),
        confidence_percent: percent(relationship.confidence),
        active: relationship.active,
        discoverer: relationship.discoverer.to_owned(),
        evidence,
        observed_at: relationship.observed_at,
        last_seen_at: None,
        metadata: BTreeMap::from([("source".to_owned(), taken_from.to_owned())]),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
pub(crate) fn percent(ratio: f64) -> u8 {
    (ratio * 100.0).round().clamp(0.0, 100.0) as u8
}

fn metric_reading(metric: Metric, reading: Reading<f64>) -> MetricReading {
    match reading {
        Reading::Known { value, at, source } => MetricReading::Known { value, unit: metric.unit(), at, source },
        Reading::Unknown { reason } => MetricReading::Unknown { reason },
    }
}
