//! What a Ceph cluster says of itself.

use serde::{Deserialize, Serialize};

/// A Ceph cluster. How full it is and what its clients read and write are the samples `usage`, `used`, `avail`, `total`,
/// `diskread` and `diskwrite`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CephFacet {
    /// Its own id, a UUID.
    pub fsid: Option<String>,
    /// The oldest release among its monitors, such as `squid`.
    pub release: Option<String>,
    /// Its verdict on itself.
    pub health: CephHealth,
    /// What it has found wrong, by code.
    pub checks: Vec<CephCheck>,
    /// Its storage daemons.
    pub osds: CephOsds,
    /// How many monitors there are.
    pub monitors: Option<u32>,
    /// The monitors that agree with each other, in order of their names.
    pub quorum: Vec<String>,
    /// Whether a manager is at work.
    pub manager_available: Option<bool>,
    /// Managers that would take over.
    pub managers_standby: Option<u32>,
    /// Placement groups, the parts in which data is spread.
    pub placement_groups: Option<u32>,
    /// How many placement groups are in which state, the most frequent first.
    pub placement_states: Vec<CephPlacement>,
    /// Pools.
    pub pools: Option<u32>,
    /// Stored objects.
    pub objects: Option<u64>,
    /// Stored data without its copies.
    pub data_bytes: Option<u64>,
    /// Size of all disks together.
    pub total_bytes: Option<u64>,
    /// Nodes of the platform that run its monitors, in order of their names.
    pub nodes: Vec<String>,
}

/// Ceph's verdict on itself or on one finding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum CephHealth {
    /// Nobody could tell.
    #[default]
    Unknown,
    /// `HEALTH_OK`.
    Ok,
    /// `HEALTH_WARN`.
    Warning,
    /// `HEALTH_ERR`.
    Error,
}

/// Something that Ceph has found wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CephCheck {
    /// Ceph's code, such as `OSD_DOWN`.
    pub code: String,
    /// How bad it is.
    pub severity: CephHealth,
    /// In Ceph's words.
    pub summary: String,
    /// How many things it is about.
    pub count: Option<u64>,
    /// Whether somebody has silenced it.
    pub muted: bool,
}

/// How many storage daemons work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CephOsds {
    /// All of them.
    pub total: Option<u32>,
    /// Those that run.
    pub up: Option<u32>,
    /// Those that hold data.
    #[serde(rename = "in")]
    pub in_use: Option<u32>,
}

/// Placement groups in one state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CephPlacement {
    /// In Ceph's words, such as `active+clean`.
    pub state: String,
    /// How many.
    pub count: u64,
}
