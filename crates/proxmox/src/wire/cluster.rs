//! What the cluster says of itself as a whole.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::{guest::GuestRow, node::NodeRow, scalar, storage::StorageRow};

/// `GET /version`: the version of whoever answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Version {
    /// Such as `9.1.2` or `7.4-16`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) version: Option<SmolStr>,
    /// Such as `9.1`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) release: Option<SmolStr>,
}

impl Version {
    /// Major and minor version; absent where the text is none.
    pub(crate) fn number(&self) -> Option<(u16, u16)> {
        let text = self.version.as_ref().or(self.release.as_ref())?;
        let mut parts = text.split(['.', '-']);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

/// A row of `GET /cluster/status`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StatusRow {
    /// The cluster; a node on its own has none.
    Cluster(ClusterRow),
    /// A member.
    Member(MemberRow),
    /// A row of a kind that we do not know.
    Other,
}

impl StatusRow {
    /// The member that answered, if this is it.
    pub(crate) fn into_local(self) -> Option<MemberRow> {
        match self {
            Self::Member(member) if member.local == Some(true) => Some(member),
            Self::Member(_) | Self::Cluster(_) | Self::Other => None,
        }
    }
}

/// The cluster as its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ClusterRow {
    /// Its name; not unique in the world.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
    /// Whether it may act.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) quorate: Option<bool>,
}

/// A member of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct MemberRow {
    /// The node's name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
    /// Its address in the cluster's network; may not be reachable from here.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) ip: Option<SmolStr>,
    /// Whether the cluster hears of it.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) online: Option<bool>,
    /// Whether it is the one that answered.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) local: Option<bool>,
}

/// A row of `GET /cluster/resources`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ResourceRow {
    /// A virtual machine.
    Qemu(GuestRow),
    /// A container.
    Lxc(GuestRow),
    /// A node.
    Node(NodeRow),
    /// A storage as one node sees it.
    Storage(StorageRow),
    /// A row of a kind that we do not use, such as a pool or a software-defined network.
    Other,
}

/// What tells rows of one list apart.
#[derive(Deserialize)]
struct Tag {
    #[serde(rename = "type", deserialize_with = "scalar::identity")]
    kind: SmolStr,
}

impl<'de> Deserialize<'de> for StatusRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        match kind(raw)?.as_str() {
            "cluster" => row(raw).map(Self::Cluster),
            "node" => row(raw).map(Self::Member),
            _ => Ok(Self::Other),
        }
    }
}

impl<'de> Deserialize<'de> for ResourceRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        match kind(raw)?.as_str() {
            "qemu" => row(raw).map(Self::Qemu),
            "lxc" => row(raw).map(Self::Lxc),
            "node" => row(raw).map(Self::Node),
            "storage" => row(raw).map(Self::Storage),
            _ => Ok(Self::Other),
        }
    }
}

fn kind<E: de::Error>(raw: &str) -> Result<SmolStr, E> {
    serde_json::from_str(raw).map(|Tag { kind }| kind).map_err(E::custom)
}

fn row<T: de::DeserializeOwned, E: de::Error>(raw: &str) -> Result<T, E> {
    serde_json::from_str(raw).map_err(E::custom)
}
