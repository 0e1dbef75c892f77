//! The whole picture in one answer (D-25).

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::{ResourceId, ResourceKind, Revision, Status};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::resource::Resource;

/// Which parts of the state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StateQuery {
    /// Parts, separated by commas: `summary`, `resources`, `alerts`, `infrastructure`. All if absent. Parts that were
    /// not asked for are empty.
    #[param(example = "summary")]
    pub parts: Option<String>,
}

/// The published snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its revision.
    pub revision: Revision,
    /// When the picture was last brought up to date, in epoch milliseconds; `null` before the first report.
    pub last_update: Option<i64>,
    /// Counts.
    pub summary: Summary,
    /// Everything, in the order of `/api/resources`.
    pub resources: Vec<Resource>,
    /// Alerts that are firing.
    pub active_alerts: Vec<Alert>,
    /// Alerts that ended within the last five minutes.
    pub recently_resolved: Vec<Alert>,
    /// Top-level systems and what of each is connected.
    pub connected_infrastructure: Vec<ConnectedSystem>,
}

/// Counts of the estate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// All resources.
    pub total: u32,
    /// By kind; kinds without resources are left out.
    pub by_kind: BTreeMap<ResourceKind, u32>,
    /// By status; statuses without resources are left out.
    pub by_status: BTreeMap<Status, u32>,
    /// Top-level systems.
    pub systems: u32,
    /// Sources, and how many of them are not current.
    pub sources: u32,
    /// Sources that are stale, offline or never reported.
    pub sources_not_current: u32,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Its id.
    pub id: String,
    /// The resource that it is about.
    pub resource_id: ResourceId,
    /// What is wrong, for people.
    pub message: String,
    /// Since when.
    pub started_at: Timestamp,
}

/// A top-level system: one machine or cluster, whatever reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedSystem {
    /// The group id of the resolver.
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Its type, such as `host` or `proxmox-node`.
    #[serde(rename = "type")]
    pub system_type: String,
    /// The host name.
    pub hostname: Option<String>,
    /// `active`; ignored systems say `ignored`.
    pub status: String,
    /// The worst status of its members.
    pub health_status: Status,
    /// When any member was last seen, in epoch milliseconds.
    pub last_seen: Option<i64>,
    /// The version of the agent or platform.
    pub version: Option<String>,
    /// The resources that make it up.
    pub resource_ids: Vec<ResourceId>,
    /// What of it is connected.
    pub surfaces: Vec<Surface>,
    /// Why its members were taken for one system.
    pub explanation: String,
}

/// One way in which a system is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Surface {
    /// Its id within its kind.
    pub id: String,
    /// `agent`, `docker`, `kubernetes`, `proxmox`, `pbs`, `pmg` or `truenas`.
    pub kind: String,
    /// What to call it.
    pub label: String,
}
