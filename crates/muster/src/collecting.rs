//! Connects polling with the rest: platforms with their drivers, reports with the engine, samples of the past with history.

mod backfill;
mod healing;
mod sink;

use std::sync::Arc;

use muster_collect::{Collector, Driver, Parts};
use muster_engine::EngineHandle;
use muster_history::History;
use muster_model::Platform;
use muster_proxmox::Proxmox;
use muster_runtime::{Clock, Tasks};
use muster_store::Store;

use self::sink::EngineSink;

/// Makes the handle of all polling. Nothing is polled yet.
pub(crate) fn start(
    engine: &EngineHandle,
    history: &History,
    store: &Store,
    clock: &Arc<dyn Clock>,
    tasks: &Tasks,
) -> Collector {
    let proxmox: Arc<dyn Driver> = Arc::new(Proxmox::new(Arc::clone(clock)));
    let sink =
        EngineSink { engine: engine.clone(), history: history.clone(), store: store.clone(), clock: Arc::clone(clock) };
    let drivers = [(Platform::ProxmoxPve, proxmox)].into();
    let parts = Parts { drivers, sink: Arc::new(sink), clock: Arc::clone(clock) };
    Collector::new(parts, tasks)
}

#[cfg(test)]
mod tests;
