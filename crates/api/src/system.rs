//! The server's own health.

use jiff::Timestamp;
use muster_model::{Issue, Revision, SourceFreshness, SourceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::history_stats::{HistoryForecast, HistoryRetention, RemoteHealth, TierContent};

/// `/healthz` and `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok`, or what is missing.
    pub status: String,
}

/// What the server says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct System {
    /// The server's version.
    pub version: String,
    /// When the process started.
    pub started_at: Timestamp,
    /// The server's clock.
    pub now: Timestamp,
    /// Where it listens.
    pub listen: String,
    /// Resident memory of the process; `null` where the system does not say.
    pub memory_bytes: Option<u64>,
    /// The engine.
    pub engine: EngineHealth,
    /// The state database.
    pub store: StoreHealth,
    /// The metrics history.
    pub history: HistoryHealth,
    /// Live clients connected.
    pub live_clients: u32,
    /// What TLS is spoken with; `null` where the server speaks plain text.
    pub tls: Option<TlsHealth>,
}

/// The certificate in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TlsHealth {
    /// Its subject, such as `CN=muster.example.org`.
    pub subject: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Since when it holds.
    pub not_before: Timestamp,
    /// Until when it holds.
    pub not_after: Timestamp,
    /// Whether nobody but itself vouches for it.
    pub self_signed: bool,
    /// Its SHA-256: hexadecimal, with colons.
    pub fingerprint: String,
    /// When its files were read.
    pub loaded_at: Timestamp,
    /// Why newer files could not be used; `null` when all is well.
    pub failed_reload: Option<FailedReload>,
}

/// An attempt to read a certificate that failed; the one before stays in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedReload {
    /// When.
    pub at: Timestamp,
    /// What was wrong, where, and what to do.
    pub message: String,
}

/// The engine's own health.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EngineHealth {
    /// The published revision.
    pub revision: Revision,
    /// Resources in the snapshot.
    pub resources: u32,
    /// Sweeps since start.
    pub sweeps: u64,
    /// Reports applied since start.
    pub reports: u64,
    /// Records and samples that broke their report's own rules and were left out, since start.
    pub rejected: u64,
    /// Reports whose source's clock runs ahead, so that their samples were stamped with ours, since start.
    pub skewed_reports: u64,
    /// Timeline rows given up because they could not be stored for too long, since start; 0 when all is well.
    pub lost_changes: u64,
    /// Reports that wait.
    pub queued_reports: u32,
    /// How long the last sweep took.
    pub last_sweep_milliseconds: Option<f64>,
    /// When the last sweep ended.
    pub last_sweep_at: Option<Timestamp>,
    /// Log entries that could not be stored yet; 0 when all is well.
    pub uncommitted_entries: u32,
}

/// The state database's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoreHealth {
    /// `sqlite` or `postgresql`.
    pub engine: String,
    /// Size on disk; `null` where the database does not say.
    pub size_bytes: Option<u64>,
    /// The last failed write, if the one after it has not succeeded.
    pub last_error: Option<String>,
}

/// The metrics history's health.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryHealth {
    /// Series known.
    pub series: u64,
    /// Samples taken in since start.
    pub samples: u64,
    /// Series that are sampled just now.
    pub active_series: u64,
    /// Samples that they come to in a day.
    pub samples_per_day: f64,
    /// Samples on disk.
    pub stored_samples: u64,
    /// Size on disk.
    pub size_bytes: u64,
    /// Memory in use for samples.
    pub memory_bytes: u64,
    /// What is stored, by resolution.
    pub tiers: Vec<TierContent>,
    /// How long each resolution is kept.
    pub retention: HistoryRetention,
    /// What that comes to if everything goes on as it does now.
    pub forecast: HistoryForecast,
    /// Stored samples and bytes give this; `null` while too little is stored.
    pub bytes_per_sample: Option<f64>,
    /// The last sweep that is safely on disk.
    pub last_durable_at: Option<Timestamp>,
    /// Sweeps that are in memory only; 0 when all is well.
    pub pending_sweeps: u32,
    /// Samples that lay before the memory window when they came; they are kept like all others.
    pub late_samples: u64,
    /// Samples that memory let go of because blocks could not be written for long, and that come back when they can; 0 when
    /// all is well.
    pub shed_samples: u64,
    /// Samples that memory let go of and that could not be logged either, at most, since start: they are lost.
    pub lost_samples: u64,
    /// Parts of stored blocks that turned out to be damaged when they were read; they show as gaps.
    pub damaged_chunks: u64,
    /// Blocks of which a part cannot be read or deleted, so that nothing more is made of them.
    pub damaged_blocks: u64,
    /// Files of the sweep log that could be read only in part; they are kept until somebody deletes them.
    pub damaged_logs: u64,
    /// Resources whose entry in the history's catalogue cannot be read; what is stored of them is hidden.
    pub lost_resources: u64,
    /// The last failed write, if the one after it has not succeeded.
    pub last_error: Option<String>,
    /// How shipping to a remote store goes; `null` where there is none.
    pub remote: Option<RemoteHealth>,
}

/// A source and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Which.
    pub id: SourceId,
    /// Whether what it said is still current.
    pub status: SourceFreshness,
    /// Its cadence and success (D-26).
    pub poll: PollSummary,
    /// What it saw (D-26).
    pub observed: ObservedSummary,
}

/// A source's cadence (D-26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PollSummary {
    /// Seconds between reports.
    pub interval_seconds: u32,
    /// When it last reported.
    pub last_success_at: Option<Timestamp>,
    /// When the next report is due.
    pub next_at: Option<Timestamp>,
}

/// What a source saw last (D-26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservedSummary {
    /// When.
    pub collected_at: Option<Timestamp>,
    /// Whether parts could not be read.
    pub degraded: bool,
    /// How many parts.
    pub issue_count: u32,
    /// The first three of them.
    pub issues: Vec<Issue>,
    /// Records in its last report.
    pub resource_count: u32,
}
