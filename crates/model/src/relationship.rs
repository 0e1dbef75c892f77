//! The one list of ways in which two things may be related (R-16, D-27).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::ResourceKind;

/// The type of a relationship. Written with underscores; hyphens are accepted as input.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RelationshipType {
    /// The first executes on the second.
    RunsOn,
    /// The first does not work without the second.
    DependsOn,
    /// The first is storage that the second uses.
    MountedTo,
    /// The first is reached through the second.
    ExposedBy,
    /// The first is a part of the second.
    OwnedBy,
    /// The first is plugged into the second.
    AttachedTo,
    /// The first watches the second.
    Checks,
    /// The first is offered by the second.
    HostedBy,
    /// The first keeps its data on the second.
    StoresOn,
    /// The first is backed up by the second.
    ProtectedBy,
    /// The first belongs to the group that the second is.
    MemberOf,
    /// The first switches or steers the second.
    Controls,
    /// The two exchange traffic.
    ConnectedTo,
    /// The first stands in the place that the second is.
    LocatedIn,
}

impl RelationshipType {
    /// Every type, in the order of the enum.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The type's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a type as an outsider may spell it: any case, outer white space, hyphens for underscores.
    pub fn from_input(text: &str) -> Option<Self> {
        text.trim().to_ascii_lowercase().replace('-', "_").parse().ok()
    }

    /// What it means that a thing of this kind has a parent.
    pub fn to_parent(child: ResourceKind) -> Self {
        use ResourceKind as K;
        match child {
            K::Vm | K::SystemContainer | K::AppContainer | K::DockerService | K::Pbs | K::Pmg | K::Ceph => Self::RunsOn,
            K::Storage | K::PhysicalDisk | K::NetworkShare => Self::MountedTo,
            K::Agent
            | K::DockerImage
            | K::DockerVolume
            | K::DockerNetwork
            | K::DockerTask
            | K::DockerSwarmNode
            | K::DockerSecret
            | K::DockerConfig
            | K::K8sCluster
            | K::K8sNode
            | K::Pod
            | K::K8sDeployment
            | K::Network
            | K::NetworkEndpoint => Self::OwnedBy,
        }
    }
}

impl fmt::Display for RelationshipType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RelationshipType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = smol_str::SmolStr::deserialize(deserializer)?;
        Self::from_input(&text)
            .ok_or_else(|| serde::de::Error::custom(format_args!("unknown relationship type `{text}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_out_and_hyphens_in() {
        // D-27
        for kind in RelationshipType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert!(!kind.as_str().contains('-'));
            assert_eq!(RelationshipType::from_input(&kind.as_str().replace('_', "-")), Some(*kind));
        }
        assert_eq!(RelationshipType::from_input(" Runs-On "), Some(RelationshipType::RunsOn));
        assert_eq!(RelationshipType::from_input("likes"), None);
    }

    #[test]
    fn a_parent_means_what_the_kind_says() {
        //
        assert_eq!(RelationshipType::to_parent(ResourceKind::Vm), RelationshipType::RunsOn);
        assert_eq!(RelationshipType::to_parent(ResourceKind::PhysicalDisk), RelationshipType::MountedTo);
        assert_eq!(RelationshipType::to_parent(ResourceKind::Pod), RelationshipType::OwnedBy);
    }
}
