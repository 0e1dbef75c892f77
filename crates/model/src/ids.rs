//! Ids that are ours, and the one wrapper for keys that are not.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use uuid::Uuid;

use crate::{ChangeKind, ResourceKind, SourceKind};

/// Why a text is not an id of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: {why}")]
pub struct InvalidId {
    what: &'static str,
    text: String,
    why: &'static str,
}

impl InvalidId {
    fn new(what: &'static str, text: &str, why: &'static str) -> Self {
        // Ids arrive from outside; a hostile one must not flood a log line.
        Self { what, text: text.chars().take(80).collect(), why }
    }
}

/// Names the tenant that owns a row, series, token or estate (D-4): 1 to 63 of `a-z`, `0-9` and `-`, starting with a
/// letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct TenantId(SmolStr);

impl TenantId {
    /// The tenant of an installation that has only one.
    pub const DEFAULT: Self = Self(SmolStr::new_static("default"));

    /// The id as stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = |why| InvalidId::new("tenant id", text, why);
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(invalid("it must start with a lower-case letter"));
        }
        if text.len() > 63 {
            return Err(invalid("it is longer than 63 characters"));
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err(invalid("only a-z, 0-9 and - are allowed"));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for TenantId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The public id of a resource: `<kind>-<16 hex digits>` (D-5). Minted once, then stored; it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ResourceId {
    kind: ResourceKind,
    digest: u64,
}

impl ResourceId {
    /// Mints the id of a resource from its kind and R-10's stable string.
    pub fn mint(kind: ResourceKind, stable: &str) -> Self {
        let hash = Sha256::digest(stable.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Self { kind, digest: u64::from_be_bytes(first) }
    }

    /// The kind that the id names.
    pub fn kind(self) -> ResourceKind {
        self.kind
    }

    /// The 64 bits behind the hex digits: a ready-made hash, spread evenly.
    pub fn digest(self) -> u64 {
        self.digest
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 16];
        hex::encode_to_slice(self.digest.to_be_bytes(), &mut digits).expect("eight bytes make sixteen digits");
        // Piece by piece: a long list holds thousands of these.
        f.write_str(self.kind.as_str())?;
        f.write_str("-")?;
        f.write_str(std::str::from_utf8(&digits).expect("digits are ASCII"))
    }
}

impl FromStr for ResourceId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = |why| InvalidId::new("resource id", text, why);
        let (kind, hex) = text.trim().rsplit_once('-').ok_or_else(|| invalid("expected `<kind>-<16 hex digits>`"))?;
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if hex.len() != 16 || !hex.bytes().all(lower_hex) {
            return Err(invalid("expected 16 lower-case hex digits after the kind"));
        }
        let kind = kind.parse().map_err(|_| invalid("unknown resource kind"))?;
        let digest = u64::from_str_radix(hex, 16).map_err(|_| invalid("expected 16 hex digits"))?;
        Ok(Self { kind, digest })
    }
}

impl TryFrom<String> for ResourceId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

/// A source's own key for a thing, trimmed of outer white space and never empty. Meaningful only together with
/// the source; it never poses as one of our ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct NativeKey(SmolStr);

impl NativeKey {
    /// Wraps a source's key, trimmed.
    ///
    /// # Errors
    /// When nothing is left after trimming.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(InvalidId::new("native key", text, "it is empty"));
        }
        Ok(Self(trimmed.into()))
    }

    /// The key as the source spells it, without outer white space.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for NativeKey {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(&text)
    }
}

impl fmt::Display for NativeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A position in the ordered log of changed records, and so the revision of the snapshot that contains it (D-3).
///
/// Persisted and never reused. It stays below 2^53, so that it survives a JavaScript number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// Before anything was observed.
    pub const ZERO: Self = Self(0);

    /// The next position.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a timeline row, derived from where the change stands in the log (D-3): replaying the log derives the same
/// id, so that writing a change twice leaves one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(pub Uuid);

impl ChangeId {
    /// Derives the id of the change of `kind` that log position `at` made to `resource`.
    pub fn derive(tenant: &TenantId, at: Revision, resource: ResourceId, kind: ChangeKind) -> Self {
        let (at, resource) = (at.to_string(), resource.to_string());
        Self(digest_uuid(&["change", tenant.as_str(), &at, &resource, kind.into()]))
    }
}

impl ChangeId {
    /// Derives the id of a platform's task or event from what identifies it there, so that seeing it again
    /// derives the same id.
    pub fn of_activity(
        tenant: &TenantId,
        resource: ResourceId,
        adapter: SourceKind,
        activity_type: &str,
        identifying: [&str; 3],
    ) -> Self {
        let [first, second, third] = identifying;
        let resource = resource.to_string();
        let parts = ["activity", tenant.as_str(), &resource, adapter.as_str(), activity_type, first, second, third];
        Self(digest_uuid(&parts))
    }
}

/// A UUID of version 8, the one meant for application-defined digests.
fn digest_uuid(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps neighbours apart whatever they contain.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_ids_are_golden() {
        // kind, dash, first eight bytes of SHA-256 of the stable string.
        let check = |kind, stable, expected: &str| assert_eq!(ResourceId::mint(kind, stable).to_string(), expected);
        check(ResourceKind::Agent, "machine:0123", "agent-f708a129eaf0f86b");
        check(ResourceKind::PhysicalDisk, "serial:S1", "physical_disk-78a9239f456027cf");
    }

    #[test]
    fn resource_id_round_trips_and_refuses_noise() {
        for kind in ResourceKind::ALL {
            let id = ResourceId::mint(*kind, "x");
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for bad in
            ["", "agent", "agent-12", "agent-00000000000000ZZ", "vmware-host-0000000000000000", "-0000000000000000"]
        {
            assert!(bad.parse::<ResourceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tenant_ids_are_slugs() {
        assert_eq!("default".parse(), Ok(TenantId::DEFAULT));
        for bad in ["", "Default", "1a", "a b", "a/../b", &"a".repeat(64)] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn native_keys_are_trimmed_and_never_empty() {
        //
        assert_eq!(NativeKey::new(" node-99 ").unwrap().as_str(), "node-99");
        assert!(NativeKey::new(" \t").is_err());
    }

    #[test]
    fn change_ids_depend_on_every_part() {
        let id = |at, kind| {
            ChangeId::derive(&TenantId::DEFAULT, Revision(at), ResourceId::mint(ResourceKind::Vm, "v"), kind)
        };
        assert_eq!(id(1, ChangeKind::StateTransition), id(1, ChangeKind::StateTransition));
        assert_ne!(id(1, ChangeKind::StateTransition), id(2, ChangeKind::StateTransition));
        assert_ne!(id(1, ChangeKind::StateTransition), id(1, ChangeKind::ConfigUpdate));
    }
}
