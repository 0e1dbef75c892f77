//! From the credential that a request carries to the [`Caller`] behind it.
//!
//! A header wins over a cookie, and a header that does not hold is not made good by a cookie. Only API tokens, tokens of
//! the identity provider and session cookies count here: collector keys and agent credentials have routes of their own (the
//! credential table of the decisions) and are strangers everywhere else. A credential that is wrong, expired or revoked is as good as none, and
//! nobody is told which.

use axum::http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};
use muster_model::TenantId;
use muster_store::{ApiToken, Session, User};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;

use super::{
    caller::{Caller, Principal, SignedIn},
    cookie, oidc, secret,
};
use crate::{app::App, problem::ApiError};

/// Last-used stamps are written at most this often (D-12).
const TOUCH_EVERY: SignedDuration = SignedDuration::from_secs(60);

enum Presented {
    Nothing,
    Token(SecretString),
    Session(SecretString),
}

/// The caller, if the request carries a credential that holds.
pub(crate) async fn authenticate(app: &App, headers: &HeaderMap, secure: bool) -> Result<Option<Caller>, ApiError> {
    match presented(headers, secure) {
        Presented::Nothing => Ok(None),
        Presented::Token(token) => by_token(app, &token).await,
        Presented::Session(session) => by_session(app, &session).await,
    }
}

/// Whether a caller's credential still holds.
pub(crate) async fn still_holds(app: &App, caller: &Caller) -> Result<bool, ApiError> {
    let now = app.now();
    match &caller.principal {
        Principal::Token { .. } => {
            let found = app.store().token_by_hash(&caller.credential).await?;
            Ok(found.is_some_and(|(_, token)| token_holds(&token, now)))
        }
        Principal::User(_) => {
            let found = app.store().session_by_token_hash(&caller.credential).await?;
            Ok(found
                .is_some_and(|(_, session, user)| session_holds(app, &session, now) && still_lets(app, &user, caller)))
        }
        Principal::Federated(federated) => {
            let user = app.store().user_get(&caller.tenant, federated.user_id).await?;
            let lets = |user: User| still_lets(app, &user, caller) && !oidc::is_dismissed(&user, federated.vouched_at);
            Ok(now < federated.expires_at && user.is_some_and(lets))
        }
    }
}

fn presented(headers: &HeaderMap, secure: bool) -> Presented {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(authorization) = text(header::AUTHORIZATION) {
        let (scheme, token) = authorization.split_once(' ').unwrap_or_default();
        let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" };
        return Presented::Token(token.into());
    }
    if let Some(key) = text(header::HeaderName::from_static("x-api-key")) {
        return Presented::Token(key.trim().into());
    }
    cookie::SESSION.read(headers, secure).map_or(Presented::Nothing, Presented::Session)
}

async fn by_token(app: &App, presented: &SecretString) -> Result<Option<Caller>, ApiError> {
    let text = presented.expose_secret();
    if !text.starts_with(secret::TOKEN_PREFIX) {
        return oidc::bearer::caller(app, presented).await;
    }
    let credential = secret::hash(text);
    let found = app.store().token_by_hash(&credential).await?;
    let Some((tenant, token)) = found.filter(|(_, token)| token_holds(token, app.now())) else { return Ok(None) };
    if is_due(token.last_used_at, app.now()) {
        forgive(app.store().token_touch(&tenant, token.id, app.now()).await);
    }
    let principal = Principal::Token { id: token.id, name: token.name };
    Ok(Some(Caller { tenant, role: token.role, scopes: token.scopes, principal, credential }))
}

async fn by_session(app: &App, presented: &SecretString) -> Result<Option<Caller>, ApiError> {
    let credential = secret::hash(presented.expose_secret());
    let found = app.store().session_by_token_hash(&credential).await?;
    let now = app.now();
    let holds = |session: &Session, user: &User| session_holds(app, session, now) && is_let_in(app, user);
    let Some((tenant, session, user)) = found.filter(|(_, session, user)| holds(session, user)) else {
        return Ok(None);
    };
    if is_due(Some(session.last_used_at), now) {
        forgive(app.store().session_touch(&tenant, session.id, now).await);
    }
    Ok(Some(caller_of(tenant, &session, user, presented, credential)))
}

fn caller_of(
    tenant: TenantId,
    session: &Session,
    user: User,
    presented: &SecretString,
    credential: secret::SecretHash,
) -> Caller {
    let signed_in = SignedIn {
        session_id: session.id,
        user_id: user.id,
        name: user.name,
        is_federated: user.identity.is_some(),
        expires_at: session.expires_at,
        csrf: secret::csrf_of(presented.expose_secret()),
        csrf_hash: session.csrf_hash,
    };
    let principal = Principal::User(signed_in);
    Caller { tenant, role: user.role, scopes: user.role.scopes(), principal, credential }
}

fn token_holds(token: &ApiToken, now: Timestamp) -> bool {
    token.expires_at.is_none_or(|end| now < end)
}

fn session_holds(app: &App, session: &Session, now: Timestamp) -> bool {
    now < session.expires_at && now < session.last_used_at + app.changeable().session_idle
}

/// Whether a user is somebody here at all.
fn is_let_in(app: &App, user: &User) -> bool {
    user.disabled_at.is_none() && !oidc::is_orphaned(app, user)
}

/// Whether a user still may all that the caller was let in with. One who may less has to be let in anew.
fn still_lets(app: &App, user: &User, caller: &Caller) -> bool {
    is_let_in(app, user) && caller.scopes.iter().all(|scope| user.role.has(*scope))
}

fn is_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.duration_since(last) >= TOUCH_EVERY)
}

/// A full disk must not keep people from looking.
fn forgive<E: std::error::Error>(written: Result<(), E>) {
    if let Err(error) = written {
        warn!(%error, "could not note when a credential was last used");
    }
}
