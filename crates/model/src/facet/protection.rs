//! What a guest could be brought back from: snapshots and backups, and the jobs that make them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a guest could be brought back from. Apart from [`GuestFacet`](super::GuestFacet), since it changes every night
/// without anybody having changed the guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ProtectionFacet {
    /// Its snapshots; absent while nobody could ask.
    pub snapshots: Option<GuestSnapshots>,
    /// Its backups.
    pub backup: GuestBackup,
}

/// Snapshots of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestSnapshots {
    /// How many there are.
    pub count: u32,
    /// When the oldest was taken.
    pub oldest_at: Option<Timestamp>,
    /// When the newest was taken.
    pub newest_at: Option<Timestamp>,
    /// The one that the guest's present state follows from.
    pub current: Option<String>,
    /// The newest ones, newest first; not all where there are many.
    pub newest: Vec<GuestSnapshot>,
}

/// A snapshot of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestSnapshot {
    /// Its name.
    pub name: String,
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// The one before it.
    pub parent: Option<String>,
    /// What people wrote, cut off where it is long.
    pub description: Option<String>,
    /// Whether it holds the memory too; absent where there is none to hold.
    pub with_memory: Option<bool>,
}

/// Backups of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuestBackup {
    /// Whether a job that is switched on covers it; absent where nobody could ask.
    pub covered: Option<bool>,
    /// Ids of the jobs that are switched on and cover it, in order.
    pub jobs: Vec<String>,
    /// When the next of them runs.
    pub next_run_at: Option<Timestamp>,
    /// Whether there is one.
    pub state: BackupState,
    /// The newest one that could be seen.
    pub newest: Option<BackupCopy>,
    /// How many could be seen; absent where none of the storages could be listed.
    pub copies: Option<u32>,
}

/// Whether a guest has a backup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum BackupState {
    /// None was seen, and not every place could be looked into.
    #[default]
    Unknown,
    /// Every place that may hold backups was looked into, and there is none.
    Missing,
    /// There is one.
    Present,
}

/// A backup of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackupCopy {
    /// The storage that holds it.
    pub storage: String,
    /// The platform's name for it.
    pub volume: String,
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// Size; on a backup server that of the data without deduplication. Absent while it is being made.
    pub size_bytes: Option<u64>,
    /// Whether it was found to be readable.
    pub verification: BackupVerification,
    /// Whether it is kept from being removed.
    pub protected: bool,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// Whether a backup was found to be readable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum BackupVerification {
    /// Nobody has tried, or the storage cannot.
    #[default]
    None,
    /// It is readable.
    Ok,
    /// It is not.
    Failed,
}

/// What a storage does for backups: the jobs that write to it, and what lies there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackupTargetFacet {
    /// The jobs that write to it, in order of their ids; absent where nobody could ask.
    pub jobs: Option<Vec<BackupJob>>,
    /// How many backups could be seen in it; absent where it could not be listed.
    pub copies: Option<u32>,
    /// Of how many guests these are.
    pub guests: Option<u32>,
    /// When the newest was taken.
    pub newest_at: Option<Timestamp>,
    /// How many were found not to be readable.
    pub failed_verifications: Option<u32>,
}

/// A job that makes backups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackupJob {
    /// Its id.
    pub id: String,
    /// Whether it runs at all.
    pub enabled: bool,
    /// When, as the platform writes it, such as `sat 02:00`.
    pub schedule: Option<String>,
    /// When next; absent where it is switched off or the platform does not say.
    pub next_run_at: Option<Timestamp>,
    /// How running guests are held meanwhile: `snapshot`, `suspend` or `stop`.
    pub mode: Option<String>,
    /// Only guests of this node.
    pub node: Option<String>,
    /// Which guests.
    pub selection: BackupSelection,
    /// How many of the guests that we know it covers, whether it is switched on or not.
    pub guests: u32,
    /// What people wrote.
    pub comment: Option<String>,
}

/// Which guests a job is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum BackupSelection {
    /// The platform does not say.
    #[default]
    Unknown,
    /// All of them.
    All {
        /// But these, by number.
        except: Vec<String>,
    },
    /// Those of a pool.
    Pool {
        /// The pool.
        pool: String,
    },
    /// These.
    Guests {
        /// By number.
        ids: Vec<String>,
    },
}
