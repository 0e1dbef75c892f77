//! Spans that are older than what this history holds, asked of a store elsewhere.

use std::{error::Error, fmt, marker::Sync};

use muster_model::{Metric, ResourceId, TenantId};

use crate::cancel::Cancel;

/// A store elsewhere that samples were shipped to.
pub trait Archive: fmt::Debug + Send + Sync {
    /// Answers the questions of one chart, in their order. An answer is what it has of a metric of some resources: for
    /// each of them its buckets, in ascending order of time. Blocks, but not for long, however many questions there are;
    /// who answers gives up soon after the asker has left, and it does not matter then what was told.
    ///
    /// # Errors
    /// When it cannot be reached, does not understand, or takes too long. The chart is drawn with what was told until
    /// then, and says so.
    fn buckets(
        &self,
        questions: &[ArchiveQuery],
        cancel: &Cancel,
        tell: &mut dyn FnMut(Vec<Vec<ArchiveBucket>>),
    ) -> Result<(), ArchiveError>;
}

/// What is asked of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// Whose.
    pub tenant: TenantId,
    /// One entry a resource: its id, then its aliases; the earlier id's word counts more.
    pub resources: Vec<Vec<ResourceId>>,
    /// What.
    pub metric: Metric,
    /// Start of the span, in milliseconds since the Unix epoch: a multiple of the width.
    pub from_ms: i64,
    /// End of the span, in milliseconds since the Unix epoch; not included.
    pub to_ms: i64,
    /// Width of a bucket, in milliseconds.
    pub width_ms: i64,
}

/// Samples summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArchiveBucket {
    /// Start of the bucket, in milliseconds since the Unix epoch: a multiple of the width.
    pub at_ms: i64,
    /// How many samples.
    pub count: u32,
    /// Their sum, in the metric's unit.
    pub sum: f64,
    /// The least of them.
    pub min: f64,
    /// The greatest of them.
    pub max: f64,
    /// The last of them.
    pub last: f64,
}

/// Why an archive did not answer.
#[derive(Debug, thiserror::Error)]
#[error("asking the remote history")]
pub struct ArchiveError(#[source] pub Box<dyn Error + Send + Sync>);
