//! The hosts and addresses that groups stand on, and which better group stands on the same.
//!
//! Only groups of strictly better types are looked at, and no more of them than it takes to know that there are two.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    ops::Bound,
};

use smol_str::{SmolStr, ToSmolStr};

use crate::{
    clues::short_form,
    systems::{
        Reason, ReasonKind, SystemType,
        group::{Group, Groups},
    },
};

/// Groups by type, best first, and place.
type Holders = BTreeSet<(SystemType, usize)>;

/// What all groups stand on.
pub(super) struct Grounds {
    grounds: Vec<Ground>,
    by_host: BTreeMap<SmolStr, Holders>,
    by_short_name: BTreeMap<SmolStr, Holders>,
    by_address: BTreeMap<IpAddr, Holders>,
}

/// What one group stands on.
#[derive(Default)]
struct Ground {
    /// None for what can neither attach nor be attached to: a cluster, which stands on many hosts and is none of them, and
    /// a group that went into another one.
    system_type: Option<SystemType>,
    hosts: BTreeSet<SmolStr>,
    addresses: BTreeSet<IpAddr>,
}

impl Grounds {
    pub(super) fn of(groups: &Groups<'_>) -> Self {
        let grounds = groups.all().iter().map(Ground::of).collect();
        let (by_host, by_short_name, by_address) = Default::default();
        let mut all = Self { grounds, by_host, by_short_name, by_address };
        for (place, ground) in all.grounds.iter().enumerate() {
            let Some(system_type) = ground.system_type else { continue };
            let holder = (system_type, place);
            for host in &ground.hosts {
                all.by_host.entry(host.clone()).or_default().insert(holder);
                all.by_short_name.entry(short_form(host).into()).or_default().insert(holder);
            }
            for address in &ground.addresses {
                all.by_address.entry(*address).or_default().insert(holder);
            }
        }
        all
    }

    /// The one better group that a group belongs to, by the first signal that finds any.
    pub(super) fn home_of(&self, place: usize) -> Option<(usize, Reason)> {
        let ground = &self.grounds[place];
        let own = ground.system_type?;
        let exact = ground.hosts.iter().flat_map(|host| better(own, self.by_host.get(host)).map(move |it| (it, host)));
        let by_form = ground.hosts.iter().flat_map(|host| self.same_hosts(own, host).map(move |it| (it, host)));
        let at = ground.addresses.iter();
        let by_address = at.flat_map(|at| better(own, self.by_address.get(at)).map(move |it| (it, at)));
        let found = match only(exact) {
            Verdict::None => match only(by_form) {
                Verdict::None => only(by_address).map(ReasonKind::ExactIpAttachment),
                found => found.map(ReasonKind::HostnameFormAttachment),
            },
            found => found.map(ReasonKind::ExactHostAttachment),
        };
        if let Verdict::One(into, reason) = found { Some((into, reason)) } else { None }
    }

    /// Better groups on the same host, whichever form its name has.
    fn same_hosts<'a>(&'a self, own: SystemType, host: &str) -> impl Iterator<Item = usize> + use<'a> {
        let same = of_same_host(&self.by_short_name, &self.by_host, host);
        same.flat_map(move |holders| better(own, Some(holders)))
    }

    /// Moves what one group stands on to another, better one, and names the groups that may have another home since. The
    /// better one itself is asked again only where it sees more than before: it may have taken in thousands.
    pub(super) fn merge(&mut self, from: usize, into: usize, mut touched: impl FnMut(usize)) {
        let Ground { system_type, hosts, addresses } = std::mem::take(&mut self.grounds[from]);
        let home = &mut self.grounds[into];
        let ends = system_type.zip(home.system_type);
        let (from_type, into_type) = ends.expect("only what stands somewhere attaches, and to nothing else");
        let step = Step { from: (from_type, from), into: (into_type, into) };
        let mut sees_more = false;
        for host in hosts {
            let is_new = home.hosts.insert(host.clone());
            for holders in of_same_host(&self.by_short_name, &self.by_host, &host) {
                sees_more |= is_new && better(into_type, Some(holders)).next().is_some();
                step.touch(holders, is_new, &mut touched);
            }
            step.take(self.by_short_name.get_mut(short_form(&host)).expect("it was entered with its host"));
            step.take(self.by_host.get_mut(&host).expect("every host was entered"));
        }
        for address in addresses {
            let holders = self.by_address.get_mut(&address).expect("every address was entered");
            let is_new = home.addresses.insert(address);
            sees_more |= is_new && better(into_type, Some(&*holders)).next().is_some();
            step.touch(holders, is_new, &mut touched);
            step.take(holders);
        }
        if sees_more {
            touched(into);
        }
    }
}

impl Ground {
    fn of(group: &Group<'_>) -> Self {
        let is_cluster = |system_type| system_type == SystemType::KubernetesCluster;
        if group.members.is_empty() || group.members.iter().any(|member| is_cluster(member.system_type)) {
            return Self::default();
        }
        Self {
            system_type: Some(group.leader().system_type),
            hosts: group.members.iter().flat_map(|member| member.clues.hostnames.iter().cloned()).collect(),
            addresses: group.members.iter().flat_map(|member| member.clues.ips.iter().copied()).collect(),
        }
    }
}

/// One group goes into another.
struct Step {
    from: (SystemType, usize),
    into: (SystemType, usize),
}

impl Step {
    /// Whoever could see the group that goes no longer does; where its home is new there, all worse ones see that instead.
    fn touch(&self, holders: &Holders, is_new: bool, touched: &mut impl FnMut(usize)) {
        let seen = if is_new { self.into.0 } else { self.from.0 };
        let worse = holders.range((Bound::Excluded((seen, usize::MAX)), Bound::Unbounded));
        worse.for_each(|(_, place)| touched(*place));
    }

    fn take(&self, holders: &mut Holders) {
        holders.remove(&self.from);
        holders.insert(self.into);
    }
}

enum Verdict<S> {
    None,
    One(usize, S),
    Many,
}

impl<S: ToSmolStr> Verdict<S> {
    fn map(self, kind: ReasonKind) -> Verdict<Reason> {
        match self {
            Self::None => Verdict::None,
            Self::One(place, signal) => Verdict::One(place, Reason { kind, signal: signal.to_smolstr() }),
            Self::Many => Verdict::Many,
        }
    }
}

/// Who stands on a host of this name, or of which one of the two names is the short form.
fn of_same_host<'a>(
    by_short_name: &'a BTreeMap<SmolStr, Holders>,
    by_host: &'a BTreeMap<SmolStr, Holders>,
    host: &str,
) -> impl Iterator<Item = &'a Holders> + use<'a> {
    let short = short_form(host);
    let (one, other) =
        if short == host { (by_short_name.get(short), None) } else { (by_host.get(host), by_host.get(short)) };
    one.into_iter().chain(other)
}

/// Groups of better types.
fn better<'a>(own: SystemType, holders: Option<&'a Holders>) -> impl Iterator<Item = usize> + use<'a> {
    holders.into_iter().flat_map(move |holders| holders.range(..(own, 0)).map(|(_, place)| *place))
}

/// The only one, with the last of its signals.
fn only<S>(found: impl Iterator<Item = (usize, S)>) -> Verdict<S> {
    let mut only = Verdict::None;
    for (place, signal) in found {
        match only {
            Verdict::One(other, _) if other != place => return Verdict::Many,
            Verdict::None | Verdict::One(..) | Verdict::Many => only = Verdict::One(place, signal),
        }
    }
    only
}
