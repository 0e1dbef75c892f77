//! Measuring time: many runs, and what can honestly be said of them.

use std::time::Duration;

use anyhow::Result;
use muster_runtime::{Clock, SystemClock};

/// Takes times.
#[derive(Debug)]
pub(crate) struct Stopwatch(SystemClock);

impl Stopwatch {
    /// A stopwatch on the machine's clock.
    pub(crate) fn start() -> Self {
        Self(SystemClock::new())
    }

    /// Runs `work` once, cold. Gives back its result and the time it took.
    pub(crate) fn once<O>(&self, work: impl FnOnce() -> O) -> (O, Duration) {
        let began = self.0.monotonic();
        let output = std::hint::black_box(work());
        (output, self.0.monotonic() - began)
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
            self.once(|| work(std::hint::black_box(input))).1
        });
        Runs::after_warm_up(timed.collect())
    }

    /// The same on a state that both closures change. The first failure ends it.
    pub(crate) fn runs_on<S, I, O>(
        &self,
        state: &mut S,
        count: usize,
        mut prepare: impl FnMut(&mut S) -> Result<I>,
        mut work: impl FnMut(&mut S, I) -> Result<O>,
    ) -> Result<Runs> {
        let mut times = Vec::with_capacity(count + 1);
        for _ in 0..=count {
            let input = prepare(state)?;
            let (output, took) = self.once(|| work(state, std::hint::black_box(input)));
            output?;
            times.push(took);
        }
        Ok(Runs::after_warm_up(times))
    }

    /// Runs two kinds of work in turn, so that what else happens on the machine touches both alike. Each is told the
    /// number of its run; the first of each warms up. The first failure ends it.
    pub(crate) fn pairs<A, B>(
        &self,
        count: usize,
        mut one: impl FnMut(usize) -> Result<A>,
        mut other: impl FnMut(usize) -> Result<B>,
    ) -> Result<(Runs, Runs)> {
        let (mut ones, mut others) = (Vec::with_capacity(count + 1), Vec::with_capacity(count + 1));
        for run in 0..=count {
            let (output, took) = self.once(|| one(run));
            output?;
            ones.push(took);
            let (output, took) = self.once(|| other(run));
            output?;
            others.push(took);
        }
        Ok((Runs::after_warm_up(ones), Runs::after_warm_up(others)))
    }
}

/// The times of several runs of the same work, ascending.
#[derive(Debug, Clone)]
pub(crate) struct Runs(Vec<Duration>);

impl Runs {
    /// All but the first.
    fn after_warm_up(mut times: Vec<Duration>) -> Self {
        times.remove(0);
        times.sort_unstable();
        Self(times)
    }

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

    #[test]
    fn pairs_take_turns() {
        let turns = std::cell::RefCell::new(Vec::new());
        let turn = |side| {
            let turns = &turns;
            move |run| {
                turns.borrow_mut().push((side, run));
                Ok(())
            }
        };
        let (ours, peer) = Stopwatch::start().pairs(1, turn('a'), turn('b')).unwrap();
        assert_eq!(*turns.borrow(), [('a', 0), ('b', 0), ('a', 1), ('b', 1)]);
        assert_eq!((ours.0.len(), peer.0.len()), (1, 1));
        assert!(Stopwatch::start().pairs(1, turn('a'), |_| anyhow::bail!("no") as Result<()>).is_err());
    }

    #[test]
    fn a_failure_ends_the_runs() {
        let mut state = 0;
        let check = |state: &mut i32, most: i32| {
            *state += 1;
            anyhow::ensure!(*state < most, "enough");
            Ok(())
        };
        let stopwatch = Stopwatch::start();
        assert_eq!(stopwatch.runs_on(&mut state, 3, |_| Ok(()), |state, ()| check(state, 99)).unwrap().0.len(), 3);
        assert!(stopwatch.runs_on(&mut state, 3, |_| Ok(()), |state, ()| check(state, 6)).is_err());
        assert_eq!(state, 6);
    }
}
