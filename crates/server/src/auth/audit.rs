//! The audit log: who did what to what, from where, and how it ended. Never a secret.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use muster_api::ProblemCode;
use muster_model::TenantId;
use muster_store::AuditEntry;
use serde_json::Value;

use super::caller::Caller;
use crate::{app::App, problem::ApiError, remote::RemoteAddr, request_id::RequestId};

/// What an action was recorded to be about, and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Action<'a> {
    /// What, such as `token.create`.
    pub(crate) name: &'static str,
    /// To what, by name or id.
    pub(crate) target: Option<&'a str>,
    /// `ok`, or the problem code.
    pub(crate) outcome: &'static str,
}

impl<'a> Action<'a> {
    /// Something that was done.
    pub(crate) fn done(name: &'static str, target: &'a str) -> Self {
        Self { name, target: Some(target), outcome: "ok" }
    }

    /// Something that was refused.
    pub(crate) fn refused(name: &'static str, target: &'a str, code: ProblemCode) -> Self {
        Self { name, target: Some(target), outcome: code.as_str() }
    }
}

/// Writes audit rows for the request at hand.
#[derive(Debug, Clone)]
pub(crate) struct Audit {
    actor: String,
    remote: Option<RemoteAddr>,
    request_id: Option<RequestId>,
}

impl Audit {
    /// Writes as somebody else: whoever has just signed in.
    #[must_use]
    pub(crate) fn acting_as(mut self, actor: String) -> Self {
        self.actor = actor;
        self
    }

    /// Writes one row. A write that cannot be recorded is reported as failed, since nobody could tell later.
    pub(crate) async fn write(&self, app: &App, tenant: &TenantId, action: Action<'_>) -> Result<(), ApiError> {
        let entry = AuditEntry {
            id: app.new_id(),
            at: app.now(),
            actor: self.actor.clone(),
            action: action.name.to_owned(),
            target: action.target.map(|target| target.chars().take(200).collect()),
            outcome: action.outcome.to_owned(),
            remote_addr: self.remote.map(|remote| remote.0.ip().to_string()),
            request_id: self.request_id.map(|id| id.0.to_string()),
            detail: Value::Null,
        };
        Ok(app.store().audit_append(tenant, &entry).await?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Audit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let extensions = &parts.extensions;
        let actor = extensions.get::<Caller>().map_or_else(|| "anonymous".to_owned(), Caller::actor);
        Ok(Self { actor, remote: extensions.get().copied(), request_id: extensions.get().copied() })
    }
}
