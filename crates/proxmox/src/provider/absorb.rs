//! Takes the cluster's list of resources into the state: what there is, what is gone, and how fast the counters go.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use muster_model::Status;
use smol_str::SmolStr;

use super::{
    key::{GuestKey, GuestKind, StorageKey},
    state::{Arrival, Guest, Node, State},
};
use crate::{
    rules::{
        rates::{self, Counters},
        storage_status::Sight,
    },
    wire::{Rows, cluster::ResourceRow, guest::GuestRow, node::NodeRow, storage::StorageRow},
};

/// How far two computed times of a start may differ and still be the same.
const SAME_START: SignedDuration = SignedDuration::from_secs(90);

/// How long the list may go on showing the uptime of before a move.
const ARRIVAL: SignedDuration = SignedDuration::from_mins(2);

/// Rights without which a list is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RightsHold {
    pub(crate) guests: bool,
    pub(crate) storages: bool,
}

/// Sorts of things that vanished all at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Vanished {
    pub(crate) nodes: bool,
    pub(crate) guests: bool,
    pub(crate) storages: bool,
}

/// What an answer holds, sorted.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) nodes: Vec<NodeRow>,
    pub(crate) guests: Vec<(GuestKey, GuestRow)>,
    pub(crate) storages: Vec<StorageRow>,
    /// Whether every row could be read and the nodes are in it.
    pub(crate) whole: bool,
}

impl Listed {
    /// Sorts an answer. Templates are no guests (R-86).
    pub(crate) fn of(rows: Rows<ResourceRow>) -> Self {
        let mut listed = Self { whole: rows.odd == 0, ..Self::default() };
        let guest = |kind, row: GuestRow| (GuestKey { kind, vmid: row.vmid }, row);
        for row in rows {
            match row {
                ResourceRow::Qemu(row) if row.template != Some(true) => listed.guests.push(guest(GuestKind::Qemu, row)),
                ResourceRow::Lxc(row) if row.template != Some(true) => listed.guests.push(guest(GuestKind::Lxc, row)),
                ResourceRow::Node(row) => listed.nodes.push(row),
                ResourceRow::Storage(row) => listed.storages.push(row),
                ResourceRow::Qemu(_) | ResourceRow::Lxc(_) | ResourceRow::Other => {}
            }
        }
        // An answer without any node is no picture of a cluster (R-86).
        listed.whole &= !listed.nodes.is_empty();
        listed
    }
}

impl State {
    /// Which sorts of things this answer lacks altogether although some are known.
    pub(crate) fn vanished(&self, listed: &Listed) -> Vanished {
        Vanished {
            nodes: listed.nodes.is_empty() && !self.nodes.is_empty(),
            guests: listed.guests.is_empty() && !self.guests.is_empty(),
            storages: listed.storages.is_empty() && !self.storages.is_empty(),
        }
    }

    /// Takes an answer in. What it lacks is only gone where the answer is whole (R-86).
    pub(crate) fn absorb(&mut self, listed: Listed, rights: RightsHold, now: Timestamp) {
        let names: BTreeSet<SmolStr> = listed.nodes.iter().map(|row| row.node.clone()).collect();
        let guests: BTreeSet<GuestKey> = listed.guests.iter().map(|(key, _)| *key).collect();
        let storages: BTreeSet<StorageKey> = listed.storages.iter().map(storage_key).collect();
        self.absorb_nodes(listed.nodes, now);
        self.absorb_guests(listed.guests, now);
        self.absorb_storages(listed.storages);
        if listed.whole {
            self.forget_nodes(&names);
            self.forget_guests(&guests, rights.guests);
            self.forget_storages(&storages, rights.storages);
        }
    }

    fn absorb_nodes(&mut self, rows: Vec<NodeRow>, now: Timestamp) {
        self.nodes.values_mut().for_each(|node| node.listed = false);
        for row in rows {
            let shown = self.grace.status(&row.node, row.status.as_deref(), now);
            let node = self.nodes.entry(row.node.clone()).or_default();
            node.take(row, shown, now);
            let is_back = node.reports();
            if let Some(lost_at) = node.lost_at.take_if(|_| is_back) {
                self.gap_since = Some(self.gap_since.map_or(lost_at, |since| since.min(lost_at)));
            }
        }
    }

