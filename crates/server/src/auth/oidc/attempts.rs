//! Attempts to sign in that are under way. Each belongs to one browser, lives for ten minutes and is used once.
//!
//! They are kept in memory: after a restart people begin again. Memory is bounded; a flood from one address pushes out its
//! own attempts and nobody else's.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use muster_oidc::Attempt;
use secrecy::ExposeSecret;

use crate::auth::secret::{self, SecretHash};

/// How long somebody may take at the provider.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Attempts at a time.
const CAPACITY: usize = 2000;

/// An attempt, and where it leads.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) attempt: Attempt,
    /// What the browser's ticket hashes to.
    pub(crate) ticket: SecretHash,
    /// The path to go to afterwards.
    pub(crate) next: String,
    /// Where the browser comes from, as clients are counted.
    pub(crate) network: IpAddr,
}

/// The attempts, by the hash of their state.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<BTreeMap<SecretHash, (Timestamp, Waiting)>>);

impl Attempts {
    /// Remembers an attempt.
    pub(crate) fn begin(&self, waiting: Waiting, now: Timestamp) {
        let mut attempts = self.lock();
        attempts.retain(|_, (begun, _)| lives(*begun, now));
        if attempts.len() >= CAPACITY {
            let held = attempts.iter().map(|(state, (begun, waiting))| (*state, *begun, waiting.network));
            surplus(held).and_then(|state| attempts.remove(&state));
        }
        attempts.insert(secret::hash(waiting.attempt.state.expose_secret()), (now, waiting));
    }

    /// Takes out the attempt of a state, if it lives and this browser began it. A state that another browser brings
    /// stays, so that a stranger cannot use it up.
    pub(crate) fn take(&self, state: &str, ticket: &str, now: Timestamp) -> Option<Waiting> {
        let mut attempts = self.lock();
        let state = secret::hash(state);
        let (begun, waiting) = attempts.get(&state)?;
        if !lives(*begun, now) || !secret::matches(ticket, &waiting.ticket) {
            return None;
        }
        attempts.remove(&state).map(|(_, waiting)| waiting)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SecretHash, (Timestamp, Waiting)>> {
        // A map of whole entries cannot be left half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which of the attempts goes when there are too many: the oldest of whoever has most.
fn surplus<K>(attempts: impl Iterator<Item = (K, Timestamp, IpAddr)> + Clone) -> Option<K> {
    let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for (_, _, network) in attempts.clone() {
        *counts.entry(network).or_default() += 1;
    }
    let most = counts.values().max().copied();
    let of_most = attempts.filter(|(_, _, network)| counts.get(network).copied() == most);
    of_most.min_by_key(|(_, begun, _)| *begun).map(|(state, _, _)| state)
}

fn lives(begun: Timestamp, now: Timestamp) -> bool {
    now < begun + LIFETIME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_pushes_out_its_own() {
        let at = |second: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        let [one, flood] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        let held = [("first", at(1), one), ("old", at(2), flood), ("new", at(3), flood)];
        assert_eq!(surplus(held.into_iter()), Some("old"));
        assert_eq!(surplus(held[..2].iter().copied()), Some("first"), "of equals the oldest");
        assert_eq!(surplus::<()>(std::iter::empty()), None);
    }
}
