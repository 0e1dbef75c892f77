//! Everything that is measured, in the order of the table.

mod agent;
mod estate;
mod history;
mod inventory;
mod start;

use anyhow::{Context, Result};

use crate::{result::Row, timing::Stopwatch};

/// Measures every row.
///
/// # Errors
/// When something could not be measured at all; a bar that does not hold is a result, not an error.
pub(crate) fn measure_all(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let mut rows = vec![agent::one_report(stopwatch).context("measuring the agent")?];
    rows.extend(estate::rows(stopwatch).context("measuring the estate")?);
    rows.extend(inventory::rows(stopwatch).context("measuring the inventory over HTTP")?);
    rows.extend(start::rows(stopwatch).context("measuring the start")?);
    rows.extend(history::rows(stopwatch).context("measuring history")?);
    Ok(rows)
}
