//! How many requests a client may make: so many a second, and some at once.
//!
//! A bucket for each key, kept as one time: when it would be full again. Time and rate are inputs, and memory is bounded.

use std::{collections::HashMap, hash::Hash, time::Duration};

/// Keys that are remembered. When full, those that have asked for least are forgotten.
const CAPACITY: usize = 10_000;

/// So many requests a second, once `burst` of them were made at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second; 0 would be none ever.
    pub per_second: u32,
    /// Requests at once, after a while of none.
    pub burst: u32,
}

impl Rate {
    /// A rate that lets ten seconds' worth through at once.
    pub fn per_second(per_second: u32) -> Self {
        Self { per_second, burst: per_second.saturating_mul(10) }
    }

    fn interval(self) -> Duration {
        Duration::from_secs(1) / self.per_second.max(1)
    }
}

/// A bucket for each key.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    /// When each one will be full again.
    full_at: HashMap<K, Duration>,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { full_at: HashMap::new() }
    }
}

impl<K: Hash + Eq> Buckets<K> {
    /// Takes one request, or says how long to wait. `now` is monotonic. With another rate than the last time, a bucket is as
    /// long from being full as it was; one that would be emptier than empty is empty.
    pub(crate) fn take(&mut self, key: K, rate: Rate, now: Duration) -> Result<(), Duration> {
        if self.full_at.len() >= CAPACITY && !self.full_at.contains_key(&key) {
            self.forget(now);
        }
        let latest = now + rate.interval() * rate.burst.max(1);
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).clamp(now, latest);
        let next = *full_at + rate.interval();
        if next > latest {
            return Err(next - latest);
        }
        *full_at = next;
        Ok(())
    }

    /// A bucket that is full again is as good as none. Where that does not help, the fullest tenth goes.
    fn forget(&mut self, now: Duration) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() < CAPACITY {
            return;
        }
        let mut times: Vec<Duration> = self.full_at.values().copied().collect();
        let (_, limit, _) = times.select_nth_unstable(CAPACITY / 10);
        let limit = *limit;
        let mut left = CAPACITY / 10;
        self.full_at.retain(|_, full_at| {
            let forget = left > 0 && *full_at <= limit;
            left -= usize::from(forget);
            !forget
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst: 3 };

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let mut buckets = Buckets::default();
        let mut now = Duration::from_secs(100);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", RATE, now), Ok(()));
        }
        assert_eq!(buckets.take("a", RATE, now), Err(Duration::from_millis(100)));
        assert_eq!(buckets.take("b", RATE, now), Ok(()), "others have their own");
        now += Duration::from_millis(100);
        assert_eq!(buckets.take("a", RATE, now), Ok(()));
        assert!(buckets.take("a", RATE, now).is_err());
        now += Duration::from_secs(60);
        assert_eq!(
            (0..9).filter(|_| buckets.take("a", RATE, now).is_ok()).count(),
            3,
            "nothing is saved up beyond the burst"
        );
    }

    #[test]
    fn another_rate_forgets_nothing() {
        let (mut buckets, now) = (Buckets::default(), Duration::from_secs(100));
        for _ in 0..3 {
            assert_eq!(buckets.take("a", RATE, now), Ok(()));
        }
        let wider = Rate { per_second: 100, burst: 30 };
        assert_eq!(buckets.take("a", wider, now), Err(Duration::from_millis(10)), "what was used is used");
        assert_eq!(buckets.take("a", wider, now + Duration::from_millis(10)), Ok(()));
        let narrower = Rate { per_second: 10, burst: 1 };
        assert_eq!(
            buckets.take("a", narrower, now),
            Err(Duration::from_millis(100)),
            "no longer than one of the new rate"
        );
        assert_eq!(buckets.take("b", narrower, now), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let mut buckets = Buckets::default();
        for key in 0..CAPACITY * 2 {
            assert_eq!(buckets.take(key, RATE, Duration::ZERO), Ok(()));
        }
        assert!(buckets.full_at.len() <= CAPACITY);
    }

    proptest! {
        #[test]
        fn no_pattern_gets_more_than_burst_and_rate(gaps in prop::collection::vec(0_u64..200, 1..200)) {
            let (mut buckets, mut now, mut passed) = (Buckets::default(), Duration::ZERO, 0_u64);
            for gap in gaps {
                now += Duration::from_millis(gap);
                passed += u64::from(buckets.take((), RATE, now).is_ok());
            }
            let most = u64::from(RATE.burst) + now.as_millis() as u64 * u64::from(RATE.per_second) / 1000;
            prop_assert!(passed <= most, "{passed} of at most {most}");
        }
    }
}
