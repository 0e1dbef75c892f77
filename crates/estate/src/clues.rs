//! What tells a host, disk or guest from others, cleaned of everything that tells nothing: loopback addresses, vendors'
//! placeholders, group addresses, `localhost`.
//!
//! The registry keeps the clues of each resource; the matcher compares them. Kinds that are not joined by their
//! hardware have no clues but what their platform calls them (D-6).

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use jiff::Timestamp;
use muster_model::{
    EvidenceKind, HostFacet, Identity, Incarnation, MacAddress, NativeKey, Record, ResourceKind, SourceId,
    Virtualisation, is_placeholder_identifier, is_shared_address,
};
use smol_str::SmolStr;

/// A record's address: who reports it, under which key.
pub(crate) type Seat = (SourceId, NativeKey);

/// One clue, as the index files it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Clue {
    EnrolmentKey(SmolStr),
    PlatformKey(SmolStr),
    MachineId(SmolStr),
    DmiUuid(SmolStr),
    Mac(MacAddress),
    Ip(IpAddr),
    /// The short form, so that `nas` finds `nas.lan`.
    ShortHostname(SmolStr),
    Serial(SmolStr),
    Wwn(SmolStr),
    /// Another source's record that this one says it is.
    Names(Seat),
}

/// Everything that tells one resource from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Clues {
    pub(crate) enrolment_keys: BTreeSet<SmolStr>,
    pub(crate) platform_keys: BTreeSet<SmolStr>,
    /// What the guest was made with, where both parts are known.
    pub(crate) incarnations: BTreeSet<(SmolStr, Timestamp)>,
    pub(crate) machine_ids: BTreeSet<SmolStr>,
    pub(crate) dmi_uuids: BTreeSet<SmolStr>,
    pub(crate) macs: BTreeSet<MacAddress>,
    pub(crate) ips: BTreeSet<IpAddr>,
    pub(crate) hostnames: BTreeSet<SmolStr>,
    pub(crate) serials: BTreeSet<SmolStr>,
    pub(crate) wwns: BTreeSet<SmolStr>,
    /// What a disk is called on its host; no clue by itself, since every host has an `sda`.
    pub(crate) devices: BTreeSet<SmolStr>,
    pub(crate) names: BTreeSet<Seat>,
    /// Whether an agent says that it runs inside a guest.
    pub(crate) is_inside: bool,
    /// The records that speak for it at present.
    pub(crate) seats: BTreeSet<Seat>,
}

impl Clues {
    /// The clues of one record.
    pub(crate) fn of_record(source: &SourceId, record: &Record, incarnation: &Incarnation) -> Self {
        let mut clues = Self::default();
        clues.add_record(source, record, incarnation);
        clues
    }

    /// Adds what one record knows.
    pub(crate) fn add_record(&mut self, source: &SourceId, record: &Record, incarnation: &Incarnation) {
        self.seats.insert((source.clone(), record.key.clone()));
        self.names.extend(record.links.iter().map(|link| (link.source.clone(), link.key.clone())));
        self.add_telling(record.kind, &record.identity, incarnation);
        self.devices.extend(record.facets.iter().filter_map(|facet| usable(device_name(&facet.as_disk()?.device))));
        self.is_inside |= record.facets.iter().any(|facet| facet.as_host().is_some_and(is_inside));
    }

    /// Adds what resources of a kind are told apart by: for most of them only their platform's own name.
    pub(crate) fn add_telling(&mut self, kind: ResourceKind, identity: &Identity, incarnation: &Incarnation) {
        if kind.joins_on_evidence() {
            self.add_identity(kind, identity);
        } else {
            self.add_platform_key(identity);
        }
        self.incarnations.extend(incarnation.whole().map(|(uuid, made)| (uuid.into(), made)));
    }

    fn add_platform_key(&mut self, identity: &Identity) {
        self.platform_keys.extend(platform_key(identity));
    }

    /// Adds an identity, such as that of a thing seen in the past.
    pub(crate) fn add_identity(&mut self, kind: ResourceKind, identity: &Identity) {
        if kind == ResourceKind::PhysicalDisk {
            self.serials.extend(identity.serial.as_deref().and_then(usable));
            self.wwns.extend(identity.wwn.as_deref().and_then(usable_wwn));
            return;
        }
        self.add_platform_key(identity);
        // A host's chassis serial is no clue: the blades of one chassis share it.
        self.enrolment_keys.extend(identity.enrolment_key.as_deref().map(|key| SmolStr::new(key.trim())));
        self.machine_ids.extend(identity.machine_id.as_deref().and_then(usable));
        self.dmi_uuids.extend(identity.dmi_uuid.as_deref().and_then(usable));
        self.macs.extend(identity.mac_addresses.iter().filter(|mac| mac.identifies()));
        self.ips.extend(identity.ip_addresses.iter().copied().filter(|ip| !is_shared_address(*ip)));
        self.hostnames.extend(identity.hostnames.iter().filter_map(|name| usable_hostname(name)));
    }

