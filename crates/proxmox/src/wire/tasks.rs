//! What the cluster does and watches over: tasks, replication, high availability.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::scalar;

/// A row of `GET /cluster/tasks`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TaskRow {
    /// Unique in the world, practically.
    #[serde(deserialize_with = "scalar::identity")]
    pub upid: SmolStr,
    /// The node that did it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub node: Option<SmolStr>,
    /// Such as `vzdump` or `qmigrate`.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// What it was done to, such as the number of a guest; empty for several.
    #[serde(default, deserialize_with = "scalar::text")]
    pub id: Option<SmolStr>,
    /// Who did it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub user: Option<SmolStr>,
    /// When it began.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub starttime: Option<Timestamp>,
    /// When it ended; absent while it runs.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub endtime: Option<Timestamp>,
    /// `OK`, `WARNINGS: n`, or what went wrong; absent while it runs.
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
}

/// A row of `GET /cluster/replication` and `GET /nodes/{node}/replication`; only the latter says how it goes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ReplicationRow {
    /// Such as `100-0`.
    #[serde(deserialize_with = "scalar::identity")]
    pub id: SmolStr,
    /// The guest.
    #[serde(default, deserialize_with = "scalar::some_vmid")]
    pub guest: Option<u32>,
    /// Number of the job among those of the guest.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub jobnum: Option<u64>,
    /// `local`.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// From where.
    #[serde(default, deserialize_with = "scalar::text")]
    pub source: Option<SmolStr>,
    /// To where.
    #[serde(default, deserialize_with = "scalar::text")]
    pub target: Option<SmolStr>,
    /// How often, as a calendar event.
    #[serde(default, deserialize_with = "scalar::text")]
    pub schedule: Option<SmolStr>,
    /// Bound in MB a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub rate: Option<f64>,
    /// Whether it is switched off.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub disable: Option<bool>,
    /// What people wrote.
    #[serde(default, deserialize_with = "scalar::text")]
    pub comment: Option<SmolStr>,
    /// When it last worked.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub last_sync: Option<Timestamp>,
    /// When it was last tried.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub last_try: Option<Timestamp>,
    /// When it is tried next.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub next_sync: Option<Timestamp>,
    /// Seconds that it took.
    #[serde(default, deserialize_with = "scalar::number")]
    pub duration: Option<f64>,
    /// Attempts since it last worked.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub fail_count: Option<u64>,
    /// What went wrong.
    #[serde(default, deserialize_with = "scalar::text")]
    pub error: Option<SmolStr>,
    /// Why it is being removed, where it is.
    #[serde(default, deserialize_with = "scalar::text")]
    pub remove_job: Option<SmolStr>,
    /// Process that does it right now.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub pid: Option<u64>,
}

/// A row of `GET /cluster/ha/status/current`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HaStatusRow {
    /// `quorum`, `master`, `lrm`, `service` or `fencing`.
    #[serde(rename = "type", deserialize_with = "scalar::identity")]
    pub kind: SmolStr,
    /// Such as `service:vm:100`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub id: Option<SmolStr>,
    /// The node that it is about.
    #[serde(default, deserialize_with = "scalar::text")]
    pub node: Option<SmolStr>,
    /// In words.
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
    /// When the node last said so.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub timestamp: Option<Timestamp>,
    /// Of a service: such as `vm:100`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub sid: Option<SmolStr>,
    /// Of a service: such as `started` or `error`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub state: Option<SmolStr>,
    /// Of a service: what it should be.
    #[serde(default, deserialize_with = "scalar::text")]
    pub request_state: Option<SmolStr>,
    /// Of the cluster: whether it may act.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub quorate: Option<bool>,
}

/// `GET /cluster/ha/status/manager_status`: the one clear source of a node's maintenance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct HaManagerStatus {
    /// The manager's own view; absent where it never ran.
    #[serde(default, deserialize_with = "scalar::object")]
    pub manager_status: Option<HaManager>,
}

/// What the manager of high availability thinks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct HaManager {
    /// The node that decides.
    #[serde(default, deserialize_with = "scalar::text")]
    pub master_node: Option<SmolStr>,
    /// Each node: `online`, `maintenance`, `unknown`, `fence` or `gone`.
    #[serde(default)]
    pub node_status: BTreeMap<SmolStr, Text>,
    /// When it thought so.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub timestamp: Option<Timestamp>,
}

/// A text that stands for itself, such as a value of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text(#[serde(deserialize_with = "scalar::text")] pub Option<SmolStr>);
