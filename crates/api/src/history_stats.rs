//! What the metrics history holds and costs, what another retention would change, and whether all of it can be read.

use jiff::Timestamp;
use muster_model::ResourceId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::history::HistoryTier;

/// A retention to try out. What is absent stays as it is; nothing is changed by asking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryStatsQuery {
    /// How long every sample would be kept, such as `14d`.
    pub raw: Option<String>,
    /// How long buckets of a minute would be kept, such as `90d`.
    pub minute: Option<String>,
    /// How long buckets of ten minutes would be kept, such as `2y`.
    pub ten_minutes: Option<String>,
    /// How long buckets of an hour would be kept, such as `10y`.
    pub hour: Option<String>,
}

/// What the metrics history holds, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryStats {
    /// Series known.
    pub series: u64,
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
    /// Bytes on disk for each stored sample; `null` while too little is stored.
    pub bytes_per_sample: Option<f64>,
    /// What is stored, by resolution.
    pub tiers: Vec<TierContent>,
    /// How long each resolution is kept.
    pub retention: HistoryRetention,
    /// What that comes to if everything goes on as it does now.
    pub forecast: HistoryForecast,
    /// The retention that was asked about, and what it would come to; `null` where none was.
    pub proposal: Option<RetentionProposal>,
    /// How shipping to a remote store goes; `null` where there is none.
    pub remote: Option<RemoteHealth>,
}

/// How shipping samples to a remote store goes. The counts begin at the server's start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoteHealth {
    /// What it is at.
    pub state: ShippingState,
    /// What went wrong last, and what to do; `null` unless it is `retrying` or `stopped`.
    pub detail: Option<String>,
    /// When samples were last confirmed, which is when they were seen at the remote store; `null` if not since the start.
    pub confirmed_at: Option<Timestamp>,
    /// Samples that were confirmed.
    pub shipped: u64,
    /// Samples that the remote store refuses: they are older than it takes, or it has another value for that time.
    pub refused: u64,
    /// Samples that the remote store accepted and does not have: beyond its retention, or thinned out by it.
    pub not_kept: u64,
    /// Samples that were no numbers, and not sent.
    pub not_a_number: u64,
}

/// What shipping is at. Whatever it is, what is not confirmed stays here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ShippingState {
    /// There is nothing new.
    Idle,
    /// Samples are on their way.
    Sending,
    /// There is trouble that passes by itself.
    Retrying,
    /// Somebody must correct something; it is tried again every five minutes.
    Stopped,
}

/// What is stored of one resolution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TierContent {
    /// Which.
    pub tier: HistoryTier,
    /// Samples, or buckets.
    pub points: u64,
    /// Bytes of the blocks that hold them.
    pub bytes: u64,
    /// When the oldest was taken; `null` where there is none.
    pub oldest: Option<Timestamp>,
    /// When the newest was taken; `null` where there is none.
    pub newest: Option<Timestamp>,
}

/// How long each resolution is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryRetention {
    /// Every sample.
    pub raw_seconds: u64,
    /// Buckets of a minute.
    pub minute_seconds: u64,
    /// Buckets of ten minutes.
    pub ten_minutes_seconds: u64,
    /// Buckets of an hour.
    pub hour_seconds: u64,
}

/// What a history comes to with a certain retention, at today's rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryForecast {
    /// What one more day writes, in all resolutions, before anything is deleted.
    pub bytes_per_day: f64,
    /// Size on disk after a year.
    pub bytes_after_year: f64,
    /// Size on disk once as much is deleted as is added.
    pub bytes_at_rest: f64,
    /// The same by resolution.
    pub tiers: Vec<TierForecast>,
}

/// One resolution's share of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TierForecast {
    /// Which.
    pub tier: HistoryTier,
    /// What one more day writes.
    pub bytes_per_day: f64,
    /// Its size once as much is deleted as is added.
    pub bytes_at_rest: f64,
}

/// Another retention, and what it would come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetentionProposal {
    /// The retention.
    pub retention: HistoryRetention,
    /// What it comes to.
    pub forecast: HistoryForecast,
    /// By how much the size at rest would grow, or shrink where it is negative.
    pub bytes_at_rest_change: f64,
}

/// One line of the answer to a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum VerifyLine {
    /// How far it has come.
    Progress {
        /// Blocks and files of the sweep log that were checked.
        done: u64,
        /// Blocks and files of the sweep log in all.
        total: u64,
    },
    /// What it found. The last line.
    Result {
        /// Blocks read.
        blocks: u64,
        /// Files of the sweep log read.
        logs: u64,
        /// Samples and buckets read.
        points: u64,
        /// How many parts cannot be read. They show as gaps; everything else is served.
        // Named here, because the API document's generator does not read `rename_all_fields`.
        #[serde(rename = "damagedParts")]
        damaged_parts: u64,
        /// The first thousand of them.
        damaged: Vec<HistoryDamage>,
    },
    /// The check broke off. The last line.
    Failed {
        /// Why, and what to do.
        detail: String,
    },
}

/// Something stored that cannot be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "part", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum HistoryDamage {
    /// A part of a block.
    Block {
        /// The block's number.
        block: i64,
        /// What it holds.
        tier: HistoryTier,
        /// Whose part of it; `null` where that is not known.
        // Named here, because the API document's generator does not read `rename_all_fields`.
        #[serde(rename = "resourceId")]
        resource_id: Option<ResourceId>,
        /// Start of the span that is affected.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
        /// What is wrong.
        why: String,
    },
    /// A file of the sweep log, from some place on.
    Log {
        /// Its name within the history's directory.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The catalogue's entry of a resource.
    Resource {
        /// The entry's number.
        number: u32,
        /// What is wrong.
        why: String,
    },
}
