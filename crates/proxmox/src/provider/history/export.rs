//! Every sample of the last half hour, asked node by node: the answer for a whole cluster is made by the node that is
//! asked, in its memory.
//!
//! From 9.1 on any entry point answers for one node; before that a node answers for itself through its own entry point.
//! Where a node has none, the cluster is asked as a whole, and where that is too much, averages have to do. Nodes that
//! did not answer whoever was asked are missing without a word: they are asked again.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use muster_collect::Backfill;
use smol_str::{SmolStr, format_smolstr};

use super::{
    Exported, Found, Time, Wanted,
    missing::Span,
    series::{self, KEPT, Measured, Tells},
};
use crate::{
    client::Through,
    provider::{
        Pve,
        api::{Asked, Refused},
        key::{self, GuestKind},
        state::State,
    },
    wire::metrics::MetricRow,
};

/// The version from which on a node can be named.
const BY_NAME: (u16, u16) = (9, 1);
/// Of counters the sample before is needed.
const BEFORE: SignedDuration = SignedDuration::from_secs(20);
/// Samples that are enough for one look; further nodes have their turn in the next.
const ENOUGH: usize = 2_000_000;
/// A node whose clock is further away from ours than this has another idea of the time. One whose newest sample is may
/// just have taken none for a while.
const MOST_LAG: SignedDuration = SignedDuration::from_secs(60);
/// Samples stand on a grid.
const STEP: i64 = 10;

/// How far nodes' clocks are behind ours.
type Lags = BTreeMap<SmolStr, SignedDuration>;

/// How a node is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By its name, through any entry point.
    Named,
    /// Through its own entry point.
    Own(usize),
    /// There is no other.
    Only,
}

/// Whom a look asks, of what it keeps anything, and how long it may go on.
struct Reading<'a> {
    pve: &'a Pve,
    known: HashSet<SmolStr>,
    time: Time,
}

/// Reads what the nodes remember.
pub(super) async fn read(pve: &Pve, wanted: &Wanted, due: Timestamp, time: Time) -> Found {
    let mut found = Found::default();
    if wanted.is_empty() {
        return found;
    }
    let reading = Reading { pve, known: pve.state().exported_ids(), time };
    let ways = ways(pve, wanted).await;
    if wanted.iter().any(|(node, _)| !ways.contains_key(node)) && whole(&reading, wanted, due, &mut found).await {
        return found;
    }
    for (node, span) in wanted {
        if time.is_over(pve) || found.backfill.iter().map(|series| series.samples.len()).sum::<usize>() >= ENOUGH {
            break;
        }
        match ways.get(node) {
            Some(way) => one(&reading, (node, *span), *way, &mut found).await,
            None => found.averaged.push(node.clone()),
        }
    }
    found
}

/// How each node can be asked alone.
async fn ways(pve: &Pve, wanted: &Wanted) -> BTreeMap<SmolStr, Way> {
    let (by_name, only) = {
        let state = pve.state();
        (state.version >= Some(BY_NAME), state.nodes.len() == 1)
    };
    if by_name || only {
        let way = if only { Way::Only } else { Way::Named };
        return wanted.iter().map(|(node, _)| (node.clone(), way)).collect();
    }
    let own = pve.api.own_entries().await;
    own.into_iter().map(|(node, entry)| (node, Way::Own(entry))).collect()
}

/// Asks for the whole cluster at once. Says whether that came to anything.
async fn whole(reading: &Reading<'_>, wanted: &Wanted, due: Timestamp, found: &mut Found) -> bool {
    let Some(since) = wanted.iter().map(|(_, span)| span.since).min() else { return true };
    let (pve, mut told) = (reading.pve, Told::new(&reading.known));
    let asked = Asked { start: Some(start(since)), ..Asked::default() };
    if let Err(refused) = pve.api.samples(asked, |row| told.take(row)).await {
        tracing::debug!(why = refused.text(), "the cluster's memory cannot be read as a whole");
        return false;
    }
    let spans: HashMap<&str, Span> = wanted.iter().map(|(node, span)| (node.as_str(), *span)).collect();
    for (node, _) in wanted {
        let heard = if told.tells_of(node) { &mut found.read } else { &mut found.silent };
        heard.push(node.clone());
    }
    let since = |node: &str| spans.get(node).map_or(due, |span| span.since);
    let lags = lags(reading, &told).await;
    found.backfill.extend(told.backfill(&pve.state(), since, &lags));
    true
}

/// Asks one node.
async fn one(reading: &Reading<'_>, (node, span): (&SmolStr, Span), way: Way, found: &mut Found) {
    let told = match of_node(reading, node, span, way).await {
        Ok(Some(told)) => told,
        Ok(None) => return,
        Err(refused) if refused.is_not_supported() || refused.is_forbidden() || refused.is_too_large() => {
            return found.averaged.push(node.clone());
        }
        Err(refused) => return found.refused.push((node.clone(), refused)),
    };
    if !told.tells_of(node) {
        return found.silent.push(node.clone());
    }
    found.read.push(node.clone());
    let lags = lags(reading, &told).await;
    found.backfill.extend(told.backfill(&reading.pve.state(), |_| span.since, &lags));
}

