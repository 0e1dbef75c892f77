//! The last step of grouping: a group joins the one better group that stands on the same host or address. Two such
//! groups are one too many: then it stays by itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use smol_str::{SmolStr, ToSmolStr};

use super::{
    Reason, ReasonKind, SystemType,
    group::{Group, Groups},
};
use crate::clues::{same_hostname, short_form};

/// Attaches groups until nothing changes any more.
pub(super) fn attach(groups: &mut Groups<'_>) {
    while attach_once(groups) {}
}

fn attach_once(groups: &mut Groups<'_>) -> bool {
    let anchors = Anchors::of(groups);
    let mut found = None;
    for place in groups.places() {
        if let Some((into, reason)) = anchors.home_of(groups, place) {
            found = Some((place, into, reason));
            break;
        }
    }
    let Some((from, into, reason)) = found else { return false };
    groups.merge(from, into, reason);
    true
}

/// Which groups stand on which host or address.
struct Anchors {
    by_short_name: BTreeMap<SmolStr, BTreeSet<usize>>,
    by_address: BTreeMap<IpAddr, BTreeSet<usize>>,
}

impl Anchors {
    fn of(groups: &Groups<'_>) -> Self {
        let mut anchors = Self { by_short_name: BTreeMap::new(), by_address: BTreeMap::new() };
        for place in groups.places() {
            let group = groups.get(place);
            for host in hosts(group) {
                anchors.by_short_name.entry(short_form(&host).into()).or_default().insert(place);
            }
            for address in addresses(group) {
                anchors.by_address.entry(address).or_default().insert(place);
            }
        }
        anchors
    }

    /// The one better group that this one belongs to, by the first signal that finds any.
    fn home_of(&self, groups: &Groups<'_>, place: usize) -> Option<(usize, Reason)> {
        let group = groups.get(place);
        if !may_attach(group) {
            return None;
        }
        let better = |other: &usize| is_better(groups.get(*other), group);
        for (kind, exact) in [(ReasonKind::ExactHostAttachment, true), (ReasonKind::HostnameFormAttachment, false)] {
            let near = hosts(group).into_iter().flat_map(|host| {
                let places = self.by_short_name.get(short_form(&host)).into_iter().flatten().copied();
                let same = |other: &SmolStr| if exact { *other == host } else { same_hostname(other, &host) };
                let matching = places.filter(|other| hosts(groups.get(*other)).iter().any(same));
                matching.map(|other| (other, host.clone())).collect::<Vec<_>>()
            });
            match only(near.filter(|(other, _)| better(other))) {
                Verdict::None => {}
                Verdict::One(into, signal) => return Some((into, Reason { kind, signal })),
                Verdict::Many => return None,
            }
        }
        let near = addresses(group).into_iter().flat_map(|address| {
            let places = self.by_address.get(&address).into_iter().flatten().copied();
            places.map(move |other| (other, address.to_smolstr()))
        });
        match only(near.filter(|(other, _)| better(other))) {
            Verdict::One(into, signal) => Some((into, Reason { kind: ReasonKind::ExactIpAttachment, signal })),
            Verdict::None | Verdict::Many => None,
        }
    }
}

enum Verdict {
    None,
    One(usize, SmolStr),
    Many,
}

fn only(found: impl Iterator<Item = (usize, SmolStr)>) -> Verdict {
    let mut found: BTreeMap<usize, SmolStr> = found.collect();
    match (found.len(), found.pop_first()) {
        (1, Some((place, signal))) => Verdict::One(place, signal),
        (_, None) => Verdict::None,
        (_, Some(_)) => Verdict::Many,
    }
}

/// A cluster stands on many hosts; it is none of them.
fn may_attach(group: &Group<'_>) -> bool {
    group.members.iter().all(|member| member.system_type != SystemType::KubernetesCluster)
}

fn is_better(other: &Group<'_>, group: &Group<'_>) -> bool {
    may_attach(other) && other.leader().system_type < group.leader().system_type
}

fn hosts(group: &Group<'_>) -> BTreeSet<SmolStr> {
    group.members.iter().flat_map(|member| member.clues.hostnames.iter().cloned()).collect()
}

fn addresses(group: &Group<'_>) -> BTreeSet<IpAddr> {
    group.members.iter().flat_map(|member| member.clues.ips.iter().copied()).collect()
}
