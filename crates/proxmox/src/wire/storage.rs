//! Storages: as definitions, as rows of the cluster, and as a node sees them.

use serde::Deserialize;
use smol_str::SmolStr;

use super::scalar;

/// A storage in `GET /cluster/resources`: one row for each node that may use it, shared ones too.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct StorageRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) storage: SmolStr,
    /// The node that sees it so.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) node: SmolStr,
    /// `available` or `unknown`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
    /// Bytes used.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) disk: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) maxdisk: Option<u64>,
    /// Whether all nodes see the same data.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) shared: Option<bool>,
    /// `dir`, `zfspool`, `nfs`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) plugintype: Option<SmolStr>,
    /// What it may hold, separated by commas.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) content: Option<SmolStr>,
}

/// A row of `GET /nodes/{node}/storage`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct NodeStorageRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) storage: SmolStr,
    /// `dir`, `zfspool`, `nfs`, …
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub(crate) kind: Option<SmolStr>,
    /// What it may hold, separated by commas.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) content: Option<SmolStr>,
    /// Whether it can be used right now.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) active: Option<bool>,
    /// Whether it may be used.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) enabled: Option<bool>,
    /// Whether all nodes see the same data.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) shared: Option<bool>,
    /// Bytes; 0 where it is not active, which means nothing.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) total: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) used: Option<u64>,
}

/// A row of `GET /storage`: how a storage is defined. Names of users on the other side are not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct StorageConfigRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) storage: SmolStr,
    /// Where it is mounted.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) path: Option<SmolStr>,
    /// Who holds the data.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) server: Option<SmolStr>,
    /// Pool below it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) pool: Option<SmolStr>,
    /// Volume group below it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) vgname: Option<SmolStr>,
    /// Whether it may not be used.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) disable: Option<bool>,
}
