//! What the cluster does and watches over: tasks, replication, high availability.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::scalar;

/// A row of `GET /cluster/tasks`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct TaskRow {
    /// Unique in the world, practically.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) upid: SmolStr,
    /// The node that did it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) node: Option<SmolStr>,
    /// Such as `vzdump` or `qmigrate`.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub(crate) kind: Option<SmolStr>,
    /// What it was done to, such as the number of a guest; empty for several.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) id: Option<SmolStr>,
    /// Who did it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) user: Option<SmolStr>,
    /// When it ended; absent while it runs.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) endtime: Option<Timestamp>,
    /// `OK`, `WARNINGS: n`, or what went wrong; absent while it runs.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
}

/// A row of `GET /cluster/replication` and `GET /nodes/{node}/replication`; only the latter says how it goes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct ReplicationRow {
    /// Such as `100-0`.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) id: SmolStr,
    /// The guest.
    #[serde(default, deserialize_with = "scalar::some_vmid")]
    pub(crate) guest: Option<u32>,
    /// From where.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) source: Option<SmolStr>,
    /// To where.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) target: Option<SmolStr>,
    /// How often, as a calendar event.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) schedule: Option<SmolStr>,
    /// Bound in MB a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) rate: Option<f64>,
    /// Whether it is switched off.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) disable: Option<bool>,
    /// What people wrote.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) comment: Option<SmolStr>,
    /// When it last worked.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) last_sync: Option<Timestamp>,
    /// When it is tried next.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) next_sync: Option<Timestamp>,
    /// Seconds that it took.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) duration: Option<f64>,
    /// Attempts since it last worked.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) fail_count: Option<u64>,
    /// What went wrong.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) error: Option<SmolStr>,
    /// Why it is being removed, where it is.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) remove_job: Option<SmolStr>,
}

/// A row of `GET /cluster/ha/status/current`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct HaStatusRow {
    /// `quorum`, `master`, `lrm`, `service` or `fencing`.
    #[serde(rename = "type", deserialize_with = "scalar::identity")]
    pub(crate) kind: SmolStr,
    /// The node that it is about.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) node: Option<SmolStr>,
    /// In words.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
    /// Of a service: such as `vm:100`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) sid: Option<SmolStr>,
    /// Of a service: such as `started` or `error`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) state: Option<SmolStr>,
}

/// `GET /cluster/ha/status/manager_status`: the one clear source of a node's maintenance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HaManagerStatus {
    /// The manager's own view; absent where it never ran.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) manager_status: Option<HaManager>,
}

/// What the manager of high availability thinks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HaManager {
    /// Each node: `online`, `maintenance`, `unknown`, `fence` or `gone`.
    #[serde(default)]
    pub(crate) node_status: BTreeMap<SmolStr, Text>,
}

/// A text that stands for itself, such as a value of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text(#[serde(deserialize_with = "scalar::text")] pub(crate) Option<SmolStr>);
