//! Opens browser sessions. A new secret at every login, so that a planted cookie is worth nothing.

use axum::{Json, http::HeaderMap, http::header, response::IntoResponse, response::Response};
use axum_extra::extract::CookieJar;
use muster_api::access::{Secret, Session, SignedInUser};
use muster_model::{Role, TenantId};
use muster_store::NewSession;
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{caller::SignedIn, cookie, secret};
use crate::{app::App, problem::ApiError, remote::RemoteAddr};

/// A browser's own description is kept this far.
const USER_AGENT_CHARACTERS: usize = 200;

/// Who is to be signed in.
#[derive(Debug)]
pub(crate) struct Entrant {
    pub(crate) tenant: TenantId,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// Stores a new session and answers with its cookie.
pub(crate) async fn open(
    app: &App,
    entrant: Entrant,
    remote: RemoteAddr,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let secret = secret::generate(app.entropy());
    let csrf = secret::csrf_of(secret.expose_secret());
    let now = app.now();
    let signed_in = SignedIn {
        session_id: app.new_id(),
        user_id: entrant.user_id,
        name: entrant.name,
        expires_at: now + app.settings().session_lifetime,
        csrf_hash: secret::hash(csrf.expose_secret()),
        csrf,
    };
    let session = NewSession {
        id: signed_in.session_id,
        token_hash: secret::hash(secret.expose_secret()),
        csrf_hash: signed_in.csrf_hash,
        user_id: signed_in.user_id,
        created_at: now,
        expires_at: signed_in.expires_at,
        remote_addr: Some(remote.0.ip().to_string()),
        user_agent: user_agent(headers),
    };
    app.store().session_insert(&entrant.tenant, &session).await?;
    let jar = CookieJar::new().add(cookie::set(&secret, app.settings().tls));
    Ok((jar, Json(describe(&signed_in, entrant.role))).into_response())
}

/// A session as its owner sees it.
pub(crate) fn describe(user: &SignedIn, role: Role) -> Session {
    Session {
        setup_required: false,
        user: Some(SignedInUser {
            id: user.user_id,
            name: user.name.clone(),
            role,
            scopes: role.scopes(),
            session_expires_at: user.expires_at,
        }),
        csrf_token: Some(Secret(user.csrf.expose_secret().to_owned())),
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_CHARACTERS).collect())
}
