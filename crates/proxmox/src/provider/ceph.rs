//! Ceph, as a part of what the cluster watches over: its own status once a minute, where there is one. A cluster without
//! it is asked once an hour whether it has one now.

use std::collections::BTreeSet;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::{Pve, api::Refused, state::State};
use crate::{rules::ceph::ABSENT, wire::ceph::CephStatus};

const AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// Nodes that are asked whether they have it, where the entry point has not.
const MOST_ASKED: usize = 8;
/// How long after the first try it is a doubt whether there is one. Who refuses for longer than that keeps nothing else
/// from leaving.
const DOUBT: SignedDuration = SignedDuration::from_mins(10);
/// How long a status speaks for now.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What is known of Ceph.
#[derive(Debug, Default)]
pub(crate) struct Ceph {
    seen: Option<(Timestamp, CephStatus)>,
    /// The node that knows of it, where the entry point does not.
    through: Option<SmolStr>,
    /// Until when it is thought that there is none.
    absent_until: Option<Timestamp>,
    /// When it was asked for first, whatever came of it.
    tried_at: Option<Timestamp>,
    /// Whether it is known if there is one.
    is_known: bool,
}

/// What came of asking everybody.
enum Found {
    Status(Option<SmolStr>, Box<CephStatus>),
    Absent,
    Refused(Refused),
}

/// Looks at it, if it is time.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Option<Refused> {
    let (through, was_seen) = {
        let mut state = pve.state();
        state.ceph.tried_at.get_or_insert(due);
        if state.ceph.absent_until.is_some_and(|until| due < until) {
            return None;
        }
        (state.ceph.through.clone(), state.ceph.seen.is_some())
    };
    let found = match pve.api.ceph(through.as_deref()).await {
        Ok(status) => Found::Status(through, Box::new(status)),
        Err(refused) if is_absent(&refused) => anywhere(pve, was_seen).await,
        // Without the right it is as if there were none, and it is not asked for with every look; but one that was seen is
        // not gone because we may not see it any more.
        Err(refused) if refused.is_forbidden() && !was_seen => Found::Absent,
        Err(refused) => Found::Refused(refused),
    };
    pve.state().take_ceph(found, due)
}

fn is_absent(refused: &Refused) -> bool {
    refused.is_not_supported() || refused.says(ABSENT)
}

/// The programs of Ceph need not be on every node, so that each speaks for itself only.
async fn anywhere(pve: &Pve, was_seen: bool) -> Found {
    let most = if was_seen { usize::MAX } else { MOST_ASKED };
    let nodes: Vec<SmolStr> = pve.state().nodes_online().into_iter().take(most).collect();
    let asked = nodes.iter().map(|node| async move { (node, pve.api.ceph(Some(node)).await) });
    let mut doubt = None;
    for (node, answer) in join_all(asked).await {
        match answer {
            Ok(status) => return Found::Status(Some(node.clone()), Box::new(status)),
            Err(refused) if is_absent(&refused) || refused.is_forbidden() && !was_seen => {}
            Err(refused) => doubt = Some(refused),
        }
    }
    doubt.map_or(Found::Absent, Found::Refused)
}

impl State {
    fn take_ceph(&mut self, found: Found, due: Timestamp) -> Option<Refused> {
        match found {
            Found::Status(through, status) => {
                let tried_at = self.ceph.tried_at;
                let seen = Some((due, *status));
                self.ceph = Ceph { seen, through, absent_until: None, tried_at, is_known: true };
                None
            }
            Found::Absent => {
                let tried_at = self.ceph.tried_at;
                let absent_until = due.checked_add(AGAIN).ok();
                self.ceph = Ceph { seen: None, through: None, absent_until, tried_at, is_known: true };
                None
            }
            Found::Refused(refused) => Some(refused),
        }
    }

    /// Names of the nodes, of which some run monitors.
    pub(crate) fn node_names(&self) -> BTreeSet<SmolStr> {
        self.nodes.keys().cloned().collect()
    }
}

impl Ceph {
    /// Whether it was asked for at all, whatever came of it.
    pub(super) fn was_tried(&self) -> bool {
        self.tried_at.is_some()
    }

    /// Whether nobody could say yet if there is one, and may still.
    pub(super) fn is_in_doubt(&self, now: Timestamp) -> bool {
        !self.is_known && self.tried_at.is_none_or(|at| now.duration_since(at) < DOUBT)
    }

    /// The last status, and whether it speaks for now.
    pub(crate) fn last(&self, now: Timestamp) -> Option<(&CephStatus, bool)> {
        let (at, status) = self.seen.as_ref()?;
        Some((status, now.duration_since(*at) <= FRESH))
    }
}
