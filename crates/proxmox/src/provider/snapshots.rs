//! The lane of snapshots: each guest's are read when something hints at a change, and else every six hours. A few of
//! each node in one look, so that a large cluster is read over time and never all at once.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use muster_model::GuestSnapshots;
use smol_str::SmolStr;

use super::{
    Pve,
    api::Refused,
    key::GuestKey,
    state::{Guest, State},
    sweep::{MANY, Outcome, each_node},
};
use crate::rules::snapshots::summed_up;

const EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Guests of one node in one look. Two hundred on a node are read within twenty minutes after a start.
const MOST_PER_NODE: usize = 10;

/// What is known of a guest's snapshots.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    pub(crate) found: Option<GuestSnapshots>,
    /// When they were last asked for, whatever came of it.
    tried_at: Option<Timestamp>,
    /// Set where something says that they changed.
    wanted: bool,
}

/// Reads the snapshots whose turn it is.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let turn = pve.state().snapshots_due(due);
    each_node(turn, MANY, |node, key| async move { guest(pve, &node, key, due).await }).await
}

async fn guest(pve: &Pve, node: &SmolStr, key: GuestKey, now: Timestamp) -> Outcome {
    let read = pve.api.snapshots(node, key).await;
    let mut state = pve.state();
    let Some(guest) = state.guests.get_mut(&key) else { return Outcome::Done };
    match read {
        Ok(rows) => {
            guest.snapshots = Snapshots { found: Some(summed_up(&rows)), tried_at: Some(now), wanted: false };
            state.protect(key);
            Outcome::Done
        }
        Err(refused) if refused.is_node_away() => Outcome::NodeAway(refused),
        Err(refused) => {
            (guest.snapshots.tried_at, guest.snapshots.wanted) = (Some(now), false);
            Outcome::Refused(refused)
        }
    }
}

impl State {
    /// Guests whose turn it is: those that changed, then those that waited longest.
    fn snapshots_due(&self, now: Timestamp) -> Vec<(SmolStr, GuestKey)> {
        let turn = self.guests.iter().filter(|(_, guest)| guest.listed && guest.snapshots.is_due(now));
        let mut turn: Vec<_> = turn.map(|(key, guest)| (guest.snapshots.rank(), guest.node(), *key)).collect();
        turn.sort_unstable();
        let mut asked: BTreeMap<SmolStr, usize> = BTreeMap::new();
        turn.retain(|(_, node, _)| {
            let count = asked.entry(node.clone()).or_default();
            *count += 1;
            *count <= MOST_PER_NODE
        });
        turn.into_iter().map(|(_, node, key)| (node, key)).collect()
    }
}

impl Snapshots {
    fn is_due(&self, now: Timestamp) -> bool {
        self.wanted || self.tried_at.is_none_or(|at| now.duration_since(at) >= EVERY)
    }

    fn rank(&self) -> (bool, Option<Timestamp>) {
        (!self.wanted, self.tried_at)
    }
}

impl Guest {
    /// The configuration names the snapshot that the present follows from: another one means that they changed.
    pub(super) fn follows_from(&mut self, snapshot: Option<&str>) {
        let known = self.snapshots.found.as_ref().map(|found| found.current.as_deref());
        self.snapshots.wanted |= known.is_some_and(|known| known != snapshot);
    }

    /// A task on snapshots ended.
    pub(super) fn snapshots_changed(&mut self, at: Timestamp) {
        self.snapshots.wanted |= self.snapshots.tried_at.is_some_and(|read| at >= read);
    }
}
