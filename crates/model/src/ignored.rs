//! Machines that people do not want to see, and which of their connections are let go of for it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{ResourceId, SourceId, SourceKind};

/// A connection of a machine that can be ignored: one that comes with the machine itself. What a platform's own
/// connection reports is not ignored machine by machine; such a connection is disabled or removed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum IgnorableKind {
    /// A host agent.
    Agent,
    /// A Docker or Podman engine.
    Docker,
    /// A Kubernetes cluster.
    Kubernetes,
}

impl IgnorableKind {
    /// Every kind, in the order of the enum.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The kind's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The kind of source that it is.
    pub fn source_kind(self) -> SourceKind {
        match self {
            Self::Agent => SourceKind::Agent,
            Self::Docker => SourceKind::Docker,
            Self::Kubernetes => SourceKind::Kubernetes,
        }
    }

    /// The kind for a source of this kind, if such a one can be ignored.
    pub fn of(kind: SourceKind) -> Option<Self> {
        match kind {
            SourceKind::Agent => Some(Self::Agent),
            SourceKind::Docker => Some(Self::Docker),
            SourceKind::Kubernetes => Some(Self::Kubernetes),
            SourceKind::Proxmox | SourceKind::Pbs | SourceKind::Pmg | SourceKind::Truenas | SourceKind::Vmware => None,
        }
    }
}

impl fmt::Display for IgnorableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A machine of which one connection is ignored until somebody takes that back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredMachine {
    /// Which of its connections.
    pub kind: IgnorableKind,
    /// Names that connection among all of its kind.
    pub control_id: String,
    /// Who is not listened to for it.
    pub source: SourceId,
    /// What the machine was called when it was ignored.
    pub name: String,
    /// The name that it gave itself then, if it gave one: people know machines by that as well.
    pub hostname: Option<String>,
    /// The resource that it was then.
    pub resource: ResourceId,
    /// Since when.
    pub ignored_at: Timestamp,
    /// Who wanted it so, as the audit log names people and tokens.
    pub ignored_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_ignored_is_what_comes_with_a_machine() {
        //
        for kind in IgnorableKind::ALL {
            assert_eq!(IgnorableKind::of(kind.source_kind()), Some(*kind));
            assert_eq!(kind.as_str(), kind.source_kind().as_str());
        }
        assert_eq!(SourceKind::ALL.iter().filter(|kind| IgnorableKind::of(**kind).is_some()).count(), 3);
    }
}
