//! Connects polling with the rest: platforms with their drivers, reports with the engine, samples of the past with history.

mod backfill;
mod healing;
mod sink;

use std::{collections::BTreeMap, sync::Arc};

use muster_collect::{Driver, Sink};
use muster_engine::EngineHandle;
use muster_history::History;
use muster_model::Platform;
use muster_proxmox::Proxmox;
use muster_runtime::Clock;
use muster_store::Store;

use self::sink::EngineSink;

/// Who speaks with which platform.
pub(crate) type Drivers = BTreeMap<Platform, Arc<dyn Driver>>;

/// Every platform that this server can speak with.
pub(crate) fn drivers(clock: &Arc<dyn Clock>) -> Drivers {
    let proxmox: Arc<dyn Driver> = Arc::new(Proxmox::new(Arc::clone(clock)));
    [(Platform::ProxmoxPve, proxmox)].into()
}

/// Takes what connections see to the engine and to history.
pub(crate) fn sink(engine: &EngineHandle, history: &History, store: &Store, clock: &Arc<dyn Clock>) -> Arc<dyn Sink> {
    let (engine, history, store) = (engine.clone(), history.clone(), store.clone());
    Arc::new(EngineSink { engine, history, store, clock: Arc::clone(clock) })
}

#[cfg(test)]
mod tests;
