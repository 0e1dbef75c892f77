//! Rates from counters: a short window of observations per counter. Pure; the caller says what time it is.

use std::{collections::VecDeque, time::Duration};

use muster_model::UnknownReason;

/// Observations that a rate is taken over.
const WINDOW: usize = 4;

/// The last observations of one counter.
///
/// Equal counters mean that nothing happened: they are our own readings of a live counter, not a platform's cached
/// answer, so the rate falls to zero instead of holding its last value.
#[derive(Debug, Clone, Default)]
pub(crate) struct RateWindow {
    observations: VecDeque<(Duration, u64)>,
}

impl RateWindow {
    /// Adds an observation and gives the rate a second over the window.
    ///
    /// # Errors
    /// Without an earlier observation, or when the counter went back; it then begins anew.
    pub(crate) fn observe(&mut self, at: Duration, counter: u64) -> Result<f64, UnknownReason> {
        match self.observations.back() {
            Some((_, last)) if counter < *last => {
                self.observations.clear();
                self.observations.push_back((at, counter));
                return Err(UnknownReason::CounterReset);
            }
            Some((last_at, _)) if at <= *last_at => {}
            Some(_) | None => self.push(at, counter),
        }
        self.rate()
    }

    fn push(&mut self, at: Duration, counter: u64) {
        if self.observations.len() == WINDOW {
            self.observations.pop_front();
        }
        self.observations.push_back((at, counter));
    }

    fn rate(&self) -> Result<f64, UnknownReason> {
        let (Some((from, oldest)), Some((to, newest))) = (self.observations.front(), self.observations.back()) else {
            return Err(UnknownReason::NoBaseline);
        };
        let elapsed = to.saturating_sub(*from);
        if elapsed.is_zero() {
            return Err(UnknownReason::NoBaseline);
        }
        Ok(newest.saturating_sub(*oldest) as f64 / elapsed.as_secs_f64())
    }
}

/// The sum of rates: unknown as soon as one part is, because a sum over fewer parts is another quantity.
pub(crate) fn sum(parts: impl IntoIterator<Item = Result<f64, UnknownReason>>) -> Result<f64, UnknownReason> {
    let mut parts = parts.into_iter().peekable();
    parts.peek().ok_or(UnknownReason::NotSupported)?;
    parts.sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rates(counters: &[u64]) -> Vec<Result<f64, UnknownReason>> {
        let mut window = RateWindow::default();
        let times = (0..).map(|n| Duration::from_secs(10 * n));
        times.zip(counters).map(|(at, counter)| window.observe(at, *counter)).collect()
    }

    #[test]
    fn a_window_of_four_observations() {
        //
        let none = Err(UnknownReason::NoBaseline);
        assert_eq!(rates(&[0, 0, 100, 300]), [none, Ok(0.0), Ok(5.0), Ok(10.0)]);
        assert_eq!(rates(&[0, 0, 0, 300, 300, 300, 300])[6], Ok(0.0));
    }

    #[test]
    fn a_counter_that_goes_back_begins_anew() {
        // D-9: no rate, and above all no wrapped subtraction.
        let rates = rates(&[1000, 2000, 50, 150]);
        assert_eq!(rates[2..], [Err(UnknownReason::CounterReset), Ok(10.0)]);
    }

    #[test]
    fn no_time_gives_no_rate() {
        let mut window = RateWindow::default();
        let at = Duration::from_secs(1);
        assert!(window.observe(at, 1).is_err());
        assert_eq!(window.observe(at, 9), Err(UnknownReason::NoBaseline));
    }

    #[test]
    fn a_sum_needs_all_its_parts() {
        assert_eq!(sum([Ok(1.0), Ok(2.0)]), Ok(3.0));
        assert_eq!(sum([Ok(1.0), Err(UnknownReason::CounterReset)]), Err(UnknownReason::CounterReset));
        assert_eq!(sum([]), Err(UnknownReason::NotSupported));
    }

    proptest! {
        #[test]
        fn a_rate_is_never_negative_nor_larger_than_the_counter(counters in prop::collection::vec(any::<u64>(), 0..20)) {
            for rate in rates(&counters).into_iter().flatten() {
                prop_assert!(rate >= 0.0 && rate <= u64::MAX as f64 / 10.0);
            }
        }
    }
}
