//! How polling of a connection goes: the one record that every surface shows (D-26).

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::Issue;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Why a look came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// For programs.
    pub category: FailureCategory,
    /// What was attempted, what happened, and what to do; for people. Never carries a secret.
    pub message: String,
}

/// What sort of failure it was.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FailureCategory {
    /// Nobody answers there.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// The other side could not be verified.
    Tls,
    /// The other side's certificate is none of the pinned ones.
    PinMismatch,
    /// The credentials are wrong, expired or disabled.
    Unauthorised,
    /// The credentials are right and may not do it.
    Forbidden,
    /// The platform answered with an error of its own.
    Api,
    /// The answer made no sense.
    Malformed,
    /// The secret is not there or cannot be read.
    Secret,
}

impl FailureCategory {
    /// Every category.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The category's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a look saw, in numbers, and what it could not see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// When.
    pub collected_at: Option<Timestamp>,
    /// How many of what, such as `nodes` or `guests`.
    pub counts: BTreeMap<&'static str, u32>,
    /// What could not be read. All of them; surfaces show the first three and how many there are.
    pub issues: Vec<Issue>,
}

/// How polling goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// When it was last tried.
    pub last_attempt_at: Option<Timestamp>,
    /// When it last worked.
    pub last_success_at: Option<Timestamp>,
    /// When it is tried next; absent while it is not polled.
    pub next_at: Option<Timestamp>,
    /// Attempts since it last worked.
    pub consecutive_failures: u32,
    /// What was wrong last; absent while all is well.
    pub last_error: Option<(Timestamp, Failure)>,
    /// What was seen last.
    pub observed: Observed,
    /// Requests that were sent.
    pub requests: u64,
}
