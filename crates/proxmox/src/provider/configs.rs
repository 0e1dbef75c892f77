//! The lane of configurations: a guest's is read when something hints at a change, and else every half hour.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::{
    Pve,
    api::Refused,
    key::{GuestKey, GuestKind},
    state::{Guest, State},
    sweep::{MANY, Outcome, each_node},
};
use crate::{
    config::{self, Configured},
    wire::guest::GuestConfig,
};

const EVERY: SignedDuration = SignedDuration::from_mins(30);

/// Reads the configurations whose turn it is.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let turn = pve.state().configs_due(due);
    read(pve, turn, due).await
}

/// Reads these configurations.
pub(super) async fn read(pve: &Pve, turn: Vec<(SmolStr, GuestKey)>, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let refused = each_node(turn, MANY, |node, key| async move { guest(pve, &node, key, due).await }).await;
    let mut state = pve.state();
    for (node, _) in refused.iter().filter(|(_, why)| why.is_node_away()) {
        state.give_up_on(node);
    }
    drop(state);
    refused
}

impl State {
    /// Guests of a node that does not answer are shown without what only it could tell.
    fn give_up_on(&mut self, node: &SmolStr) {
        for guest in self.guests.values_mut().filter(|guest| guest.row.node.as_ref() == Some(node)) {
            guest.tried = true;
        }
    }

    /// Guests that nobody has read yet, those that changed, and those that were read long ago.
    fn configs_due(&self, now: Timestamp) -> Vec<(SmolStr, GuestKey)> {
        let is_due = |guest: &Guest| {
            let old = guest.config_read_at.is_none_or(|at| now.duration_since(at) >= EVERY);
            !guest.tried || guest.config_wanted || old
        };
        let turn = self.guests.iter().filter(|(_, guest)| guest.listed && is_due(guest));
        let mut turn: Vec<_> = turn.map(|(key, guest)| (guest.config_read_at, guest.node(), *key)).collect();
        turn.sort();
        turn.into_iter().map(|(_, node, key)| (node, key)).collect()
    }

    /// Guests of nodes that answer, whose configuration nobody has tried to read.
    pub(super) fn newcomers(&self) -> Vec<(SmolStr, GuestKey)> {
        let new = self.guests.iter().filter(|(_, guest)| guest.is_waiting());
        new.map(|(key, guest)| (guest.node(), *key)).collect()
    }
}

async fn guest(pve: &Pve, node: &SmolStr, key: GuestKey, now: Timestamp) -> Outcome {
    let read = pve.api.guest_config(node, key).await;
    let mut state = pve.state();
    let Some(guest) = state.guests.get_mut(&key) else { return Outcome::Done };
    guest.tried = true;
    match read {
        Ok(config) => {
            guest.configure(key, &config, now);
            Outcome::Done
        }
        Err(refused) if refused.is_node_away() => Outcome::NodeAway(refused),
        Err(refused) => {
            // It is tried again with the others, not with every look.
            guest.config_read_at = Some(now);
            guest.config_wanted = false;
            Outcome::Refused(refused)
        }
    }
}

impl Guest {
    /// Whether it is only shown once its configuration was tried.
    pub(super) fn is_waiting(&self) -> bool {
        self.listed && !self.tried
    }

    /// Whether a configuration is that of another guest under the same number (D-6).
    fn is_another(&self, configured: &Configured) -> bool {
        let Some(known) = &self.config else { return false };
        known.uuid != configured.uuid && known.created_at != configured.created_at
    }

    /// Nothing of what its predecessor was is true of a guest.
    fn forget_its_past(&mut self) {
        let fresh = Self::new(self.row.clone());
        let Self { listed, started_at, tried, baseline, rates, .. } = std::mem::replace(self, fresh);
        (self.listed, self.started_at, self.tried) = (listed, started_at, tried);
        (self.baseline, self.rates) = (baseline, rates);
    }

    fn configure(&mut self, key: GuestKey, config: &GuestConfig, now: Timestamp) {
        let entries: BTreeMap<&str, &str> = config.iter().collect();
        let configured = match key.kind {
            GuestKind::Qemu => config::machine(&entries),
            GuestKind::Lxc => config::container(&entries),
        };
        if self.is_another(&configured) {
            self.forget_its_past();
        }
        self.follows_from(entries.get("parent").copied());
        self.image |= configured.image;
        self.config = Some(configured);
        self.config_read_at = Some(now);
        self.config_wanted = false;
    }
}
