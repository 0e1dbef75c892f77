//! Resources and their timeline.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use muster_model::{
    ChangeKind, Evidence, Facet, Identity, Metric, NativeKey, ResourceId, ResourceKind, Revision, Ruling,
    SourceFreshness, SourceId, Status, Unit, UnknownReason,
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use utoipa::{IntoParams, ToSchema};

/// One thing of the estate: facts, and unless only facts were asked for, current readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Its id; never changes.
    pub id: ResourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// Its name as its sources call it. May be empty; show `canonicalIdentity.displayName`.
    #[schema(value_type = String)]
    pub name: SmolStr,
    /// The product or technology behind it.
    #[schema(value_type = Option<String>)]
    pub technology: Option<SmolStr>,
    /// Its health, worsened where its sources have fallen silent.
    pub status: Status,
    /// Its names in one place.
    pub canonical_identity: CanonicalIdentity,
    /// What tells it from others.
    #[schema(value_type = Identity)]
    pub identity: Arc<Identity>,
    /// The resource it belongs to.
    pub parent_id: Option<ResourceId>,
    /// That resource's display name.
    #[schema(value_type = Option<String>)]
    pub parent_name: Option<SmolStr>,
    /// How many resources belong to it.
    pub child_count: u32,
    /// Tags given on the platform.
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<SmolStr>,
    /// Who reports it, strongest first.
    pub sources: Vec<ResourceSource>,
    /// Typed facts by source, strongest first. The first of a kind holds what all sources together tell: a disk's condition
    /// and risk, and who speaks for the memory and disk of a node or guest.
    pub facets: Vec<SourcedFacet>,
    /// Its relations to other resources.
    pub relationships: Vec<Relationship>,
    /// Under which key its history is stored.
    pub metrics_target: MetricsTarget,
    /// The log position of its last change.
    pub revision: Revision,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When its facts last changed.
    pub changed_at: Timestamp,
    /// What people have decided on who it is, oldest first. Absent in lists, and where there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rulings: Vec<Ruling>,
    /// When any source last saw it. Absent where only facts were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Current readings by metric name. Absent where only facts were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<BTreeMap<Metric, MetricReading>>,
}

/// The names of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CanonicalIdentity {
    /// What to call it on a screen. Never empty.
    #[schema(value_type = String)]
    pub display_name: SmolStr,
    /// Its host name.
    #[schema(value_type = Option<String>)]
    pub hostname: Option<SmolStr>,
    /// The platform's own name of it.
    #[schema(value_type = String)]
    pub platform_id: SmolStr,
    /// Its strongest id in the form `<type>:<id>`.
    #[schema(value_type = String)]
    pub primary_id: SmolStr,
    /// Former ids that still lead here.
    pub aliases: Vec<ResourceId>,
}

/// One source's part in a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceSource {
    /// Who.
    pub source: SourceId,
    /// The source's own key for the thing.
    #[schema(value_type = String)]
    pub key: NativeKey,
    /// Whether what it said is still current.
    pub status: SourceFreshness,
    /// When it last reported. Absent where only facts were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Why its record was taken for this resource; empty when the resource was created for it.
    pub evidence: Vec<Evidence>,
    /// The former id that its record came with, where it came with one: a split leads back there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_id: Option<ResourceId>,
}

/// A facet and who says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourcedFacet {
    /// Who says so.
    pub source: SourceId,
    /// What it says.
    #[serde(flatten)]
    #[schema(value_type = Facet)]
    pub facet: Arc<Facet>,
}

/// A relation between two resources (R-16, D-27).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// Derived from its parts; the same relation keeps its id.
    pub id: String,
    /// From.
    pub source_id: ResourceId,
    /// To.
    pub target_id: ResourceId,
    /// Its type, such as `runs_on` or `mounted_to`.
    #[serde(rename = "type")]
    pub relationship_type: String,
    /// From 0 to 1, in hundredths.
    pub confidence_percent: u8,
    /// Whether a source that is current speaks of its first end.
    #[serde(default)]
    pub active: bool,
    /// What found it.
    pub discoverer: String,
    /// On what it was found, where that is evidence that both ends show.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// When what it was found on was last told anew.
    pub observed_at: Timestamp,
    /// When both ends were last seen. Absent where only facts were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// Further details, such as `source`: what the relation was taken from.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// Where a resource's history is stored (R-24, D-11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsTarget {
    /// The kind of the resource.
    pub resource_type: ResourceKind,
    /// The id to ask for.
    pub resource_id: ResourceId,
}

/// A current reading, or why there is none (D-9).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MetricReading {
    /// Measured.
    Known {
        /// The value in `unit`.
        value: f64,
        /// Its unit.
        unit: Unit,
        /// When, by the source's clock.
        at: Timestamp,
        /// Who measured it.
        source: SourceId,
    },
    /// Not measured.
    Unknown {
        /// Why not.
        reason: UnknownReason,
    },
}

/// Which resources, and how much of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResourceQuery {
    /// Only these kinds, separated by commas. `host` and `docker-host` mean `agent`.
    #[param(example = "agent,storage")]
    pub kind: Option<String>,
    /// Only these statuses, separated by commas.
    #[param(example = "warning,offline")]
    pub status: Option<String>,
    /// Only what these sources report, separated by commas: kinds (`agent`) or single sources (`agent:local`).
    pub source: Option<String>,
    /// Only what contains this text, in any case, in a name, host name, address, serial number or id.
    pub q: Option<String>,
    /// Only what carries all of these tags, separated by commas.
    pub tag: Option<String>,
    /// Only what belongs to this resource.
    pub parent: Option<String>,
    /// `facts` leaves readings and last-seen times out: then the answer has an ETag and can be revalidated.
    pub fields: Option<String>,
    /// Rows to a page: 1 to 1000, 100 if absent.
    pub limit: Option<u32>,
    /// `nextPageToken` of the page before.
    pub page_token: Option<String>,
}

/// Which part of a resource to send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResourceDetailQuery {
    /// `facts` leaves readings and last-seen times out: then the answer has an ETag and can be revalidated.
    pub fields: Option<String>,
}

/// Which rows of the timeline. Newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Only these kinds, separated by commas.
    #[param(example = "state_transition,restart")]
    pub kind: Option<String>,
    /// Only what was observed at or after this time (RFC 3339).
    pub since: Option<String>,
    /// Rows to a page: 1 to 500, 50 if absent.
    pub limit: Option<u32>,
    /// `nextPageToken` of the page before.
    pub page_token: Option<String>,
}

/// Reads a list of change kinds as [`TimelineQuery::kind`] spells them.
///
/// # Errors
/// The first word that is no change kind.
pub fn parse_change_kinds(text: &str) -> Result<Vec<ChangeKind>, String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(|_| word.to_owned())).collect()
}
