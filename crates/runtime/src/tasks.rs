//! Tasks with an owner, and an orderly end.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info};

/// Tells tasks to finish. Cheap to clone; everybody holds one.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everybody to finish. Asking twice changes nothing.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Whether somebody has asked.
    pub fn begun(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until somebody asks. Cancel-safe.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// A part that can be ended alone and ends with the whole.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}

/// Every spawned task of a process part, so that none outlives it unnoticed.
///
/// A task that panics ends the process part: the panic is logged with the task's name and shutdown begins, because a
/// server with a missing limb looks healthy and is not.
#[derive(Debug, Clone)]
pub struct Tasks {
    tracker: TaskTracker,
    shutdown: Shutdown,
    panicked: Arc<AtomicBool>,
}

impl Tasks {
    /// An empty set that ends with the given shutdown.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { tracker: TaskTracker::new(), shutdown, panicked: Arc::default() }
    }

    /// The shutdown that the tasks listen to.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Starts a task under a name.
    #[expect(clippy::disallowed_methods, reason = "this is where spawned tasks get their owner")]
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (shutdown, panicked) = (self.shutdown.clone(), Arc::clone(&self.panicked));
        let handle = tokio::spawn(self.tracker.track_future(task));
        self.tracker.spawn(async move {
            if let Err(panic) = handle.await
                && panic.is_panic()
            {
                error!(task = name, "task panicked; shutting down");
                panicked.store(true, Ordering::Relaxed);
                shutdown.begin();
            }
        });
    }

    /// Whether a task has panicked: the end was not an orderly one, however orderly it went.
    pub fn panicked(&self) -> bool {
        self.panicked.load(Ordering::Relaxed)
    }

    /// Waits until every task has finished, at most for the given time. Says whether they all did.
    pub async fn finish(&self, deadline: Duration) -> bool {
        self.tracker.close();
        let finished = tokio::time::timeout(deadline, self.tracker.wait()).await.is_ok();
        if !finished {
            info!(left = self.tracker.len(), "tasks did not finish in time");
        }
        finished
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finishing_waits_for_every_task() {
        let tasks = Tasks::new(Shutdown::new());
        let shutdown = tasks.shutdown().clone();
        tasks.spawn("waits", async move { shutdown.requested().await });
        tasks.shutdown().begin();
        assert!(tasks.finish(Duration::from_secs(60)).await);
    }

    #[tokio::test]
    async fn a_panicking_task_begins_shutdown() {
        let tasks = Tasks::new(Shutdown::new());
        tasks.spawn("fails", async { panic!("on purpose") });
        tasks.shutdown().requested().await;
        assert!(tasks.panicked());
        assert!(tasks.finish(Duration::from_secs(60)).await);
    }
}
