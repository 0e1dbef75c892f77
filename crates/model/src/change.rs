//! What happened to a resource: the rows of the timeline.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{ChangeId, ResourceId, SourceId};

/// One row of the durable timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceChange {
    /// Derived from the log position, the resource and the kind, or from the platform's own event id; inserting it
    /// twice leaves one row.
    pub id: ChangeId,
    /// The resource it happened to.
    pub resource_id: ResourceId,
    /// What kind of change.
    pub kind: ChangeKind,
    /// When we saw it.
    pub observed_at: Timestamp,
    /// When it happened, where the source knows.
    pub occurred_at: Option<Timestamp>,
    /// State before, in short; `absent` for a created resource.
    pub from: Option<String>,
    /// State after, in short; `absent` for a removed resource.
    pub to: Option<String>,
    /// How we came to know.
    pub origin: ChangeOrigin,
    /// The source whose report showed it, where there is one.
    pub source: Option<SourceId>,
    /// How sure we are.
    pub confidence: Confidence,
    /// Who did it, where a person or token acted.
    pub actor: Option<String>,
    /// Why, in one sentence for people.
    pub reason: Option<String>,
    /// Other resources that it concerns.
    pub related_resources: Vec<ResourceId>,
    /// Further details, such as `changedFields`.
    pub metadata: BTreeMap<String, String>,
}

/// The kind of a change.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChangeKind {
    /// It appeared, disappeared, or its status changed.
    StateTransition,
    /// The platform reports a task or event.
    Activity,
    /// It was restarted.
    Restart,
    /// Its configuration or description changed.
    ConfigUpdate,
    /// The platform raised or cleared an incident.
    MetricAnomaly,
    /// It moved, or its relations changed.
    RelationshipChange,
    /// It can do something new, or no longer.
    CapabilityChange,
    /// An alert fired.
    AlertFired,
    /// Somebody acknowledged an alert.
    AlertAcknowledged,
    /// Somebody took an acknowledgement back.
    AlertUnacknowledged,
    /// An alert resolved.
    AlertResolved,
    /// An operator's command was executed.
    CommandExecuted,
    /// A runbook was executed.
    RunbookExecuted,
}

/// How we came to know of a change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChangeOrigin {
    /// The platform told us of the event itself.
    PlatformEvent,
    /// We compared two reports.
    Diff,
    /// A rule of ours concluded it.
    Heuristic,
    /// A person or token did it here.
    UserAction,
    /// An agent did it.
    AgentAction,
}

/// How sure we are of a change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Confidence {
    /// Seen directly.
    High,
    /// Concluded from good evidence.
    Medium,
    /// Guessed.
    Low,
}
