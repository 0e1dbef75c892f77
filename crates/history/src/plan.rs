//! What one source samples in one go: its series in a fixed order, so that a sweep is one array of numbers.

use std::fmt;

use muster_model::{Metric, ResourceId, SourceId, TenantId};

use crate::{codec::scale::Scale, grid::Period};

/// Names a plan that a [`History`](crate::History) interned. Valid for that history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanId(pub(crate) u32);

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A series without its tenant: what is measured, of whom (D-11).
pub(crate) type Series = (ResourceId, Metric);

/// An interned plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) id: PlanId,
    pub(crate) tenant: TenantId,
    pub(crate) source: SourceId,
    pub(crate) period: Period,
    /// `None` for a series that a newer version recorded and this one has no word for.
    pub(crate) series: Vec<Option<Series>>,
}

impl Plan {
    /// How the values of one column map to numbers. Columns without a metric are read past, whatever they hold.
    pub(crate) fn scale(&self, column: usize) -> Scale {
        self.series[column].map_or(Scale::Whole, |(_, metric)| Scale::of(metric))
    }

    pub(crate) fn width(&self) -> usize {
        self.series.len()
    }

    /// Whether it samples exactly this.
    pub(crate) fn samples(&self, period: Period, series: &[Series]) -> bool {
        let same = |(mine, theirs): (&Option<Series>, &Series)| mine.as_ref() == Some(theirs);
        self.period == period && self.width() == series.len() && self.series.iter().zip(series).all(same)
    }
}

/// Why a plan cannot be interned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A plan of nothing.
    #[error("interning a plan of source {source_id}: it has no series")]
    Empty {
        /// Whose.
        source_id: SourceId,
    },
    /// Two values for one series in one sweep.
    #[error("interning a plan of source {source_id}: it has {metric} of {resource} twice")]
    Duplicate {
        /// Whose.
        source_id: SourceId,
        /// Of whom.
        resource: ResourceId,
        /// What.
        metric: Metric,
    },
    /// More series than a plan may have.
    #[error("interning a plan of source {source_id}: {given} series are more than {}", PlanError::MOST_SERIES)]
    TooLarge {
        /// Whose.
        source_id: SourceId,
        /// How many.
        given: usize,
    },
    /// There are no numbers for plans left.
    #[error("interning a plan of source {source_id}: there are 2^32 plans already; move the history directory away")]
    Exhausted {
        /// Whose.
        source_id: SourceId,
    },
}

impl PlanError {
    /// The most series that one plan may have. A source with more makes several plans.
    pub const MOST_SERIES: usize = 1 << 20;
}
