//! From the averages of each minute to samples of the past. An average holds for its whole span; a key that is missing
//! is a gap.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use muster_collect::Backfill;
use muster_model::Metric;
use smol_str::SmolStr;

use super::{Exported, Found, Time, Wanted, missing::Span};
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

/// What was read so far.
#[derive(Debug, Default)]
struct Read {
    backfill: Vec<Backfill>,
    /// What was asked for on each node.
    asked: BTreeMap<SmolStr, BTreeSet<Exported>>,
}

/// Reads the averages of everything on some nodes. What cannot be read stays a gap; a node that is away is asked again,
/// and so is what there was no time for.
pub(super) async fn read(pve: &Pve, wanted: Wanted, due: Timestamp, time: Time) -> Found {
    let read = Mutex::new(Read::default());
    let mut found = Found::default();
    let left: BTreeMap<SmolStr, Vec<_>> =
        wanted.into_iter().map(|(node, span)| (node.clone(), left(&pve.state(), &node, span))).collect();
    let subjects = left.iter().flat_map(|(node, left)| left.iter().map(|subject| (node.clone(), subject.clone())));
    let mut away = BTreeSet::new();
    for batch in batches(subjects.collect()) {
        let refused = each_node(batch, MANY, |node, subject| one(pve, node, subject, (due, time), &read)).await;
        away.extend(refused.iter().filter(|(_, refused)| refused.is_node_away()).map(|(node, _)| node.clone()));
        found.refused.extend(refused);
    }
    let mut read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (node, left) in left.into_iter().filter(|(node, _)| !away.contains(node)) {
        let asked = read.asked.remove(&node).unwrap_or_default();
        if asked.len() < left.len() {
            found.partly.push((node, asked));
        } else {
            found.read.push(node);
        }
    }
    found.backfill = read.backfill;
    found
}

/// What on a node was not read yet.
fn left(state: &State, node: &str, span: Span) -> Vec<(Exported, Span)> {
    let subjects = state.subjects(node).into_iter().filter(|subject| state.missing.lacks(node, subject));
    subjects.map(|subject| (subject, span)).collect()
}

/// As many of each node as a sweep asks at once.
fn batches(subjects: Vec<(SmolStr, (Exported, Span))>) -> Vec<Vec<(SmolStr, (Exported, Span))>> {
    let mut batches: Vec<Vec<_>> = Vec::new();
    let mut placed: BTreeMap<SmolStr, usize> = BTreeMap::new();
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
    (subject, span): (Exported, Span),
    (due, time): (Timestamp, Time),
    read: &Mutex<Read>,
) -> Outcome {
    if time.is_over(pve) {
        return Outcome::Done;
    }
    let rows = match &subject {
        Exported::Node(name) => pve.api.node_history(name).await,
        Exported::Guest(key) => pve.api.guest_history(&node, *key).await,
        Exported::Storage(node, key) => pve.api.storage_history(node, &key.name).await,
    };
    let told = told_of(&pve.state(), &subject);
    let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
    read.asked.entry(node).or_default().insert(subject.clone());
    match rows {
        Ok(rows) => {
            let backfill = series(&subject.native_key(), &rows, (span.since, due), &told, pve.clock.now());
            read.backfill.extend(backfill);
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

/// Samples of a span, by our clock. The newest rows are not complete yet.
fn series(
    key: &str,
    rows: &[RrdRow],
    (since, until): (Timestamp, Timestamp),
    of: &[(Metric, Of)],
    now: Timestamp,
) -> Vec<Backfill> {
    let lag = lag(rows, now);
    let rows = rows.iter().filter_map(|row| Some((row.time.checked_add(lag).ok()?, row)));
    let complete: Vec<_> = rows.filter(|(time, _)| now.duration_since(*time) >= STEP * 2).collect();
    let one = |(metric, of): &(Metric, Of)| {
        let valued =
            complete.iter().filter_map(|(time, row)| Some((*time, of(row).filter(|value| value.is_finite())?)));
        let spread = valued.flat_map(|(from, value)| {
            (0..6).filter_map(move |tick| Some((from.checked_add(TICK * tick).ok()?, value)))
        });
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
        let found = series("node/pve1", &rows, (at(630), at(870)), NODE, at(870));
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
            let found = series("node/pve1", &rows(offset), (at(6000), at(6550)), &NODE[..1], at(6550));
            assert_eq!(found[0].samples[0], (at(6000), 0.0), "{offset}");
            assert_eq!(found[0].samples.last(), Some(&(at(6470), 700.0)), "{offset}");
        };
        check(0);
        check(3600);
        check(-3600);
    }

    #[test]
    fn a_row_at_the_end_of_all_time_is_left_out() {
        let rows: Vec<RrdRow> = serde_json::from_str(r#"[{"time":253402207199,"cpu":0.5}]"#).unwrap();
        for now in [0, 253_402_207_199] {
            let now = Timestamp::from_second(now).unwrap();
            let found = series("node/pve1", &rows, (Timestamp::MIN, Timestamp::MAX), NODE, now);
            assert!(found.is_empty(), "{now}: {found:?}");
        }
    }
}