/// What a node tells of the time since a gap began; all that it remembers, where its clock says something else than ours.
/// Absent where there was no time to ask for that.
async fn of_node<'a>(reading: &'a Reading<'_>, node: &str, span: Span, way: Way) -> Result<Option<Told<'a>>, Refused> {
    for start in [Some(start(span.since)), None] {
        if reading.time.is_over(reading.pve) {
            return Ok(None);
        }
        let mut told = Told::new(&reading.known);
        let asked = match way {
            Way::Named => Asked { start, node: Some(node), local: false, through: Through::Any },
            Way::Own(entry) => Asked { start, node: Some(node), local: true, through: Through::Entry(entry) },
            Way::Only => Asked { start, ..Asked::default() },
        };
        reading.pve.api.samples(asked, |row| told.take(row)).await?;
        if told.tells_of(node) {
            return Ok(Some(told));
        }
    }
    Ok(Some(Told::new(&reading.known)))
}

/// How far the clocks of nodes are behind ours, where they are clearly wrong. A node whose newest sample is of another
/// time is asked for its clock; where it does not tell, only samples of the future prove it wrong.
async fn lags(reading: &Reading<'_>, told: &Told<'_>) -> Lags {
    let pve = reading.pve;
    let mut lags = Lags::new();
    for (node, newest) in told.newest() {
        let by_sample = pve.clock.now().duration_since(newest);
        if by_sample.abs() <= MOST_LAG {
            continue;
        }
        let asks = !reading.time.is_over(pve);
        let theirs = if asks { pve.api.node_time(&node).await.ok().and_then(|time| time.time) } else { None };
        let by_clock = theirs.map(|theirs| pve.clock.now().duration_since(theirs));
        let lag = by_clock.or_else(|| by_sample.is_negative().then_some(by_sample)).filter(|lag| lag.abs() > MOST_LAG);
        lags.extend(lag.map(|lag| (node, SignedDuration::from_secs(lag.as_secs().div_euclid(STEP) * STEP))));
    }
    lags
}

fn start(since: Timestamp) -> i64 {
    since.checked_sub(BEFORE).unwrap_or(since).as_second()
}

/// What was told, by the platform's ids. Of what we do not know nothing is kept.
#[derive(Debug)]
struct Told<'a> {
    known: &'a HashSet<SmolStr>,
    measured: HashMap<SmolStr, Measured>,
}

impl<'a> Told<'a> {
    fn new(known: &'a HashSet<SmolStr>) -> Self {
        Self { known, measured: HashMap::new() }
    }

    fn take(&mut self, row: MetricRow) {
        let is_kept = row.value.is_finite() && KEPT.contains(&row.metric.as_str()) && self.known.contains(&row.id);
        if is_kept {
            let measured = self.measured.entry(row.id).or_default();
            measured.entry(row.metric).or_default().insert(row.timestamp, row.value);
        }
    }

    fn tells_of(&self, node: &str) -> bool {
        self.measured.contains_key(&format_smolstr!("node/{node}"))
    }

    /// Samples of everything that is known to us, by our clock, from when on each node's are missing.
    fn backfill(self, state: &State, since: impl Fn(&str) -> Timestamp, lags: &Lags) -> Vec<Backfill> {
        let mut all = Vec::new();
        for (id, measured) in self.measured {
            let Some(exported) = state.exported(&id) else { continue };
            let node = state.node_of(&exported);
            let (since, lag) = (since(&node), lags.get(&node).copied().unwrap_or_default());
            let named = series_of(state, &exported, &measured).into_iter().map(|(metric, samples)| Backfill {
                key: key::native(&exported.native_key()),
                metric,
                samples: samples
                    .into_iter()
                    .filter_map(|(at, value)| Some((at.checked_add(lag).ok()?, value)))
                    .filter(|(at, _)| *at >= since)
                    .collect(),
            });
            all.extend(named.filter(|series| !series.samples.is_empty()));
        }
        all
    }

    /// When each node's newest sample was taken, by its own clock.
    fn newest(&self) -> Vec<(SmolStr, Timestamp)> {
        let nodes = self.measured.iter().filter_map(|(id, measured)| Some((id.strip_prefix("node/")?, measured)));
        let newest =
            |measured: &Measured| measured.values().filter_map(|series| series.keys().next_back()).max().copied();
        nodes.filter_map(|(node, measured)| Some((node.into(), newest(measured)?))).collect()
    }
}

fn series_of(state: &State, exported: &Exported, measured: &Measured) -> Vec<(muster_model::Metric, series::Series)> {
    match exported {
        Exported::Node(_) => series::machine(measured, Tells { memory: true, disk: true }),
        Exported::Guest(key) => {
            let tells = Tells { memory: state.tells_memory(*key), disk: key.kind == GuestKind::Lxc };
            series::machine(measured, tells)
        }
        Exported::Storage(..) => series::storage(measured),
    }
}

impl State {
    /// The node by whose clock something was measured.
    fn node_of(&self, exported: &Exported) -> SmolStr {
        match exported {
            Exported::Node(node) | Exported::Storage(node, _) => node.clone(),
            Exported::Guest(key) => self.guests.get(key).map(super::super::state::Guest::node).unwrap_or_default(),
        }
    }
}
