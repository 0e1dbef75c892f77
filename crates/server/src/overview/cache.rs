//! The overview of each tenant, computed by the first request after a publication while the others wait for it, and
//! served as bytes with their tag until the next.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::body::Bytes;
use muster_estate::Snapshot;
use muster_model::{Revision, TenantId};

use super::overview;
use crate::{
    app::App,
    inventory::{etag::EntityTag, resource::Detail},
    problem::ApiError,
};

/// The answers: two to a tenant, for those who may read metrics and for those who may not.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    slots: Mutex<HashMap<(TenantId, Detail), Arc<Slot>>>,
    computed: AtomicU64,
}

/// Its lock is held while the answer is computed.
type Slot = tokio::sync::Mutex<Option<Arc<Rendered>>>;

/// An answer as it is sent.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) body: Bytes,
    pub(crate) tag: EntityTag,
    publication: Publication,
}

/// Names a publication: what was published, and what was measured.
type Publication = (Revision, u64);

impl Cache {
    /// The overview of the newest snapshot.
    pub(crate) async fn answer(&self, app: &App, tenant: &TenantId, detail: Detail) -> Result<Arc<Rendered>, ApiError> {
        let slot = self.slot(tenant, detail);
        let mut ready = slot.lock().await;
        let snapshot = app.engine().snapshot(tenant);
        let publication = (snapshot.revision(), snapshot.readings_sequence());
        if let Some(answer) = ready.as_ref().filter(|answer| answer.publication == publication) {
            return Ok(Arc::clone(answer));
        }
        // A large estate takes a while to count; other requests of this thread must not wait for it.
        let rendered = tokio::task::spawn_blocking(move || render(&snapshot, detail, publication));
        let answer = Arc::new(rendered.await.map_err(ApiError::internal)?.map_err(ApiError::internal)?);
        self.computed.fetch_add(1, Ordering::Relaxed);
        *ready = Some(Arc::clone(&answer));
        Ok(answer)
    }

    /// How many answers were computed since start.
    pub(crate) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    fn slot(&self, tenant: &TenantId, detail: Detail) -> Arc<Slot> {
        // A map of answers cannot be left half-changed in a way that matters.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((tenant.clone(), detail)).or_default())
    }
}

fn render(snapshot: &Snapshot, detail: Detail, publication: Publication) -> Result<Rendered, serde_json::Error> {
    let body = serde_json::to_vec(&overview(snapshot, detail))?;
    Ok(Rendered { tag: EntityTag::of_bytes(&body), body: body.into(), publication })
}
