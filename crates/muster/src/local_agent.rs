//! Runs the agent inside the server: a source like any other, which hands its reports to the engine.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_agent::Agent;
use muster_engine::{EngineHandle, SubmitError};
use muster_runtime::{Clock, Shutdown};
use tracing::{info, warn};

/// Observes at once and then at every multiple of the interval, so that samples lie on history's grid, until shutdown.
pub(crate) async fn run(
    mut agent: Agent,
    engine: EngineHandle,
    interval: SignedDuration,
    clock: Arc<dyn Clock>,
    shutdown: Shutdown,
) {
    let mut is_ignored = false;
    loop {
        // Reading /proc and /sys blocks; a stuck file system must not hold a worker thread.
        let collected = tokio::task::spawn_blocking(move || {
            let report = agent.collect();
            (agent, report)
        });
        let report = match collected.await {
            Ok((returned, report)) => {
                agent = returned;
                report
            }
            // The owner of this task says so and ends the server.
            Err(failure) => match failure.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return,
            },
        };
        let submitted = engine.submit(report).await;
        // Told once, not with every report.
        let was_ignored = std::mem::replace(&mut is_ignored, submitted == Err(SubmitError::Ignored));
        if is_ignored != was_ignored {
            let says = if is_ignored { "this machine is ignored from now on" } else { "this machine is heard again" };
            info!("the local agent: {says}");
        }
        match submitted {
            // The engine has said itself why it could not store.
            Ok(_) | Err(SubmitError::NotDurable | SubmitError::Ignored) => {}
            Err(SubmitError::Busy) => warn!("the engine is busy; one report of the local agent is lost"),
            Err(SubmitError::ShuttingDown) => return,
        }
        tokio::select! {
            // Cancel-safe: dropping the wait forgets only the wait.
            () = clock.sleep(until_next(clock.now(), interval)) => {}
            // Cancel-safe: asking again gives the same answer.
            () = shutdown.requested() => return,
        }
    }
}

/// How long until the wall clock stands at the next multiple of the interval.
fn until_next(now: Timestamp, interval: SignedDuration) -> Duration {
    let period = interval.as_nanos().max(1);
    let past = now.as_nanosecond().rem_euclid(period);
    Duration::from_nanos(u64::try_from(period - past).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_lie_on_the_grid() {
        // D-10
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let interval = SignedDuration::from_secs(10);
        assert_eq!(until_next(at(0), interval), Duration::from_secs(10));
        assert_eq!(until_next(at(9_999), interval), Duration::from_millis(1));
        assert_eq!(until_next(at(-1), interval), Duration::from_millis(1));
    }
}
