//! What people rule on who is who: that two resources are one, that two are not, that a host is the system inside a
//! guest.
//!
//! A ruling is an input of the state and stands in the log (D-3). It wins over everything that is concluded from evidence,
//! until somebody takes it back. Whether it can be made at all is the estate's question.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{NativeKey, ResourceId, SourceId};

/// Names a ruling; a UUID of version 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct RulingId(pub Uuid);

impl fmt::Display for RulingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A ruling, and who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ruling {
    /// Its id.
    pub id: RulingId,
    /// When it was made, by our clock.
    pub at: Timestamp,
    /// Who made it, as the audit log names them.
    pub by: String,
    /// Why, in their own words.
    pub note: Option<Note>,
    /// What was ruled.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What was ruled, on ids as they were then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "verdict", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Verdict {
    /// The two are one thing.
    Same {
        /// The id that stays.
        survivor: ResourceId,
        /// The id that became an alias of it.
        absorbed: ResourceId,
    },
    /// The two are not one thing, or the host is not the system inside the guest.
    Distinct {
        /// One of them.
        first: ResourceId,
        /// The other.
        second: ResourceId,
    },
    /// A host is the system inside a guest.
    Inside {
        /// The host that an agent reports.
        host: ResourceId,
        /// The guest that a platform reports.
        guest: ResourceId,
    },
}

impl Verdict {
    /// The two ids that it is about.
    pub fn pair(&self) -> [ResourceId; 2] {
        match *self {
            Self::Same { survivor, absorbed } => [survivor, absorbed],
            Self::Distinct { first, second } => [first, second],
            Self::Inside { host, guest } => [host, guest],
        }
    }
}

/// One record of one source: who reports it, under which key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecordRef {
    /// Who.
    pub source: SourceId,
    /// The source's own key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub key: NativeKey,
}

/// A few words that somebody leaves behind: 1 to 500 characters of one line, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

/// A text is no note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNote {
    /// There is nothing in it.
    #[error("a note holds at least one character; leave it out instead")]
    Empty,
    /// It is too long.
    #[error("a note holds at most {} characters", Note::MOST_CHARACTERS)]
    TooLong,
    /// It holds characters that are none to read.
    #[error("a note is one line without control characters")]
    Control,
}

impl Note {
    /// The most characters that a note holds.
    pub const MOST_CHARACTERS: usize = 500;

    /// Takes a text as a note, trimmed.
    ///
    /// # Errors
    /// When it is empty, too long, or holds control characters or such as turn the direction of writing.
    pub fn new(text: &str) -> Result<Self, InvalidNote> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidNote::Empty);
        }
        if text.chars().count() > Self::MOST_CHARACTERS {
            return Err(InvalidNote::TooLong);
        }
        if text.chars().any(is_unreadable) {
            return Err(InvalidNote::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, separators of lines, and marks that turn the direction of what follows.
fn is_unreadable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl TryFrom<String> for Note {
    type Error = InvalidNote;
    fn try_from(text: String) -> Result<Self, InvalidNote> {
        Self::new(&text)
    }
}

impl From<Note> for String {
    fn from(note: Note) -> Self {
        note.0
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_readable_line() {
        assert_eq!(Note::new("  moved to rack 4 ").unwrap().as_str(), "moved to rack 4");
        let check = |text: &str, expected| assert_eq!(Note::new(text), Err(expected), "{text:?}");
        check(" \t ", InvalidNote::Empty);
        check(&"x".repeat(501), InvalidNote::TooLong);
        check("two\nlines", InvalidNote::Control);
        check("bell \u{7}", InvalidNote::Control);
        check("turned \u{202e}round", InvalidNote::Control);
        assert!(Note::new(&"ü".repeat(500)).is_ok(), "characters, not bytes");
    }
}
