//! Whoever is behind a request, once the credential was checked.

use std::collections::BTreeSet;

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;
use muster_api::ProblemCode;
use muster_model::{Role, Scope, TenantId};
use secrecy::SecretString;
use uuid::Uuid;

use super::secret::SecretHash;
use crate::problem::ApiError;

/// A caller with a valid credential.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The tenant that the credential belongs to (D-4).
    pub(crate) tenant: TenantId,
    /// The user's or token's role.
    pub(crate) role: Role,
    /// What the credential allows.
    pub(crate) scopes: BTreeSet<Scope>,
    /// Who.
    pub(crate) principal: Principal,
    /// The credential as it is stored, to check it again later.
    pub(crate) credential: SecretHash,
}

/// A user in a browser, or a program.
#[derive(Debug, Clone)]
pub(crate) enum Principal {
    /// A user with a session.
    User(SignedIn),
    /// An API token.
    Token {
        /// Its id.
        id: Uuid,
        /// Its name.
        name: String,
    },
    /// A user with a token of the identity provider.
    Federated(Federated),
}

/// A user with a token of the identity provider.
#[derive(Debug, Clone)]
pub(crate) struct Federated {
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    /// When the provider vouched for the user.
    pub(crate) vouched_at: Timestamp,
    /// When the token ends.
    pub(crate) expires_at: Timestamp,
}

/// A user with a session.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) session_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    /// Whether an identity provider keeps the user.
    pub(crate) is_federated: bool,
    /// When the session ends at the latest.
    pub(crate) expires_at: Timestamp,
    /// What writes must send back.
    pub(crate) csrf: SecretString,
    /// What is stored of it.
    pub(crate) csrf_hash: SecretHash,
}

impl Caller {
    /// Whether the credential allows something.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Refuses to give somebody a role, or to act for somebody who has one, that comes with more than the caller may:
    /// it would be a way to more rights.
    pub(crate) fn check_covers(&self, role: Role) -> Result<(), ApiError> {
        let scopes = role.scopes();
        let Some(beyond) = scopes.difference(&self.scopes).next() else { return Ok(()) };
        let detail = format!("The role {role} comes with `{beyond}`, which this credential does not have.");
        Err(ApiError::new(ProblemCode::Forbidden, detail))
    }

    /// Whether it is the user's own browser.
    pub(crate) fn is_session_of(&self, user: Uuid) -> bool {
        match &self.principal {
            Principal::User(signed_in) => signed_in.user_id == user,
            Principal::Token { .. } | Principal::Federated(_) => false,
        }
    }

    /// Who, as the audit log and the timeline name it.
    pub(crate) fn actor(&self) -> String {
        match &self.principal {
            Principal::User(user) => format!("user:{}", user.name),
            Principal::Federated(user) => format!("user:{}", user.name),
            Principal::Token { name, .. } => format!("token:{name}"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    /// The guard put it there; without a guard that asks for a credential there is none.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthenticated)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Caller::from_request_parts(parts, state).await?.principal {
            Principal::User(user) => Ok(user),
            Principal::Token { .. } | Principal::Federated(_) => Err(ApiError::unauthenticated()),
        }
    }
}

/// The caller, on a route that also answers those who are not signed in.
#[derive(Debug, Clone)]
pub(crate) struct MaybeCaller(pub(crate) Option<Caller>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<Caller>().cloned()))
    }
}
