//! A clock that lets every wait pass at once, and makes the server do what it would have done in that time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use muster_remote::Pace;
use muster_runtime::{Clock, SystemClock, Wakeup};

use crate::server;

/// How long VictoriaMetrics may go on saying that a series is not there after it has been made.
const NEW_SERIES_SHOW_AFTER: Duration = Duration::from_millis(1500);

/// Counts the series that VictoriaMetrics has made since it was started.
const SERIES_MADE: &str = "vm_new_timeseries_created_total ";

/// Simulated time for shipping to a real server.
#[derive(Debug, Clone)]
pub(crate) struct FastClock {
    passed: Arc<Mutex<Duration>>,
    waits: Arc<Mutex<Vec<Duration>>>,
    series_made: Arc<Mutex<String>>,
    /// Where a server is that needs time to settle.
    settles_at: Option<String>,
}

impl FastClock {
    pub(crate) fn new(settles_at: Option<String>) -> Self {
        Self { passed: Arc::default(), waits: Arc::default(), series_made: Arc::default(), settles_at }
    }

    /// Every wait so far.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }

    /// Makes the server do at once what it does within seconds: a snapshot puts everything accepted on disk. Only that new
    /// series show cannot be hurried. A server that is down has nothing to settle.
    async fn settle(&self, address: &str) {
        let _ = server::get(address, "/snapshot/create", &[]).await;
        let counters = server::get(address, "/metrics", &[]).await.unwrap_or_default();
        let made = counters.lines().find_map(|line| line.strip_prefix(SERIES_MADE)).unwrap_or("0").to_owned();
        let news = made != "0" && made != *self.series_made.lock().unwrap();
        *self.series_made.lock().unwrap() = made;
        if news {
            SystemClock::new().sleep(NEW_SERIES_SHOW_AFTER).await;
        }
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
            if let Some(address) = this.settles_at.as_deref().filter(|_| how_long >= Pace::default().settle) {
                this.settle(address).await;
            }
            // A breath of real time, so that waiting for a server that starts does not keep it from starting.
            SystemClock::new().sleep(Duration::from_millis(2)).await;
            *this.passed.lock().unwrap() += how_long;
            this.waits.lock().unwrap().push(how_long);
        })
    }
}
