//! The task that computes answers ahead: after sweeps, what is about to be asked.
//!
//! A day of storage is always ready; so is what somebody has looked at in the last minute. Computing it costs two
//! series a storage, and a point of it covers a quarter of an hour, so that half a minute between two is often enough.

use std::{collections::BTreeMap, time::Duration};

use muster_model::TenantId;
use tokio::sync::broadcast::error::RecvError;
use tracing::warn;

use crate::app::App;

/// Sweeps that follow each other faster than this share one look at what is due.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Follows the engine until shutdown. Started once by the server.
pub(crate) async fn run(app: App) {
    let mut news = app.engine().subscribe();
    let mut looked: BTreeMap<TenantId, Duration> = BTreeMap::new();
    loop {
        // Cancel-safe: receiving from a broadcast loses nothing, and shutdown is a state.
        let received = tokio::select! {
            received = news.recv() => received,
            () = app.shutdown().requested() => return,
        };
        let tenant = match received {
            Ok(publication) => publication.tenant.clone(),
            // The next sweep is as good as the one that was missed.
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        let now = app.clock().monotonic();
        if looked.get(&tenant).is_none_or(|last| now.saturating_sub(*last) >= LOOK_EVERY) {
            looked.insert(tenant.clone(), now);
            // Cancel-safe: what is not computed ahead is computed on request.
            tokio::select! {
                () = prepare(&app, &tenant, now) => {}
                () = app.shutdown().requested() => return,
            }
        }
    }
}

async fn prepare(app: &App, tenant: &TenantId, now: Duration) {
    for question in app.charts().expected(tenant, now) {
        if let Err(error) = app.charts().prepare(app, tenant, question).await {
            warn!(?error, "charts could not be computed ahead");
        }
    }
}
