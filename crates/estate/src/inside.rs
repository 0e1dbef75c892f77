//! Which host is the system inside which guest: an agent that runs inside a virtual machine or container reports
//! a host, its platform reports a guest. They are two resources of different kinds, and related.
//!
//! A pure function of the rows. Where a row differs that matters to it, [`crate::rebuild`] finds anew who is inside whom
//! among those who have to do with that row ([`neighbours`]), so that an estate of any size grows evenly. Hardware decides
//! before names, virtual machines before containers; the first level that finds anything decides, and two finds on
//! either side are one too many: then there is no relation. A name alone relates nothing where both sides' hardware
//! addresses are known and none is shared. Nothing here joins anything; what the system inside may say in its platform's
//! place is decided in [`crate::insider`].

mod neighbours;
mod word;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use muster_model::{Evidence, EvidenceKind, ResourceId, ResourceKind, Ruling, SourceKind};

pub(crate) use self::neighbours::Neighbours;
use self::word::{Role, Sign, Word};
use crate::{
    conflict::{Conflict, ConflictKind, MOST_HOLDERS},
    estate::Estate,
    id_map::{IdMap, IdSet},
    ledger::Ledger,
    relationship::Relationship,
    resource::Member,
    row::Row,
    rulings::Ruled,
};

/// All hosts inside guests. A host is inside one guest at most, and a guest has one host inside it at most.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inside {
    /// By both of their ends.
    pairs: IdMap<Arc<Pair>>,
    /// Pairs of which nobody can say for certain, by their hosts; for people to decide.
    open: IdMap<Vec<Conflict>>,
}

/// A host and the guest that it runs in.
#[derive(Debug, PartialEq)]
struct Pair {
    host: ResourceId,
    guest: ResourceId,
    confidence: f64,
    evidence: Evidence,
}

impl Estate {
    /// What its platform says of a guest may give way to the agent inside: that is looked at again with the agent's host.
    pub(crate) fn touch_guests(&self, ledger: &mut Ledger) {
        let inside = self.registry.inside();
        if inside.pairs.is_empty() {
            return;
        }
        for (id, revision) in ledger.touched() {
            if let Some(guest) = inside.guest_of(id) {
                ledger.touch(guest, revision);
            }
        }
    }

    /// Finds who is inside whom, if a row that matters to it differs. Guests that have another host inside them now are
    /// touched; says whether there are any.
    pub(crate) fn find_inside(&mut self, ledger: &mut Ledger) -> bool {
        let differences = self.registry.find_inside();
        differences.iter().for_each(|guest| ledger.touch(*guest, ledger.revision));
        !differences.is_empty()
    }

    /// What the agent inside a guest reports of the system that it runs on.
    pub(crate) fn agent_inside(&self, guest: ResourceId) -> Option<Member> {
        let host = self.registry.get(self.registry.inside().host_in(guest)?)?;
        host.members.iter().find(|member| member.source.kind() == SourceKind::Agent).cloned()
    }
}

struct Level {
    sign: Sign,
    guests: &'static [ResourceKind],
    confidence: f64,
}

/// R-13's levels 3 and 4, below what hardware says. A container shows its node's UUID, not one of its own.
const LEVELS: [Level; 4] = [
    Level { sign: Sign::Uuid, guests: &[ResourceKind::Vm], confidence: 0.99 },
    Level { sign: Sign::Hardware, guests: &[ResourceKind::Vm, ResourceKind::SystemContainer], confidence: 0.9 },
    Level { sign: Sign::Name, guests: &[ResourceKind::Vm], confidence: 0.5 },
    Level { sign: Sign::Name, guests: &[ResourceKind::SystemContainer], confidence: 0.5 },
];

/// The hosts that show a word, by their places.
#[derive(Default)]
struct Holders(Vec<usize>);

/// A host for which a guest is looked for.
struct Search<'a> {
    host: &'a Row,
    /// Guests that share a word with it; beyond [`MOST_HOLDERS`] only that there are more.
    found: BTreeMap<ResourceId, (&'a Row, Word)>,
    /// Whether one of these words is another host's too.
    is_shared: bool,
    /// Whether a guest shares a word with it that too many hosts show: then that guest is not among those found.
    is_crowded: bool,
}