    fn absorb_guests(&mut self, rows: Vec<(GuestKey, GuestRow)>, now: Timestamp) {
        self.guests.values_mut().for_each(|guest| guest.listed = false);
        for (key, row) in rows {
            let guest = self.guests.entry(key).or_insert_with(|| Guest::new(row.clone()));
            if guest.take(row, now) {
                self.pacing.restart(&key.to_string());
            }
        }
    }

    fn absorb_storages(&mut self, rows: Vec<StorageRow>) {
        self.storages.values_mut().for_each(|storage| storage.listed = false);
        for row in rows {
            let storage = self.storages.entry(storage_key(&row)).or_default();
            storage.listed = true;
            storage.storage_type = row.plugintype.unwrap_or_default();
            storage.content = row.content.unwrap_or_default();
            let known = storage.sights.entry(row.node.clone()).or_default();
            let kept = Sight { enabled: known.enabled, active: known.active, ..Sight::default() };
            *known = Sight { node: row.node, word: row.status, used: row.disk, total: row.maxdisk, ..kept };
        }
    }

    fn forget_nodes(&mut self, listed: &BTreeSet<SmolStr>) {
        for name in self.absent.nodes.observe(listed, |_| true, false).gone {
            self.nodes.remove(&name);
        }
        let Self { nodes, grace, .. } = self;
        grace.retain(|name| nodes.contains_key(name));
    }

    fn forget_guests(&mut self, listed: &BTreeSet<GuestKey>, rights_hold: bool) {
        let Self { nodes, guests, cluster, absent, .. } = self;
        let may_go = |key: &GuestKey| {
            let node = guests.get(key).and_then(|guest| guest.row.node.as_ref());
            // A node that is no member any more takes its guests with it.
            let away = node.and_then(|node| nodes.get(node)).is_some_and(|node| !node.reports());
            !away && cluster.quorate != Some(false)
        };
        let gone = absent.guests.observe(listed, may_go, rights_hold).gone;
        for key in gone {
            guests.remove(&key);
        }
        let keys: BTreeSet<String> = guests.keys().map(ToString::to_string).collect();
        self.pacing.retain(|guest| keys.contains(guest));
    }

    fn forget_storages(&mut self, listed: &BTreeSet<StorageKey>, rights_hold: bool) {
        let Self { nodes, storages, absent, .. } = self;
        let may_go = |key: &StorageKey| key.node.as_ref().and_then(|node| nodes.get(node)).is_none_or(Node::reports);
        for key in absent.storages.observe(listed, may_go, rights_hold).gone {
            storages.remove(&key);
        }
        // A shared storage that a node no longer sees is still there for the others.
        for storage in storages.values_mut().filter(|storage| storage.listed) {
            storage.sights.retain(|node, _| nodes.contains_key(node));
        }
    }
}

impl Node {
    fn take(&mut self, row: NodeRow, shown: Status, now: Timestamp) {
        self.listed = true;
        self.shown = shown;
        self.started_at = started_at(self.started_at, row.uptime, now).or(self.started_at);
        if row.status.as_deref() != Some("online") {
            self.lost_at = self.lost_at.or(Some(now));
        }
        self.row = row;
    }

    /// Whether the platform hears of it.
    pub(crate) fn reports(&self) -> bool {
        self.row.status.as_deref() == Some("online")
    }
}

impl Guest {
    /// Takes a row in; what an unknown row does not say stays as it was. Says whether the guest was started anew.
    fn take(&mut self, mut row: GuestRow, now: Timestamp) -> bool {
        self.listed = row.status.as_deref().is_some_and(|status| status != "unknown");
        let moved = self.row.node != row.node;
        let renamed = row.name.is_some() && (self.row.name != row.name || self.row.tags != row.tags);
        let relocked = self.row.lock != row.lock;
        self.config_wanted |= moved || renamed || relocked;
        if !self.listed {
            keep_what_is_unsaid(&mut row, &self.row);
        }
        let uptime = row.uptime.filter(|uptime| self.listed && *uptime > 0);
        if moved && uptime.is_some() {
            self.arrival = self.started_at.map(|before| Arrival { at: now, before });
        }
        let started_at = started_at(self.started_at, uptime, now).map(|started| self.since_arrival(started, now));
        let restarted = started_at.is_some() && started_at != self.started_at && self.started_at.is_some();
        // What waited for a start is in force now, and it may be another guest under the same number.
        self.config_wanted |= restarted;
        if self.listed {
            self.started_at = started_at;
            self.rates = rates::observe(&mut self.baseline, counters(&row), now);
        }
        self.row = row;
        restarted
    }

