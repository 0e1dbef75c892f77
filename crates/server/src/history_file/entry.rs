//! What one line of a file says: the words of both formats meet here.

use jiff::Timestamp;
use muster_history::{Recorded, Tier};
use muster_model::{Aggregation, Metric, ResourceId};

/// Whose values follow.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) id: ResourceId,
    /// What it is called; `None` for what is no longer there.
    pub(super) name: Option<String>,
}

/// One place in time, as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    /// The sample, or what stands for a bucket.
    pub(super) value: f64,
    pub(super) bucket: Option<Bucket>,
}

/// Samples summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    pub(super) tier: Tier,
    pub(super) count: u64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Entry {
    /// What history hands over. A bucket is its average, or its last value where the metric is a growing count.
    pub(super) fn of(metric: Metric, recorded: Recorded) -> Self {
        match recorded {
            Recorded::Sample { at, value } => Self { at, value, bucket: None },
            Recorded::Bucket { at, tier, count, sum, min, max, last } => {
                let value = match metric.aggregation() {
                    Aggregation::Mean | Aggregation::Sum => sum / count.max(1) as f64,
                    Aggregation::Last => last,
                };
                Self { at, value, bucket: Some(Bucket { tier, count, min, max }) }
            }
        }
    }
}

/// A sample as it was read. The resource is as it stands there; empty where none does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Read<'a> {
    pub(super) resource: std::borrow::Cow<'a, str>,
    pub(super) metric: &'a str,
    /// In epoch milliseconds.
    pub(super) at_ms: i64,
    pub(super) value: f64,
}
