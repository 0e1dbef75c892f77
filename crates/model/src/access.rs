//! Who may do what: scopes and the roles that bundle them (D-19).

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A single permission.
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
pub enum Scope {
    /// See resources, their facts and their timeline.
    #[serde(rename = "inventory:read")]
    #[strum(serialize = "inventory:read")]
    InventoryRead,
    /// See readings and history.
    #[serde(rename = "metrics:read")]
    #[strum(serialize = "metrics:read")]
    MetricsRead,
    /// Acknowledge and silence alerts, edit rules.
    #[serde(rename = "alerts:write")]
    #[strum(serialize = "alerts:write")]
    AlertsWrite,
    /// Add, edit and remove connections.
    #[serde(rename = "connections:write")]
    #[strum(serialize = "connections:write")]
    ConnectionsWrite,
    /// Declare collector plugins and issue their keys.
    #[serde(rename = "collectors:admin")]
    #[strum(serialize = "collectors:admin")]
    CollectorsAdmin,
    /// Edit the port map.
    #[serde(rename = "portmap:write")]
    #[strum(serialize = "portmap:write")]
    PortmapWrite,
    /// Acknowledge and waive drift, edit declared state.
    #[serde(rename = "drift:write")]
    #[strum(serialize = "drift:write")]
    DriftWrite,
    /// See evidence.
    #[serde(rename = "evidence:read")]
    #[strum(serialize = "evidence:read")]
    EvidenceRead,
    /// Submit evidence.
    #[serde(rename = "evidence:write")]
    #[strum(serialize = "evidence:write")]
    EvidenceWrite,
    /// Edit entitlements.
    #[serde(rename = "entitlements:write")]
    #[strum(serialize = "entitlements:write")]
    EntitlementsWrite,
    /// Read the audit log.
    #[serde(rename = "audit:read")]
    #[strum(serialize = "audit:read")]
    AuditRead,
    /// Manage users, tokens and the server itself.
    #[serde(rename = "system:admin")]
    #[strum(serialize = "system:admin")]
    SystemAdmin,
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The scope's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A named, fixed set of scopes.
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
pub enum Role {
    /// Reads everything but the audit log.
    Viewer,
    /// A viewer who also does the writes of daily work.
    Operator,
    /// Everything.
    Admin,
}

impl Role {
    /// Every role, least first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The role's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What the role may do.
    pub fn scopes(self) -> BTreeSet<Scope> {
        Scope::ALL.iter().copied().filter(|scope| self.has(*scope)).collect()
    }

    /// Whether the role may do one thing.
    pub fn has(self, scope: Scope) -> bool {
        use Scope as S;
        match scope {
            S::InventoryRead | S::MetricsRead | S::EvidenceRead => true,
            S::AlertsWrite
            | S::ConnectionsWrite
            | S::PortmapWrite
            | S::DriftWrite
            | S::EvidenceWrite
            | S::EntitlementsWrite => self >= Self::Operator,
            S::CollectorsAdmin | S::AuditRead | S::SystemAdmin => self >= Self::Admin,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_contains_the_lesser_one() {
        // D-19
        assert_eq!(Role::Viewer.scopes(), [Scope::InventoryRead, Scope::MetricsRead, Scope::EvidenceRead].into());
        assert!(Role::Viewer.scopes().is_subset(&Role::Operator.scopes()));
        assert_eq!(Role::Admin.scopes().len(), Scope::ALL.len());
        assert!(!Role::Operator.has(Scope::AuditRead));
    }

    #[test]
    fn one_spelling_everywhere() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
