//! Changes of connections: the store first, then the collector, one at a time.

use muster_api::ProblemCode;
use muster_collect::{Connection, Secret};
use muster_model::{ConnectionId, TenantId};
use muster_store::{ConnectionSaveError, MOST_CONNECTIONS, NewConnection, Store};
use secrecy::SecretString;

use super::{Draft, launch};
use crate::{app::App, problem::ApiError};

/// What is to stand in the place of a stored connection.
pub(crate) struct Change {
    pub(crate) draft: Draft,
    /// The version that it is based on.
    pub(crate) version: u32,
    /// Sealed for the places that the draft names.
    pub(crate) sealed_secret: SecretString,
    /// What is sent there.
    pub(crate) secret: Secret,
}

/// Stores a new connection and has it polled. `recorded` is the store that tells of it.
pub(crate) async fn create(
    app: &App,
    recorded: Store,
    new: NewConnection,
    polled: (Connection, Secret),
) -> Result<(), ApiError> {
    let (owned, (connection, secret)) = (app.clone(), polled);
    let work = async move {
        let _turn = owned.connections().turn().await;
        recorded.connection_insert(&connection.tenant, &new, owned.now()).await.map_err(save_error)?;
        owned.connections().set(connection, secret);
        Ok(())
    };
    app.connections().finish(work).await
}

/// Changes a connection, and what is polled of it.
pub(crate) async fn update(
    app: &App,
    recorded: Store,
    (tenant, id): (&TenantId, ConnectionId),
    change: Change,
) -> Result<(), ApiError> {
    let (owned, tenant) = (app.clone(), tenant.clone());
    let work = async move {
        let Change { draft, version, sealed_secret, secret } = change;
        let _turn = owned.connections().turn().await;
        let body = draft.body();
        let updated = recorded.connection_update(&tenant, (id, version), &body, &sealed_secret, owned.now()).await;
        updated.map_err(save_error)?;
        owned.connections().set(draft.connection(&tenant, id), secret);
        Ok(())
    };
    app.connections().finish(work).await
}

/// Removes a connection, and what it reported from the estate. Says whether there was one.
pub(crate) async fn remove(app: &App, recorded: Store, tenant: &TenantId, id: ConnectionId) -> Result<bool, ApiError> {
    let (owned, tenant) = (app.clone(), tenant.clone());
    let work = async move {
        let _turn = owned.connections().turn().await;
        let removed = recorded.connection_delete(&tenant, id).await?;
        if removed {
            owned.connections().collector().remove(&tenant, id);
        }
        Ok(removed)
    };
    app.connections().finish(work).await
}

/// Tells the collector once more what is stored, with the secret as it is now where it is kept elsewhere. Says whether
/// there is such a connection.
pub(crate) async fn renew(app: &App, tenant: &TenantId, id: ConnectionId) -> Result<bool, ApiError> {
    let _turn = app.connections().turn().await;
    let Some(stored) = app.store().connection_get(tenant, id).await? else { return Ok(false) };
    let (connection, secret) = launch::loaded(app, tenant, &stored).await;
    app.connections().set(connection, secret);
    Ok(true)
}

fn save_error(error: ConnectionSaveError) -> ApiError {
    match error {
        ConnectionSaveError::NameTaken { .. } => ApiError::field(
            ProblemCode::NameTaken,
            "/name",
            "another connection has this name; choose another name or change that connection",
        ),
        ConnectionSaveError::TooMany => ApiError::new(
            ProblemCode::InvalidValue,
            format!("There are {MOST_CONNECTIONS} connections already; remove one."),
        ),
        ConnectionSaveError::Changed => ApiError::new(
            ProblemCode::ChangedMeanwhile,
            "The connection was changed or removed since it was read; read it again and repeat the change.",
        ),
        ConnectionSaveError::Store(error) => error.into(),
    }
}
