//! Slows down guessing: each failed attempt by one name or from one address makes the next wait longer.
//!
//! An attempt is charged before its password is checked and refunded when it was right, so that many attempts at once
//! cannot slip through together. Time is an input; memory is bounded.

use std::{collections::HashMap, hash::Hash, net::IpAddr, time::Duration};

use crate::remote::network;

/// Names and addresses that are remembered. When full, those that have been quiet for longest are forgotten.
const CAPACITY: usize = 10_000;

/// How much is forgotten at once, so that a flood does not sort the table on every attempt.
const EVICTED_AT_ONCE: usize = CAPACITY / 10;

/// Quiet for this long and the count starts anew.
const FORGET_AFTER: Duration = Duration::from_secs(3600);

/// How patient the throttle is with one kind of key.
#[derive(Debug, Clone, Copy)]
struct Patience {
    free_attempts: u32,
    first_wait: Duration,
    longest_wait: Duration,
}

/// One person mistypes a few times. The wait stays bearable, since anybody can make somebody else's name wait.
const NAME: Patience =
    Patience { free_attempts: 5, first_wait: Duration::from_secs(1), longest_wait: Duration::from_secs(300) };

/// An office shares an address.
const ADDRESS: Patience =
    Patience { free_attempts: 20, first_wait: Duration::from_secs(1), longest_wait: Duration::from_secs(900) };

/// Counts attempts by name and by address.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    names: Ledger<String>,
    addresses: Ledger<IpAddr>,
}

impl Throttle {
    /// Charges an attempt, or says how long to wait. `address` is what the client is counted by, if it is; `now` is
    /// monotonic.
    pub(crate) fn admit(&mut self, name: &str, address: Option<IpAddr>, now: Duration) -> Result<(), Duration> {
        let name = fold(name);
        let of_address = address.map_or(Duration::ZERO, |address| self.addresses.wait(&address, ADDRESS, now));
        let wait = self.names.wait(&name, NAME, now).max(of_address);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.names.charge(name, now);
        if let Some(address) = address {
            self.addresses.charge(address, now);
        }
        Ok(())
    }

    /// Charges an attempt at what has no name, or says how long to wait.
    pub(crate) fn admit_nameless(&mut self, address: Option<IpAddr>, now: Duration) -> Result<(), Duration> {
        let Some(address) = address else { return Ok(()) };
        let wait = self.addresses.wait(&address, ADDRESS, now);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.addresses.charge(address, now);
        Ok(())
    }

    /// Gives back one attempt that was right, where it does not make up for those before it.
    pub(crate) fn refund(&mut self, name: &str, address: IpAddr) {
        self.names.refund(&fold(name));
        self.addresses.refund(&network(address));
    }

    /// Refunds an attempt that was right: the name is forgiven, the address gets its one attempt back.
    pub(crate) fn succeeded(&mut self, name: &str, address: IpAddr) {
        self.names.entries.remove(&fold(name));
        self.addresses.refund(&network(address));
    }
}

#[derive(Debug)]
struct Ledger<K> {
    entries: HashMap<K, Attempts>,
}

#[derive(Debug, Clone, Copy)]
struct Attempts {
    count: u32,
    last: Duration,
}

impl<K> Default for Ledger<K> {
    fn default() -> Self {
        Self { entries: HashMap::new() }
    }
}

impl<K: Hash + Eq + Clone> Ledger<K> {
    fn wait(&self, key: &K, patience: Patience, now: Duration) -> Duration {
        let Some(attempts) = self.entries.get(key).filter(|attempts| !attempts.is_forgotten(now)) else {
            return Duration::ZERO;
        };
        let Some(beyond) = attempts.count.checked_sub(patience.free_attempts) else { return Duration::ZERO };
        let step = patience.first_wait.saturating_mul(1 << beyond.min(20)).min(patience.longest_wait);
        (attempts.last + step).saturating_sub(now)
    }

    fn charge(&mut self, key: K, now: Duration) {
        if self.entries.len() >= CAPACITY && !self.entries.contains_key(&key) {
            self.evict();
        }
        let attempts = self.entries.entry(key).or_insert(Attempts { count: 0, last: now });
        let before = if attempts.is_forgotten(now) { 0 } else { attempts.count };
        *attempts = Attempts { count: before.saturating_add(1), last: now };
    }

