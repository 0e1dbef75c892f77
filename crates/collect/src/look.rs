//! One look: waits for a place, looks with a deadline, hands on what was seen.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use futures::FutureExt;
use jiff::Timestamp;

use crate::{
    Backfill, Failure, FailureCategory, Look, Observed, Provider,
    caps::Among,
    owner::{Setup, Shared},
    record::Record,
    schedule::Due,
    stats::Timing,
};

/// A look that is over.
pub(crate) struct Looked {
    pub(crate) due: Due,
    pub(crate) timing: Timing,
    pub(crate) ended_at: Timestamp,
    pub(crate) result: Result<Observed, Failure>,
    pub(crate) backfill: Vec<Backfill>,
}

/// Looks once. A report is handed on before the look counts as over, so that who waits for the look finds it in the
/// estate. Dropping it gives everything up.
pub(crate) async fn look(
    shared: Arc<Shared>,
    setup: Arc<Setup>,
    provider: Arc<dyn Provider>,
    record: Arc<Mutex<Record>>,
    due: Due,
    among: Among,
) -> Looked {
    let place = shared.caps.take(&provider.address(), among).await;
    let began = shared.now();
    record.lock().unwrap_or_else(PoisonError::into_inner).attempted(due.role, began.wall);
    let result = in_time(&shared, &*provider, &due, began.wall).await;
    let ended = shared.now();
    drop(place);
    let mut timing = Timing {
        lag: began.monotonic.saturating_sub(due.planned.monotonic),
        took: ended.monotonic.saturating_sub(began.monotonic),
        delivered: None,
        failure: result.as_ref().err().map(|failure| failure.category),
    };
    let (result, backfill) = match result {
        Ok(Look { report, backfill, observed }) if setup.connection.enabled => {
            if let Some(report) = report {
                shared.parts.sink.report(report).await;
                timing.delivered = Some(shared.now().monotonic.saturating_sub(due.planned.monotonic));
            }
            (Ok(observed), backfill)
        }
        // Nobody asked for what is there.
        Ok(Look { observed, .. }) => (Ok(observed), vec![]),
        Err(failure) => (Err(failure), vec![]),
    };
    Looked { due, timing, ended_at: ended.wall, result, backfill }
}

async fn in_time(shared: &Shared, provider: &dyn Provider, due: &Due, begins: Timestamp) -> Result<Look, Failure> {
    let lane = &due.lane;
    let look = AssertUnwindSafe(provider.look(lane.name, due.tick(begins))).catch_unwind();
    // Cancel-safe: a look that is given up leaves what is known as it was.
    tokio::select! {
        // A look that is over at its deadline is in time.
        biased;
        looked = look => looked.unwrap_or_else(|_| Err(stumbled(lane.name))),
        () = shared.parts.clock.sleep(lane.deadline) => Err(Failure {
            category: FailureCategory::TimedOut,
            message: format!(
                "looking into `{}` was not over after {} seconds; if the platform is just slow, raise the interval",
                lane.name,
                lane.deadline.as_secs()
            ),
        }),
    }
}

/// An answer that ends our own code is our bug; it costs this look and nothing else.
fn stumbled(lane: &str) -> Failure {
    Failure {
        category: FailureCategory::Malformed,
        message: format!("an answer for `{lane}` could not be processed; this is a bug, and the server's log has more"),
    }
}
