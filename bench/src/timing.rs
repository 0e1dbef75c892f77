//! Measuring time: many runs, and what can honestly be said of them.

use std::time::Duration;

use muster_runtime::{Clock, SystemClock};

/// Takes times.
#[derive(Debug)]
pub(crate) struct Stopwatch(SystemClock);

impl Stopwatch {
    /// A stopwatch on the machine's clock.
    pub(crate) fn start() -> Self {
        Self(SystemClock::new())
    }

    /// Runs `work` on fresh input from `prepare`, which does not count, and neither does dropping the result. One run
    /// more than counted comes first, to warm caches up.
    pub(crate) fn runs<I, O>(
        &self,
        count: usize,
        mut prepare: impl FnMut() -> I,
        mut work: impl FnMut(I) -> O,
    ) -> Runs {
        let timed = (0..=count).map(|_| {
            let input = prepare();
            let began = self.0.monotonic();
            let output = std::hint::black_box(work(std::hint::black_box(input)));
            let took = self.0.monotonic() - began;
            drop(output);
            took
        });
        let mut times: Vec<Duration> = timed.skip(1).collect();
        times.sort_unstable();
        Runs(times)
    }
}

/// The times of several runs of the same work, ascending.
#[derive(Debug, Clone)]
pub(crate) struct Runs(Vec<Duration>);

impl Runs {
    /// The middle one, in milliseconds.
    pub(crate) fn median_milliseconds(&self) -> f64 {
        self.percentile_milliseconds(0.5)
    }

    /// The time that the given share of the runs did not exceed, in milliseconds.
    pub(crate) fn percentile_milliseconds(&self, share: f64) -> f64 {
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        let place = rank.clamp(1, self.0.len()) - 1;
        self.0[place].as_secs_f64() * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let runs = Runs((1..=100).map(Duration::from_millis).collect());
        assert_eq!(runs.median_milliseconds(), 50.0);
        assert_eq!(runs.percentile_milliseconds(0.99), 99.0);
        assert_eq!(runs.percentile_milliseconds(1.0), 100.0);
        assert_eq!(Runs(vec![Duration::from_millis(7)]).percentile_milliseconds(0.99), 7.0);
    }

    #[test]
    fn each_run_gets_input_of_its_own_and_the_first_does_not_count() {
        let (mut prepared, mut worked) = (0, Vec::new());
        let runs = Stopwatch::start().runs(
            3,
            || {
                prepared += 1;
                prepared
            },
            |input| worked.push(input),
        );
        assert_eq!(worked, [1, 2, 3, 4]);
        assert_eq!(runs.0.len(), 3);
        assert!(runs.0.is_sorted());
    }
}
