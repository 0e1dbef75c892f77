//! From the averages of each minute to samples of the past. An average holds for its whole span; a key that is missing
//! is a gap.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use muster_collect::Backfill;
use muster_model::Metric;
use smol_str::SmolStr;

use super::{Exported, Found, Wanted, missing::Span};
use crate::{
    provider::{
        Pve,
        key::{self, GuestKind},
        state::State,
        sweep::{MANY, MOST_PER_NODE, Outcome, each_node},
    },
    wire::metrics::RrdRow,
};

const STEP: SignedDuration = SignedDuration::from_secs(60);
const TICK: SignedDuration = SignedDuration::from_secs(10);
/// A node whose newest row is further away than this has another idea of the time.
const MOST_LAG: SignedDuration = SignedDuration::from_mins(3);

/// How a value is found in a row.
type Of = fn(&RrdRow) -> Option<f64>;

/// Reads the averages of everything on some nodes. What cannot be read stays a gap; a node that is away is asked again.
pub(super) async fn read(pve: &Pve, wanted: Wanted, due: Timestamp) -> Found {
    let backfill = Mutex::new(Vec::new());
    let mut found = Found::default();
    let mut subjects: Vec<(SmolStr, (Exported, Span))> = Vec::new();
    for (node, span) in &wanted {
        let there = pve.state().subjects(node);
        subjects.extend(there.into_iter().map(|subject| (node.clone(), (subject, *span))));
    }
    let mut away = BTreeSet::new();
    for batch in batches(subjects) {
        let refused =
            each_node(batch, MANY, |node, (subject, span)| one(pve, node, subject, span, due, &backfill)).await;
        away.extend(refused.iter().filter(|(_, refused)| refused.is_node_away()).map(|(node, _)| node.clone()));
        found.refused.extend(refused);
    }
    found.read = wanted.into_iter().map(|(node, _)| node).filter(|node| !away.contains(node)).collect();
    found.backfill = backfill.into_inner().unwrap_or_else(PoisonError::into_inner);
    found
}

/// As many of each node as a sweep asks at once.
fn batches(subjects: Vec<(SmolStr, (Exported, Span))>) -> Vec<Vec<(SmolStr, (Exported, Span))>> {
    let mut batches: Vec<Vec<_>> = Vec::new();
    let mut placed: std::collections::BTreeMap<SmolStr, usize> = std::collections::BTreeMap::new();
    for (node, subject) in subjects {
        let place = placed.entry(node.clone()).or_default();
        let batch = *place / MOST_PER_NODE;
        *place += 1;
        if batches.len() <= batch {
            batches.push(Vec::new());
        }
        batches[batch].push((node, subject));
    }
    batches
}

async fn one(
    pve: &Pve,
    node: SmolStr,
    subject: Exported,
    span: Span,
    due: Timestamp,
    found: &Mutex<Vec<Backfill>>,
) -> Outcome {
    let rows = match &subject {
        Exported::Node(name) => pve.api.node_history(name).await,
        Exported::Guest(key) => pve.api.guest_history(&node, *key).await,
        Exported::Storage(node, key) => pve.api.storage_history(node, &key.name).await,
    };
    match rows {
        Ok(rows) => {
            let backfill = series(&subject.native_key(), &rows, span.since, due, &told_of(&pve.state(), &subject));
            found.lock().unwrap_or_else(PoisonError::into_inner).extend(backfill);
            Outcome::Done
        }
        Err(refused) if refused.is_node_away() => Outcome::NodeAway(refused),
        Err(refused) => Outcome::Refused(refused),
    }
}

impl State {
    /// What on a node is asked for its averages: the node itself, what runs there, and the storages that it tells of.
    fn subjects(&self, node: &str) -> Vec<Exported> {
        let running = self.guests.iter().filter(|(_, guest)| guest.listed && guest.runs() && guest.node() == node);
        let storages = self
            .storages
            .iter()
            .filter(|(key, storage)| storage.listed && storage.sights.contains_key(node) && self.tells_of(key, node));
        std::iter::once(Exported::Node(node.into()))
            .chain(running.map(|(key, _)| Exported::Guest(*key)))
            .chain(storages.map(|(key, _)| Exported::Storage(node.into(), key.clone())))
            .collect()
    }
}

/// What a row tells of a thing, and how it is found there.
fn told_of(state: &State, subject: &Exported) -> Vec<(Metric, Of)> {
    match subject {
        Exported::Node(_) => NODE.to_vec(),
        Exported::Storage(..) => STORAGE.to_vec(),
        Exported::Guest(key) => {
            let memory = if state.tells_memory(*key) { MEMORY } else { &[] };
            // The use of a virtual machine's disks means nothing.
            let disk = if key.kind == GuestKind::Lxc { DISK } else { &[] };
            [GUEST, memory, disk].concat()
        }
    }
}

