//! Which release of the vendor's software a cluster runs, and what each release answers differently.

use std::{fmt, str::FromStr};

/// A release of Proxmox VE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The generation: 7, 8 or 9.
    pub major: u8,
    /// The point release in it.
    pub minor: u8,
    /// The build of that.
    pub patch: u8,
}

impl Version {
    /// The last of generation 7.
    pub const V7_4: Self = Self::new(7, 4, 16);
    /// Before the bulk export of metrics; errors are told in the reason phrase only.
    pub const V8_2: Self = Self::new(8, 2, 7);
    /// With the bulk export; errors are told in the reason phrase only.
    pub const V8_3: Self = Self::new(8, 3, 0);
    /// Errors have a body.
    pub const V8_4: Self = Self::new(8, 4, 1);
    /// Pressure, memory as the host sees it, HA rules.
    pub const V9_0: Self = Self::new(9, 0, 6);
    /// Available memory of nodes, rows of networks, one text for every refused credential.
    pub const V9_1: Self = Self::new(9, 1, 2);
    /// Fencing in the HA status, the architecture of nodes.
    pub const V9_2: Self = Self::new(9, 2, 11);

    /// The releases that differ from each other in what they answer, oldest first.
    pub const ALL: [Self; 7] = [Self::V7_4, Self::V8_2, Self::V8_3, Self::V8_4, Self::V9_0, Self::V9_1, Self::V9_2];

    const fn new(major: u8, minor: u8, patch: u8) -> Self {
        Self { major, minor, patch }
    }

    /// Whether this is the release `major.minor` or a later one.
    pub(super) fn since(self, major: u8, minor: u8) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// How the release writes itself: `7.4-16`, later `9.1.2`.
    pub(super) fn full(self) -> String {
        let Self { major, minor, patch } = self;
        if major < 8 { format!("{major}.{minor}-{patch}") } else { format!("{major}.{minor}.{patch}") }
    }

    /// Errors have a body with a `message`; before, the reason phrase is all there is.
    pub(super) fn has_messages(self) -> bool {
        self.since(8, 4)
    }

    /// The right that reading through the guest agent takes.
    pub(super) fn agent_right(self) -> &'static str {
        if self.major < 9 { "VM.Monitor" } else { "VM.GuestAgent.Audit" }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A text that names no release.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no release that is simulated; one of 7.4, 8.2, 8.3, 8.4, 9.0, 9.1, 9.2 is")]
pub struct UnknownVersion(String);

impl FromStr for Version {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|version| version.to_string() == text);
        known.ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}
