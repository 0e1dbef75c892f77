//! Which host is the system inside which guest: an agent that runs inside a virtual machine or container reports
//! a host, its platform reports a guest. They are two resources of different kinds, and related.
//!
//! A pure function of the rows, found on first use of a snapshot. Hardware decides before names, virtual machines
//! before containers; the first level that finds anything decides, and two finds on either side are one too many: then
//! there is no relation. A name alone relates nothing where both sides' hardware addresses are known and none is
//! shared. Nothing here joins anything.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use muster_model::{
    Evidence, EvidenceKind, MacAddress, ResourceId, ResourceKind, SourceKind, is_placeholder_identifier,
};
use smol_str::SmolStr;

use crate::{
    clues::{short_form, usable_hostname},
    id_map::IdMap,
    relationship::Relationship,
    row::Row,
};

/// By what the two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Uuid,
    Hardware,
    Name,
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

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Word {
    Text(SmolStr),
    Mac(MacAddress),
}

/// A host for which a guest is looked for.
struct Search<'a> {
    host: &'a Row,
    /// Guests that share a word with it.
    found: BTreeMap<ResourceId, (&'a Row, Word)>,
    /// Whether one of these words is another host's too.
    is_shared: bool,
}

/// All relations between hosts and the guests that they run in, by both of their ends.
pub(crate) fn find(rows: &[Arc<Row>]) -> IdMap<Vec<Relationship>> {
    let mut hosts: Vec<&Row> = rows.iter().map(|row| &**row).filter(|row| may_be_inside(row)).collect();
    let mut by_end: IdMap<Vec<Relationship>> = IdMap::default();
    for level in &LEVELS {
        if hosts.is_empty() {
            break;
        }
        let searches = search(level, &hosts, rows);
        hosts = searches.iter().filter(|search| search.found.is_empty()).map(|search| search.host).collect();
        for relation in searches.into_iter().filter_map(|search| search.only(level)) {
            // Somebody who was related on a stronger level is not looked for again.
            if !by_end.contains_key(&relation.target_id) {
                by_end.entry(relation.source_id).or_default().push(relation.clone());
                by_end.entry(relation.target_id).or_default().push(relation);
            }
        }
    }
    by_end
}

/// A host that an agent reports and no platform calls its node.
fn may_be_inside(row: &Row) -> bool {
    row.kind == ResourceKind::Agent
        && row.is_reported_by(SourceKind::Agent)
        && !row.is_reported_by(SourceKind::Proxmox)
        && !row.is_reported_by(SourceKind::Vmware)
}

/// Looks for every host at once: the hosts are few, the guests may be many.
fn search<'a>(level: &Level, hosts: &[&'a Row], rows: &'a [Arc<Row>]) -> Vec<Search<'a>> {
    let mut holders: HashMap<Word, Vec<usize>> = HashMap::new();
    for (place, host) in hosts.iter().enumerate() {
        level.sign.words(host, |word| holders.entry(word).or_default().push(place));
    }
    let nothing = |host: &&'a Row| Search { host, found: BTreeMap::new(), is_shared: false };
    let mut searches: Vec<Search<'a>> = hosts.iter().map(nothing).collect();
    for guest in rows.iter().filter(|row| level.guests.contains(&row.kind)) {
        level.sign.words(guest, |word| {
            let places = holders.get(&word).map_or(&[][..], Vec::as_slice);
            for place in places {
                searches[*place].is_shared |= places.iter().any(|other| other != place);
                searches[*place].found.insert(guest.id, (guest, word.clone()));
            }
        });
    }
    searches
}

impl Search<'_> {
    /// The relation to the only guest that was found, if the host is the only one that finds it.
    fn only(self, level: &Level) -> Option<Relationship> {
        let Self { host, mut found, is_shared } = self;
        let (_, (guest, word)) = found.pop_first().filter(|_| !is_shared && found.is_empty())?;
        let evidence = Evidence { kind: level.sign.into(), value: word.into_text() };
        is_possible(level, host, guest).then(|| Relationship::inside(host, guest, level.confidence, evidence))
    }
}

/// Whether no hardware address speaks against a shared name.
fn is_possible(level: &Level, host: &Row, guest: &Row) -> bool {
    let (ours, theirs) = (&host.identity.mac_addresses, &guest.identity.mac_addresses);
    level.sign != Sign::Name || ours.is_empty() || theirs.is_empty() || !ours.is_disjoint(theirs)
}

impl Sign {
    /// The words by which a row is compared.
    fn words(self, row: &Row, mut each: impl FnMut(Word)) {
        match self {
            Self::Uuid => {
                let uuid = row.identity.dmi_uuid.as_deref().filter(|uuid| !is_placeholder_identifier(uuid));
                uuid.into_iter().for_each(|uuid| each(Word::Text(uuid.trim().to_ascii_lowercase().into())));
            }
            Self::Hardware => {
                let addresses = row.identity.mac_addresses.iter().filter(|mac| mac.identifies());
                addresses.for_each(|mac| each(Word::Mac(*mac)));
            }
            Self::Name => {
                // A guest is also what its platform calls it; a host's name may be what somebody likes.
                let told = row.identity.hostnames.iter().map(String::as_str);
                let given = (row.kind != ResourceKind::Agent).then_some(row.name.as_str());
                let names = told.chain(given).filter_map(usable_hostname);
                names.for_each(|name| each(Word::Text(short_form(&name).into())));
            }
        }
    }
}

impl From<Sign> for EvidenceKind {
    fn from(sign: Sign) -> Self {
        match sign {
            Sign::Uuid => Self::DmiUuid,
            Sign::Hardware => Self::MacAddress,
            Sign::Name => Self::Hostname,
        }
    }
}

impl Word {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text.into(),
            Self::Mac(mac) => mac.to_string(),
        }
    }
}
