//! Opens browser sessions. A new secret at every login, so that a planted cookie is worth nothing.

use axum::{Json, http::HeaderMap, http::header, response::IntoResponse, response::Response};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use muster_api::access::{ProviderLink, Secret, Session, SignedInUser};
use muster_model::{Role, TenantId};
use muster_store::{NewSession, Store};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{caller::SignedIn, cookie, oidc, secret};
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
    /// What let the user in.
    pub(crate) proof: Proof,
}

/// What a session rests on.
#[derive(Debug)]
pub(crate) enum Proof {
    /// A password; this is the stored hash that it was checked against.
    Password(SecretString),
    /// The word of an identity provider.
    Provider,
}

/// Stores a new session and answers with its cookie.
pub(crate) async fn open(
    app: &App,
    store: &Store,
    entrant: Entrant,
    remote: RemoteAddr,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let (cookie, session) = create(app, store, entrant, remote, headers).await?;
    Ok((CookieJar::new().add(cookie), Json(session)).into_response())
}

/// Stores a new session. `store` may record it.
pub(crate) async fn create(
    app: &App,
    store: &Store,
    entrant: Entrant,
    remote: RemoteAddr,
    headers: &HeaderMap,
) -> Result<(Cookie<'static>, Session), ApiError> {
    let secret = secret::generate(app.entropy());
    let csrf = secret::csrf_of(secret.expose_secret());
    let now = app.now();
    let verified = match &entrant.proof {
        Proof::Password(hash) => Some(hash),
        Proof::Provider => None,
    };
    let signed_in = SignedIn {
        session_id: app.new_id(),
        user_id: entrant.user_id,
        name: entrant.name,
        is_federated: verified.is_none(),
        expires_at: now + app.changeable().session_lifetime,
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
    if !store.session_insert(&entrant.tenant, &session, verified).await? {
        // Since the check somebody has disabled or removed the user, or changed the password.
        return Err(ApiError::login_failed());
    }
    Ok((cookie::SESSION.set(&secret, remote.is_secure()), describe(app, &signed_in, entrant.role)))
}

/// A session as its owner sees it.
pub(crate) fn describe(app: &App, user: &SignedIn, role: Role) -> Session {
    let identity = app.identity_provider().filter(|_| user.is_federated);
    Session {
        setup_required: false,
        provider: provider_link(app),
        user: Some(SignedInUser {
            id: user.user_id,
            name: user.name.clone(),
            role,
            scopes: role.scopes(),
            session_expires_at: user.expires_at,
            provider_logout_url: identity
                .and_then(|it| it.provider.end_session(&it.address))
                .map(|url| url.to_string()),
        }),
        csrf_token: Some(Secret(user.csrf.expose_secret().to_owned())),
    }
}

/// The button of the login page, where there is one.
pub(crate) fn provider_link(app: &App) -> Option<ProviderLink> {
    let identity = app.identity_provider()?;
    Some(ProviderLink { label: identity.label.clone(), url: oidc::LOGIN_PATH.to_owned() })
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_CHARACTERS).collect())
}