    /// A machine that was moved counts from its arrival. The list may show the new node before the new count, and then it is
    /// still one move and no start after it.
    fn since_arrival(&self, started: Timestamp, now: Timestamp) -> Timestamp {
        let young = |arrival: &&Arrival| now.duration_since(arrival.at) <= ARRIVAL;
        let arrival = self.arrival.as_ref().filter(young);
        let uncounted = arrival.filter(|arrival| started.duration_since(arrival.before).abs() <= SAME_START);
        uncounted.and_then(|arrival| whole_minute(arrival.at)).unwrap_or(started)
    }
}

fn counters(row: &GuestRow) -> Counters {
    let values = [row.netin, row.netout, row.diskread, row.diskwrite];
    Counters { node: row.node.clone().unwrap_or_default(), uptime: row.uptime, values }
}

/// A row of a node that does not report has neither name nor sizes.
fn keep_what_is_unsaid(row: &mut GuestRow, before: &GuestRow) {
    row.name = row.name.take().or_else(|| before.name.clone());
    row.pool = row.pool.take().or_else(|| before.pool.clone());
    row.tags = row.tags.take().or_else(|| before.tags.clone());
    row.hastate = row.hastate.take().or_else(|| before.hastate.clone());
    row.node = row.node.take().or_else(|| before.node.clone());
    row.maxcpu = row.maxcpu.or(before.maxcpu);
    row.maxmem = row.maxmem.or(before.maxmem);
    row.maxdisk = row.maxdisk.or(before.maxdisk);
}

/// When something was started, to the minute. The same as before unless it differs clearly: the list is up to ten
/// seconds old and counts whole seconds.
fn started_at(before: Option<Timestamp>, uptime: Option<u64>, now: Timestamp) -> Option<Timestamp> {
    let uptime = i64::try_from(uptime.filter(|uptime| *uptime > 0)?).ok()?;
    let started = now.checked_sub(SignedDuration::from_secs(uptime)).ok()?;
    let same = |before: &Timestamp| started.duration_since(*before).abs() <= SAME_START;
    before.filter(same).or_else(|| whole_minute(started))
}

fn whole_minute(at: Timestamp) -> Option<Timestamp> {
    Timestamp::from_second(at.as_second().div_euclid(60) * 60).ok()
}

