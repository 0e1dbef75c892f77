//! Calls about connected infrastructure: what is connected in which way, and what is ignored.

use muster_api::{
    Page,
    infrastructure::{ConnectedSystem, MachineReference},
};
use reqwest::Method;

use crate::{Client, ClientError};

impl Client {
    /// The systems with the ways in which each is connected, then the machines that are ignored.
    ///
    /// # Errors
    /// See [`ClientError`]; so for every call.
    pub async fn connected_infrastructure(&self) -> Result<Page<ConnectedSystem>, ClientError> {
        self.get(&["api", "connected-infrastructure"], &()).await
    }

    /// Ignores a machine; answers with its row.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the field.
    pub async fn ignore_machine(&self, machine: &MachineReference) -> Result<ConnectedSystem, ClientError> {
        self.send(Method::POST, &["api", "connected-infrastructure", "ignore"], machine).await
    }

    /// Listens to an ignored machine again.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the field.
    pub async fn restore_machine(&self, machine: &MachineReference) -> Result<(), ClientError> {
        let request = self.request(Method::POST, &["api", "connected-infrastructure", "restore"]).json(machine);
        self.checked(request).await.map(drop)
    }
}
