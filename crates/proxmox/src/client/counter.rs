//! How many requests were sent, by call: the load that we are, shown to whoever runs the platform.

use std::sync::atomic::{AtomicU64, Ordering};

use strum::EnumCount;

use super::call::Call;

/// Counts requests.
#[derive(Debug)]
pub(crate) struct Counter([AtomicU64; Call::COUNT]);

impl Default for Counter {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Counter {
    /// One more.
    pub(crate) fn count(&self, call: Call) {
        self.0[call as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// All of them.
    pub(crate) fn total(&self) -> u64 {
        self.0.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// Each call that was ever made.
    pub(crate) fn by_call(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = Call::ALL.iter().map(|call| (call.name(), self.0[*call as usize].load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0)
    }
}
