//! The audit log: who did what to what, from where, and how it ended. Never a secret (D-18).
//!
//! Handlers take an [`Audit`] and change the store through [`Audit::recorded`], so that a change and the row that tells
//! of it are one transaction. What was refused, and what is done elsewhere than in the store, is written by itself
//! ([`Audit::write`]); like refusals are told together ([`refusals`]).

mod patch;
pub(crate) mod refusals;

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{Extensions, Method, Uri, request::Parts},
};
use muster_api::ProblemCode;
use muster_model::TenantId;
use muster_store::{AuditEntry, Store};
use serde::Serialize;
use serde_json::{Value, json};
use tracing::warn;

use super::caller::Caller;
use crate::{app::App, problem::ApiError, remote::RemoteAddr, request_id::RequestId};

/// The longest target that is recorded, in characters.
const TARGET_CHARACTERS: usize = 200;

/// The outcome of what was done.
const DONE: &str = "ok";

/// What an action was recorded to be about, and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Action<'a> {
    /// What, such as `token.create`.
    pub(crate) name: &'static str,
    /// To what, by name or id.
    pub(crate) target: Option<&'a str>,
    /// `ok`, or the problem code.
    pub(crate) outcome: &'static str,
    /// Further details; no secret.
    pub(crate) detail: Value,
}

impl<'a> Action<'a> {
    /// Something that was done.
    pub(crate) fn done(name: &'static str, target: &'a str) -> Self {
        Self { name, target: Some(target), outcome: DONE, detail: Value::Null }
    }

    /// Something that was refused.
    pub(crate) fn refused(name: &'static str, target: &'a str, code: ProblemCode) -> Self {
        Self { outcome: code.as_str(), ..Self::done(name, target) }
    }

    /// Tells what was changed, as a JSON Patch that also holds the values before.
    #[must_use]
    pub(crate) fn changing(mut self, before: &impl Serialize, after: &impl Serialize) -> Self {
        self.detail = json!({ "patch": patch::between(before, after) });
        self
    }

    /// Tells more. Never a secret.
    #[must_use]
    pub(crate) fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
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
    fn of(extensions: &Extensions) -> Self {
        let actor = extensions.get::<Caller>().map_or_else(|| "anonymous".to_owned(), Caller::actor);
        Self { actor, remote: extensions.get().copied(), request_id: extensions.get().copied() }
    }

    /// Writes for somebody of whom nothing but the name is known: a credential is looked at before its request is.
    pub(crate) fn of_credential(actor: String) -> Self {
        Self { actor, remote: None, request_id: None }
    }

    /// Writes as somebody else: whoever has just signed in.
    #[must_use]
    pub(crate) fn acting_as(mut self, actor: String) -> Self {
        self.actor = actor;
        self
    }

    /// The store, whose next change is recorded as this action in the same transaction. For one change.
    pub(crate) fn recorded(&self, app: &App, tenant: &TenantId, action: Action<'_>) -> Store {
        app.store().recording(tenant, self.entry(app, action))
    }

    /// Writes a row that tells of no change in the store. A row that cannot be written is reported as a failure, since
    /// nobody could tell later.
    pub(crate) async fn write(&self, app: &App, tenant: &TenantId, action: Action<'_>) -> Result<(), ApiError> {
        let refused = action.outcome != DONE;
        let entry = self.entry(app, action);
        if refused {
            for entry in app.refusals().note(tenant, entry, app.now()) {
                app.store().audit_append(tenant, &entry).await?;
            }
            return Ok(());
        }
        Ok(app.store().audit_append(tenant, &entry).await?)
    }

    fn entry(&self, app: &App, action: Action<'_>) -> AuditEntry {
        let Action { name, target, outcome, detail } = action;
        AuditEntry {
            id: app.new_id(),
            at: app.now(),
            actor: self.actor.clone(),
            action: name.to_owned(),
            target: target.map(|target| target.chars().take(TARGET_CHARACTERS).collect()),
            outcome: outcome.to_owned(),
            remote_addr: self.remote.map(|remote| remote.0.ip().to_string()),
            request_id: self.request_id.map(|id| id.0.to_string()),
            occurrences: 1,
            detail,
        }
    }
}

/// Notes that a credential was good and not good enough, or that another site sent the request. A request without any
/// credential is none of these. What cannot be noted is refused all the same.
pub(crate) async fn note_refusal(app: &App, caller: &Caller, what: (&Method, &Uri, &Extensions), error: &ApiError) {
    if !matches!(error.code(), ProblemCode::Forbidden | ProblemCode::CsrfFailed) {
        return;
    }
    let (method, uri, extensions) = what;
    let target = format!("{method} {}", uri.path());
    let audit = Audit::of(extensions).acting_as(caller.actor());
    let written = audit.write(app, &caller.tenant, Action::refused("request", &target, error.code())).await;
    if let Err(unwritten) = written {
        warn!(error = ?unwritten, "a refusal could not be recorded");
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Audit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