    fn refund(&mut self, key: &K) {
        if let Some(attempts) = self.entries.get_mut(key) {
            attempts.count = attempts.count.saturating_sub(1);
        }
    }

    fn evict(&mut self) {
        let mut last: Vec<Duration> = self.entries.values().map(|attempts| attempts.last).collect();
        let (_, limit, _) = last.select_nth_unstable(EVICTED_AT_ONCE);
        let limit = *limit;
        let mut left = EVICTED_AT_ONCE;
        self.entries.retain(|_, attempts| {
            let evict = left > 0 && attempts.last <= limit;
            left -= usize::from(evict);
            !evict
        });
    }
}

impl Attempts {
    fn is_forgotten(&self, now: Duration) -> bool {
        now.saturating_sub(self.last) >= FORGET_AFTER
    }
}

/// Names compare without case, as in the store; a hostile one must not fill memory.
fn fold(name: &str) -> String {
    name.trim().chars().take(64).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)));

    #[test]
    fn a_name_waits_longer_with_each_failure() {
        let mut throttle = Throttle::default();
        let mut now = Duration::ZERO;
        for attempt in 0..5 {
            assert_eq!(throttle.admit("ada", counted(attempt), now), Ok(()), "attempt {attempt}");
        }
        for (attempt, wait) in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].into_iter().enumerate() {
            let from = counted(100 + u32::try_from(attempt).unwrap());
            assert_eq!(throttle.admit(" ADA ", from, now), Err(Duration::from_secs(wait)));
            now += Duration::from_secs(wait);
            assert_eq!(throttle.admit("ada", from, now), Ok(()));
        }
    }

    #[test]
    fn an_address_waits_whatever_names_it_tries() {
        let mut throttle = Throttle::default();
        for attempt in 0..20 {
            assert_eq!(throttle.admit(&format!("user{attempt}"), HERE, Duration::ZERO), Ok(()));
        }
        assert_eq!(throttle.admit("another", HERE, Duration::ZERO), Err(Duration::from_secs(1)));
        assert_eq!(throttle.admit("another", counted(9), Duration::ZERO), Ok(()));
    }

    #[test]
    fn those_who_are_not_counted_do_not_wait_for_each_other() {
        let mut throttle = Throttle::default();
        for attempt in 0..100 {
            assert_eq!(throttle.admit(&format!("user{attempt}"), None, Duration::ZERO), Ok(()));
        }
    }

    #[test]
    fn what_has_no_name_makes_its_own_address_wait_alone() {
        let mut throttle = Throttle::default();
        for _ in 0..20 {
            assert_eq!(throttle.admit_nameless(HERE, Duration::ZERO), Ok(()));
        }
        assert_eq!(throttle.admit_nameless(HERE, Duration::ZERO), Err(Duration::from_secs(1)));
        assert_eq!(throttle.admit_nameless(counted(9), Duration::ZERO), Ok(()));
    }

    #[test]
    fn success_and_an_hour_of_quiet_forgive() {
        let mut throttle = Throttle::default();
        let exhaust = |throttle: &mut Throttle, now| (0..5).all(|n| throttle.admit("ada", counted(n), now).is_ok());
        assert!(exhaust(&mut throttle, Duration::ZERO));
        throttle.succeeded("Ada", address(0));
        assert!(exhaust(&mut throttle, Duration::ZERO));
        assert!(throttle.admit("ada", counted(7), Duration::ZERO).is_err());
        assert!(exhaust(&mut throttle, FORGET_AFTER));
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = Throttle::default();
        for n in 0..u32::try_from(CAPACITY).unwrap() * 2 {
            let _ = throttle.admit(&format!("user{n}"), counted(n), Duration::from_secs(u64::from(n)));
        }
        assert!(throttle.names.entries.len() <= CAPACITY);
        assert!(throttle.addresses.entries.len() <= CAPACITY);
    }

    fn counted(n: u32) -> Option<IpAddr> {
        Some(address(n))
    }

    fn address(n: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).into()
    }
}
