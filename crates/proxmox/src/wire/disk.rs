//! Physical disks and ZFS pools of a node.

use serde::Deserialize;
use smol_str::SmolStr;

use super::{Rows, scalar};

/// A row of `GET /nodes/{node}/disks/list`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DiskRow {
    /// Such as `/dev/sda`.
    #[serde(deserialize_with = "scalar::identity")]
    pub devpath: SmolStr,
    /// Link by which it is always found.
    #[serde(default, deserialize_with = "scalar::text")]
    pub by_id_link: Option<SmolStr>,
    /// Maker; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub vendor: Option<SmolStr>,
    /// Model; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub model: Option<SmolStr>,
    /// Serial number; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub serial: Option<SmolStr>,
    /// World-wide name; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub wwn: Option<SmolStr>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub size: Option<u64>,
    /// Turns a minute; 0 where it has no moving parts, -1 where nobody knows.
    #[serde(default, deserialize_with = "scalar::signed")]
    pub rpm: Option<i64>,
    /// `hdd`, `ssd`, `nvme`, `usb` or `unknown`.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// `PASSED`, `OK`, `UNKNOWN`, `SMART Disabled`; anything else is bad. Absent where SMART was left out.
    #[serde(default, deserialize_with = "scalar::text")]
    pub health: Option<SmolStr>,
    /// Percent of its life that is left; absent where nobody knows.
    #[serde(default, deserialize_with = "scalar::number")]
    pub wearout: Option<f64>,
    /// What it is used for: `LVM`, `ZFS`, `partitions`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub used: Option<SmolStr>,
}

/// `GET /nodes/{node}/disks/smart?disk=…`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Smart {
    /// `ata` with attributes, or `text`.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// As in [`DiskRow::health`].
    #[serde(default, deserialize_with = "scalar::text")]
    pub health: Option<SmolStr>,
    /// Percent of its life that is left.
    #[serde(default, deserialize_with = "scalar::number")]
    pub wearout: Option<f64>,
    /// Attributes of an ATA disk.
    #[serde(default)]
    pub attributes: Rows<SmartAttribute>,
    /// Lines of an NVMe or SAS disk, with separators of thousands as the node's language has them.
    #[serde(default, deserialize_with = "scalar::text")]
    pub text: Option<SmolStr>,
}

/// An attribute of an ATA disk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SmartAttribute {
    /// Number, padded with spaces on the wire.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub id: Option<u64>,
    /// Name.
    #[serde(default, deserialize_with = "scalar::text")]
    pub name: Option<SmolStr>,
    /// Value of the maker's scale.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub value: Option<u64>,
    /// Where it counts as failed.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub threshold: Option<u64>,
    /// The value itself, possibly followed by prose.
    #[serde(default, deserialize_with = "scalar::text")]
    pub raw: Option<SmolStr>,
}

impl SmartAttribute {
    /// The whole number that the raw value begins with.
    pub fn raw_number(&self) -> Option<u64> {
        let raw = self.raw.as_deref()?.trim_start();
        let digits = raw.find(|c: char| !c.is_ascii_digit()).map_or(raw, |end| &raw[..end]);
        digits.parse().ok()
    }
}

/// A row of `GET /nodes/{node}/disks/zfs`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ZfsRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub name: SmolStr,
    /// Bytes, with what the pool needs for itself.
    #[serde(default, deserialize_with = "scalar::size")]
    pub size: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub alloc: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub free: Option<u64>,
    /// Percent.
    #[serde(default, deserialize_with = "scalar::number")]
    pub frag: Option<f64>,
    /// `ONLINE`, `DEGRADED`, `FAULTED`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub health: Option<SmolStr>,
}

/// `GET /nodes/{node}/disks/zfs/{pool}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct ZfsDetail {
    /// Its name.
    #[serde(default, deserialize_with = "scalar::text")]
    pub name: Option<SmolStr>,
    /// `ONLINE`, `DEGRADED`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub state: Option<SmolStr>,
    /// What is wrong.
    #[serde(default, deserialize_with = "scalar::text")]
    pub status: Option<SmolStr>,
    /// What to do about it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub action: Option<SmolStr>,
    /// The last scrub or resilver, in prose.
    #[serde(default, deserialize_with = "scalar::text")]
    pub scan: Option<SmolStr>,
    /// `No known data errors`, or not.
    #[serde(default, deserialize_with = "scalar::text")]
    pub errors: Option<SmolStr>,
    /// Its devices.
    #[serde(default)]
    pub children: Rows<ZfsDevice>,
}

/// A device of a pool, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ZfsDevice {
    /// Such as `raidz1-0`, `/dev/disk/by-id/ata-A` or `cache`.
    #[serde(deserialize_with = "scalar::identity")]
    pub name: SmolStr,
    /// `ONLINE`, …; a section such as `cache` has none.
    #[serde(default, deserialize_with = "scalar::text")]
    pub state: Option<SmolStr>,
    /// Errors while reading.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub read: Option<u64>,
    /// Errors while writing.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub write: Option<u64>,
    /// Wrong checksums.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub cksum: Option<u64>,
    /// What the pool says of it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub msg: Option<SmolStr>,
    /// What it is made of.
    #[serde(default)]
    pub children: Rows<Self>,
}