    /// The same clues one by one, for the index.
    pub(crate) fn each(&self) -> impl Iterator<Item = Clue> + '_ {
        let words = |words: &'_ BTreeSet<SmolStr>, clue: fn(SmolStr) -> Clue| {
            words.iter().cloned().map(clue).collect::<Vec<_>>()
        };
        words(&self.enrolment_keys, Clue::EnrolmentKey)
            .into_iter()
            .chain(words(&self.platform_keys, Clue::PlatformKey))
            .chain(words(&self.machine_ids, Clue::MachineId))
            .chain(words(&self.dmi_uuids, Clue::DmiUuid))
            .chain(words(&self.serials, Clue::Serial))
            .chain(words(&self.wwns, Clue::Wwn))
            .chain(self.short_hostnames().map(Clue::ShortHostname))
            .chain(self.macs.iter().copied().map(Clue::Mac))
            .chain(self.ips.iter().copied().map(Clue::Ip))
            .chain(self.names.iter().cloned().map(Clue::Names))
    }

    /// What shows that two things are not one, whatever else they share: hardware or enrolment that differs, guests
    /// that were made apart, or one source that lists both at once.
    pub(crate) fn contradictions(&self, other: &Self) -> Vec<EvidenceKind> {
        // Only what a person joined has several; then one that is the same is enough.
        let differ = |ours: &BTreeSet<SmolStr>, theirs: &BTreeSet<SmolStr>| {
            !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(theirs)
        };
        let listed_apart = self
            .seats
            .iter()
            .any(|(source, key)| other.seats.iter().any(|(theirs, other_key)| theirs == source && other_key != key));
        [
            (EvidenceKind::EnrolmentKey, differ(&self.enrolment_keys, &other.enrolment_keys)),
            (EvidenceKind::DmiUuid, differ(&self.dmi_uuids, &other.dmi_uuids) || self.was_made_apart_from(other)),
            // Behind some adapters a disk has a serial number of the adapter's making; its world-wide name tells.
            (EvidenceKind::Serial, differ(&self.serials, &other.serials) && self.wwns.is_disjoint(&other.wwns)),
            (EvidenceKind::SameSource, listed_apart),
        ]
        .into_iter()
        .filter_map(|(kind, contradicts)| contradicts.then_some(kind))
        .collect()
    }

    /// Whether nothing speaks against the two being one.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        self.contradictions(other).is_empty()
    }

    /// Whether the two are guests of which neither UUID nor time of making is the same (D-6).
    fn was_made_apart_from(&self, other: &Self) -> bool {
        let theirs = &other.incarnations;
        let is_apart = |(uuid, made): &(SmolStr, Timestamp)| theirs.iter().all(|it| *uuid != it.0 && *made != it.1);
        !self.incarnations.is_empty() && !theirs.is_empty() && self.incarnations.iter().all(is_apart)
    }

    /// Whether platforms call both by a name of their own, and none the same. A platform may come to call a thing by
    /// another name, so this speaks against two being one, and does not rule it out.
    pub(crate) fn is_called_otherwise_than(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.platform_keys, &other.platform_keys);
        !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(theirs)
    }

    /// Whether both carry machine ids and none is the same.
    pub(crate) fn is_another_machine_than(&self, other: &Self) -> bool {
        !self.machine_ids.is_empty()
            && !other.machine_ids.is_empty()
            && self.machine_ids.is_disjoint(&other.machine_ids)
    }

    /// A host name on which both sides agree, in the longer form.
    pub(crate) fn shared_hostname(&self, other: &Self) -> Option<SmolStr> {
        let pairs = self.hostnames.iter().flat_map(|ours| other.hostnames.iter().map(move |theirs| (ours, theirs)));
        let equal = pairs.filter(|(ours, theirs)| same_hostname(ours, theirs));
        equal.map(|(ours, theirs)| if ours.len() >= theirs.len() { ours } else { theirs }).max().cloned()
    }

    fn short_hostnames(&self) -> impl Iterator<Item = SmolStr> {
        let short: BTreeSet<SmolStr> = self.hostnames.iter().map(|name| SmolStr::new(short_form(name))).collect();
        short.into_iter()
    }
}

