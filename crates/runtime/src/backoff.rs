//! Waiting longer after each failure.

use std::time::Duration;

use crate::Entropy;

/// Exponential backoff: capped, jittered, reset by success.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// Starts at `first` and never waits longer than `cap`.
    pub fn new(first: Duration, cap: Duration) -> Self {
        Self { first, cap, failures: 0 }
    }

    /// Counts a failure and says how long to wait: between half and all of the current step, so that many waiters that
    /// failed together do not return together.
    pub fn failed(&mut self, entropy: &Entropy) -> Duration {
        let step = self.first.saturating_mul(1 << self.failures.min(20)).min(self.cap);
        self.failures = self.failures.saturating_add(1);
        step.div_f64(2.0) + step.div_f64(2.0).mul_f64(entropy.fraction())
    }

    /// Forgets the failures.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_its_cap_and_resets() {
        let entropy = Entropy::seeded(7);
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        for failure in 0..40 {
            let wait = backoff.failed(&entropy);
            let step = Duration::from_secs(1 << failure.min(6)).min(Duration::from_secs(60));
            assert!(wait >= step / 2 && wait <= step, "failure {failure} waits {wait:?}");
        }
        backoff.succeeded();
        assert!(backoff.failed(&entropy) <= Duration::from_secs(1));
    }
}
