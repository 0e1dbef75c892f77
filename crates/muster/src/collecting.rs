//! Connects polling with the rest: platforms with their drivers, reports with the engine, samples of the past with history.

mod backfill;
mod healing;
mod sink;

use std::{collections::BTreeMap, sync::Arc};

use muster_collect::{Collector, Driver, Parts};
use muster_engine::EngineHandle;
use muster_history::History;
use muster_model::Platform;
use muster_proxmox::Proxmox;
use muster_runtime::{Clock, Tasks};
use muster_store::Store;

use self::sink::EngineSink;

/// Who speaks with which platform.
pub(crate) type Drivers = BTreeMap<Platform, Arc<dyn Driver>>;

/// Every platform that this server can speak with.
pub(crate) fn drivers(clock: &Arc<dyn Clock>) -> Drivers {
    let proxmox: Arc<dyn Driver> = Arc::new(Proxmox::new(Arc::clone(clock)));
    [(Platform::ProxmoxPve, proxmox)].into()
}

/// Makes the handle of all polling. Nothing is polled yet.
pub(crate) fn start(
    drivers: Drivers,
    engine: &EngineHandle,
    history: &History,
    store: &Store,
    clock: &Arc<dyn Clock>,
    tasks: &Tasks,
) -> Collector {
    let sink =
        EngineSink { engine: engine.clone(), history: history.clone(), store: store.clone(), clock: Arc::clone(clock) };
    let parts = Parts { drivers, sink: Arc::new(sink), clock: Arc::clone(clock) };
    Collector::new(parts, tasks)
}

#[cfg(test)]
mod tests;
