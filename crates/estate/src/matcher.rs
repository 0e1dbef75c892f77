//! Who is who (R-12, R-13, D-7): finds the resources that a thing certainly is, on evidence.
//!
//! The sweep asks for each host and disk that is new or changed, and for whatever its platform names over connections.
//! The matcher only reads; candidates come from the index, never from a walk over the estate. Nodes and agents that
//! share an address or name are [`crate::linking`]'s. Evidence that is not certain joins nothing here; it becomes a
//! conflict for people to decide (see [`crate::conflict`]). What they have ruled out is no candidate.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use muster_model::{Evidence, EvidenceKind, ResourceId, ResourceKind, SourceId};
use smol_str::SmolStr;

use crate::{
    clues::{Clue, Clues, Seat, short_form},
    registry::Registry,
    resource::Resource,
    source::Source,
};

/// A hardware address with more holders than this identifies nobody, and is not looked into.
const MOST_HOLDERS: usize = 16;

/// The question's context: the estate as it stands.
pub(crate) struct Matcher<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) sources: &'a BTreeMap<SourceId, Source>,
}

/// A thing to be placed: a new record, or a resource whose clues changed.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) kind: ResourceKind,
    pub(crate) clues: &'a Clues,
    /// The resource it belongs to; disks join only below one host.
    pub(crate) parent: Option<ResourceId>,
    /// The resource that it is already.
    pub(crate) own: Option<ResourceId>,
}

/// A resource that the subject certainly is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) id: ResourceId,
    pub(crate) evidence: Vec<Evidence>,
}

