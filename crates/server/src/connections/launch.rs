//! What is polled when a server starts: what is stored, and nothing else.

use std::collections::BTreeSet;

use muster_collect::{Connection, Secret};
use muster_estate::Snapshot;
use muster_model::{Platform, SourceId, TenantId};
use muster_runtime::chain;
use muster_store::{StoreError, StoredConnection};
use tracing::warn;

use super::{Draft, resolve, unsealed};
use crate::app::App;

impl App {
    /// Begins to poll what is stored. Called before the server listens: later changes reach the collector by themselves.
    /// What a connection has left in the estate that was removed while nobody could be told of it is taken out.
    ///
    /// # Errors
    /// When the connections cannot be read. A secret that cannot be opened or read is no error: its connection says so.
    pub async fn launch_connections(&self) -> Result<(), StoreError> {
        let (tenant, desk) = (&self.settings().tenant, self.connections());
        let stored = self.store().connection_list(tenant).await?;
        let mut connections = Vec::new();
        for stored in &stored {
            let (connection, secret) = loaded(self, tenant, stored).await;
            connections.push((desk.polled(connection), secret));
        }
        if !desk.polling().is_idle {
            let sources = stored.iter().map(|stored| stored.id.source(stored.platform)).collect();
            desk.spawn(dismiss(self.clone(), left_behind(&self.engine().snapshot(tenant), &sources)));
        }
        desk.collector().launch(connections);
        Ok(())
    }
}

/// A stored connection as it is polled.
pub(super) async fn loaded(app: &App, tenant: &TenantId, stored: &StoredConnection) -> (Connection, Secret) {
    let draft = Draft::of(stored);
    let secret = match unsealed(app, tenant, &draft, stored) {
        Ok(text) => resolve(app.connections().polling(), text).await,
        Err(failure) => Err(failure),
    };
    (draft.connection(tenant, stored.id), secret)
}

/// Sources of connections that are stored no more.
fn left_behind(snapshot: &Snapshot, stored: &BTreeSet<SourceId>) -> Vec<SourceId> {
    let is_connection = |id: &SourceId| {
        let is_platform = Platform::ALL.iter().any(|platform| platform.source_kind() == id.kind());
        is_platform && id.connection().parse::<uuid::Uuid>().is_ok()
    };
    let sources = snapshot.sources().map(|source| &source.id);
    sources.filter(|id| is_connection(id) && !stored.contains(*id)).cloned().collect()
}

async fn dismiss(app: App, left: Vec<SourceId>) {
    for source in left {
        if let Err(error) = app.engine().dismiss(&app.settings().tenant, &source).await {
            let error = chain(&error);
            warn!(source.id = %source, error, "what a removed connection has left is still shown; the next start tries again");
        }
    }
}
