//! Who is who: what is open, what people decide, and what they have decided (R-12, D-7).

use muster_model::{Evidence, EvidenceKind, RecordRef, ResourceId, ResourceKind, Ruling, SourceId, Status};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use utoipa::{IntoParams, ToSchema};

/// Two resources of which it is not certain what they are to each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// What they might be.
    pub kind: ConflictKind,
    /// One of them; of a host and a guest the host.
    pub first: ConflictSide,
    /// The other one; of a host and a guest the guest.
    pub second: ConflictSide,
    /// What speaks for it, strongest first.
    pub evidence: Vec<Evidence>,
    /// What speaks against it. Clones look like this.
    pub against: Vec<EvidenceKind>,
    /// How sure the evidence makes, from 0 to 1, in hundredths.
    pub confidence_percent: u8,
    /// What is likely right.
    pub suggestion: ConflictSuggestion,
}

/// What two resources might be to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConflictKind {
    /// One thing.
    Same,
    /// A host, and the guest that it runs inside.
    Inside,
}

/// What to do about two resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConflictSuggestion {
    /// `POST /api/conflicts/join`: nothing speaks against it.
    Join,
    /// `POST /api/conflicts/distinct`: something speaks against it.
    Distinct,
    /// `POST /api/conflicts/inside`, for the one that is right.
    Inside,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConflictSide {
    /// Its id.
    pub id: ResourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// What to call it.
    #[schema(value_type = String)]
    pub display_name: SmolStr,
    /// What it belongs to.
    #[schema(value_type = Option<String>)]
    pub parent_name: Option<SmolStr>,
    /// Its health.
    pub status: Status,
    /// Who reports it, strongest first.
    pub sources: Vec<SourceId>,
}

/// Which page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IdentityQuery {
    /// Rows to a page: 1 to 500, 50 if absent.
    pub limit: Option<u32>,
    /// `nextPageToken` of the page before.
    pub page_token: Option<String>,
}

/// Two resources, by ids of today or former ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PairRequest {
    /// One of them.
    pub first: ResourceId,
    /// The other one.
    pub second: ResourceId,
    /// Why: one line of at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A host and the guest that it runs inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InsideRequest {
    /// What an agent reports.
    pub host: ResourceId,
    /// What a platform reports.
    pub guest: ResourceId,
    /// Why: one line of at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What leaves a resource: either what came with a former id, or some of its records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SplitRequest {
    /// A former id, which stands for itself again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former_id: Option<ResourceId>,
    /// Records of its sources. They go to the former id that they came with, else to a new one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordRef>,
    /// Why: one line of at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Why a ruling is taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WithdrawQuery {
    /// Why: one line of at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The ruling that stands from now on.
    pub ruling: Ruling,
    /// Whether anything changed; `false` where it stood already.
    pub is_new: bool,
    /// Of a join: what speaks against the two being one. It was made all the same.
    pub against: Vec<EvidenceKind>,
}
