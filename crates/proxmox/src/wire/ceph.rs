//! Ceph as the platform shows it: the few keys of a very large answer that say how it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use smol_str::SmolStr;

use super::{Rows, scalar, tasks::Text};

/// `GET /cluster/ceph/status` and `GET /nodes/{node}/ceph/status`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct CephStatus {
    /// Its id.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) fsid: Option<SmolStr>,
    /// Health.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) health: Option<CephHealth>,
    /// Names of the monitors that agree.
    #[serde(default)]
    pub(crate) quorum_names: Rows<Text>,
    /// Monitors.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) monmap: Option<MonitorMap>,
    /// Managers.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) mgrmap: Option<ManagerMap>,
    /// Storage daemons.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) osdmap: Option<OsdMap>,
    /// Placement groups and room.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) pgmap: Option<PlacementMap>,
}

/// Health of Ceph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct CephHealth {
    /// `HEALTH_OK`, `HEALTH_WARN` or `HEALTH_ERR`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
    /// What it has found wrong, by code.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) checks: Option<BTreeMap<SmolStr, CheckRow>>,
}

/// A finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct CheckRow {
    /// `HEALTH_WARN` or `HEALTH_ERR`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) severity: Option<SmolStr>,
    /// In words.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) summary: Option<CheckSummary>,
    /// Whether somebody has silenced it.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) muted: Option<bool>,
}

/// A finding in words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct CheckSummary {
    /// One sentence.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) message: Option<SmolStr>,
    /// How many things it is about.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) count: Option<u64>,
}

/// Monitors; newer releases only count them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct MonitorMap {
    /// The oldest release among them, such as `reef`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) min_mon_release_name: Option<SmolStr>,
    /// How many.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_mons: Option<u64>,
    /// Each of them.
    #[serde(default)]
    pub(crate) mons: Rows<MonitorRow>,
}

/// A monitor. On this platform it has the name of its node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct MonitorRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
}

/// Managers; newer releases only count those that stand by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct ManagerMap {
    /// Whether one is at work.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) available: Option<bool>,
    /// How many stand by.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_standbys: Option<u64>,
    /// Each that stands by.
    #[serde(default)]
    pub(crate) standbys: Option<Rows<MonitorRow>>,
}

/// Storage daemons. Releases before Octopus put the numbers one level deeper.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct OsdMap {
    /// All of them.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_osds: Option<u64>,
    /// Those that run.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_up_osds: Option<u64>,
    /// Those that hold data.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_in_osds: Option<u64>,
    /// Where older releases have them.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) osdmap: Option<Box<Self>>,
}

/// Placement groups, and room in bytes with all copies.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct PlacementMap {
    /// All of them.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_pgs: Option<u64>,
    /// Pools.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_pools: Option<u64>,
    /// Objects.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) num_objects: Option<u64>,
    /// Data without its copies.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) data_bytes: Option<u64>,
    /// All room.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) bytes_total: Option<u64>,
    /// In use.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) bytes_used: Option<u64>,
    /// Free.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) bytes_avail: Option<u64>,
    /// How many are in which state.
    #[serde(default)]
    pub(crate) pgs_by_state: Rows<PlacementRow>,
    /// Bytes that clients read a second; absent while they read nothing.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) read_bytes_sec: Option<f64>,
    /// Bytes that clients write a second; absent while they write nothing.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) write_bytes_sec: Option<f64>,
}

/// Placement groups in one state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct PlacementRow {
    /// Such as `active+clean`.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) state_name: SmolStr,
    /// How many.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) count: Option<u64>,
}
