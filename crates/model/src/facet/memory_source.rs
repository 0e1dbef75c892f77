//! Where the value of a memory comes from, and how far it can be trusted: the one catalogue of.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Where the value of a memory comes from. Labels that older code or other programs wrote are read by
/// [`MemorySource::from_label`], in JSON too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, EnumString, IntoStaticStr, VariantArray)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum MemorySource {
    /// The system said what is available.
    AvailableField,
    /// Added up from free memory, buffers and cache.
    DerivedFreeBuffersCached,
    /// What is left of the total.
    DerivedTotalMinusUsed,
    /// What was available, from the platform's own history.
    RrdMemavailable,
    /// What was used, from the platform's own history.
    RrdMemused,
    /// The agent inside the guest read it from the kernel.
    GuestAgentMeminfo,
    /// A host agent reported it.
    Agent,
    /// The status counts the guest's cache as used.
    StatusMem,
    /// The status says what is free.
    StatusFreemem,
    /// The status says nothing usable.
    StatusUnavailable,
    /// The list of the cluster's resources.
    ClusterResources,
    /// An earlier, better value.
    PreviousSnapshot,
    /// The list of nodes, or the plain value in a node's status.
    NodesEndpoint,
    /// It does not run.
    PoweredOff,
    /// Nobody could tell.
    Unknown,
}

/// How far a value of memory can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MemoryTrust {
    /// Cache does not count as used.
    Preferred,
    /// Computed from parts that are right.
    Derived,
    /// Better than nothing.
    Fallback,
}

/// Whether a value may stand in for a later one, or be replaced by an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryReliability {
    /// Good enough to be carried over.
    Trusted,
    /// Replaced by a better earlier one, when it jumps.
    Fallback,
    /// Often wrong.
    Low,
}

impl MemorySource {
    /// Every source.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The label on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a label with outer white space, in any case, and by the aliases of R-65.
    pub fn from_label(label: &str) -> Option<Self> {
        let label = label.trim().to_ascii_lowercase();
        Some(match label.as_str() {
            "avail-field" | "meminfo-available" | "node-status-available" => Self::AvailableField,
            "meminfo-derived" | "calculated" => Self::DerivedFreeBuffersCached,
            "meminfo-total-minus-used" => Self::DerivedTotalMinusUsed,
            "rrd-available" => Self::RrdMemavailable,
            "rrd-data" => Self::RrdMemused,
            "listing-mem" | "listing" => Self::ClusterResources,
            "node-status-used" => Self::NodesEndpoint,
            "" => Self::Unknown,
            other => other.parse().ok()?,
        })
    }

    /// Whether a better source was there to be asked and had nothing.
    pub fn is_fallback(self) -> bool {
        match self.trust() {
            MemoryTrust::Preferred => false,
            MemoryTrust::Derived => self != Self::DerivedFreeBuffersCached,
            MemoryTrust::Fallback => self != Self::PoweredOff,
        }
    }

    /// How far it can be trusted.
    pub fn trust(self) -> MemoryTrust {
        match self {
            Self::AvailableField => MemoryTrust::Preferred,
            Self::DerivedFreeBuffersCached | Self::DerivedTotalMinusUsed => MemoryTrust::Derived,
            Self::RrdMemavailable
            | Self::RrdMemused
            | Self::GuestAgentMeminfo
            | Self::Agent
            | Self::StatusMem
            | Self::StatusFreemem
            | Self::StatusUnavailable
            | Self::ClusterResources
            | Self::PreviousSnapshot
            | Self::NodesEndpoint
            | Self::PoweredOff
            | Self::Unknown => MemoryTrust::Fallback,
        }
    }

    /// Whether its values are carried over, or give way to earlier ones.
    pub fn reliability(self) -> MemoryReliability {
        match self {
            Self::AvailableField
            | Self::DerivedFreeBuffersCached
            | Self::GuestAgentMeminfo
            | Self::RrdMemavailable
            | Self::RrdMemused
            | Self::Agent => MemoryReliability::Trusted,
            Self::DerivedTotalMinusUsed | Self::PreviousSnapshot | Self::NodesEndpoint | Self::PoweredOff => {
                MemoryReliability::Fallback
            }
            Self::Unknown
            | Self::ClusterResources
            | Self::StatusMem
            | Self::StatusFreemem
            | Self::StatusUnavailable => MemoryReliability::Low,
        }
    }

