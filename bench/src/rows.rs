//! Everything that is measured, in the order of the table.

mod agent;
mod estate;
mod history;
mod inventory;
mod proxmox;
mod server;
mod start;

use anyhow::{Result, bail};
use muster_history::Stats;

pub(crate) use self::{
    history::{hour_of_sweeps, series_memory},
    server::server_memory,
};
use crate::{
    result::{Failure, Row},
    timing::Stopwatch,
};

/// What the groups found out.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) rows: Vec<Row>,
    /// Groups without rows.
    pub(crate) failures: Vec<Failure>,
}

/// Samples that memory let go of, and those that were lost: where there are any, samples came faster than they could be
/// written.
fn dropped(stats: &Stats) -> u64 {
    stats.shed_total + stats.lost_samples
}

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
    ("proxmox.fifty", |_| proxmox::fifty_clusters()),
    ("proxmox.large", |_| proxmox::one_large_cluster()),
];

/// Measures the named groups; all of them where none is named. What one group lacks keeps no other from being measured.
///
/// # Errors
/// When a name is no group's. A bar that does not hold is a result, and so is a group that cannot be measured.
pub(crate) fn measure(wanted: &[String], stopwatch: &Stopwatch) -> Result<Measured> {
    let known: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.iter().any(|group| is_of(group, name))) {
        bail!("there is no group `{unknown}`; there are {}", known.join(", "));
    }
    let chosen = GROUPS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| is_of(name, w)));
    Ok(measure_each(chosen, stopwatch))
}

fn measure_each<'a>(groups: impl Iterator<Item = &'a (&'static str, Measure)>, stopwatch: &Stopwatch) -> Measured {
    let mut measured = Measured::default();
    for (group, measure) in groups {
        match measure(stopwatch) {
            Ok(rows) => measured.rows.extend(rows),
            Err(cause) => measured.failures.push(Failure { group, why: format!("{cause:#}") }),
        }
    }
    measured
}

/// Whether a group is the named one, or one of those that the name stands for.
fn is_of(group: &str, name: &str) -> bool {
    group == name || group.split('.').next() == Some(name)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;
    use crate::result::{Bar, Of, Op};

    #[test]
    fn a_first_word_stands_for_all_groups_that_begin_with_it() {
        assert!(is_of("history.size", "history"));
        assert!(is_of("history.size", "history.size"));
        assert!(is_of("start", "start"));
        assert!(!is_of("history.size", "history.ingest"));
        assert!(!is_of("history.size", "hist"));
        assert!(measure(&["absent".to_owned()], &Stopwatch::start()).is_err());
    }

    #[test]
    fn a_group_that_cannot_be_measured_says_why_and_the_next_one_is() {
        fn row() -> Row {
            Row {
                id: "good.row",
                what: "something",
                unit: "ms",
                ours: 1.0,
                peer: None,
                bar: Some(Bar { op: Op::AtMost, value: 2.0, of: Of::Absolute }),
            }
        }
        let refuse: Measure = |_| Err(anyhow!("no such program").context("starting the peer"));
        let groups: [(&str, Measure); 2] = [("bad", refuse), ("good", |_| Ok(vec![row()]))];
        let measured = measure_each(groups.iter(), &Stopwatch::start());
        assert_eq!(measured.rows, [row()]);
        let why = "starting the peer: no such program".to_owned();
        assert_eq!(measured.failures, [Failure { group: "bad", why }]);
    }
}