fn storage_key(row: &StorageRow) -> StorageKey {
    let node = (row.shared != Some(true)).then(|| row.node.clone());
    StorageKey { node, name: row.storage.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_kept_while_its_node_is_away_and_gone_after_two_whole_answers() {
        // R-86
        let mut state = State::new();
        absorb(&mut state, &[node("a", "online"), node("b", "online"), guest(100, "a"), guest(101, "b")], 0);
        absorb(&mut state, &[node("a", "online"), node("b", "offline")], 10);
        absorb(&mut state, &[node("a", "online"), node("b", "offline"), guest(102, "a")], 20);
        absorb(&mut state, &[node("a", "online"), node("b", "offline"), guest(102, "a")], 30);
        let left: Vec<_> = state.guests.keys().map(|key| key.vmid).collect();
        assert_eq!(left, [101, 102]);
    }

    #[test]
    fn an_answer_without_nodes_keeps_everything() {
        // R-86
        let mut state = State::new();
        absorb(&mut state, &[node("a", "online"), guest(100, "a"), guest(101, "a")], 0);
        for second in 1..5 {
            absorb(&mut state, &[guest(100, "a")], second * 10);
        }
        assert_eq!((state.nodes.len(), state.guests.len()), (1, 2));
    }

    #[test]
    fn an_odd_row_loses_nothing_but_itself() {
        // R-86, R-88
        let mut state = State::new();
        absorb(&mut state, &[node("a", "online"), guest(100, "a"), guest(101, "a")], 0);
        for second in 1..5 {
            let odd = r#"{"type":"qemu","vmid":"many"}"#.to_owned();
            absorb(&mut state, &[node("a", "online"), guest(100, "a"), odd], second * 10);
        }
        assert_eq!(state.guests.len(), 2);
    }

    #[test]
    fn without_quorum_nothing_goes() {
        // R-86
        let mut state = State::new();
        absorb(&mut state, &[node("a", "online"), guest(100, "a"), guest(101, "a")], 0);
        state.cluster.quorate = Some(false);
        for second in 1..5 {
            absorb(&mut state, &[node("a", "online"), guest(100, "a")], second * 10);
        }
        assert_eq!(state.guests.len(), 2);
    }

    #[test]
    fn templates_are_no_guests() {
        // R-86
        let mut state = State::new();
        let template = r#"{"type":"qemu","vmid":900,"node":"a","status":"stopped","template":1}"#.to_owned();
        absorb(&mut state, &[node("a", "online"), template], 0);
        assert_eq!(state.guests.len(), 0);
    }

    #[test]
    fn an_unknown_row_takes_neither_name_nor_size_away() {
        // R-86
        let mut state = State::new();
        let named = r#"{"type":"qemu","vmid":100,"node":"a","status":"running","name":"web","maxmem":1024}"#.to_owned();
        absorb(&mut state, &[node("a", "online"), named], 0);
        let unknown = r#"{"type":"qemu","vmid":100,"node":"a","status":"unknown"}"#.to_owned();
        absorb(&mut state, &[node("a", "online"), unknown], 10);
        let guest = state.guests.values().next().unwrap();
        assert_eq!((guest.row.name.as_deref(), guest.row.maxmem), (Some("web"), Some(1024)));
        assert_eq!((guest.listed, guest.row.status.as_deref()), (false, Some("unknown")));
    }

    #[test]
    fn a_start_stays_the_same_until_there_is_another() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let first = started_at(None, Some(1000), at(100_031));
        assert_eq!(first, Some(at(99_000)));
        assert_eq!(started_at(first, Some(1010), at(100_049)), first);
        assert_eq!(started_at(first, Some(5), at(100_100)), Some(at(100_080)));
        assert_eq!(started_at(first, Some(0), at(100_100)), None);
    }

    #[test]
    fn a_move_and_the_count_that_begins_anew_with_it_are_one_change() {
        // D-6: the node and the uptime of a list come from two places, in either order.
        let row = |at: &str, uptime: u64| {
            let nodes = [node("a", "online"), node("b", "online")].join(",");
            format!(r#"{nodes},{{"type":"qemu","vmid":100,"node":"{at}","status":"running","uptime":{uptime}}}"#)
        };
        let mut state = State::new();
        let started = |state: &State| state.guests.values().next().unwrap().started_at;
        absorb(&mut state, &[row("a", 5000)], 0);
        absorb(&mut state, &[row("b", 5010)], 10);
        let arrived = started(&state);
        assert!(arrived > Timestamp::from_second(1_700_000_000 - 60).ok());
        absorb(&mut state, &[row("b", 5020)], 20);
        absorb(&mut state, &[row("b", 12)], 30);
        absorb(&mut state, &[row("b", 200)], 220);
        assert_eq!(started(&state), arrived);
        absorb(&mut state, &[row("b", 5)], 600);
        assert!(started(&state) > arrived, "a start after that is one");
    }

    fn absorb(state: &mut State, rows: &[String], second: i64) {
        let rows: Rows<ResourceRow> = serde_json::from_str(&format!("[{}]", rows.join(","))).unwrap();
        let now = Timestamp::from_second(1_700_000_000 + second).unwrap();
        state.absorb(Listed::of(rows), RightsHold::default(), now);
    }

    fn node(name: &str, status: &str) -> String {
        format!(r#"{{"type":"node","node":"{name}","status":"{status}"}}"#)
    }

    fn guest(vmid: u32, node: &str) -> String {
        format!(r#"{{"type":"qemu","vmid":{vmid},"node":"{node}","status":"running","uptime":50}}"#)
    }
}
