//! Storages: as definitions, as rows of the cluster, and as a node sees them.

use serde::Deserialize;
use smol_str::SmolStr;

use super::scalar;

/// A storage in `GET /cluster/resources`: one row for each node that may use it, shared ones too.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct StorageRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub storage: SmolStr,
    /// The node that sees it so.
    #[serde(deserialize_with = "scalar::identity")]
    pub node: SmolStr,
    /// `available` or `unknown`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
    /// Bytes used.
    #[serde(default, deserialize_with = "scalar::size")]
    pub disk: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub maxdisk: Option<u64>,
    /// Whether all nodes see the same data.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub shared: Option<bool>,
    /// `dir`, `zfspool`, `nfs`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub plugintype: Option<SmolStr>,
    /// What it may hold, separated by commas.
    #[serde(default, deserialize_with = "scalar::text")]
    pub content: Option<SmolStr>,
}

/// A row of `GET /nodes/{node}/storage`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NodeStorageRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub storage: SmolStr,
    /// `dir`, `zfspool`, `nfs`, …
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// What it may hold, separated by commas.
    #[serde(default, deserialize_with = "scalar::text")]
    pub content: Option<SmolStr>,
    /// Whether it can be used right now.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub active: Option<bool>,
    /// Whether it may be used.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub enabled: Option<bool>,
    /// Whether all nodes see the same data.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub shared: Option<bool>,
    /// Bytes; 0 where it is not active, which means nothing.
    #[serde(default, deserialize_with = "scalar::size")]
    pub total: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub used: Option<u64>,
    /// Bytes; with `used` less than `total` where blocks are reserved.
    #[serde(default, deserialize_with = "scalar::size")]
    pub avail: Option<u64>,
}

/// A row of `GET /storage`: how a storage is defined. Names of users on the other side are not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StorageConfigRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub storage: SmolStr,
    /// `dir`, `zfspool`, `nfs`, `pbs`, …
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// What it may hold, separated by commas.
    #[serde(default, deserialize_with = "scalar::text")]
    pub content: Option<SmolStr>,
    /// Where it is mounted.
    #[serde(default, deserialize_with = "scalar::text")]
    pub path: Option<SmolStr>,
    /// Who holds the data.
    #[serde(default, deserialize_with = "scalar::text")]
    pub server: Option<SmolStr>,
    /// Directory that the server exports.
    #[serde(default, deserialize_with = "scalar::text")]
    pub export: Option<SmolStr>,
    /// Pool below it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub pool: Option<SmolStr>,
    /// Volume group below it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub vgname: Option<SmolStr>,
    /// Thin pool below it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub thinpool: Option<SmolStr>,
    /// Datastore of a backup server.
    #[serde(default, deserialize_with = "scalar::text")]
    pub datastore: Option<SmolStr>,
    /// Namespace on a backup server.
    #[serde(default, deserialize_with = "scalar::text")]
    pub namespace: Option<SmolStr>,
    /// Nodes that may use it, separated by commas; absent means all.
    #[serde(default, deserialize_with = "scalar::text")]
    pub nodes: Option<SmolStr>,
    /// Whether all nodes see the same data.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub shared: Option<bool>,
    /// Whether it may not be used.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub disable: Option<bool>,
}
