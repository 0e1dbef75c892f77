//! Everything that is measured, in the order of the table.

mod agent;
mod estate;
mod history;
mod inventory;
mod server;
mod start;

use anyhow::{Context, Result, bail};

pub(crate) use self::{
    history::{hour_of_sweeps, series_memory},
    server::server_memory,
};
use crate::{result::Row, timing::Stopwatch};

/// What measures a group of rows.
type Measure = fn(&Stopwatch) -> Result<Vec<Row>>;

/// The groups. The first word of a name stands for all groups that begin with it.
const GROUPS: &[(&str, Measure)] = &[
    ("agent", |stopwatch| Ok(vec![agent::one_report(stopwatch)?])),
    ("estate", estate::rows),
    ("inventory", inventory::rows),
    ("start", start::rows),
    ("history.size", |_| history::sizes::rows()),
    ("history.ingest", history::ingest::rows),
    ("history.writes", |_| Ok(vec![history::writes::row()?])),
    ("history.chart", history::charts::rows),
    ("history.long_chart", history::long_charts::rows),
    ("history.memory", |_| Ok(vec![history::memory::row()?])),
    ("history.million", |_| history::million::rows()),
    ("server", |_| server::rows()),
];

/// Measures the named groups; all of them where none is named.
///
/// # Errors
/// When a name is no group's, or something could not be measured at all; a bar that does not hold is a result, not an
/// error.
pub(crate) fn measure(wanted: &[String], stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let known: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.iter().any(|group| is_of(group, name))) {
        bail!("there is no group `{unknown}`; there are {}", known.join(", "));
    }
    let mut rows = Vec::new();
    for (name, measure) in GROUPS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| is_of(name, w)))
    {
        rows.extend(measure(stopwatch).with_context(|| format!("measuring {name}"))?);
    }
    Ok(rows)
}

/// Whether a group is the named one, or one of those that the name stands for.
fn is_of(group: &str, name: &str) -> bool {
    group == name || group.split('.').next() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_word_stands_for_all_groups_that_begin_with_it() {
        assert!(is_of("history.size", "history"));
        assert!(is_of("history.size", "history.size"));
        assert!(is_of("start", "start"));
        assert!(!is_of("history.size", "history.ingest"));
        assert!(!is_of("history.size", "hist"));
        assert!(measure(&["absent".to_owned()], &Stopwatch::start()).is_err());
    }
}
