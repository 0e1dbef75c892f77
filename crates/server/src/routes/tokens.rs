//! API tokens, for administrators.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use jiff::SignedDuration;
use muster_api::{
    Page, ProblemCode,
    access::{CreatedToken, NewToken, Secret, Token, TokenRotation},
};
use muster_model::{Role, Scope, TenantId};
use muster_store::{ApiToken, TokenInsertError};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{
        Revoked,
        audit::{Action, Audit},
        caller::Caller,
        login::check_name,
        secret,
    },
    extract::{Id, JsonBody},
    problem::ApiError,
};

/// The longest that an old secret may work on after a rotation.
const LONGEST_OVERLAP_SECONDS: u32 = 30 * 24 * 3600;

/// Lists the API tokens, by name.
#[utoipa::path(
    get,
    path = "/api/tokens",
    tag = "access",
    responses((status = 200, body = Page<Token>, description = "The tokens, without their secrets.")),
)]
pub(crate) async fn list_tokens(State(app): State<App>, caller: Caller) -> Result<Json<Page<Token>>, ApiError> {
    let mut tokens = app.store().token_list(&caller.tenant).await?;
    tokens.sort_by_key(|token| (token.name.to_lowercase(), token.id));
    Ok(Json(app.whole_list(&caller.tenant, tokens.into_iter().map(|token| wire(&app, &caller.tenant, token)))))
}

/// Creates an API token. It never carries more than its creator has.
#[utoipa::path(
    post,
    path = "/api/tokens",
    tag = "access",
    request_body = NewToken,
    responses((status = 201, body = CreatedToken, description = "Created; the only answer that shows the secret.")),
)]
pub(crate) async fn create_token(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<NewToken>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiError> {
    let name = check_name("/name", &request.name)?;
    let scopes = requested_scopes(&request)?;
    check_scopes(&caller, &scopes)?;
    let created_at = app.now();
    if request.expires_at.is_some_and(|end| end <= created_at) {
        return Err(ApiError::field(ProblemCode::InvalidValue, "/expiresAt", "use a time in the future"));
    }
    let secret = secret::generate_token(app.entropy());
    let new = muster_store::NewToken {
        id: app.new_id(),
        name,
        token_hash: secret::hash(secret.expose_secret()),
        role: least_role(&scopes),
        scopes,
        created_at,
        expires_at: request.expires_at,
        created_by: caller.actor(),
    };
    let detail = json!({"id": new.id, "scopes": new.scopes, "expiresAt": new.expires_at});
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("token.create", &new.name).with(detail));
    recorded.token_insert(&caller.tenant, &new).await.map_err(insert_error)?;
    let secret = Secret(secret.expose_secret().to_owned());
    Ok((StatusCode::CREATED, Json(CreatedToken { token: describe(&caller.tenant, new), secret })))
}

/// Gives an API token another secret. The one until now works on for a while, so that it can be replaced everywhere.
#[utoipa::path(
    post,
    path = "/api/tokens/{id}/rotate",
    tag = "access",
    params(("id" = Uuid, Path, description = "The token.")),
    request_body = TokenRotation,
    responses((status = 200, body = CreatedToken, description = "Rotated; the only answer that shows the secret.")),
)]
pub(crate) async fn rotate_token(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
    JsonBody(rotation): JsonBody<TokenRotation>,
) -> Result<Json<CreatedToken>, ApiError> {
    if rotation.overlap_seconds > LONGEST_OVERLAP_SECONDS {
        let message = "use 0 to 2592000 seconds, which is 30 days";
        return Err(ApiError::field(ProblemCode::InvalidValue, "/overlapSeconds", message));
    }
    let token = find(&app, &caller, id).await?;
    // Whoever rotates a token holds its secret afterwards.
    check_scopes(&caller, &token.scopes)?;
    let until = app.now() + SignedDuration::from_secs(rotation.overlap_seconds.into());
    let secret = secret::generate_token(app.entropy());
    let hash = secret::hash(secret.expose_secret());
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("token.rotate", &token.name));
    if !recorded.token_rotate(&caller.tenant, id, &hash, until).await? {
        return Err(ApiError::not_found("token"));
    }
    let token = wire(&app, &caller.tenant, muster_store::ApiToken { previous_until: Some(until), ..token });
    Ok(Json(CreatedToken { token, secret: Secret(secret.expose_secret().to_owned()) }))
}

