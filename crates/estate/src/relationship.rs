//! Relationships between resources (R-16, D-27): for now those that follow from having a parent.

use muster_model::{RelationshipType, ResourceId};
use sha2::{Digest, Sha256};

use crate::row::Row;

/// Who finds the relationships that follow from parents.
const DISCOVERER: &str = "resource_registry";

/// A relation from one resource to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    /// `relationship_` and 32 hex digits, derived from the parts below: the same relation keeps its id.
    pub id: String,
    /// From.
    pub source_id: ResourceId,
    /// To.
    pub target_id: ResourceId,
    /// Its type.
    pub relationship_type: RelationshipType,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// What found it.
    pub discoverer: &'static str,
}

impl Relationship {
    /// What a row's parent means.
    pub(crate) fn to_parent(row: &Row) -> Option<Self> {
        let target_id = row.parent?;
        let relationship_type = RelationshipType::to_parent(row.kind);
        let id = derive_id(row.id, target_id, relationship_type);
        Some(Self { id, source_id: row.id, target_id, relationship_type, confidence: 1.0, discoverer: DISCOVERER })
    }
}

fn derive_id(source: ResourceId, target: ResourceId, relationship: RelationshipType) -> String {
    let mut hash = Sha256::new();
    for part in [source.to_string().as_str(), &target.to_string(), relationship.as_str(), DISCOVERER] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("relationship_{}", hex::encode(&hash.finalize()[..16]))
}
