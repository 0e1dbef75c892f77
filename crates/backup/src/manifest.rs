//! What an archive says of itself before anything else: who made it, of which levels, what is in it, and where the line
//! was drawn.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{MemberName, error::Unfit};

/// The name of the first member.
pub const MANIFEST: &str = "manifest.json";

/// The format that this version writes.
const FORMAT: u32 = 1;

/// A manifest is a page of text; whatever is longer is none.
pub(crate) const MOST_BYTES: u64 = 16 << 20;

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The format of the archive.
    pub format: u32,
    /// The lowest format that a program must know to read it.
    pub min_reader: u32,
    /// The version of Muster that made it.
    pub version: String,
    /// The one moment that all members show.
    pub marker: Marker,
    /// Where the state is.
    pub state: StatePart,
    /// The level of `history.db`.
    pub history: Levels,
    /// Every other member, in the order in which they follow.
    pub members: Vec<Member>,
}

/// The line across all members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Marker {
    /// A number of its own, which every database of the archive carries too (SQLite's `user_version`); never 0.
    pub id: u32,
    /// When the line was drawn, by the server's clock.
    pub taken_at: Timestamp,
    /// Sweeps that the server had finished since its start; the line lies behind the last of them.
    pub sweeps: u64,
    /// The published revision of each tenant.
    pub revisions: BTreeMap<String, u64>,
    /// The newest sample that is in the archive; `None` when there is none.
    pub history_through: Option<Timestamp>,
}

/// A level, and the lowest level that a program must know to use it (D-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Levels {
    /// The level.
    pub version: i64,
    /// The lowest level that a program must know.
    pub min_reader: i64,
}

/// Where the state is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "engine", rename_all = "lowercase")]
pub enum StatePart {
    /// In the archive, as `state.db`.
    Sqlite(Levels),
    /// In a PostgreSQL database, which is backed up beside the archive (D-17).
    #[serde(rename_all = "camelCase")]
    Postgresql {
        /// The database, without user and password.
        database: String,
        /// What backs it up.
        command: String,
    },
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Its path in the archive, and below the data directory.
    pub name: MemberName,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of an archive that is made now.
    pub(crate) fn new(version: &str, marker: Marker, state: StatePart, history: Levels, members: Vec<Member>) -> Self {
        Self { format: FORMAT, min_reader: FORMAT, version: version.to_owned(), marker, state, history, members }
    }

    /// Reads and checks a manifest.
    pub(crate) fn read(text: &[u8]) -> Result<Self, Unfit> {
        /// What a later format keeps.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Reader {
            version: String,
            min_reader: u32,
        }
        let malformed = |error: serde_json::Error| Unfit::Manifest(error.to_string());
        let reader: Reader = serde_json::from_slice(text).map_err(malformed)?;
        if reader.min_reader > FORMAT {
            return Err(Unfit::NewerFormat { version: reader.version });
        }
        let manifest: Self = serde_json::from_slice(text).map_err(malformed)?;
        manifest.check_members()?;
        Ok(manifest)
    }

    /// How many bytes all members take.
    pub fn bytes(&self) -> u64 {
        self.members.iter().fold(0, |sum, member| sum.saturating_add(member.bytes))
    }

    /// Whether the master key is in it.
    pub fn has_key(&self) -> bool {
        self.members.iter().any(|member| member.name == MemberName::Key)
    }

    fn check_members(&self) -> Result<(), Unfit> {
        let has = |name| self.members.iter().any(|member| member.name == name);
        let state_is_there = match &self.state {
            StatePart::Sqlite(_) => has(MemberName::State),
            StatePart::Postgresql { .. } => !has(MemberName::State),
        };
        if !state_is_there {
            return Err(Unfit::Manifest("it contradicts itself about where the state is".to_owned()));
        }
        if !has(MemberName::History) {
            return Err(Unfit::Missing { member: MemberName::History.to_string() });
        }
        let mut names: Vec<_> = self.members.iter().map(|member| &member.name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < self.members.len() {
            return Err(Unfit::Manifest("it names a member twice".to_owned()));
        }
        Ok(())
    }
}
