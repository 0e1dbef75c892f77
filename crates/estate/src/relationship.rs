//! Relationships between resources (R-16, D-27): those that follow from having a parent, those between a guest and the
//! system inside it (see [`crate::inside`]), and those that a platform names (see [`crate::ceph`]).

use jiff::Timestamp;
use muster_model::{Evidence, RelationshipType, ResourceId, SourceFreshness};
use sha2::{Digest, Sha256};

use crate::row::Row;

/// Who finds the relationships.
const DISCOVERER: &str = "resource_registry";

/// A relation from one resource to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    /// `relationship_` and 32 hex digits, derived from the ends, type, discoverer and evidence: the same relation keeps
    /// its id.
    pub id: String,
    /// From.
    pub source_id: ResourceId,
    /// To.
    pub target_id: ResourceId,
    /// Its type.
    pub relationship_type: RelationshipType,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// Whether anybody who speaks of its first end is current.
    pub active: bool,
    /// What found it.
    pub discoverer: &'static str,
    /// On what it was found.
    pub basis: RelationshipBasis,
    /// When what it was found on was last told anew.
    pub observed_at: Timestamp,
}

/// On what a relationship was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelationshipBasis {
    /// The strongest source names the second end as the parent of the first.
    Parent,
    /// Both ends show the same.
    Evidence(Evidence),
}

impl Relationship {
    /// What a row's parent means.
    pub(crate) fn to_parent(row: &Row) -> Option<Self> {
        let relationship_type = RelationshipType::to_parent(row.kind);
        Some(Self::new(row, row.parent?, relationship_type, 1.0, RelationshipBasis::Parent))
    }

    /// That a host is the system inside a guest.
    pub(crate) fn inside(host: &Row, guest: &Row, confidence: f64, evidence: Evidence) -> Self {
        let basis = RelationshipBasis::Evidence(evidence);
        let relation = Self::new(host, guest.id, RelationshipType::RunsOn, confidence, basis);
        Self { observed_at: host.changed_at.max(guest.changed_at), ..relation }
    }

    /// That one runs on another, by the word of a source that reports both.
    pub(crate) fn named(from: &Row, on: ResourceId, evidence: Evidence) -> Self {
        Self::new(from, on, RelationshipType::RunsOn, 1.0, RelationshipBasis::Evidence(evidence))
    }

    fn new(
        from: &Row,
        target_id: ResourceId,
        relationship_type: RelationshipType,
        confidence: f64,
        basis: RelationshipBasis,
    ) -> Self {
        Self {
            id: derive_id(from.id, target_id, relationship_type, &basis),
            source_id: from.id,
            target_id,
            relationship_type,
            confidence,
            active: from.sources.iter().any(|part| part.status == SourceFreshness::Online),
            discoverer: DISCOVERER,
            basis,
            observed_at: from.changed_at,
        }
    }
}

fn derive_id(
    source: ResourceId,
    target: ResourceId,
    relationship: RelationshipType,
    basis: &RelationshipBasis,
) -> String {
    let mut hash = Sha256::new();
    let (source, target) = (source.to_string(), target.to_string());
    let mut parts = vec![source.as_str(), &target, relationship.as_str(), DISCOVERER];
    if let RelationshipBasis::Evidence(evidence) = basis {
        parts.extend([<&str>::from(evidence.kind), evidence.value.as_str()]);
    }
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("relationship_{}", hex::encode(&hash.finalize()[..16]))
}
