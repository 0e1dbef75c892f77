//! Platforms as they are, with a count of the looks that are under way: simulated time stands still while one is, and while
//! samples of the past are written.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use muster_collect::{Backfill, BoxFuture, Connection, Driver, Failure, Lane, Look, ProbeReport, Provider, Sink};
use muster_model::{MemoryDecisions, Report, SourceId, TenantId};
use muster_runtime::Clock;
use secrecy::SecretString;
use tokio::sync::Notify;

use crate::collecting::{self, Drivers};

/// The looks that are under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Looks(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    /// By the name of the connection; writing by its source.
    under_way: Mutex<BTreeMap<String, usize>>,
    /// Connections that nobody waits for.
    hanging: Mutex<BTreeSet<String>>,
    ended: Notify,
}

impl Looks {
    /// Every platform, watched.
    pub(super) fn drivers(&self, clock: &Arc<dyn Clock>) -> Drivers {
        let watched = |of| -> Arc<dyn Driver> { Arc::new(WatchedDriver { of, looks: self.clone() }) };
        collecting::drivers(clock).into_iter().map(|(platform, driver)| (platform, watched(driver))).collect()
    }

    /// Who takes what is seen, watched.
    pub(super) fn sink(&self, of: Arc<dyn Sink>) -> Arc<dyn Sink> {
        Arc::new(WatchedSink { of, looks: self.clone() })
    }

    /// Whether looks into a connection wait for time to pass, so that time must not wait for them.
    pub(super) fn hang(&self, connection: &str, hangs: bool) {
        let mut hanging = self.0.hanging.lock().unwrap();
        if hangs {
            hanging.insert(connection.to_owned());
        } else {
            hanging.remove(connection);
        }
    }

    /// Whether there is one that time does not wait for.
    pub(super) fn one_hangs(&self) -> bool {
        let (under_way, hanging) = (self.0.under_way.lock().unwrap(), self.0.hanging.lock().unwrap());
        hanging.iter().any(|connection| under_way.get(connection).is_some_and(|looks| *looks > 0))
    }

    /// Whether none is under way that time has to wait for.
    pub(super) fn are_over(&self) -> bool {
        let (under_way, hanging) = (self.0.under_way.lock().unwrap(), self.0.hanging.lock().unwrap());
        under_way.iter().all(|(connection, looks)| *looks == 0 || hanging.contains(connection))
    }

    /// Waits for the end of one.
    pub(super) async fn end_of_one(&self) {
        self.0.ended.notified().await;
    }

    fn begin(&self, connection: &str) -> UnderWay {
        *self.0.under_way.lock().unwrap().entry(connection.to_owned()).or_default() += 1;
        UnderWay { looks: self.clone(), connection: connection.to_owned() }
    }
}

/// A look; it is over when this is dropped.
struct UnderWay {
    looks: Looks,
    connection: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        *self.looks.0.under_way.lock().unwrap().get_mut(&self.connection).expect("it was counted") -= 1;
        self.looks.0.ended.notify_one();
    }
}

struct WatchedDriver {
    of: Arc<dyn Driver>,
    looks: Looks,
}

impl Driver for WatchedDriver {
    fn provider(&self, connection: &Connection, secret: SecretString) -> Result<Arc<dyn Provider>, Failure> {
        let of = self.of.provider(connection, secret)?;
        Ok(Arc::new(WatchedProvider { of, looks: self.looks.clone(), connection: connection.name.clone() }))
    }

    fn probe<'a>(&'a self, connection: &'a Connection, secret: Option<SecretString>) -> BoxFuture<'a, ProbeReport> {
        self.of.probe(connection, secret)
    }
}

struct WatchedSink {
    of: Arc<dyn Sink>,
    looks: Looks,
}

impl Sink for WatchedSink {
    fn report(&self, report: Report) -> BoxFuture<'_, ()> {
        // It is shown once some time has passed.
        self.of.report(report)
    }

    fn backfill<'a>(
        &'a self,
        tenant: &'a TenantId,
        source: &'a SourceId,
        backfill: Vec<Backfill>,
    ) -> BoxFuture<'a, ()> {
        let under_way = self.looks.begin(&source.to_string());
        let written = self.of.backfill(tenant, source, backfill);
        Box::pin(async move {
            written.await;
            drop(under_way);
        })
    }

    fn disabled<'a>(&'a self, tenant: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()> {
        self.of.disabled(tenant, source)
    }

    fn withdraw<'a>(&'a self, tenant: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()> {
        self.of.withdraw(tenant, source)
    }
}

struct WatchedProvider {
    of: Arc<dyn Provider>,
    looks: Looks,
    connection: String,
}

impl Provider for WatchedProvider {
    fn lanes(&self) -> Vec<Lane> {
        self.of.lanes()
    }

    fn look(&self, lane: &'static str, due: Timestamp) -> BoxFuture<'_, Result<Look, Failure>> {
        let under_way = self.looks.begin(&self.connection);
        let look = self.of.look(lane, due);
        Box::pin(async move {
            let looked = look.await;
            drop(under_way);
            looked
        })
    }

    fn address(&self) -> String {
        self.of.address()
    }

    fn requests(&self) -> u64 {
        self.of.requests()
    }

    fn memory(&self) -> MemoryDecisions {
        self.of.memory()
    }
}
