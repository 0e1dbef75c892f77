//! Where what was seen goes.

use muster_model::{Report, SourceId, TenantId};

use crate::{Backfill, BoxFuture};

/// Takes what connections see. Whatever goes wrong there is told there: no platform is to blame for it, and no look waits
/// for it to be made up for.
pub trait Sink: Send + Sync + 'static {
    /// Takes a report. Done when it was applied or given up.
    fn report(&self, report: Report) -> BoxFuture<'_, ()>;

    /// Takes samples of the past. Only spans that are missing are written. Done when they were written or given up;
    /// dropping the future gives up the rest.
    fn backfill<'a>(&'a self, tenant: &'a TenantId, source: &'a SourceId, backfill: Vec<Backfill>)
    -> BoxFuture<'a, ()>;

    /// Takes note that a source is not asked any more until it reports again: people disabled its connection.
    fn disabled<'a>(&'a self, tenant: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()>;

    /// Takes all that a source has said out of the estate: its connection is gone for good.
    fn withdraw<'a>(&'a self, tenant: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()>;
}
