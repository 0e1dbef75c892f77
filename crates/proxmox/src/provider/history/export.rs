//! Every sample of the last half hour, asked node by node: the answer for a whole cluster is made by the node that is
//! asked, in its memory.
//!
//! From 9.1 on any entry point answers for one node; before that a node answers for itself through its own entry point.
//! Where a node has none, the cluster is asked as a whole, and where that is too much, averages have to do. Nodes that
//! did not answer whoever was asked are missing without a word: they are asked again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use muster_collect::Backfill;
use smol_str::{SmolStr, format_smolstr};

use super::{
    Exported, Found, Wanted,
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
/// A node whose newest sample is further away than this has another idea of the time.
const MOST_LAG: SignedDuration = SignedDuration::from_secs(60);
/// Samples stand on a grid.
const STEP: i64 = 10;

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

/// Reads what the nodes remember.
pub(super) async fn read(pve: &Pve, wanted: &Wanted, due: Timestamp) -> Found {
    let mut found = Found::default();
    let ways = ways(pve, wanted).await;
    if wanted.iter().any(|(node, _)| !ways.contains_key(node)) && whole(pve, wanted, due, &mut found).await {
        return found;
    }
    for (node, span) in wanted {
        match ways.get(node) {
            Some(way) => one(pve, (node, *span), *way, due, &mut found).await,
            None => found.averaged.push(node.clone()),
        }
        if found.backfill.iter().map(|series| series.samples.len()).sum::<usize>() >= ENOUGH {
            break;
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
async fn whole(pve: &Pve, wanted: &Wanted, due: Timestamp, found: &mut Found) -> bool {
    let Some(since) = wanted.iter().map(|(_, span)| span.since).min() else { return true };
    let mut told = Told::default();
    let asked = Asked { start: Some(start(since)), ..Asked::default() };
    if let Err(refused) = pve.api.samples(asked, |row| told.take(row)).await {
        tracing::debug!(why = refused.text(), "the cluster's memory cannot be read as a whole");
        return false;
    }
    let spans: HashMap<&str, Span> = wanted.iter().map(|(node, span)| (node.as_str(), *span)).collect();
    found.read.extend(wanted.iter().map(|(node, _)| node.clone()).filter(|node| told.tells_of(node)));
    let since = |node: &str| spans.get(node).map_or(due, |span| span.since);
    found.backfill.extend(told.backfill(&pve.state(), since, due));
    true
}

/// Asks one node.
async fn one(pve: &Pve, (node, span): (&SmolStr, Span), way: Way, due: Timestamp, found: &mut Found) {
    let told = match of_node(pve, node, span, way).await {
        Ok(told) => told,
        Err(refused) if refused.is_not_supported() || refused.is_forbidden() || refused.is_too_large() => {
            return found.averaged.push(node.clone());
        }
        Err(refused) => return found.refused.push((node.clone(), refused)),
    };
    if told.tells_of(node) {
        found.read.push(node.clone());
        found.backfill.extend(told.backfill(&pve.state(), |_| span.since, due));
    }
}

/// What a node tells of the time since a gap began; all that it remembers, where its clock says something else than ours.
async fn of_node(pve: &Pve, node: &str, span: Span, way: Way) -> Result<Told, Refused> {
    for start in [Some(start(span.since)), None] {
        let mut told = Told::default();
        let asked = match way {
            Way::Named => Asked { start, node: Some(node), local: false, through: Through::Any },
            Way::Own(entry) => Asked { start, node: Some(node), local: true, through: Through::Entry(entry) },
            Way::Only => Asked { start, ..Asked::default() },
        };
        pve.api.samples(asked, |row| told.take(row)).await?;
        if told.tells_of(node) {
            return Ok(told);
        }
    }
    Ok(Told::default())
}

fn start(since: Timestamp) -> i64 {
    since.checked_sub(BEFORE).unwrap_or(since).as_second()
}

/// What was told, by the platform's ids.
#[derive(Debug, Default)]
struct Told(HashMap<SmolStr, Measured>);

impl Told {
    fn take(&mut self, row: MetricRow) {
        if row.value.is_finite() && KEPT.contains(&row.metric.as_str()) {
            self.0.entry(row.id).or_default().entry(row.metric).or_default().insert(row.timestamp, row.value);
        }
    }

    fn tells_of(&self, node: &str) -> bool {
        self.0.contains_key(&format_smolstr!("node/{node}"))
    }

    /// Samples of everything that is known to us, by our clock, from when on each node's are missing.
    fn backfill(self, state: &State, since: impl Fn(&str) -> Timestamp, due: Timestamp) -> Vec<Backfill> {
        let lags = self.lags(due);
        let mut all = Vec::new();
        for (id, measured) in self.0 {
            let Some(exported) = state.exported(&id) else { continue };
            let node = state.node_of(&exported);
            let (since, lag) = (since(&node), lags.get(&node).copied().unwrap_or_default());
            let named = series_of(state, &exported, &measured).into_iter().map(|(metric, samples)| Backfill {
                key: key::native(&exported.native_key()),
                metric,
                samples: samples
                    .into_iter()
                    .map(|(at, value)| (at + lag, value))
                    .filter(|(at, _)| *at >= since)
                    .collect(),
            });
            all.extend(named.filter(|series| !series.samples.is_empty()));
        }
        all
    }

    /// How far the clocks of nodes are behind ours, where they are clearly wrong.
    fn lags(&self, due: Timestamp) -> BTreeMap<SmolStr, SignedDuration> {
        let nodes = self.0.iter().filter_map(|(id, measured)| Some((id.strip_prefix("node/")?, measured)));
        let lag = |measured: &Measured| {
            let newest: BTreeSet<_> = measured.values().filter_map(|series| series.keys().next_back()).collect();
            let lag = due.duration_since(**newest.last()?);
            (lag.abs() > MOST_LAG).then(|| SignedDuration::from_secs(lag.as_secs().div_euclid(STEP) * STEP))
        };
        nodes.filter_map(|(node, measured)| Some((node.into(), lag(measured)?))).collect()
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
