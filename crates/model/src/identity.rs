//! What tells one thing from another, and the evidence on which two sightings were taken for one.

use std::{collections::BTreeSet, net::IpAddr};

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::{Incarnation, MacAddress, ResourceId, ResourceKind, SourceId};

/// Matching evidence that a source has about a thing. Everything is optional; sources know different parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Identity {
    /// The key that our server issued at enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolment_key: Option<String>,
    /// `/etc/machine-id` or its like: one per installation, but cloned with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_id: Option<String>,
    /// SMBIOS system UUID, lower-case with dashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dmi_uuid: Option<String>,
    /// Serial number of a chassis or disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// World-wide name of a disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wwn: Option<String>,
    /// Name of the cluster that the thing belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_name: Option<String>,
    /// What the platform calls a guest, node or storage, whoever asks it (D-6): the fingerprint of its cluster and its
    /// own number or name, such as `<cluster fingerprint>/qemu/100`. Connections to one cluster agree on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_key: Option<String>,
    /// Host names, lower-case.
    pub hostnames: BTreeSet<String>,
    /// Addresses, without prefix length.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub ip_addresses: BTreeSet<IpAddr>,
    /// Hardware addresses that belong to the thing itself, not to bridges or guests on it.
    pub mac_addresses: BTreeSet<MacAddress>,
}

impl Identity {
    /// Takes from `other` what is missing here and unites the sets.
    pub fn absorb(&mut self, other: &Self) {
        let Self {
            enrolment_key,
            machine_id,
            dmi_uuid,
            serial,
            wwn,
            cluster_name,
            platform_key,
            hostnames,
            ip_addresses,
            mac_addresses,
        } = other;
        fill(&mut self.enrolment_key, enrolment_key.as_ref());
        fill(&mut self.machine_id, machine_id.as_ref());
        fill(&mut self.dmi_uuid, dmi_uuid.as_ref());
        fill(&mut self.serial, serial.as_ref());
        fill(&mut self.wwn, wwn.as_ref());
        fill(&mut self.cluster_name, cluster_name.as_ref());
        fill(&mut self.platform_key, platform_key.as_ref());
        self.hostnames.extend(hostnames.iter().cloned());
        self.ip_addresses.extend(ip_addresses);
        self.mac_addresses.extend(mac_addresses);
    }

    /// The strongest stable string that this evidence supports for a thing of the given kind, if any; without
    /// one the id rests on the source's own key.
    pub fn stable_key(&self, kind: ResourceKind) -> Option<StableKey> {
        let serial = self.serial.as_ref().filter(|serial| !is_placeholder_identifier(serial));
        if kind == ResourceKind::PhysicalDisk {
            return serial.map(|serial| StableKey(format!("machine:{serial}")));
        }
        if kind != ResourceKind::Agent {
            return self.platform_key.as_ref().map(|key| StableKey(format!("platform:{key}")));
        }
        let hostname = self.hostnames.iter().max_by_key(|name| (name.len(), std::cmp::Reverse(*name)));
        let clustered =
            self.cluster_name.as_ref().zip(hostname).map(|(cluster, name)| format!("cluster:{cluster}:{name}"));
        self.machine_id
            .as_ref()
            .map(|id| format!("machine:{id}"))
            .or_else(|| self.dmi_uuid.as_ref().map(|uuid| format!("dmi:{uuid}")))
            .or(clustered)
            .or_else(|| hostname.map(|name| format!("hostname:{name}")))
            .or_else(|| {
                self.ip_addresses.iter().find(|ip| !crate::is_shared_address(**ip)).map(|ip| format!("ip:{ip}"))
            })
            .map(StableKey)
    }
}

fn fill(slot: &mut Option<String>, value: Option<&String>) {
    if slot.is_none() {
        *slot = value.cloned();
    }
}

/// R-10's stable string: what a resource id is minted from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StableKey(String);

impl StableKey {
    /// The stable string of a thing known only by its source's own key.
    pub fn from_source(source: &SourceId, key: &crate::NativeKey) -> Self {
        Self(format!("{source}:{key}"))
    }

    /// Mints the id.
    pub fn mint(&self, kind: ResourceKind) -> ResourceId {
        ResourceId::mint(kind, &self.0)
    }

    /// The same string for a thing that was made anew under a number that another one had (D-6).
    #[must_use]
    pub fn of_incarnation(&self, incarnation: &Incarnation) -> Self {
        let Incarnation { dmi_uuid, created_at } = incarnation;
        let created_at = created_at.map(|at| at.to_string()).unwrap_or_default();
        Self(format!("{}|{}|{created_at}", self.0, dmi_uuid.as_deref().unwrap_or_default()))
    }

    /// The same string made different, for the rare case that its id is already taken by another thing (a cloned
    /// machine id).
    #[must_use]
    pub fn disambiguated(&self, source: &SourceId, key: &crate::NativeKey) -> Self {
        Self(format!("{}|{source}:{key}", self.0))
    }
}

