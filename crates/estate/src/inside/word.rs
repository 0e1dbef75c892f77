//! The words by which hosts and guests are compared: an id of their hardware, an address of it, a name. Pure.

use muster_model::{EvidenceKind, MacAddress, ResourceKind, SourceKind, is_placeholder_identifier};
use smol_str::SmolStr;

use crate::{
    clues::{short_form, usable_hostname},
    row::Row,
};

/// What a row can be to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// A host that an agent reports and no platform calls its node: it may run inside a guest.
    Host,
    /// A guest that it may run in.
    Guest,
}

/// By what the two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Uuid,
    Hardware,
    Name,
}

/// What both sides may show.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Word {
    Text(SmolStr),
    Mac(MacAddress),
}

impl Role {
    /// The role of those whom somebody is compared with.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Host => Self::Guest,
            Self::Guest => Self::Host,
        }
    }

    /// What a row can be; most are neither.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let is_host = row.kind == ResourceKind::Agent
            && row.is_reported_by(SourceKind::Agent)
            && !row.is_reported_by(SourceKind::Proxmox)
            && !row.is_reported_by(SourceKind::Vmware);
        let is_guest = row.kind == ResourceKind::Vm || row.kind == ResourceKind::SystemContainer;
        if is_host { Some(Self::Host) } else { is_guest.then_some(Self::Guest) }
    }
}

impl Sign {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Uuid, Self::Hardware, Self::Name];

    /// The words by which a row is compared.
    pub(super) fn words(self, row: &Row, mut each: impl FnMut(Word)) {
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
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text.into(),
            Self::Mac(mac) => mac.to_string(),
        }
    }
}