impl Inside {
    /// Finds them among some rows, which are whole: whoever shares a word or a ruling with one of them is among them.
    pub(crate) fn find<'a>(rows: impl Iterator<Item = &'a Row>, among: &IdSet, ruled: Ruled<'_>) -> Self {
        let (mut hosts, mut guests) = (Vec::new(), Vec::new());
        for row in rows {
            match Role::of(row) {
                Some(Role::Host) => hosts.push(row),
                Some(Role::Guest) => guests.push(row),
                None => {}
            }
        }
        let mut inside = Self::default();
        let rulings = ruled.inside().filter(|(host, _, _)| among.contains(host));
        inside.relate(rulings.map(|(host, guest, ruling)| Pair::ruled(host, guest, ruling)).collect());
        hosts.retain(|host| !inside.pairs.contains_key(&host.id));
        guests.retain(|guest| !inside.pairs.contains_key(&guest.id));
        for level in &LEVELS {
            if hosts.is_empty() {
                break;
            }
            let searches = search(level, &hosts, &guests, ruled);
            hosts = searches.iter().filter(|search| search.finds_nothing()).map(|search| search.host).collect();
            let open = searches.iter().map(|search| (search.host.id, search.open(level)));
            inside.open.extend(open.filter(|(_, open)| !open.is_empty()));
            inside.relate(searches.into_iter().filter_map(|search| search.only(level)).collect());
        }
        inside
    }

    /// Takes the finds of one level in: of those that lead to one guest none, and none that leads to a guest with a
    /// host on a stronger level. People may have said twice what is one pair since, or that one host is inside two guests
    /// that was two hosts then.
    fn relate(&mut self, mut found: Vec<Pair>) {
        let mut told = HashSet::new();
        found.retain(|pair| told.insert((pair.host, pair.guest)));
        let mut rivals: IdMap<u32> = IdMap::default();
        found.iter().flat_map(|pair| [pair.host, pair.guest]).for_each(|end| *rivals.entry(end).or_default() += 1);
        for pair in found.into_iter().filter(|pair| rivals[&pair.host] == 1 && rivals[&pair.guest] == 1) {
            if !self.pairs.contains_key(&pair.guest) {
                let pair = Arc::new(pair);
                self.pairs.insert(pair.host, Arc::clone(&pair));
                self.pairs.insert(pair.guest, pair);
            }
        }
    }

    /// Hosts and guests that might be one inside the other, where it is not certain.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Conflict> {
        self.open.values().flatten()
    }

    /// The guest that a host runs in.
    pub(crate) fn guest_of(&self, host: ResourceId) -> Option<ResourceId> {
        self.pairs.get(&host).map(|pair| pair.guest).filter(|guest| *guest != host)
    }

    /// The host inside a guest.
    pub(crate) fn host_in(&self, guest: ResourceId) -> Option<ResourceId> {
        self.pairs.get(&guest).map(|pair| pair.host).filter(|host| *host != guest)
    }

    /// Takes in what was found anew of some rows and everybody who has to do with them. Answers with the guests that have
    /// another host inside them now.
    pub(crate) fn replace(&mut self, among: &IdSet, found: Self) -> Vec<ResourceId> {
        let guests = |inside: &Self| -> Vec<ResourceId> {
            among.iter().filter_map(|id| inside.pairs.get(id)).map(|pair| pair.guest).collect()
        };
        let mut differing: Vec<_> = guests(self).into_iter().chain(guests(&found)).collect();
        differing.retain(|guest| self.host_in(*guest) != found.host_in(*guest));
        differing.sort_unstable();
        differing.dedup();
        for id in among {
            self.pairs.remove(id);
            self.open.remove(id);
        }
        self.pairs.extend(found.pairs);
        self.open.extend(found.open);
        differing
    }

    /// Whether this is what stands here of these rows already.
    pub(crate) fn stands_in(&self, other: &Self, among: &IdSet) -> bool {
        among.iter().all(|id| self.pairs.get(id) == other.pairs.get(id) && self.open.get(id) == other.open.get(id))
    }

    /// The relations between them, by both of their ends.
    pub(crate) fn relations<'a>(&self, row: impl Fn(ResourceId) -> Option<&'a Row>) -> IdMap<Vec<Relationship>> {
        let relation = |pair: &Pair| {
            let (host, guest) = row(pair.host).zip(row(pair.guest))?;
            Some(vec![Relationship::inside(host, guest, pair.confidence, pair.evidence.clone())])
        };
        self.pairs.iter().filter_map(|(end, pair)| Some((*end, relation(pair)?))).collect()
    }
}

