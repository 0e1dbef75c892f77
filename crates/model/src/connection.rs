//! Which platform a connection leads to, and its id.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use uuid::Uuid;

use crate::{SourceId, SourceKind};

/// A platform that can be connected.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Platform {
    /// Proxmox VE.
    #[strum(serialize = "proxmox-pve")]
    ProxmoxPve,
}

/// A text names no platform that can be connected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no platform that can be connected; there is proxmox-pve")]
pub struct InvalidPlatform(String);

impl Platform {
    /// Every platform.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The platform's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The kind of source that a connection to it is.
    pub fn source_kind(self) -> SourceKind {
        match self {
            Self::ProxmoxPve => SourceKind::Proxmox,
        }
    }
}

impl FromStr for Platform {
    type Err = InvalidPlatform;

    fn from_str(text: &str) -> Result<Self, InvalidPlatform> {
        let named = Self::ALL.iter().find(|platform| platform.as_str() == text.trim());
        named.copied().ok_or_else(|| InvalidPlatform(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Platform {
    type Error = InvalidPlatform;
    fn try_from(text: String) -> Result<Self, InvalidPlatform> {
        text.parse()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names a connection: a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub Uuid);

impl ConnectionId {
    /// The source that a connection to a platform is.
    pub fn source(self, platform: Platform) -> SourceId {
        SourceId::new(platform.source_kind(), &self.0.to_string()).expect("a UUID is not empty")
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_one_spelling() {
        //
        for platform in Platform::ALL {
            assert_eq!(platform.as_str().parse(), Ok(*platform));
            assert_eq!(serde_json::to_value(platform).unwrap(), platform.as_str());
        }
        assert!("proxmox".parse::<Platform>().is_err());
    }
}
