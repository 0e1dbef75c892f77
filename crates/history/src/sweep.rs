//! One sweep: what is handed in at the door, what is taken in, and what became of it.
//!
//! The door is where values are rounded to their metric's precision, once. Behind it a missing value is NaN and
//! nothing else is, and there is no negative zero.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    grid::{Grid, Tick},
    options::Rounding,
    plan::{Definition, Plan, PlanId},
};

/// What one source sampled at one time.
#[derive(Debug, Clone, Copy)]
pub struct PlanSamples<'a> {
    /// The plan that says which value belongs to which series.
    pub plan: PlanId,
    /// When, by the source's clock. It is rounded to the tick; a later write to the same tick replaces value by value.
    pub at: Timestamp,
    /// One value for each series of the plan, in its unit; NaN (or an infinity) where there is none.
    pub values: &'a [f64],
}

/// What became of a sweep. It is in memory, visible as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appended {
    /// Samples taken in.
    pub samples: u64,
    /// Of these, how many replaced an earlier sample of the same series and tick.
    pub replaced: u64,
    /// Of these, how many lie before the memory window. They are kept like all others.
    pub late: u64,
    /// Why the sweep is not on disk, if it is not. It is written with the next sweep that can be.
    pub not_durable: Option<String>,
    /// Sweeps that wait in memory to be written.
    pub pending_sweeps: u32,
}

/// Why a sweep was refused. Nothing of it was taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The plan is not this history's.
    #[error("appending a sweep: plan {plan} was never interned here; call History::plan first")]
    UnknownPlan {
        /// Which.
        plan: PlanId,
    },
    /// Not one value for each series.
    #[error("appending a sweep: plan {plan} has {expected} series, and {given} values were given")]
    Width {
        /// Which.
        plan: PlanId,
        /// Series of the plan.
        expected: usize,
        /// Values given.
        given: usize,
    },
    /// The history was closed.
    #[error("appending a sweep: the history is closed, because the server is stopping")]
    Closed,
}

/// One plan's values at one tick, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) plan: Arc<Plan>,
    pub(crate) tick: Tick,
    pub(crate) values: Arc<[f64]>,
}

/// A row as the sweep log has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LoggedRow {
    pub(crate) plan: Arc<Definition>,
    pub(crate) tick: Tick,
    pub(crate) values: Vec<f64>,
}

impl Row {
    /// Takes samples through the door.
    pub(crate) fn admit(
        plan: &Arc<Plan>,
        samples: PlanSamples<'_>,
        grid: Grid,
        rounding: Rounding,
    ) -> Result<Self, AppendError> {
        if samples.values.len() != plan.width() {
            return Err(AppendError::Width { plan: plan.id, expected: plan.width(), given: samples.values.len() });
        }
        let values = plan.columns.iter().zip(samples.values).map(|(column, value)| match (column.metric(), rounding) {
            // Adding zero turns -0 into 0.
            (Some(metric), Rounding::Declared) if value.is_finite() => metric.precision().apply(*value) + 0.0,
            (Some(_), Rounding::Exact) if value.is_finite() => *value + 0.0,
            (_, _) => f64::NAN,
        });
        Ok(Self { plan: Arc::clone(plan), tick: grid.stamp(samples.at), values: values.collect() })
    }

    /// How many values there are.
    pub(crate) fn known(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }
}
