//! Physical disks and ZFS pools of a node.

use serde::Deserialize;
use smol_str::SmolStr;

use super::{Rows, scalar};

/// A row of `GET /nodes/{node}/disks/list`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct DiskRow {
    /// Such as `/dev/sda`.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) devpath: SmolStr,
    /// Link by which it is always found.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) by_id_link: Option<SmolStr>,
    /// Maker; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) vendor: Option<SmolStr>,
    /// Model; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) model: Option<SmolStr>,
    /// Serial number; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) serial: Option<SmolStr>,
    /// World-wide name; `unknown` where nobody knows.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) wwn: Option<SmolStr>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) size: Option<u64>,
    /// Turns a minute; 0 where it has no moving parts, -1 where nobody knows.
    #[serde(default, deserialize_with = "scalar::signed")]
    pub(crate) rpm: Option<i64>,
    /// `hdd`, `ssd`, `nvme`, `usb` or `unknown`.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub(crate) kind: Option<SmolStr>,
    /// `PASSED`, `OK`, `UNKNOWN`, `SMART Disabled`; anything else is bad. Absent where SMART was left out.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) health: Option<SmolStr>,
    /// Percent of its life that is left; absent where nobody knows.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) wearout: Option<f64>,
}

/// `GET /nodes/{node}/disks/smart?disk=…`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct Smart {
    /// As in [`DiskRow::health`].
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) health: Option<SmolStr>,
    /// Percent of its life that is left.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) wearout: Option<f64>,
    /// Attributes of an ATA disk.
    #[serde(default)]
    pub(crate) attributes: Rows<SmartAttribute>,
    /// Lines of an NVMe or SAS disk, with separators of thousands as the node's language has them.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) text: Option<SmolStr>,
}

/// An attribute of an ATA disk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct SmartAttribute {
    /// Number, padded with spaces on the wire.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) id: Option<u64>,
    /// The value itself, possibly followed by prose.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) raw: Option<SmolStr>,
}

impl SmartAttribute {
    /// The whole number that the raw value begins with.
    pub(crate) fn raw_number(&self) -> Option<u64> {
        let raw = self.raw.as_deref()?.trim_start();
        let digits = raw.find(|c: char| !c.is_ascii_digit()).map_or(raw, |end| &raw[..end]);
        digits.parse().ok()
    }
}

/// A row of `GET /nodes/{node}/disks/zfs`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct ZfsRow {
    /// Its name.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
    /// Bytes, with what the pool needs for itself.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) size: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) alloc: Option<u64>,
    /// Bytes.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) free: Option<u64>,
    /// Percent.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) frag: Option<f64>,
    /// `ONLINE`, `DEGRADED`, `FAULTED`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) health: Option<SmolStr>,
}

/// `GET /nodes/{node}/disks/zfs/{pool}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct ZfsDetail {
    /// What is wrong.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) status: Option<SmolStr>,
    /// What to do about it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) action: Option<SmolStr>,
    /// The last scrub or resilver, in prose.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) scan: Option<SmolStr>,
    /// `No known data errors`, or not.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) errors: Option<SmolStr>,
    /// Its devices.
    #[serde(default)]
    pub(crate) children: Rows<ZfsDevice>,
}

/// A device of a pool, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ZfsDevice {
    /// Such as `raidz1-0`, `/dev/disk/by-id/ata-A` or `cache`.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
    /// `ONLINE`, …; a section such as `cache` has none.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) state: Option<SmolStr>,
    /// Errors while reading.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) read: Option<u64>,
    /// Errors while writing.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) write: Option<u64>,
    /// Wrong checksums.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) cksum: Option<u64>,
    /// What the pool says of it.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) msg: Option<SmolStr>,
    /// What it is made of.
    #[serde(default)]
    pub(crate) children: Rows<Self>,
}
