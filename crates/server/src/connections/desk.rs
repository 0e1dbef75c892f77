//! What the server has for connections: the handle on what polls, and who may have something tried just now.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use muster_api::ProblemCode;
use muster_collect::{Collector, Connection, Secret};
use muster_outbound::Roots;
use tokio::sync::{MutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use crate::{
    auth::secret::SecretHash,
    http::rate::{Buckets, Rate},
    problem::ApiError,
};

/// Probes and tests of one credential: enough for somebody who sets up a connection, too few to scan a network with.
const TRIES: Rate = Rate { per_second: 1, burst: 10 };

/// Probes at a time; another one is told to come again. Each dials up to sixteen addresses.
const PROBES: usize = 4;

/// What polls connections, and what it may read.
pub struct Polling {
    /// Polls.
    pub collector: Collector,
    /// Where secrets may be read that a connection only names (D-23).
    pub roots: Roots,
    /// Looks into the environment.
    pub variable: fn(&str) -> Option<String>,
    /// Whether nothing is polled. Connections can be tried all the same.
    pub is_idle: bool,
}

/// See the module.
pub(crate) struct Desk {
    polling: Polling,
    /// Held from the store's change to the collector's, so that both see changes in the same order.
    turn: tokio::sync::Mutex<()>,
    /// Changes that are carried out.
    changes: TaskTracker,
    tries: Mutex<Buckets<SecretHash>>,
    probes: Arc<Semaphore>,
}

impl Desk {
    pub(crate) fn new(polling: Polling) -> Self {
        Self {
            polling,
            turn: tokio::sync::Mutex::default(),
            changes: TaskTracker::new(),
            tries: Mutex::default(),
            probes: Arc::new(Semaphore::new(PROBES)),
        }
    }

    pub(crate) fn polling(&self) -> &Polling {
        &self.polling
    }

    pub(crate) fn collector(&self) -> &Collector {
        &self.polling.collector
    }

    /// Has a connection polled as it is now.
    pub(super) fn set(&self, connection: Connection, secret: Secret) {
        self.polling.collector.set(self.polled(connection), secret);
    }

    /// The connection as it is polled here.
    pub(super) fn polled(&self, connection: Connection) -> Connection {
        let enabled = connection.enabled && !self.polling.is_idle;
        Connection { enabled, ..connection }
    }

    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Carries something out to its end, also where whoever asked for it leaves: between the store and the collector
    /// nothing may get lost.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.changes.spawn(change).await.map_err(ApiError::internal)?
    }

    /// Carries something out that nobody waits for.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.changes.spawn(work));
    }

    /// Waits for changes that are carried out. There are no more of them once the server has stopped to listen.
    pub(crate) async fn settled(&self) {
        self.changes.close();
        self.changes.wait().await;
    }

    /// Counts a try of a credential, or says how long to wait.
    pub(crate) fn admit(&self, credential: SecretHash, now: Duration) -> Result<(), ApiError> {
        // A bucket is one number; none is left half-written.
        let taken = self.tries.lock().unwrap_or_else(PoisonError::into_inner).take(credential, TRIES, now);
        taken.map_err(|wait| {
            let detail = "Too many connections were tried in a short time; wait as long as `Retry-After` says.";
            ApiError::new(ProblemCode::RateLimited, detail).retry_after(wait)
        })
    }

    /// A turn to probe; given back when it is dropped.
    pub(crate) fn probe_turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.probes).try_acquire_owned().map_err(|_| {
            let detail = format!("{PROBES} connections are probed just now; try again.");
            ApiError::new(ProblemCode::Unavailable, detail).retry_after(Duration::from_secs(5))
        })
    }
}
