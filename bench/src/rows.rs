//! Everything that is measured, in the order of the table.

mod agent;

use anyhow::Result;

use crate::{result::Row, timing::Stopwatch};

/// Measures every row.
///
/// # Errors
/// When something could not be measured at all; a bar that does not hold is a result, not an error.
pub(crate) fn measure_all(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    Ok(vec![agent::one_report(stopwatch)?])
}
