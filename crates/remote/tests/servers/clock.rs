//! A clock that lets every wait pass at once, and makes the server do what it would have done in that time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use muster_remote::Pace;
use muster_runtime::{Clock, SystemClock, Wakeup};
use muster_testkit::metrics_store::Settling;

/// Simulated time for shipping to a real server.
#[derive(Debug, Clone)]
pub(crate) struct FastClock {
    passed: Arc<Mutex<Duration>>,
    waits: Arc<Mutex<Vec<Duration>>>,
    /// What a real server behind it does with time.
    settling: Option<Settling>,
}

impl FastClock {
    pub(crate) fn new(settling: Option<Settling>) -> Self {
        Self { passed: Arc::default(), waits: Arc::default(), settling }
    }

    /// Every wait so far.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    fn sleep(&self, how_long: Duration) -> Wakeup {
        let this = self.clone();
        Box::pin(async move {
            if let Some(settling) = this.settling.as_ref().filter(|_| how_long >= Pace::default().settle) {
                settling.settle().await;
            }
            // A breath of real time, so that waiting for a server that starts does not keep it from starting.
            SystemClock::new().sleep(Duration::from_millis(2)).await;
            *this.passed.lock().unwrap() += how_long;
            this.waits.lock().unwrap().push(how_long);
        })
    }
}
