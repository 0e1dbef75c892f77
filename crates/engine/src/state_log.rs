//! The log seam (D-3): where the ordered log of changed records lives.
//!
//! On one machine that is the embedded store. With replicas it will be a PostgreSQL table that all of them replay and
//! only the lease holder writes; the engine does not see the difference.

use std::sync::Arc;

use futures::future::BoxFuture;
use muster_model::TenantId;
use muster_store::{CommitError, LoadError, Store, StoredLog, SweepCommit};

/// Keeps the log. Every function names the tenant first (D-4).
pub trait StateLog: Send + Sync + 'static {
    /// Everything of a tenant that its state depends on, in revision order.
    fn load<'a>(&'a self, tenant: &'a TenantId) -> BoxFuture<'a, Result<StoredLog, LoadError>>;

    /// Writes a sweep in one transaction: all of it or nothing. Writing the same sweep twice leaves one.
    fn commit<'a>(&'a self, tenant: &'a TenantId, sweep: &'a SweepCommit) -> BoxFuture<'a, Result<(), CommitError>>;
}

impl StateLog for Store {
    fn load<'a>(&'a self, tenant: &'a TenantId) -> BoxFuture<'a, Result<StoredLog, LoadError>> {
        Box::pin(self.log_load(tenant))
    }

    fn commit<'a>(&'a self, tenant: &'a TenantId, sweep: &'a SweepCommit) -> BoxFuture<'a, Result<(), CommitError>> {
        Box::pin(self.sweep_commit(tenant, sweep))
    }
}

impl<L: StateLog> StateLog for Arc<L> {
    fn load<'a>(&'a self, tenant: &'a TenantId) -> BoxFuture<'a, Result<StoredLog, LoadError>> {
        self.as_ref().load(tenant)
    }

    fn commit<'a>(&'a self, tenant: &'a TenantId, sweep: &'a SweepCommit) -> BoxFuture<'a, Result<(), CommitError>> {
        self.as_ref().commit(tenant, sweep)
    }
}
