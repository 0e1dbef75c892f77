//! Calls about who is who: what is open, what people decide, what stands of it.

use muster_api::{
    Page,
    identity::{Conflict, Decision, IdentityQuery, InsideRequest, PairRequest, SplitRequest, WithdrawQuery},
};
use muster_model::{ResourceId, Ruling, RulingId};
use reqwest::Method;
use serde::de::DeserializeOwned;

use crate::{Client, ClientError, pages::every_page};

impl Client {
    /// All pairs of which it is not certain what they are to each other, surest first.
    ///
    /// # Errors
    /// See [`ClientError`]; so for every call.
    pub async fn all_conflicts(&self) -> Result<Vec<Conflict>, ClientError> {
        every_page(|page_token| self.identity_page("conflicts", page_token)).await
    }

    /// All that people have decided and not taken back, newest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn all_rulings(&self) -> Result<Vec<Ruling>, ClientError> {
        every_page(|page_token| self.identity_page("rulings", page_token)).await
    }

    async fn identity_page<T: DeserializeOwned>(
        &self,
        list: &'static str,
        page_token: Option<String>,
    ) -> Result<Page<T>, ClientError> {
        self.get(&["api", list], &IdentityQuery { limit: Some(500), page_token }).await
    }

    /// Says that two resources are one.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the field.
    pub async fn join_resources(&self, pair: &PairRequest) -> Result<Decision, ClientError> {
        self.send(Method::POST, &["api", "conflicts", "join"], pair).await
    }

    /// Says that two resources are not one.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the field.
    pub async fn set_resources_apart(&self, pair: &PairRequest) -> Result<Decision, ClientError> {
        self.send(Method::POST, &["api", "conflicts", "distinct"], pair).await
    }

    /// Says that a host is the system inside a guest.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the field.
    pub async fn place_host_inside(&self, pair: &InsideRequest) -> Result<Decision, ClientError> {
        self.send(Method::POST, &["api", "conflicts", "inside"], pair).await
    }

    /// Takes records out of a resource, or a join apart.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the field.
    pub async fn split_resource(&self, id: ResourceId, split: &SplitRequest) -> Result<Decision, ClientError> {
        self.send(Method::POST, &["api", "resources", &id.to_string(), "split"], split).await
    }

    /// Takes a ruling back.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn withdraw_ruling(&self, ruling: RulingId, note: Option<&str>) -> Result<(), ClientError> {
        let query = WithdrawQuery { note: note.map(ToOwned::to_owned) };
        let request = self.request(Method::DELETE, &["api", "rulings", &ruling.to_string()]).query(&query);
        self.checked(request).await.map(drop)
    }
}