fn is_inside(host: &HostFacet) -> bool {
    match host.virtualisation {
        Virtualisation::Unknown | Virtualisation::None => false,
        Virtualisation::Machine { .. } | Virtualisation::Container { .. } => true,
    }
}

/// `/dev/sda` and `sda` are one name.
fn device_name(device: &str) -> &str {
    device.strip_prefix("/dev/").unwrap_or(device)
}

/// What a platform calls the thing, without outer white space.
pub(crate) fn platform_key(identity: &Identity) -> Option<SmolStr> {
    let key = identity.platform_key.as_deref()?.trim();
    (!key.is_empty()).then(|| key.into())
}

/// Whether two host names name one host: equal in full, or one is the short form of the other.
pub(crate) fn same_hostname(one: &str, other: &str) -> bool {
    one == other
        || (!one.contains('.') && one == short_form(other))
        || (!other.contains('.') && other == short_form(one))
}

/// The part of a host name before its domain.
pub(crate) fn short_form(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// A host name in lower case without outer white space or final dot, unless it names everybody or is an address.
pub(crate) fn usable_hostname(name: &str) -> Option<SmolStr> {
    let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
    let is_address = name.parse::<Ipv4Addr>().is_ok() || name.parse::<Ipv6Addr>().is_ok();
    (!name.is_empty() && !is_address && short_form(&name) != "localhost").then(|| name.into())
}

fn usable(text: &str) -> Option<SmolStr> {
    (!is_placeholder_identifier(text)).then(|| text.trim().to_ascii_lowercase().into())
}

/// Sources write the same world-wide name with different prefixes.
fn usable_wwn(text: &str) -> Option<SmolStr> {
    let text = text.trim().to_ascii_lowercase();
    let bare = ["0x", "naa.", "eui.", "wwn-0x"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text);
    usable(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_agree_in_full_or_by_short_form() {
        //
        let check = |one, other, expected| {
            assert_eq!(same_hostname(one, other), expected, "{one} {other}");
            assert_eq!(same_hostname(other, one), expected, "{other} {one}");
        };
        check("nas", "nas", true);
        check("nas", "nas.a.lan", true);
        check("nas.a.lan", "nas.b.lan", false);
        check("nas", "nas2.a.lan", false);
    }

    #[test]
    fn what_everybody_has_is_no_clue() {
        //
        let identity = Identity {
            machine_id: Some("00000000000000000000000000000000".into()),
            dmi_uuid: Some("03000200-0400-0500-0006-000700080009".into()),
            serial: Some("To be filled by O.E.M.".into()),
            wwn: Some("0x0000000000000000".into()),
            hostnames: ["localhost", "localhost.localdomain", "10.0.0.5", "fe80::1", " "].map(String::from).into(),
            ip_addresses: ["127.0.0.1", "::1", "169.254.7.7", "fe80::1", "172.17.0.1"]
                .map(|ip| ip.parse().unwrap())
                .into(),
            mac_addresses: ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"].map(|mac| mac.parse().unwrap()).into(),
            ..Identity::default()
        };
        let mut clues = Clues::default();
        clues.add_identity(ResourceKind::Agent, &identity);
        assert_eq!(clues, Clues::default());
        assert_eq!(clues.each().count(), 0);
    }

    #[test]
    fn world_wide_names_lose_their_prefix() {
        for text in ["0x5000C500A1B2C3D4", "naa.5000c500a1b2c3d4", "wwn-0x5000c500a1b2c3d4", " 5000c500a1b2c3d4 "] {
            assert_eq!(usable_wwn(text).as_deref(), Some("5000c500a1b2c3d4"), "{text}");
        }
    }

    #[test]
    fn different_hardware_contradicts_whatever_else_agrees() {
        // D-7
        let clues = |dmi: &str| {
            let identity = Identity { machine_id: Some("m".into()), dmi_uuid: Some(dmi.into()), ..Identity::default() };
            let mut clues = Clues::default();
            clues.add_identity(ResourceKind::Agent, &identity);
            clues
        };
        assert_eq!(clues("a").contradictions(&clues("b")), [EvidenceKind::DmiUuid]);
        assert!(clues("a").agrees_with(&clues("A ")));
    }
}
