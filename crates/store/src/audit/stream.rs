//! Which log of a tenant a row stands in. Each stream is a chain of its own, so that a busy one cannot push out another.

use std::{fmt, str::FromStr};

/// A stream of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditStream {
    /// What people and tokens did.
    Actions,
    /// What push collectors handed in.
    Submissions,
}

impl AuditStream {
    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::Submissions => "submissions",
        }
    }
}

impl fmt::Display for AuditStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No stream has the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no audit stream `{0}`; there are actions and submissions")]
pub struct UnknownStream(String);

impl FromStr for AuditStream {
    type Err = UnknownStream;

    fn from_str(text: &str) -> Result<Self, UnknownStream> {
        match text {
            "actions" => Ok(Self::Actions),
            "submissions" => Ok(Self::Submissions),
            other => Err(UnknownStream(other.to_owned())),
        }
    }
}