/// Revokes an API token. Open streams that rest on it end within five seconds.
#[utoipa::path(
    delete,
    path = "/api/tokens/{id}",
    tag = "access",
    params(("id" = Uuid, Path, description = "The token.")),
    responses((status = 204, description = "Revoked.")),
)]
pub(crate) async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let token = find(&app, &caller, id).await?;
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("token.revoke", &token.name));
    recorded.token_revoke(&caller.tenant, id, app.now()).await?;
    app.revocations().announce(Revoked::Token(id));
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<ApiToken, ApiError> {
    let tokens = app.store().token_list(&caller.tenant).await?;
    tokens.into_iter().find(|token| token.id == id).ok_or_else(|| ApiError::not_found("token"))
}

/// A role, or scopes one by one.
fn requested_scopes(request: &NewToken) -> Result<BTreeSet<Scope>, ApiError> {
    let refuse = |field, message| Err(ApiError::field(ProblemCode::InvalidValue, field, message));
    match (request.role, &request.scopes) {
        (Some(role), None) => Ok(role.scopes()),
        (None, Some(scopes)) if scopes.is_empty() => refuse("/scopes", "name at least one scope"),
        (None, Some(scopes)) => Ok(scopes.clone()),
        (Some(_), Some(_)) => refuse("/scopes", "give either a role or scopes, not both"),
        (None, None) => refuse("/role", "give a role, or scopes one by one"),
    }
}

/// The least role that has all of the scopes. Scopes decide; the role is what older programs and people read.
fn least_role(scopes: &BTreeSet<Scope>) -> Role {
    let has_all = |role: &Role| scopes.iter().all(|scope| role.has(*scope));
    Role::ALL.iter().copied().find(has_all).expect("the greatest role has every scope")
}

/// The role whose scopes these are, if they are one's.
fn named_role(scopes: &BTreeSet<Scope>) -> Option<Role> {
    Role::ALL.iter().copied().find(|role| role.scopes() == *scopes)
}

/// Also a token that may manage tokens can only pass on what it has itself.
fn check_scopes(caller: &Caller, scopes: &BTreeSet<Scope>) -> Result<(), ApiError> {
    let beyond = scopes.difference(&caller.scopes).next();
    let Some(beyond) = beyond else { return Ok(()) };
    let detail =
        format!("A token cannot carry more than its creator has, and `{beyond}` is more; choose a lesser role.");
    Err(ApiError::new(ProblemCode::Forbidden, detail))
}

fn insert_error(error: TokenInsertError) -> ApiError {
    match error {
        TokenInsertError::NameTaken { .. } => ApiError::field(
            ProblemCode::NameTaken,
            "/name",
            "another live token has this name; revoke it or choose another",
        ),
        TokenInsertError::Store(error) => error.into(),
    }
}

fn describe(tenant: &TenantId, new: muster_store::NewToken) -> Token {
    Token {
        id: new.id,
        name: new.name,
        tenant: tenant.clone(),
        role: named_role(&new.scopes),
        scopes: new.scopes,
        created_at: new.created_at,
        created_by: new.created_by,
        expires_at: new.expires_at,
        last_used_at: None,
        previous_secret_until: None,
    }
}

fn wire(app: &App, tenant: &TenantId, token: ApiToken) -> Token {
    let now = app.now();
    Token {
        id: token.id,
        name: token.name,
        tenant: tenant.clone(),
        role: named_role(&token.scopes),
        scopes: token.scopes,
        created_at: token.created_at,
        created_by: token.created_by,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
        previous_secret_until: token.previous_until.filter(|until| now < *until),
    }
}