/// Looks for every host at once. A word that more hosts show than people could choose among tells them nothing apart: it
/// costs each of them one step, whatever the number of guests.
fn search<'a>(level: &Level, hosts: &[&'a Row], guests: &[&'a Row], ruled: Ruled<'_>) -> Vec<Search<'a>> {
    let mut holders: HashMap<Word, Holders> = HashMap::new();
    for (place, host) in hosts.iter().enumerate() {
        level.sign.words(host, |word| holders.entry(word).or_default().add(place));
    }
    let nothing = |host: &&'a Row| Search { host, found: BTreeMap::new(), is_shared: false, is_crowded: false };
    let mut searches: Vec<Search<'a>> = hosts.iter().map(nothing).collect();
    for guest in guests.iter().copied().filter(|row| level.guests.contains(&row.kind)) {
        level.sign.words(guest, |word| {
            let Some(holders) = holders.get_mut(&word) else { return };
            holders.take_crowd().into_iter().for_each(|place| searches[place].is_crowded = true);
            let places: Vec<_> =
                holders.0.iter().copied().filter(|place| !ruled.apart(hosts[*place].id, guest.id)).collect();
            for place in &places {
                searches[*place].is_shared |= places.iter().any(|other| other != place);
                searches[*place].find(guest, &word);
            }
        });
    }
    searches
}

impl Pair {
    /// By a person's word.
    fn ruled(host: ResourceId, guest: ResourceId, ruling: &Ruling) -> Self {
        let evidence = Evidence { kind: EvidenceKind::Operator, value: ruling.by.clone() };
        Self { host, guest, confidence: 1.0, evidence }
    }
}

impl Holders {
    /// A host may show a word in two forms.
    fn add(&mut self, place: usize) {
        if self.0.last() != Some(&place) {
            self.0.push(place);
        }
    }

    /// Those who are too many, once.
    fn take_crowd(&mut self) -> Vec<usize> {
        if self.0.len() > MOST_HOLDERS { std::mem::take(&mut self.0) } else { Vec::new() }
    }
}

impl<'a> Search<'a> {
    fn find(&mut self, guest: &'a Row, word: &Word) {
        if self.found.len() <= MOST_HOLDERS {
            self.found.insert(guest.id, (guest, word.clone()));
        }
    }

    fn finds_nothing(&self) -> bool {
        self.found.is_empty() && !self.is_crowded
    }

    /// Whether what it shows is shown by another host too.
    fn is_contested(&self) -> bool {
        self.is_shared || self.is_crowded
    }

    /// What is for people to decide: all that was found, where it is not one and nobody else's.
    fn open(&self, level: &Level) -> Vec<Conflict> {
        let is_one = self.found.len() == 1 && !self.is_contested();
        let found = self.found.values().filter(|_| self.found.len() <= MOST_HOLDERS);
        let open = found.filter(|(guest, _)| !is_one || !is_possible(level, self.host, guest));
        open.map(|(guest, word)| self.conflict(level, guest, word)).collect()
    }

    fn conflict(&self, level: &Level, guest: &Row, word: &Word) -> Conflict {
        let speaks_against = !is_possible(level, self.host, guest);
        Conflict {
            kind: ConflictKind::Inside,
            first: self.host.id,
            second: guest.id,
            evidence: vec![Evidence { kind: level.sign.into(), value: word.clone().into_text() }],
            confidence: level.confidence,
            against: speaks_against.then_some(EvidenceKind::MacAddress).into_iter().collect(),
        }
    }

    /// The only guest that was found, if no other host shows the same.
    fn only(self, level: &Level) -> Option<Pair> {
        let is_contested = self.is_contested();
        let Self { host, mut found, is_shared: _, is_crowded: _ } = self;
        let (_, (guest, word)) = found.pop_first().filter(|_| !is_contested && found.is_empty())?;
        let evidence = Evidence { kind: level.sign.into(), value: word.into_text() };
        let confidence = level.confidence;
        is_possible(level, host, guest).then_some(Pair { host: host.id, guest: guest.id, confidence, evidence })
    }
}

/// Whether no hardware address speaks against a shared name.
fn is_possible(level: &Level, host: &Row, guest: &Row) -> bool {
    let (ours, theirs) = (&host.identity.mac_addresses, &guest.identity.mac_addresses);
    level.sign != Sign::Name || ours.is_empty() || theirs.is_empty() || !ours.is_disjoint(theirs)
}
