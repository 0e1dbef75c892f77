//! Connected infrastructure: top-level systems, how each is connected, and the machines that people ignore.

use muster_model::{ResourceId, SourceKind, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A top-level system: one machine or cluster, whatever reports it; or a machine of which one connection is
/// ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedSystem {
    /// The group id of the resolver; `ignored:<kind>:<control id>` for what is ignored.
    pub id: String,
    /// What to call it; for what is ignored, what it was called then.
    pub name: String,
    /// Its type, such as `host` or `proxmox-node`; `null` for what is ignored.
    #[serde(rename = "type")]
    pub system_type: Option<String>,
    /// The host name; for what is ignored, that of then.
    pub hostname: Option<String>,
    /// Whether it is listened to.
    pub status: InfrastructureStatus,
    /// The worst status of its members; `null` for what is ignored: nobody looks.
    pub health_status: Option<Status>,
    /// When any member was last seen, in epoch milliseconds; `null` for what is ignored.
    pub last_seen: Option<i64>,
    /// Since when it is ignored, in epoch milliseconds; `null` for what is not.
    pub removed_at: Option<i64>,
    /// Who wanted it ignored, as the audit log names people and tokens; `null` for what is not.
    pub removed_by: Option<String>,
    /// The version of the agent, else of the platform.
    pub version: Option<String>,
    /// The platform's node that its agent runs on, where both report it.
    pub linked_node_id: Option<ResourceId>,
    /// The agent that reports it.
    pub scope_agent_id: Option<String>,
    /// The resources that make it up, the leading one first.
    pub resource_ids: Vec<ResourceId>,
    /// What of it is connected: at most one of each kind.
    pub surfaces: Vec<Surface>,
    /// Why its members were taken for one system, or why it is ignored.
    pub explanation: String,
}

/// Whether a row of the connected infrastructure is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InfrastructureStatus {
    /// Something reports it.
    Active,
    /// One of its connections is ignored until somebody restores it.
    Ignored,
}

/// One way in which a system is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Surface {
    /// Its id within its kind.
    pub id: String,
    /// What reports it.
    pub kind: SourceKind,
    /// What to call it.
    pub label: String,
    /// By what it is ignored and restored; `null` where it is a platform's, whose connection is edited instead.
    pub control_id: Option<String>,
    /// What can be done with it here; `null` where nothing can.
    pub action: Option<SurfaceAction>,
    /// What its id names, for people, such as `Agent ID`.
    pub id_label: String,
    /// The id as people know it.
    pub id_value: String,
}

/// What can be done with a connection of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SurfaceAction {
    /// Ignore it: `POST /api/connected-infrastructure/ignore`.
    StopMonitoring,
    /// Listen to it again: `POST /api/connected-infrastructure/restore`.
    AllowReconnect,
}

/// Names one connection of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MachineReference {
    /// The surface's `kind`; only `agent`, `docker` and `kubernetes` are ignored by themselves.
    pub kind: SourceKind,
    /// The surface's `controlId`.
    pub control_id: String,
}
