//! What a ZFS pool says of itself and of its devices.

use serde::{Deserialize, Serialize};

use super::PoolState;

/// A ZFS pool, on the resource that stands for it or for the storage above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ZfsPoolFacet {
    /// Its name.
    pub pool: String,
    /// The node that has it.
    pub node: String,
    /// Its state.
    pub state: PoolState,
    /// Its state in ZFS's own word, such as `DEGRADED`.
    pub health: Option<String>,
    /// What is wrong, in ZFS's words.
    pub status: Option<String>,
    /// What to do about it, in ZFS's words.
    pub action: Option<String>,
    /// The last or present scrub or resilver, in ZFS's words.
    pub scan: Option<String>,
    /// Damage to data, in ZFS's words; absent where there is none or nobody could ask.
    pub data_errors: Option<String>,
    /// Raw size, with what redundancy takes.
    pub size_bytes: Option<u64>,
    /// How much of its free space is in small pieces, in percent.
    pub fragmentation_percent: Option<u32>,
    /// Its devices as a tree, each after the one that it is part of. Empty where nobody could ask.
    pub devices: Vec<ZfsDevice>,
    /// How many devices there are; more than in the list where there are very many.
    pub devices_total: u32,
}

/// A device of a pool, or a group of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ZfsDevice {
    /// As the pool names it, such as `raidz1-0` or `/dev/disk/by-id/ata-…`.
    pub name: String,
    /// How deep it is in the tree: 0 for a group at the top.
    pub depth: u8,
    /// In ZFS's word, such as `ONLINE`; a section such as `cache` has none.
    pub state: Option<String>,
    /// Errors while reading.
    pub read_errors: Option<u64>,
    /// Errors while writing.
    pub write_errors: Option<u64>,
    /// Wrong checksums.
    pub checksum_errors: Option<u64>,
    /// What the pool says of it.
    pub message: Option<String>,
    /// The node's physical disk that it is or lies on, such as `sda`; absent where that is not certain.
    pub disk: Option<String>,
}
