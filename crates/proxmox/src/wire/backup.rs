//! Backups: the jobs that make them, the guests that no job covers, and what lies in a storage.

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::scalar;

/// A row of `GET /cluster/backup`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct BackupJobRow {
    /// Its id.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) id: SmolStr,
    /// Absent means yes.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) enabled: Option<bool>,
    /// When, as a calendar event.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) schedule: Option<SmolStr>,
    /// Days of the week, where a job of version 6 has no schedule.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) dow: Option<SmolStr>,
    /// Time of the day, where a job of version 6 has no schedule.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) starttime: Option<SmolStr>,
    /// When next.
    #[serde(default, rename = "next-run", deserialize_with = "scalar::moment")]
    pub(crate) next_run: Option<Timestamp>,
    /// To where.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) storage: Option<SmolStr>,
    /// Whether all guests.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) all: Option<bool>,
    /// Which guests, separated by commas.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) vmid: Option<SmolStr>,
    /// Guests of which pool.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) pool: Option<SmolStr>,
    /// Which guests not, separated by commas.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) exclude: Option<SmolStr>,
    /// Guests of which node.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) node: Option<SmolStr>,
    /// `snapshot`, `suspend` or `stop`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) mode: Option<SmolStr>,
    /// What people wrote.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) comment: Option<SmolStr>,
}

/// A row of `GET /cluster/backup-info/not-backed-up`: a guest in no job, switched on or not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct UncoveredRow {
    /// Its number.
    #[serde(deserialize_with = "scalar::vmid")]
    pub(crate) vmid: u32,
}

/// A row of `GET /nodes/{node}/storage/{storage}/content?content=backup`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct BackupRow {
    /// The platform's name for it.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) volid: SmolStr,
    /// Such as `vma.zst` or `pbs-vm`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) format: Option<SmolStr>,
    /// `qemu` or `lxc`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) subtype: Option<SmolStr>,
    /// The guest; older versions leave it to the name.
    #[serde(default, deserialize_with = "scalar::some_vmid")]
    pub(crate) vmid: Option<u32>,
    /// When it was taken.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) ctime: Option<Timestamp>,
    /// Bytes; 1 while nobody knows.
    #[serde(default, deserialize_with = "scalar::size")]
    pub(crate) size: Option<u64>,
    /// Whether it is kept from being removed.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub(crate) protected: Option<bool>,
    /// The fingerprint of the key, or `1`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) encrypted: Option<SmolStr>,
    /// What a backup server found when it read it again.
    #[serde(default, deserialize_with = "scalar::object")]
    pub(crate) verification: Option<VerificationRow>,
}

/// What a backup server found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct VerificationRow {
    /// `ok` or `failed`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) state: Option<SmolStr>,
}
