//! Questions about the past, and their answers: columns on one time axis, with explicit gaps.
//!
//! An answer is made from one consistent view of memory, taken under a short lock, and from stored blocks where memory
//! does not suffice. It is built one column after the other and a stretch of time after the other, so that its memory
//! is bounded however long the span is.

pub(crate) mod answer;
pub(crate) mod buckets;
mod builder;
mod building;
pub(crate) mod coverage;
pub(crate) mod gaps;
pub(crate) mod older;
mod parts;
pub(crate) mod reading;
pub(crate) mod sources;
pub(crate) mod window;

use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use muster_model::{Metric, ResourceId, TenantId};

use crate::store::StoreError;

/// A question about one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Whose.
    pub tenant: TenantId,
    /// The resource's id, then its aliases: their series are united by time (D-11), the earlier id's word counting more.
    pub resources: Vec<ResourceId>,
    /// What. Nothing else is read.
    pub metrics: Vec<Metric>,
    /// Start of the span; the tick nearest to it is included.
    pub from: Timestamp,
    /// End of the span; the tick nearest to it is included, so that a chart that ends now shows the newest sample.
    pub to: Timestamp,
    /// At most so many points; clamped to 5000.
    pub points: NonZeroU32,
}

/// The same question about several resources at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyQuery {
    /// Whose.
    pub tenant: TenantId,
    /// One entry a resource: its id, then its aliases, as in [`Query::resources`].
    pub resources: Vec<Vec<ResourceId>>,
    /// What, of each resource.
    pub metrics: Vec<Metric>,
    /// Start of the span, as in [`Query::from`].
    pub from: Timestamp,
    /// End of the span, as in [`Query::to`].
    pub to: Timestamp,
    /// At most so many points; clamped to 5000.
    pub points: NonZeroU32,
}

impl ManyQuery {
    /// The most columns (resources × metrics) of one question.
    pub const MOST_COLUMNS: usize = 10_000;

    /// The most values (columns × points) of one answer.
    pub const MOST_VALUES: usize = 5_000_000;
}

/// The answer about one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Width of a bucket.
    pub step: SignedDuration,
    /// Start of each bucket, in epoch milliseconds, ascending, a multiple of the step: the same bucket has the same
    /// start in every answer. The first may begin before the span; only samples within the span are counted.
    pub times: Vec<i64>,
    /// One for each metric asked for, in that order.
    pub columns: Vec<Column>,
    /// What the answer was made of.
    pub tier: Tier,
    /// Whether memory alone sufficed.
    pub from_memory: bool,
    /// Whether memory had a part of it.
    pub in_memory: bool,
    /// Why a store elsewhere did not tell what it knows, if it was asked and did not: older spans may be missing.
    pub archive_error: Option<String>,
}

/// The answer about several resources.
#[derive(Debug, Clone, PartialEq)]
pub struct ManyAnswer {
    /// Width of a bucket.
    pub step: SignedDuration,
    /// Start of each bucket, as in [`Answer::times`].
    pub times: Vec<i64>,
    /// One entry a resource, in the order asked for; in it one column a metric.
    pub resources: Vec<Vec<Column>>,
    /// What the answer was made of.
    pub tier: Tier,
    /// Whether memory alone sufficed for every resource.
    pub from_memory: bool,
    /// As in [`Answer::in_memory`].
    pub in_memory: bool,
    /// As in [`Answer::archive_error`].
    pub archive_error: Option<String>,
}

/// One metric on the answer's time axis. `None` means that nothing was recorded in that bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What.
    pub metric: Metric,
    /// The value that stands for the bucket: its mean, or its last value where the metric is a growing count.
    pub avg: Vec<Option<f64>>,
    /// The least value in the bucket.
    pub min: Vec<Option<f64>>,
    /// The greatest value in the bucket.
    pub max: Vec<Option<f64>>,
    /// Where nothing was recorded for more than 2.5 periods (D-10), ascending. Gaps shorter than a bucket are left out.
    pub gaps: Vec<Gap>,
}

/// A span without samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last sample before it, or the start of the span asked for.
    pub from: Timestamp,
    /// The first sample after it, or the end of the span asked for.
    pub to: Timestamp,
}

/// The stored resolution that an answer was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Every sample as it was stored.
    Raw,
    /// Summed up by the minute.
    Minute,
    /// Summed up by ten minutes.
    TenMinutes,
    /// Summed up by the hour.
    Hour,
}

/// Everything that was recorded of one series in a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesQuery {
    /// Whose.
    pub tenant: TenantId,
    /// The resource's id, then its aliases, as in [`Query::resources`].
    pub resources: Vec<ResourceId>,
    /// What.
    pub metric: Metric,
    /// Start of the span, as in [`Query::from`].
    pub from: Timestamp,
    /// End of the span, as in [`Query::to`].
    pub to: Timestamp,
}

/// What is stored for one place in time, in the finest resolution that is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Recorded {
    /// A sample.
    Sample {
        /// When.
        at: Timestamp,
        /// Its value.
        value: f64,
    },
    /// Samples summed up.
    Bucket {
        /// When the bucket begins.
        at: Timestamp,
        /// What it sums up.
        tier: Tier,
        /// How many samples.
        count: u64,
        /// Their sum.
        sum: f64,
        /// The least of them.
        min: f64,
        /// The greatest of them.
        max: f64,
        /// The last of them.
        last: f64,
    },
}

/// Why a question cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// It asks for nothing.
    #[error("querying history: name at least one resource and one metric")]
    Nothing,
    /// Its end lies before its start.
    #[error("querying history: the span from {from} to {to} ends before it begins")]
    Backwards {
        /// Its start.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
    /// The answer would be too large.
    #[error("querying history: {columns} columns of {points} points are too many; ask for less of either")]
    TooMuch {
        /// Resources × metrics.
        columns: usize,
        /// Points of each.
        points: u32,
    },
    /// The blocks on disk are not those that this process knows of.
    #[error("querying history: another process has taken its directory over; ask that one")]
    Unsettled,
    /// Who asked has left.
    #[error("querying history: nobody waits for the answer any more")]
    Cancelled,
    /// The stored blocks could not be read.
    #[error("querying history")]
    Read(#[source] StoreError),
}