    /// Whether a host agent inside the guest tells it better: every source below it in the order does, and an
    /// earlier value, since that stands in for one of those. A guest that does not run has no agent to ask.
    pub fn yields_to_agent(self) -> bool {
        match self {
            Self::StatusMem
            | Self::StatusFreemem
            | Self::StatusUnavailable
            | Self::ClusterResources
            | Self::PreviousSnapshot
            | Self::Unknown => true,
            Self::AvailableField
            | Self::DerivedFreeBuffersCached
            | Self::DerivedTotalMinusUsed
            | Self::RrdMemavailable
            | Self::RrdMemused
            | Self::GuestAgentMeminfo
            | Self::Agent
            | Self::NodesEndpoint
            | Self::PoweredOff => false,
        }
    }

    /// Why a better source was not used, where whoever chose it has nothing more precise to say. Absent where this
    /// is no fallback, and where the source alone says nothing.
    pub fn fallback_reason(self) -> Option<&'static str> {
        Some(match self {
            Self::AvailableField
            | Self::DerivedFreeBuffersCached
            | Self::PoweredOff
            | Self::NodesEndpoint
            | Self::Unknown => return None,
            Self::Agent => "host-agent-memory",
            Self::PreviousSnapshot => "preserved-previous-snapshot",
            Self::DerivedTotalMinusUsed
            | Self::RrdMemavailable
            | Self::RrdMemused
            | Self::GuestAgentMeminfo
            | Self::StatusMem
            | Self::StatusFreemem
            | Self::StatusUnavailable
            | Self::ClusterResources => self.as_str(),
        })
    }
}

impl<'de> Deserialize<'de> for MemorySource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_label(&label).ok_or_else(|| de::Error::custom(format_args!("`{label}` is no source of memory")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_leads_to_its_source() {
        //
        let check = |label, source| assert_eq!(MemorySource::from_label(label), source, "{label}");
        for source in MemorySource::ALL {
            check(source.as_str(), Some(*source));
            assert_eq!(serde_json::to_value(source).unwrap(), source.as_str());
            assert_eq!(serde_json::from_value::<MemorySource>(source.as_str().into()).unwrap(), *source);
        }
        for label in ["available-field", "avail-field", "meminfo-available", "node-status-available"] {
            check(label, Some(MemorySource::AvailableField));
        }
        check("meminfo-derived", Some(MemorySource::DerivedFreeBuffersCached));
        check("calculated", Some(MemorySource::DerivedFreeBuffersCached));
        check("meminfo-total-minus-used", Some(MemorySource::DerivedTotalMinusUsed));
        check("rrd-available", Some(MemorySource::RrdMemavailable));
        check(" RRD-Data ", Some(MemorySource::RrdMemused));
        check("listing-mem", Some(MemorySource::ClusterResources));
        check("listing", Some(MemorySource::ClusterResources));
        check("node-status-used", Some(MemorySource::NodesEndpoint));
        check("", Some(MemorySource::Unknown));
        check("Foo ", None);
        // what older code wrote comes out canonical.
        assert_eq!(serde_json::from_str::<MemorySource>("\"rrd-data\"").unwrap(), MemorySource::RrdMemused);
        assert!(serde_json::from_str::<MemorySource>("\"foo\"").is_err());
    }

    #[test]
    fn trust_and_reason_come_from_here() {
        //
        let check = |source: MemorySource, trust, reason| {
            assert_eq!((source.trust(), source.fallback_reason()), (trust, reason), "{source:?}");
        };
        check(MemorySource::AvailableField, MemoryTrust::Preferred, None);
        check(MemorySource::DerivedFreeBuffersCached, MemoryTrust::Derived, None);
        check(MemorySource::DerivedTotalMinusUsed, MemoryTrust::Derived, Some("derived-total-minus-used"));
        check(MemorySource::Agent, MemoryTrust::Fallback, Some("host-agent-memory"));
        check(MemorySource::PreviousSnapshot, MemoryTrust::Fallback, Some("preserved-previous-snapshot"));
        check(MemorySource::PoweredOff, MemoryTrust::Fallback, None);
        check(MemorySource::NodesEndpoint, MemoryTrust::Fallback, None);
        for source in MemorySource::ALL {
            assert!(source.is_fallback() || source.fallback_reason().is_none(), "{source:?}");
        }
        assert!(MemorySource::NodesEndpoint.is_fallback() && !MemorySource::PoweredOff.is_fallback());
    }
}
