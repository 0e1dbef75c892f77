//! Time as a dependency.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

/// A boxed wait, so that [`Clock`] stays usable as a trait object.
pub type Wakeup = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where time comes from.
///
/// `now` is wall time and may jump. Waiting is by monotonic time: a jump of the wall clock neither ends a wait early
/// nor makes it endless.
pub trait Clock: Send + Sync + 'static {
    /// Wall time.
    fn now(&self) -> Timestamp;

    /// Time since some fixed point, never going back. For measuring how long something took.
    fn monotonic(&self) -> Duration;

    /// Waits for the given time. Dropping the future cancels the wait.
    fn sleep(&self, how_long: Duration) -> Wakeup;
}

/// The machine's own clock.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system clock")]
    #[expect(clippy::new_without_default, reason = "a default that reads the clock would be a surprise")]
    pub fn new() -> Self {
        Self { start: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that waits on the system clock")]
    fn sleep(&self, how_long: Duration) -> Wakeup {
        Box::pin(tokio::time::sleep(how_long))
    }
}

/// A clock that moves only when told to: simulated time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    state: Arc<Mutex<ManualState>>,
}

#[derive(Debug)]
struct ManualState {
    now: Timestamp,
    monotonic: Duration,
    next_sleeper: u64,
    /// Keyed by due time, then by order of arrival, so that waking is deterministic.
    sleepers: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
}

impl ManualClock {
    /// A clock that stands at the given wall time.
    pub fn at(now: Timestamp) -> Self {
        let state = ManualState { now, monotonic: Duration::ZERO, next_sleeper: 0, sleepers: BTreeMap::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Lets time pass, waking every sleeper whose time has come, in order of due time.
    pub fn advance(&self, by: Duration) {
        let due = {
            let mut state = self.lock();
            state.monotonic += by;
            state.now += SignedDuration::try_from(by).expect("a simulated step fits");
            let first_later = (state.monotonic + Duration::from_nanos(1), 0);
            let later = state.sleepers.split_off(&first_later);
            std::mem::replace(&mut state.sleepers, later)
        };
        for sleeper in due.into_values() {
            // A sleeper that no longer listens was cancelled.
            let _ = sleeper.send(());
        }
    }

    /// Moves wall time alone, as an operator or NTP may; waits are not affected.
    pub fn set_wall(&self, now: Timestamp) {
        self.lock().now = now;
    }

    /// How many sleepers wait: lets a test advance only once the task under test has come to rest.
    pub fn sleepers(&self) -> usize {
        let mut state = self.lock();
        state.sleepers.retain(|_, sleeper| !sleeper.is_closed());
        state.sleepers.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ManualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn monotonic(&self) -> Duration {
        self.lock().monotonic
    }

    fn sleep(&self, how_long: Duration) -> Wakeup {
        if how_long.is_zero() {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        {
            let mut state = self.lock();
            let key = (state.monotonic + how_long, state.next_sleeper);
            state.next_sleeper += 1;
            state.sleepers.insert(key, wake);
        }
        Box::pin(async move {
            // The sender is dropped only together with the clock; then nobody is left to keep time for.
            let _ = woken.await;
        })
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, poll};

    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_their_time_has_come() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let mut short = clock.sleep(Duration::from_secs(1)).fuse();
        let mut long = clock.sleep(Duration::from_secs(5)).fuse();
        clock.advance(Duration::from_secs(1));
        assert!(poll!(&mut short).is_ready());
        assert!(poll!(&mut long).is_pending());
        assert_eq!(clock.sleepers(), 1);
        clock.advance(Duration::from_secs(4));
        assert!(poll!(&mut long).is_ready());
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH + SignedDuration::from_secs(5));
    }

    #[tokio::test]
    async fn nothing_is_waited_for_no_time() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        clock.sleep(Duration::ZERO).await;
    }

    #[tokio::test]
    async fn a_wall_clock_jump_wakes_nobody() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let mut sleeper = clock.sleep(Duration::from_secs(1)).fuse();
        clock.set_wall(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1));
        assert!(poll!(&mut sleeper).is_pending());
        assert_eq!(clock.monotonic(), Duration::ZERO);
    }
}
