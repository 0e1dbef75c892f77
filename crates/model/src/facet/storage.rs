//! A storage that a platform offers to its guests.

use serde::{Deserialize, Serialize};

use super::PoolState;

/// A storage of a virtualisation platform. Its use is the samples `usage`, `used`, `avail`, `total`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct StorageFacet {
    /// The platform's name for it.
    pub storage: String,
    /// How it is attached, such as `zfspool`, `nfs` or `rbd`.
    pub storage_type: String,
    /// Whether all its nodes see the same data.
    pub shared: bool,
    /// Nodes that can use it, in order.
    pub nodes: Vec<String>,
    /// What it may hold, such as `images` or `backup`, in order.
    pub content: Vec<String>,
    /// Whether the platform may use it; absent where nobody said.
    pub enabled: Option<bool>,
    /// Whether it can be used right now; absent where nobody said.
    pub active: Option<bool>,
    /// Size.
    pub total_bytes: Option<u64>,
    /// The pool or volume group below it.
    pub pool: Option<String>,
    /// Where it is mounted.
    pub path: Option<String>,
    /// The server that holds the data.
    pub server: Option<String>,
    /// State of the pool below it; absent where it has none or nobody may ask.
    pub pool_state: Option<PoolState>,
}
