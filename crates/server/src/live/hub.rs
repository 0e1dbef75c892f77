//! One task that follows the engine and tells every client. Each delta is encoded once, whoever listens.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use muster_api::live::{LiveState, ServerFrame};
use muster_engine::{EngineHandle, Publication};
use muster_estate::Snapshot;
use muster_model::{ResourceId, Revision, TenantId};
use muster_runtime::{Clock, Shutdown};
use tokio::sync::broadcast::error::RecvError;
use tracing::warn;

use super::{
    outbox::{Item, Outbox},
    readings::ReadingsBlock,
};
use crate::inventory::resource::{Detail, resource};

/// The clients, and where each tenant's clients stand.
#[derive(Debug, Default)]
pub(crate) struct Hub(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    tenants: BTreeMap<TenantId, Audience>,
    next_client: u64,
}

/// The clients of one tenant. All of them have been told of everything up to `snapshot`.
#[derive(Debug)]
struct Audience {
    snapshot: Arc<Snapshot>,
    clients: HashMap<u64, Arc<Outbox>>,
}

/// A client's place in the hub; leaving is dropping it.
#[derive(Debug)]
pub(crate) struct Seat<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    client: u64,
    /// What the hub will put in from now on follows this snapshot without a gap.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The client's queue.
    pub(crate) outbox: Arc<Outbox>,
}

impl Hub {
    /// Follows the engine until shutdown. Started once by the server.
    pub(crate) async fn run(&self, engine: &EngineHandle, clock: &dyn Clock, shutdown: &Shutdown) {
        let mut news = engine.subscribe();
        loop {
            // Cancel-safe: receiving from a broadcast loses nothing, and shutdown is a state.
            let received = tokio::select! {
                received = news.recv() => received,
                () = shutdown.requested() => return,
            };
            match received {
                Ok(publication) => self.publish(&publication, clock),
                Err(RecvError::Lagged(missed)) => {
                    warn!(missed, "live updates fell behind the engine; catching up");
                    self.catch_up(engine);
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Takes a place. The engine's newest snapshot counts only until the hub has told of one.
    pub(crate) fn join(&self, tenant: &TenantId, engine: &EngineHandle) -> Seat<'_> {
        let mut state = self.lock();
        let client = state.next_client;
        state.next_client += 1;
        let audience = state
            .tenants
            .entry(tenant.clone())
            .or_insert_with(|| Audience { snapshot: engine.snapshot(tenant), clients: HashMap::new() });
        let outbox = Arc::new(Outbox::default());
        audience.clients.insert(client, outbox.clone());
        Seat { hub: self, tenant: tenant.clone(), client, snapshot: audience.snapshot.clone(), outbox }
    }

    /// How many clients there are.
    pub(crate) fn clients(&self) -> usize {
        self.lock().tenants.values().map(|audience| audience.clients.len()).sum()
    }

    fn publish(&self, publication: &Publication, clock: &dyn Clock) {
        let mut state = self.lock();
        let Some(audience) = state.tenants.get_mut(&publication.tenant) else { return };
        audience.advance(&publication.snapshot);
        let block = ReadingsBlock::read(&publication.snapshot, publication.fresh.iter().copied(), clock.now());
        if !block.is_empty() {
            audience.tell(&Item::Readings(Arc::new(block)));
        }
    }

    fn catch_up(&self, engine: &EngineHandle) {
        for (tenant, audience) in &mut self.lock().tenants {
            audience.advance(&engine.snapshot(tenant));
        }
    }

    fn leave(&self, tenant: &TenantId, client: u64) {
        let mut state = self.lock();
        let Some(audience) = state.tenants.get_mut(tenant) else { return };
        audience.clients.remove(&client);
        if audience.clients.is_empty() {
            // Without clients nobody needs the old snapshot kept alive.
            state.tenants.remove(tenant);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // A client that was told twice is refused by its revision; nothing else can be left half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Audience {
    /// Tells everybody what changed since they were told last.
    fn advance(&mut self, snapshot: &Arc<Snapshot>) {
        let from = self.snapshot.revision();
        if snapshot.revision() > from {
            let item = match delta(snapshot, from) {
                Some(frame) => Item::Frame(frame),
                None => Item::Resync(snapshot.clone()),
            };
            self.tell(&item);
        }
        // Also when only readings are newer.
        if snapshot.revision() >= from {
            self.snapshot = snapshot.clone();
        }
    }

    fn tell(&mut self, item: &Item) {
        self.clients.retain(|_, outbox| outbox.push(item.clone()));
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.hub.leave(&self.tenant, self.client);
    }
}

/// What changed after a revision, as a frame; `None` when nobody remembers that far back.
pub(crate) fn delta(snapshot: &Snapshot, from: Revision) -> Option<Utf8Bytes> {
    let changed = snapshot.changed_since(from)?;
    let upserts = changed.upserts.iter().map(|row| resource(snapshot, row, Detail::Facts)).collect();
    let removes: Vec<ResourceId> = changed.removes;
    Some(encode(&ServerFrame::Delta { from, to: snapshot.revision(), upserts, removes }))
}

/// Everything, as a frame.
pub(crate) fn state(snapshot: &Snapshot) -> Utf8Bytes {
    let resources = snapshot.rows().iter().map(|row| resource(snapshot, row, Detail::Facts)).collect();
    encode(&ServerFrame::State { state: LiveState { revision: snapshot.revision(), resources } })
}

/// A frame as text.
pub(crate) fn encode(frame: &ServerFrame) -> Utf8Bytes {
    serde_json::to_string(frame).expect("frames consist of maps with text keys").into()
}