/// Whether an identifier is one of the values that vendors leave in place of a real one.
pub fn is_placeholder_identifier(text: &str) -> bool {
    const PLACEHOLDERS: &[&str] = &[
        "",
        "UNKNOWN",
        "N/A",
        "NA",
        "NONE",
        "NULL",
        "NOT SPECIFIED",
        "NOT AVAILABLE",
        "DEFAULT",
        "DEFAULT-SERIAL",
        "DEFAULT STRING",
        "SYSTEM SERIAL NUMBER",
        "TO BE FILLED BY O.E.M.",
        "0123456789",
        "03000200-0400-0500-0006-000700080009",
    ];
    let text = text.trim().to_ascii_uppercase();
    let only = |wanted: char| text.chars().filter(|c| *c != '-').all(|c| c == wanted);
    PLACEHOLDERS.contains(&text.as_str()) || only('0') || only('F')
}

/// One reason why two sightings were taken for one thing, kept with the decision so that it can be explained and
/// undone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// What was compared.
    pub kind: EvidenceKind,
    /// The value on which both sides agree.
    pub value: String,
}

/// What was compared, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EvidenceKind {
    /// An operator said so.
    Operator,
    /// The same enrolment key.
    EnrolmentKey,
    /// The same source said so again, under the same key.
    SameSource,
    /// The same name on the same cluster, whichever connection asked (D-6).
    PlatformKey,
    /// Both sides name each other, or one does and they share a unique host name.
    Link,
    /// The same machine id.
    MachineId,
    /// The same SMBIOS UUID.
    DmiUuid,
    /// The same disk serial.
    Serial,
    /// The same world-wide name.
    Wwn,
    /// The same device name on the same host, which no other disk there has.
    DevicePath,
    /// A hardware address that nobody else has.
    MacAddress,
    /// The same host name, in full or one the short form of the other.
    Hostname,
    /// An address that nobody else has.
    IpAddress,
}

impl EvidenceKind {
    /// How sure one piece of this evidence makes us, from 0 to 1. Where host name and hardware or network
    /// address agree together, R-12's combined values apply; see the matcher in `estate`.
    pub fn confidence(self) -> f64 {
        match self {
            Self::Operator
            | Self::EnrolmentKey
            | Self::SameSource
            | Self::PlatformKey
            | Self::Link
            | Self::MachineId => 1.0,
            Self::DmiUuid | Self::Serial | Self::Wwn => 0.99,
            Self::DevicePath => 0.9,
            Self::Hostname => 0.5,
            Self::MacAddress | Self::IpAddress => 0.4,
        }
    }

    /// Whether it came with rulings: programs from before cannot read what rests on it (D-15).
    pub fn is_since_rulings(self) -> bool {
        match self {
            Self::DevicePath => true,
            Self::Operator
            | Self::EnrolmentKey
            | Self::SameSource
            | Self::PlatformKey
            | Self::Link
            | Self::MachineId
            | Self::DmiUuid
            | Self::Serial
            | Self::Wwn
            | Self::MacAddress
            | Self::Hostname
            | Self::IpAddress => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| String::from(*name)).collect()
    }

    #[test]
    fn stable_keys_take_the_strongest_evidence() {
        //
        let mut identity = Identity { ip_addresses: ["10.0.0.5".parse().unwrap()].into(), ..Identity::default() };
        let check = |identity: &Identity, expected: &str| {
            assert_eq!(identity.stable_key(ResourceKind::Agent), Some(StableKey(expected.to_owned())));
        };
        check(&identity, "ip:10.0.0.5");
        identity.hostnames = names(&["nas", "nas.lan"]);
        check(&identity, "hostname:nas.lan");
        identity.cluster_name = Some("lab".into());
        check(&identity, "cluster:lab:nas.lan");
        identity.dmi_uuid = Some("d".into());
        check(&identity, "dmi:d");
        identity.machine_id = Some("m".into());
        check(&identity, "machine:m");
        assert_eq!(identity.stable_key(ResourceKind::Vm), None);
        identity.platform_key = Some("lab/qemu/100".into());
        check(&identity, "machine:m");
        assert_eq!(identity.stable_key(ResourceKind::Vm), Some(StableKey("platform:lab/qemu/100".to_owned())));
    }

    #[test]
    fn placeholder_serials_identify_nothing() {
        //
        for text in ["", " unknown", "N/A", "To be filled by O.E.M.", "00000000", "FFFF-FFFF", "0123456789"] {
            assert!(is_placeholder_identifier(text), "{text}");
            let identity = Identity { serial: Some(text.into()), ..Identity::default() };
            assert_eq!(identity.stable_key(ResourceKind::PhysicalDisk), None);
        }
        assert!(!is_placeholder_identifier("S1"));
    }

    #[test]
    fn absorbing_fills_blanks_and_unites_sets() {
        //
        let mut one = Identity { machine_id: Some("m".into()), hostnames: names(&["a"]), ..Identity::default() };
        let two = Identity {
            machine_id: Some("other".into()),
            dmi_uuid: Some("d".into()),
            hostnames: names(&["b"]),
            ..Identity::default()
        };
        one.absorb(&two);
        assert_eq!(one.machine_id.as_deref(), Some("m"));
        assert_eq!(one.dmi_uuid.as_deref(), Some("d"));
        assert_eq!(one.hostnames, names(&["a", "b"]));
    }
}
