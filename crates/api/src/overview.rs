//! The estate at a glance: how it is, what is wrong, and what cannot be seen.

use jiff::Timestamp;
use muster_model::{
    Issue, Metric, ResourceId, ResourceKind, Revision, SourceFreshness, SourceId, Status, UnknownReason,
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The estate at a glance, as of one publication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The revision that it describes.
    pub revision: Revision,
    /// When the picture was last brought up to date; `null` before the first report.
    pub updated_at: Option<Timestamp>,
    /// All resources.
    pub total: u32,
    /// Resources by status; statuses without resources are left out.
    pub by_status: BTreeMap<Status, u32>,
    /// The same for each kind that there is, in the order of the kinds.
    pub kinds: Vec<KindHealth>,
    /// Top-level systems by the worst status of their members.
    pub systems: BTreeMap<Status, u32>,
    /// What is not well, worst first, hosts before what runs or lies on them; at most 20. What is old only because what
    /// it belongs to is silent is not named beside that.
    pub worst: Vec<TroubledResource>,
    /// How many are not well altogether.
    pub worst_total: u32,
    /// What cannot be seen, and why.
    pub blindness: Blindness,
    /// The fullest of what holds data, fullest first; at most 10. `null` without the right to read metrics.
    pub fullest: Option<Vec<FullStorage>>,
}

/// How the resources of one kind are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindHealth {
    /// The kind.
    pub kind: ResourceKind,
    /// How many there are.
    pub total: u32,
    /// By status; statuses without resources are left out.
    pub by_status: BTreeMap<Status, u32>,
}

/// A resource that is not well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TroubledResource {
    /// Which.
    pub id: ResourceId,
    /// What to call it.
    #[schema(value_type = String)]
    pub name: SmolStr,
    /// What it is.
    pub kind: ResourceKind,
    /// How it is.
    pub status: Status,
    /// Why it is taken to be so.
    pub cause: TroubleCause,
    /// What it belongs to.
    #[schema(value_type = Option<String>)]
    pub parent_name: Option<SmolStr>,
    /// When any source last saw it; `null` for never.
    pub last_seen: Option<Timestamp>,
    /// How many that belong to it are old for the same reason, and not named.
    pub silent_parts: u32,
}

/// Why a resource is taken not to be well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TroubleCause {
    /// A current source says so.
    Reported,
    /// Its sources have fallen silent: this is how it was, or nobody knows.
    SourcesSilent,
}

/// What cannot be seen, and why. As long as anything stands here, a green estate proves little.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blindness {
    /// All sources.
    pub sources: u32,
    /// Sources that are stale, offline or never reported, the longest silent first; at most 20.
    pub silent: Vec<SilentSource>,
    /// How many of them there are.
    pub silent_total: u32,
    /// Sources that speak and could not read everything; at most 20.
    pub degraded: Vec<DegradedSource>,
    /// How many of them there are.
    pub degraded_total: u32,
    /// Resources that no source reports just now: what is shown of them is old.
    pub unseen_resources: u32,
    /// Hosts that may be one and the same, which somebody has to decide.
    pub undecided_identities: u32,
    /// Values that somebody speaks of and nobody knows, by metric and reason, most first; `null` without the right to
    /// read metrics.
    pub unknown_readings: Option<Vec<UnknownReadings>>,
    /// Values that are known; `null` without the right to read metrics.
    pub known_readings: Option<u64>,
}

/// A source that does not speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SilentSource {
    /// Which.
    pub id: SourceId,
    /// How silent.
    pub status: SourceFreshness,
    /// When it last reported; `null` for never.
    pub last_seen: Option<Timestamp>,
    /// Seconds between its reports; 0 while it has not said.
    pub interval_seconds: u32,
    /// Records in its last report: what is seen through it.
    pub resources: u32,
}

/// A source that could not read everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DegradedSource {
    /// Which.
    pub id: SourceId,
    /// When it last reported.
    pub last_seen: Option<Timestamp>,
    /// How many parts it could not read.
    pub issue_count: u32,
    /// The first three of them.
    pub issues: Vec<Issue>,
}

/// Values of one metric that nobody knows, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnknownReadings {
    /// The metric.
    pub metric: Metric,
    /// Why it is unknown.
    pub reason: UnknownReason,
    /// Of how many resources.
    pub count: u32,
    /// One of them.
    pub example: ResourceId,
    /// What that one is called.
    #[schema(value_type = String)]
    pub example_name: SmolStr,
}

/// Something that holds data, and how full it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FullStorage {
    /// Which.
    pub id: ResourceId,
    /// What to call it.
    #[schema(value_type = String)]
    pub name: SmolStr,
    /// What it belongs to.
    #[schema(value_type = Option<String>)]
    pub parent_name: Option<SmolStr>,
    /// Use, in percent of use and free space together.
    pub usage: f64,
    /// Bytes that can still be used; `null` where that is unknown.
    pub avail: Option<f64>,
    /// When that was measured.
    pub at: Timestamp,
}