impl Matcher<'_> {
    /// Present resources that the subject certainly is, oldest first. None when they contradict each other: then
    /// nobody can say which of them it is.
    pub(crate) fn present(&self, subject: Subject<'_>) -> Vec<Match> {
        let candidates = self.candidates(subject);
        self.certain(subject, &candidates, Resource::is_live)
    }

    /// The oldest present resource that the subject certainly is, else the oldest one of the past. None where it is one of
    /// each and a person said that those two are not one.
    pub(crate) fn present_or_past(&self, subject: Subject<'_>) -> Option<Match> {
        let candidates = self.candidates(subject);
        let present = self.certain(subject, &candidates, Resource::is_live).into_iter().next();
        let past = || self.certain(subject, &candidates, |resource| !resource.is_live()).into_iter().next();
        let Some(present) = present else { return past() };
        let may_be_another = self.registry.is_ruled_on(present.id);
        let is_apart = |past: Match| self.registry.are_ruled_apart(present.id, past.id);
        (!may_be_another || !past().is_some_and(is_apart)).then_some(present)
    }

    /// The resource that a record's parent key leads to.
    pub(crate) fn parent_of(&self, source: &SourceId, record: &muster_model::Record) -> Option<ResourceId> {
        let parent = self.sources.get(source)?.listed.get(record.parent.as_ref()?)?;
        Some(self.registry.canonical(parent.resource))
    }

    /// The parent that the strongest record with a known parent names.
    pub(crate) fn parent(&self, resource: &Resource) -> Option<ResourceId> {
        if !resource.is_live() {
            // Until the sweep that took it ends, a thing of the past still stands where it stood.
            return resource.parent;
        }
        let parents = resource.members.iter().filter_map(|member| self.parent_of(&member.source, &member.record));
        parents.into_iter().find(|parent| *parent != resource.id)
    }

    fn certain(
        &self,
        subject: Subject<'_>,
        candidates: &BTreeSet<ResourceId>,
        wanted: fn(&Resource) -> bool,
    ) -> Vec<Match> {
        let found = candidates.iter().filter_map(|id| {
            let fits = |other: &&Resource| wanted(other) && subject.clues.agrees_with(&other.telling());
            let other = self.registry.get(*id).filter(fits)?;
            let evidence = self.certainty(subject, other);
            (!evidence.is_empty()).then_some(Match { id: *id, evidence })
        });
        let mut matches: Vec<Match> = found.collect();
        matches.sort_by_key(|found| self.age(found.id));
        if self.all_agree(&matches) { matches } else { Vec::new() }
    }

    /// Resources that share one of the clues on which certainty can rest.
    fn candidates(&self, subject: Subject<'_>) -> BTreeSet<ResourceId> {
        let clues = subject.clues;
        let telling = clues.each().filter(|clue| match clue {
            Clue::EnrolmentKey(_)
            | Clue::PlatformKey(_)
            | Clue::DmiUuid(_)
            | Clue::Mac(_)
            | Clue::Serial(_)
            | Clue::Wwn(_) => true,
            // Clones share a machine id, many hosts a name or address: they confirm, but do not lead.
            Clue::MachineId(_) | Clue::Ip(_) | Clue::ShortHostname(_) | Clue::Names(_) => false,
        });
        let naming_it = clues.seats.iter().cloned().map(Clue::Names);
        let holders = telling.chain(naming_it).flat_map(|clue| self.few_holders(&clue).to_vec());
        let named = clues.names.iter().filter_map(|seat| self.at(seat));
        let all: BTreeSet<ResourceId> =
            holders.chain(named).chain(self.linkable(subject)).chain(self.siblings(subject)).collect();
        let may_be = |id: &ResourceId| id.kind() == subject.kind && Some(*id) != subject.own;
        all.into_iter().filter(|id| may_be(id) && !self.is_ruled_out(subject.own, *id)).collect()
    }

    /// Whether a person said that what is asked for is not that one.
    pub(crate) fn is_ruled_out(&self, own: Option<ResourceId>, id: ResourceId) -> bool {
        own.is_some_and(|own| self.registry.are_ruled_apart(own, id))
    }

    /// The evidence on which the two are certainly one; empty when there is none.
    fn certainty(&self, subject: Subject<'_>, other: &Resource) -> Vec<Evidence> {
        let mut evidence =
            shared(EvidenceKind::PlatformKey, &subject.clues.platform_keys, &other.telling().platform_keys);
        if subject.kind == ResourceKind::PhysicalDisk {
            evidence.extend(self.disk_certainty(subject, other));
        } else if subject.kind.joins_on_evidence() {
            evidence.extend(self.host_certainty(subject, other));
        }
        evidence
    }

    /// the same serial or world-wide name below the same host, or the same unique device there.
    fn disk_certainty(&self, subject: Subject<'_>, other: &Resource) -> Vec<Evidence> {
        if subject.parent.is_none() || subject.parent != self.parent(other) {
            return Vec::new();
        }
        let serial = shared(EvidenceKind::Serial, &subject.clues.serials, &other.clues.serials);
        let wwn = shared(EvidenceKind::Wwn, &subject.clues.wwns, &other.clues.wwns);
        let hardware = [serial, wwn].concat();
        if hardware.is_empty() { self.same_device(subject, other) } else { hardware }
    }

    /// Two sources call a disk of one host the same, nothing tells it from the other's, and no third is called so.
    fn same_device(&self, subject: Subject<'_>, other: &Resource) -> Vec<Evidence> {
        let (clues, theirs) = (subject.clues, &other.clues);
        let are_told_apart = |ours: &BTreeSet<SmolStr>, theirs: &BTreeSet<SmolStr>| {
            !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(theirs)
        };
        if are_told_apart(&clues.serials, &theirs.serials) || are_told_apart(&clues.wwns, &theirs.wwns) {
            return Vec::new();
        }
        let is_third = |id: &ResourceId| *id != other.id && Some(*id) != subject.own;
        let thirds = self.siblings(subject).into_iter().filter(is_third).filter_map(|id| self.registry.get(id));
        let taken: BTreeSet<SmolStr> = thirds.flat_map(|third| third.clues.devices.iter().cloned()).collect();
        let devices = shared(EvidenceKind::DevicePath, &clues.devices, &theirs.devices);
        devices.into_iter().filter(|device| !taken.contains(device.value.as_str())).collect()
    }

    /// The disks of the host that a disk belongs to, itself among them. Where one source alone speaks for the host, it lists
    /// them all, and knows them apart.
    fn siblings(&self, subject: Subject<'_>) -> Vec<ResourceId> {
        let parent = subject.parent.filter(|_| subject.kind == ResourceKind::PhysicalDisk);
        let host = parent.and_then(|parent| self.registry.get(parent)).filter(|host| host.members.len() > 1);
        let listed = host.into_iter().flat_map(|host| &host.members).flat_map(|member| {
            let source = self.sources.get(&member.source);
            source.into_iter().flat_map(|source| source.children_of(&member.record.key))
        });
        let disks = listed.map(|listed| self.registry.canonical(listed.resource));
        disks.filter(|id| id.kind() == ResourceKind::PhysicalDisk).collect()
    }

    fn host_certainty(&self, subject: Subject<'_>, other: &Resource) -> Vec<Evidence> {
        let (clues, theirs) = (subject.clues, &other.clues);
        let mut evidence = shared(EvidenceKind::EnrolmentKey, &clues.enrolment_keys, &theirs.enrolment_keys);
        evidence.extend(self.linked(subject, other));
        evidence.extend(self.same_machine(subject, other));
        if evidence.is_empty() {
            evidence.extend(self.automatic_link(subject, other));
        }
        evidence
    }

    /// Machine id and hardware together: one alone may have been cloned (D-7).
    fn same_machine(&self, subject: Subject<'_>, other: &Resource) -> Vec<Evidence> {
        let (clues, theirs) = (subject.clues, &other.clues);
        let machine = shared(EvidenceKind::MachineId, &clues.machine_ids, &theirs.machine_ids);
        let mut hardware = shared(EvidenceKind::DmiUuid, &clues.dmi_uuids, &theirs.dmi_uuids);
        let macs =
            clues.macs.intersection(&theirs.macs).filter(|mac| self.is_unique(&Clue::Mac(**mac), subject, other));
        hardware.extend(macs.map(|mac| Evidence { kind: EvidenceKind::MacAddress, value: mac.to_string() }));
        if machine.is_empty() || hardware.is_empty() { Vec::new() } else { [machine, hardware].concat() }
    }

    /// each names the other, or one names the other and they share a host name that nobody else has.
    fn linked(&self, subject: Subject<'_>, other: &Resource) -> Vec<Evidence> {
        let (clues, theirs) = (subject.clues, &other.clues);
        let names_them = clues.names.intersection(&theirs.seats).next();
        let names_us = theirs.names.intersection(&clues.seats).next();
        let link = |(source, key): &Seat| Evidence { kind: EvidenceKind::Link, value: format!("{source} {key}") };
        match (names_them, names_us) {
            (Some(them), Some(us)) => vec![link(them), link(us)],
            (Some(one), None) | (None, Some(one)) => {
                let name = clues.shared_hostname(theirs).filter(|name| {
                    self.is_unique(&Clue::ShortHostname(SmolStr::new(short_form(name))), subject, other)
                });
                name.map_or_else(Vec::new, |name| {
                    vec![link(one), Evidence { kind: EvidenceKind::Hostname, value: name.into() }]
                })
            }
            (None, None) => Vec::new(),
        }
    }

    /// Whether nobody holds the clue who is known to be somebody else than these two.
    fn is_unique(&self, clue: &Clue, subject: Subject<'_>, other: &Resource) -> bool {
        let holders = self.registry.index().holders(clue);
        let is_third = |id: &&ResourceId| **id != other.id && Some(**id) != subject.own;
        let mut thirds =
            holders.iter().filter(is_third).filter_map(|id| self.registry.get(*id)).filter(|r| r.is_live());
        holders.len() <= MOST_HOLDERS
            && match clue {
                Clue::ShortHostname(_) => thirds.next().is_none(),
                _ => !thirds.any(|third| [subject.clues, &other.clues].iter().any(|one| are_apart(one, &third.clues))),
            }
    }

    pub(crate) fn few_holders(&self, clue: &Clue) -> &[ResourceId] {
        let holders = self.registry.index().holders(clue);
        if holders.len() <= MOST_HOLDERS { holders } else { &[] }
    }

    fn at(&self, (source, key): &Seat) -> Option<ResourceId> {
        let listed = self.sources.get(source)?.listed.get(key)?;
        Some(self.registry.canonical(listed.resource))
    }

    fn all_agree(&self, matches: &[Match]) -> bool {
        let clues: Vec<(ResourceId, Cow<'_, Clues>)> =
            matches.iter().filter_map(|found| Some((found.id, self.registry.get(found.id)?.telling()))).collect();
        let agree = |(one, ours): &(ResourceId, Cow<'_, Clues>), (other, theirs): &(ResourceId, Cow<'_, Clues>)| {
            ours.agrees_with(theirs) && !self.registry.are_ruled_apart(*one, *other)
        };
        clues.iter().enumerate().all(|(at, one)| clues[at + 1..].iter().all(|other| agree(one, other)))
    }

    /// What "older" means where one of two resources has to give way.
    fn age(&self, id: ResourceId) -> (jiff::Timestamp, ResourceId) {
        (self.registry.get(id).map_or(jiff::Timestamp::MAX, |resource| resource.first_seen_at), id)
    }
}

fn are_apart(one: &Clues, other: &Clues) -> bool {
    one.is_another_machine_than(other) || !one.agrees_with(other)
}

fn shared(kind: EvidenceKind, ours: &BTreeSet<SmolStr>, theirs: &BTreeSet<SmolStr>) -> Vec<Evidence> {
    ours.intersection(theirs).map(|value| Evidence { kind, value: value.to_string() }).collect()
}
