//! Everything that is measured, in the order of the table.

mod agent;
mod estate;
mod history;
mod inventory;
mod start;

use anyhow::{Context, Result, bail};

use crate::{result::Row, timing::Stopwatch};

/// What measures a group of rows.
type Measure = fn(&Stopwatch) -> Result<Vec<Row>>;

/// The groups, by the name that their rows' ids begin with.
const GROUPS: &[(&str, Measure)] = &[
    ("agent", |stopwatch| Ok(vec![agent::one_report(stopwatch)?])),
    ("estate", estate::rows),
    ("inventory", inventory::rows),
    ("start", start::rows),
    ("history", history::rows),
];

/// Measures the named groups; all of them where none is named.
///
/// # Errors
/// When a name is no group's, or something could not be measured at all; a bar that does not hold is a result, not an
/// error.
pub(crate) fn measure(wanted: &[String], stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let known: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no group `{unknown}`; there are {}", known.join(", "));
    }
    let mut rows = Vec::new();
    for (name, measure) in GROUPS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name)) {
        rows.extend(measure(stopwatch).with_context(|| format!("measuring {name}"))?);
    }
    Ok(rows)
}