const NODE: &[(Metric, Of)] = &[
    (Metric::Cpu, |row| Some(row.cpu? * 100.0)),
    (Metric::Load1, |row| row.loadavg),
    (Metric::Memory, |row| percent(row.memused?, row.memtotal?)),
    (Metric::MemoryUsed, |row| row.memused),
    (Metric::Swap, |row| percent(row.swapused?, row.swaptotal?)),
    (Metric::Disk, |row| percent(row.rootused?, row.roottotal?)),
    (Metric::NetIn, |row| row.netin),
    (Metric::NetOut, |row| row.netout),
];
/// Traffic is bytes a second here.
const GUEST: &[(Metric, Of)] = &[
    (Metric::Cpu, |row| Some(row.cpu? * 100.0)),
    (Metric::NetIn, |row| row.netin),
    (Metric::NetOut, |row| row.netout),
    (Metric::DiskRead, |row| row.diskread),
    (Metric::DiskWrite, |row| row.diskwrite),
];
const MEMORY: &[(Metric, Of)] =
    &[(Metric::Memory, |row| percent(row.mem?, row.maxmem?)), (Metric::MemoryUsed, |row| row.mem)];
const DISK: &[(Metric, Of)] = &[(Metric::Disk, |row| percent(row.disk?, row.maxdisk?))];
const STORAGE: &[(Metric, Of)] = &[
    (Metric::Usage, |row| percent(row.used?, row.total?)),
    (Metric::Used, |row| row.used),
    (Metric::Total, |row| row.total),
];

fn percent(used: f64, total: f64) -> Option<f64> {
    (total > 0.0).then(|| (used * 100.0 / total).clamp(0.0, 100.0))
}

/// Samples from a moment on, by our clock. The newest rows are not complete yet.
fn series(key: &str, rows: &[RrdRow], since: Timestamp, until: Timestamp, of: &[(Metric, Of)]) -> Vec<Backfill> {
    let lag = lag(rows, until);
    let rows: Vec<(Timestamp, &RrdRow)> = rows.iter().map(|row| (row.time + lag, row)).collect();
    let complete: Vec<_> = rows.into_iter().filter(|(time, _)| until.duration_since(*time) >= STEP * 2).collect();
    let one = |(metric, of): &(Metric, Of)| {
        let valued =
            complete.iter().filter_map(|(time, row)| Some((*time, of(row).filter(|value| value.is_finite())?)));
        let spread = valued.flat_map(|(from, value)| (0..6).map(move |tick| (from + TICK * tick, value)));
        let samples: Vec<_> = spread.filter(|(at, _)| *at >= since && *at < until).collect();
        (!samples.is_empty()).then(|| Backfill { key: key::native(key), metric: *metric, samples })
    };
    of.iter().filter_map(one).collect()
}

/// How far the clock of whoever wrote the rows is behind ours, where it is clearly wrong: the newest row is of now.
fn lag(rows: &[RrdRow], now: Timestamp) -> SignedDuration {
    let newest = rows.iter().map(|row| row.time).max();
    let lag = newest.map(|newest| now.duration_since(newest)).filter(|lag| lag.abs() > MOST_LAG);
    lag.map_or(SignedDuration::ZERO, |lag| SignedDuration::from_secs(lag.as_secs().div_euclid(60) * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_holds_for_its_minute_and_a_missing_key_is_a_gap() {
        let rows: Vec<RrdRow> = serde_json::from_str(
            r#"[{"time":600,"cpu":0.5,"netin":100},{"time":660,"netin":200},{"time":720,"cpu":0.25},{"time":780,"cpu":1}]"#,
        )
        .unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let found = series("node/pve1", &rows, at(630), at(870), NODE);
        let cpu = &found.iter().find(|series| series.metric == Metric::Cpu).unwrap().samples;
        let expected = [(630, 50.0), (640, 50.0), (650, 50.0), (720, 25.0), (730, 25.0), (740, 25.0)];
        assert_eq!(cpu[..6], expected.map(|(second, value)| (at(second), value)));
        // The newest row is not complete yet.
        assert_eq!(cpu.len(), 9);
        assert!(found.iter().all(|series| series.metric != Metric::Memory));
    }

    #[test]
    fn rows_of_a_clock_that_is_wrong_stand_where_they_belong() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let rows = |offset: i64| -> Vec<RrdRow> {
            let row = |minute: i64| serde_json::json!({"time": 6000 + minute * 60 + offset, "cpu": minute});
            serde_json::from_value((0..10).map(row).collect()).unwrap()
        };
        let check = |offset: i64| {
            let found = series("node/pve1", &rows(offset), at(6000), at(6550), &NODE[..1]);
            assert_eq!(found[0].samples[0], (at(6000), 0.0), "{offset}");
            assert_eq!(found[0].samples.last(), Some(&(at(6470), 700.0)), "{offset}");
        };
        check(0);
        check(3600);
        check(-3600);
    }
}
