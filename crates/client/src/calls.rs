//! The calls, one for each operation that somebody uses.

use muster_api::{
    Page,
    access::{ActiveSession, CreatedToken, NewToken, NewUser, Token, TokenRotation, User, UserUpdate},
    resource::{Resource, ResourceQuery},
    state::{State, StateQuery},
    system::{Source, System},
};
use reqwest::Method;
use uuid::Uuid;

use crate::{Client, ClientError, pages::every_page};

impl Client {
    /// All resources that match, page by page.
    ///
    /// # Errors
    /// See [`ClientError`]; so for every call. Pages read before the failing one are given up.
    pub async fn all_resources(&self, query: &ResourceQuery) -> Result<Vec<Resource>, ClientError> {
        every_page(|page_token| {
            let query = ResourceQuery { limit: Some(1000), page_token, ..query.clone() };
            async move { self.get(&["api", "resources"], &query).await }
        })
        .await
    }

    /// The counts of the estate.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn summary(&self) -> Result<State, ClientError> {
        self.get(&["api", "state"], &StateQuery { parts: Some("summary".into()) }).await
    }

    /// How the server itself is doing.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn system(&self) -> Result<System, ClientError> {
        self.get(&["api", "system"], &()).await
    }

    /// The sources and how each is doing.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn sources(&self) -> Result<Page<Source>, ClientError> {
        self.get(&["api", "sources"], &()).await
    }

    /// The API tokens, without their secrets.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn tokens(&self) -> Result<Page<Token>, ClientError> {
        self.get(&["api", "tokens"], &()).await
    }

    /// Creates an API token.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_token(&self, token: &NewToken) -> Result<CreatedToken, ClientError> {
        self.send(Method::POST, &["api", "tokens"], token).await
    }

    /// Gives an API token another secret.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn rotate_token(&self, id: Uuid, rotation: TokenRotation) -> Result<CreatedToken, ClientError> {
        self.send(Method::POST, &["api", "tokens", &id.to_string(), "rotate"], &rotation).await
    }

    /// Revokes an API token.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn revoke_token(&self, id: Uuid) -> Result<(), ClientError> {
        self.delete(&["api", "tokens", &id.to_string()]).await
    }

    /// The users.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn users(&self) -> Result<Page<User>, ClientError> {
        self.get(&["api", "users"], &()).await
    }

    /// Creates a user.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_user(&self, user: &NewUser) -> Result<User, ClientError> {
        self.send(Method::POST, &["api", "users"], user).await
    }

    /// Changes a user.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn update_user(&self, id: Uuid, update: &UserUpdate) -> Result<User, ClientError> {
        self.send(Method::PATCH, &["api", "users", &id.to_string()], update).await
    }

    /// A user's sessions.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn user_sessions(&self, id: Uuid) -> Result<Page<ActiveSession>, ClientError> {
        self.get(&["api", "users", &id.to_string(), "sessions"], &()).await
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn end_user_sessions(&self, id: Uuid) -> Result<(), ClientError> {
        self.delete(&["api", "users", &id.to_string(), "sessions"]).await
    }

    /// Takes away a user's second factor.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn reset_second_factor(&self, id: Uuid) -> Result<(), ClientError> {
        self.delete(&["api", "users", &id.to_string(), "second-factor"]).await
    }

    /// Removes a user.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn delete_user(&self, id: Uuid) -> Result<(), ClientError> {
        self.delete(&["api", "users", &id.to_string()]).await
    }
}
