//! Facts that cost something to read and hardly ever change: kept for a while.

use std::time::Duration;

/// A value and when it was read.
#[derive(Debug)]
pub(crate) struct Refreshed<T> {
    held: Option<(Duration, T)>,
    lifetime: Duration,
}

impl<T> Refreshed<T> {
    /// Nothing yet; what is read is kept for the given time.
    pub(crate) fn every(lifetime: Duration) -> Self {
        Self { held: None, lifetime }
    }

    /// The value, read again when it is too old.
    pub(crate) fn get(&mut self, at: Duration, read: impl FnOnce() -> T) -> &T {
        let expired = |(read_at, _): &(Duration, T)| at.saturating_sub(*read_at) >= self.lifetime;
        if self.held.as_ref().is_some_and(expired) {
            self.held = None;
        }
        &self.held.get_or_insert_with(|| (at, read())).1
    }

    /// Forgets the value.
    pub(crate) fn clear(&mut self) {
        self.held = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_again_only_when_too_old() {
        let mut facts = Refreshed::every(Duration::from_secs(60));
        let mut get = |seconds, value| *facts.get(Duration::from_secs(seconds), || value);
        assert_eq!([get(0, 1), get(59, 2), get(60, 3), get(61, 4)], [1, 1, 3, 3]);
    }
}
