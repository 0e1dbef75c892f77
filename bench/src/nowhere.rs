//! Polling that has nothing to poll: what is measured here is handed in.

use std::sync::Arc;

use muster_collect::{Backfill, BoxFuture, Collector, Parts, Sink};
use muster_model::{Report, SourceId, TenantId};
use muster_runtime::{Clock, Tasks};
use muster_server::Polling;

/// Polling without a platform.
pub(crate) fn polling(clock: Arc<dyn Clock>, tasks: &Tasks) -> Polling {
    let parts = Parts { drivers: [].into(), sink: Arc::new(Nowhere), clock };
    Polling {
        collector: Collector::new(parts, tasks),
        roots: muster_outbound::Roots::default(),
        variable: |_| None,
        is_idle: true,
    }
}

/// Takes what nobody sees.
struct Nowhere;

impl Sink for Nowhere {
    fn report(&self, _: Report) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn backfill<'a>(&'a self, _: &'a TenantId, _: &'a SourceId, _: Vec<Backfill>) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn disabled<'a>(&'a self, _: &'a TenantId, _: &'a SourceId) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn withdraw<'a>(&'a self, _: &'a TenantId, _: &'a SourceId) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}
