//! Tells the supervisor that started the process (systemd) how it is doing, and reloads when it says so (SIGHUP).
//!
//! Where nobody supervises, nothing is said. The watchdog is fed by the same worker threads that answer requests: a
//! process whose threads all hang stops feeding it, and is started anew.

use std::{sync::Arc, time::Duration};

use muster_runtime::{Clock, Shutdown, Tasks, chain};
use sd_notify::NotifyState;
use tokio::signal::unix;
use tracing::warn;

use crate::{commands::CommandError, reload::Reloader};

/// Hears the supervisor's wishes.
pub(super) struct Supervisor {
    hang_ups: unix::Signal,
}

impl Supervisor {
    /// Catches SIGHUP from now on; until here it ends the process.
    pub(super) fn catch() -> Result<Self, CommandError> {
        let hang_ups = unix::signal(unix::SignalKind::hangup());
        let hang_ups =
            hang_ups.map_err(|error| CommandError::Failed(format!("preparing to be told to reload: {error}")))?;
        Ok(Self { hang_ups })
    }

    /// Says that the server is ready, and goes on listening and feeding the watchdog until shutdown.
    pub(super) fn ready(self, reloader: Arc<Reloader>, clock: Arc<dyn Clock>, tasks: &Tasks) {
        say(&[NotifyState::Ready]);
        tasks.spawn("reload on signal", self.reload(reloader, tasks.shutdown().clone()));
        if let Some(allowed) = sd_notify::watchdog_enabled() {
            // Twice as often as asked for: a late one is no dead one.
            tasks.spawn("watchdog", feed(allowed / 2, clock, tasks.shutdown().clone()));
        }
    }

    async fn reload(mut self, reloader: Arc<Reloader>, shutdown: Shutdown) {
        loop {
            // Cancel-safe: a signal that is not taken stays pending, and shutdown stays requested.
            tokio::select! {
                _ = self.hang_ups.recv() => {}
                () = shutdown.requested() => break,
            }
            if let Ok(now) = NotifyState::monotonic_usec_now() {
                say(&[NotifyState::Reloading, now]);
            }
            // A wrong configuration has been logged, with its file and line.
            let _ = reloader.reload();
            say(&[NotifyState::Ready]);
        }
        say(&[NotifyState::Stopping]);
    }
}

async fn feed(every: Duration, clock: Arc<dyn Clock>, shutdown: Shutdown) {
    while !shutdown.begun() {
        say(&[NotifyState::Watchdog]);
        // Cancel-safe: dropping the wait forgets only the wait.
        tokio::select! {
            () = clock.sleep(every) => {}
            () = shutdown.requested() => {}
        }
    }
}

fn say(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn!(error = chain(&error), "the supervisor could not be told how the server is doing");
    }
}
