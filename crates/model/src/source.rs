//! Who observes.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::ResourceKind;

/// The kind of a source. Transport words (`vcenter`, `json-rpc`) are never source kinds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum SourceKind {
    /// Proxmox VE.
    Proxmox,
    /// A host agent.
    Agent,
    /// A Docker or Podman engine.
    Docker,
    /// Proxmox Backup Server.
    Pbs,
    /// Proxmox Mail Gateway.
    Pmg,
    /// A Kubernetes API server.
    Kubernetes,
    /// TrueNAS.
    Truenas,
    /// VMware vCenter.
    Vmware,
}

impl SourceKind {
    /// Every kind, in the order of the enum.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The kind's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a kind as an outsider may spell it: any case, outer white space, and the alias of R-6.
    pub fn from_input(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "vmware-vsphere" => Some(Self::Vmware),
            other => other.parse().ok(),
        }
    }

    /// Whether this server asks such a source, rather than being told by it.
    pub fn is_polled(self) -> bool {
        match self {
            Self::Agent => false,
            Self::Proxmox | Self::Docker | Self::Pbs | Self::Pmg | Self::Kubernetes | Self::Truenas | Self::Vmware => {
                true
            }
        }
    }

    /// How long a source of this kind may be silent before what it said counts as stale.
    pub fn stale_after(self) -> SignedDuration {
        match self {
            Self::Proxmox | Self::Agent => SignedDuration::from_secs(60),
            Self::Docker | Self::Pbs | Self::Pmg | Self::Kubernetes | Self::Truenas | Self::Vmware => {
                SignedDuration::from_secs(120)
            }
        }
    }

    /// How much this source's word weighs where several describe one resource of a kind. Higher wins. Of a
    /// hypervisor's guest the hypervisor knows better than an agent inside it.
    pub fn precedence(self, kind: ResourceKind) -> u8 {
        match self {
            Self::Agent if matches!(kind, ResourceKind::Vm | ResourceKind::SystemContainer) => 1,
            Self::Agent => 3,
            Self::Proxmox | Self::Vmware => 2,
            Self::Docker => 1,
            Self::Pbs | Self::Pmg | Self::Kubernetes | Self::Truenas => 0,
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SourceKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(deserializer)?;
        Self::from_input(&text).ok_or_else(|| {
            let kinds: Vec<_> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
            serde::de::Error::custom(format_args!("`{text}` is no kind of source; there are {}", kinds.join(", ")))
        })
    }
}

/// One source: its kind and which connection or agent of that kind. Written `agent:local`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct SourceId {
    kind: SourceKind,
    connection: SmolStr,
}

/// Why a text names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no source: expected `<kind>:<connection>`, for example `agent:local`")]
pub struct InvalidSource(String);

impl SourceId {
    /// Names a source; the connection is trimmed.
    ///
    /// # Errors
    /// When the connection is empty.
    pub fn new(kind: SourceKind, connection: &str) -> Result<Self, InvalidSource> {
        let connection = connection.trim();
        if connection.is_empty() {
            return Err(InvalidSource(format!("{kind}:")));
        }
        Ok(Self { kind, connection: connection.into() })
    }

    /// The agent that runs inside the server and watches the server's own machine.
    pub fn local_agent() -> Self {
        Self { kind: SourceKind::Agent, connection: SmolStr::new_static("local") }
    }

    /// The kind of source.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// Which one of its kind.
    pub fn connection(&self) -> &str {
        &self.connection
    }
}

impl FromStr for SourceId {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let invalid = || InvalidSource(text.chars().take(80).collect());
        let (kind, connection) = text.trim().split_once(':').ok_or_else(invalid)?;
        Self::new(SourceKind::from_input(kind).ok_or_else(invalid)?, connection)
    }
}

impl TryFrom<String> for SourceId {
    type Error = InvalidSource;
    fn try_from(text: String) -> Result<Self, InvalidSource> {
        text.parse()
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Piece by piece: a long list holds thousands of these.
        f.write_str(self.kind.as_str())?;
        f.write_str(":")?;
        f.write_str(&self.connection)
    }
}

/// When a source last spoke and how often it does: what survives a restart besides its records. Stored at most once a
/// minute (D-12), so that `last_seen` may lag behind what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceStamp {
    /// Who.
    pub source: SourceId,
    /// When its last report arrived, by our clock.
    pub last_seen: Timestamp,
    /// How long until its next report is due.
    pub interval: SignedDuration,
}

/// Whether what a source said is still current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum SourceFreshness {
    /// Sighted within its threshold.
    Online,
    /// Silent for longer than its threshold.
    Stale,
    /// Reported so, by the source itself or by whoever polls it.
    Offline,
    /// Never sighted.
    Unknown,
}

impl SourceFreshness {
    /// Judges a source by when it was last seen and how often it reports: stale after the larger of its kind's
    /// threshold and three of its intervals (D-8). A source never sighted is unknown, not stale.
    pub fn judge(kind: SourceKind, interval: SignedDuration, last_seen: Option<Timestamp>, now: Timestamp) -> Self {
        let Some(last_seen) = last_seen else { return Self::Unknown };
        let patience = kind.stale_after().max(interval * 3);
        if now.duration_since(last_seen) > patience { Self::Stale } else { Self::Online }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_kinds_are_trimmed_and_lower_cased() {
        //
        assert_eq!(SourceKind::from_input("VMware "), Some(SourceKind::Vmware));
        assert_eq!(SourceKind::from_input("vmware-vsphere"), Some(SourceKind::Vmware));
        for transport in ["vcenter", "esxi", "json-rpc"] {
            assert_eq!(SourceKind::from_input(transport), None);
        }
        for kind in SourceKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn a_hypervisor_knows_its_guests_best_and_an_agent_its_host() {
        //
        let agent_wins = |kind| SourceKind::Agent.precedence(kind) > SourceKind::Proxmox.precedence(kind);
        assert!(agent_wins(ResourceKind::Agent));
        assert!(agent_wins(ResourceKind::PhysicalDisk));
        assert!(!agent_wins(ResourceKind::Vm));
        assert!(!agent_wins(ResourceKind::SystemContainer));
    }

    #[test]
    fn source_ids_round_trip() {
        let id: SourceId = " Proxmox: lab ".parse().unwrap();
        assert_eq!(id.to_string(), "proxmox:lab");
        assert_eq!(serde_json::from_str::<SourceId>("\"agent:local\"").unwrap(), SourceId::local_agent());
        for bad in ["agent", "agent:", "vcenter:x", ""] {
            assert!(bad.parse::<SourceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn freshness_waits_for_the_slower_of_threshold_and_interval() {
        // R-9 with D-8
        let start = Timestamp::UNIX_EPOCH;
        let at = |secs| start + SignedDuration::from_secs(secs);
        let check = |interval, age, expected| {
            let interval = SignedDuration::from_secs(interval);
            assert_eq!(SourceFreshness::judge(SourceKind::Agent, interval, Some(start), at(age)), expected);
        };
        check(10, 60, SourceFreshness::Online);
        check(10, 61, SourceFreshness::Stale);
        check(300, 61, SourceFreshness::Online);
        check(300, 901, SourceFreshness::Stale);
        let never = SourceFreshness::judge(SourceKind::Agent, SignedDuration::from_secs(10), None, at(10_000));
        assert_eq!(never, SourceFreshness::Unknown);
    }
}
