//! The provider's keys as they were last fetched, and when to fetch them again.
//!
//! Keys rotate: a token that names an unknown one is a reason to look again, but not often, since anybody can send such
//! a token. A provider that does not answer does not take its keys away.

use jiff::{SignedDuration, Timestamp};

use crate::{jwk::Key, jwt::Unverified};

/// Keys are fetched again after so long, so that one that was withdrawn stops counting.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(60);

/// Keys that could not be fetched again count for so long.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The least time between two attempts.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// The keys, and when they were fetched.
#[derive(Debug, Default)]
pub(crate) struct KeyRing {
    keys: Vec<Key>,
    fetched_at: Option<Timestamp>,
    attempted_at: Option<Timestamp>,
}

/// What to do about a token.
#[derive(Debug)]
pub(crate) enum Advice {
    /// Check it with one of these.
    Check(Vec<Key>),
    /// Fetch the keys and ask again.
    Fetch,
    /// Nothing suits it, and it is too early to look again.
    Refuse,
}

impl KeyRing {
    /// What to do about a token now.
    pub(crate) fn advise(&self, token: &Unverified<'_>, now: Timestamp) -> Advice {
        let may_fetch = self.attempted_at.is_none_or(|at| now.duration_since(at) >= PAUSE || now < at);
        let age = self.fetched_at.map(|at| now.duration_since(at));
        if age.is_none_or(|age| age >= FRESH_FOR) && may_fetch {
            return Advice::Fetch;
        }
        let suitable: Vec<Key> = match age {
            Some(age) if age < KEPT_FOR => self.keys.iter().filter(|key| key.suits(token)).cloned().collect(),
            Some(_) | None => Vec::new(),
        };
        match (suitable.is_empty(), may_fetch) {
            (false, _) => Advice::Check(suitable),
            (true, true) => Advice::Fetch,
            (true, false) => Advice::Refuse,
        }
    }

    /// Somebody fetches them.
    pub(crate) fn attempted(&mut self, now: Timestamp) {
        self.attempted_at = Some(now);
    }

    /// They were fetched.
    pub(crate) fn replace(&mut self, keys: Vec<Key>, now: Timestamp) {
        self.keys = keys;
        self.fetched_at = Some(now);
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn fetched_at(&self) -> Option<Timestamp> {
        self.fetched_at
    }
}
