//! The set-up token: how the first user comes to be (D-21).
//!
//! While there is no user, the process that starts the server may ask for one token and print it in a link. It lives for
//! thirty minutes, only its hash is kept, and it creates one user. It is never logged and never stands in a URL that
//! reaches a server: the link carries it in the fragment.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use muster_runtime::Entropy;
use secrecy::SecretString;

use super::secret::{self, SecretHash};

/// How long a set-up link works.
pub const SETUP_LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// Holds the one set-up token, if there is any.
#[derive(Debug, Default)]
pub(crate) struct SetupGate(Mutex<Option<Pending>>);

#[derive(Debug, Clone, Copy)]
struct Pending {
    hash: SecretHash,
    expires_at: Timestamp,
}

/// A token that was taken out to be used, and can be put back when its use failed.
#[derive(Debug)]
pub(crate) struct Taken(Pending);

impl SetupGate {
    /// Makes a token; the one before, if any, no longer works. The only time that the token can be seen.
    pub(crate) fn open(&self, entropy: &Entropy, now: Timestamp) -> SecretString {
        let token = secret::generate(entropy);
        let hash = secret::hash(secrecy::ExposeSecret::expose_secret(&token));
        *self.lock() = Some(Pending { hash, expires_at: now + SETUP_LIFETIME });
        token
    }

    /// Takes the token out, so that nobody else can use it at the same time. `None` when it is wrong, used or expired.
    pub(crate) fn take(&self, token: &str, now: Timestamp) -> Option<Taken> {
        let mut pending = self.lock();
        let good = pending.filter(|pending| now < pending.expires_at && secret::matches(token, &pending.hash))?;
        *pending = None;
        Some(Taken(good))
    }

    /// Puts back a token whose use failed for no fault of its owner.
    pub(crate) fn put_back(&self, Taken(pending): Taken) {
        self.lock().get_or_insert(pending);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Pending>> {
        // An option of plain data cannot be left half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_token_works_once() {
        // D-21
        let gate = SetupGate::default();
        let token = gate.open(&Entropy::seeded(1), START);
        assert!(gate.take("wrong", START).is_none());
        assert!(gate.take(token.expose_secret(), START).is_some());
        assert!(gate.take(token.expose_secret(), START).is_none());
    }

    #[test]
    fn a_token_lives_thirty_minutes() {
        // D-21
        let gate = SetupGate::default();
        let token = gate.open(&Entropy::seeded(1), START);
        assert!(gate.take(token.expose_secret(), START + SETUP_LIFETIME).is_none());
        assert!(gate.take(token.expose_secret(), START + SETUP_LIFETIME - SignedDuration::from_secs(1)).is_some());
    }

    #[test]
    fn a_failed_use_gives_it_back() {
        let gate = SetupGate::default();
        let token = gate.open(&Entropy::seeded(1), START);
        let taken = gate.take(token.expose_secret(), START).unwrap();
        gate.put_back(taken);
        assert!(gate.take(token.expose_secret(), START).is_some());
    }

    #[test]
    fn a_new_token_ends_the_one_before() {
        let (gate, entropy) = (SetupGate::default(), Entropy::seeded(1));
        let old = gate.open(&entropy, START);
        let new = gate.open(&entropy, START);
        assert!(gate.take(old.expose_secret(), START).is_none());
        assert!(gate.take(new.expose_secret(), START).is_some());
    }
}
