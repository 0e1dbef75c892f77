//! Calls about connections to platforms.

use std::time::Duration;

use muster_api::{
    Page,
    connection::{Connection, ConnectionChange, MemoryQuery, NewConnection, ProbeRequest, ProbeResult},
};
use muster_model::MemoryDecisions;
use reqwest::Method;
use uuid::Uuid;

use crate::{Client, ClientError};

/// The longest that trying a connection may take: the server waits for up to a minute for somebody else's.
const TRY_TIMEOUT: Duration = Duration::from_secs(90);

impl Client {
    /// The connections and how polling of each goes.
    ///
    /// # Errors
    /// See [`ClientError`]; so for every call.
    pub async fn connections(&self) -> Result<Page<Connection>, ClientError> {
        self.get(&["api", "connections"], &()).await
    }

    /// Why the memory of each node and guest of a connection, or of one of them, is what it is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn connection_memory(&self, id: Uuid, query: &MemoryQuery) -> Result<MemoryDecisions, ClientError> {
        self.get(&["api", "connections", &id.to_string(), "memory"], query).await
    }

    /// Makes a connection.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the field.
    pub async fn create_connection(&self, connection: &NewConnection) -> Result<Connection, ClientError> {
        self.send(Method::POST, &["api", "connections"], connection).await
    }

    /// Changes a connection.
    ///
    /// # Errors
    /// See [`ClientError`]; where the secret has to be given again, the refusal says so.
    pub async fn update_connection(&self, id: Uuid, change: &ConnectionChange) -> Result<Connection, ClientError> {
        self.send(Method::PUT, &["api", "connections", &id.to_string()], change).await
    }

    /// Removes a connection.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn delete_connection(&self, id: Uuid) -> Result<(), ClientError> {
        self.delete(&["api", "connections", &id.to_string()]).await
    }

    /// Has a connection looked at now.
    ///
    /// # Errors
    /// See [`ClientError`]. That the look failed is no error but stands in the answer's `poll`.
    pub async fn test_connection(&self, id: Uuid) -> Result<Connection, ClientError> {
        let request = self.request(Method::POST, &["api", "connections", &id.to_string(), "test"]);
        self.answer(request.timeout(TRY_TIMEOUT)).await
    }

    /// Has a connection tried that need not exist.
    ///
    /// # Errors
    /// See [`ClientError`]. That nothing works is no error but the answer.
    pub async fn probe_connection(&self, probe: &ProbeRequest) -> Result<ProbeResult, ClientError> {
        let request = self.request(Method::POST, &["api", "connections", "probe"]).json(probe);
        self.answer(request.timeout(TRY_TIMEOUT)).await
    }
}
