//! The seam to the durable queue: where samples come from, and how it learns that they need not be kept.
//!
//! The embedded history implements [`Feed`]; the [task](crate::ship) calls it. Nothing here knows what the queue is.

use std::error::Error;

use muster_model::{Metric, ResourceId, TenantId};

/// A place in the queue: everything up to it, and nothing behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

/// Where a shipper takes samples from: durable, ordered, resumable.
pub trait Feed: Send {
    /// The next samples after what was confirmed, at most about `most` of them; `None` when there is nothing new.
    /// Asked again without a confirmation between, it answers with samples from the same place on.
    ///
    /// # Errors
    /// When the queue cannot be read. It is asked again later.
    fn next(&mut self, most: usize) -> Result<Option<Batch>, FeedError>;

    /// Takes note that everything up to the end of this batch is at the remote: it need not be kept for it any more.
    ///
    /// # Errors
    /// When that cannot be stored. It is said again later.
    fn confirm(&mut self, position: Position) -> Result<(), FeedError>;
}

/// Some samples of many series, and where in the queue they end.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The end of the batch.
    pub position: Position,
    /// The series; one that changes its period within the batch stands here twice.
    pub series: Vec<FeedSeries>,
}

/// A series' part of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedSeries {
    /// Whose.
    pub tenant: TenantId,
    /// Of what.
    pub resource: ResourceId,
    /// Which.
    pub metric: Metric,
    /// The time between two samples, in ms. Says when after a gap's start its marker stands.
    pub period_ms: i64,
    /// Ascending by time, no time twice.
    pub samples: Vec<FeedSample>,
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeedSample {
    /// When, in ms since 1970.
    pub at_ms: i64,
    /// What, in the metric's unit. Not a number means that nothing was measured; such a sample is counted and not sent.
    pub value: f64,
    /// Where a gap of more than 2.5 periods (D-10) lies before this sample: the time of the sample before it, in ms since
    /// 1970. One period after that time a marker of staleness is written.
    pub gap_before: Option<i64>,
}

/// Why the queue could not be used.
#[derive(Debug, thiserror::Error)]
#[error("{attempt}")]
pub struct FeedError {
    attempt: &'static str,
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}

impl FeedError {
    /// Says what was attempted, such as `reading the sweep log`, and what came of it.
    pub fn new(attempt: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { attempt, cause: cause.into() }
    }
}
