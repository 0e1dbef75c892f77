//! API tokens, for administrators.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    access::{CreatedToken, NewToken, Secret, Token},
};
use muster_model::{Scope, TenantId};
use muster_store::{ApiToken, TokenInsertError};
use secrecy::ExposeSecret;

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
    Ok(Json(app.whole_list(&caller.tenant, tokens.into_iter().map(|token| wire(&caller.tenant, token)))))
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
    let scopes = check_scopes(&caller, &request)?;
    let created_at = app.now();
    if request.expires_at.is_some_and(|end| end <= created_at) {
        return Err(ApiError::field(ProblemCode::InvalidValue, "/expiresAt", "use a time in the future"));
    }
    let secret = secret::generate_token(app.entropy());
    let new = muster_store::NewToken {
        id: app.new_id(),
        name,
        token_hash: secret::hash(secret.expose_secret()),
        role: request.role,
        scopes,
        created_at,
        expires_at: request.expires_at,
        created_by: caller.actor(),
    };
    app.store().token_insert(&caller.tenant, &new).await.map_err(insert_error)?;
    audit.write(&app, &caller.tenant, Action::done("token.create", &new.name)).await?;
    let secret = Secret(secret.expose_secret().to_owned());
    Ok((StatusCode::CREATED, Json(CreatedToken { token: describe(&caller.tenant, new), secret })))
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
    let tokens = app.store().token_list(&caller.tenant).await?;
    let token = tokens.into_iter().find(|token| token.id == id).ok_or_else(|| ApiError::not_found("token"))?;
    app.store().token_revoke(&caller.tenant, id, app.now()).await?;
    app.revocations().announce(Revoked::Token(id));
    audit.write(&app, &caller.tenant, Action::done("token.revoke", &token.name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Also a token that may manage tokens can only pass on what it has itself.
fn check_scopes(caller: &Caller, request: &NewToken) -> Result<BTreeSet<Scope>, ApiError> {
    let scopes = request.role.scopes();
    if scopes.is_subset(&caller.scopes) {
        return Ok(scopes);
    }
    let detail =
        format!("A token cannot carry more than its creator has; choose a lesser role than `{}`.", request.role);
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
        role: new.role,
        scopes: new.scopes,
        created_at: new.created_at,
        expires_at: new.expires_at,
        last_used_at: None,
    }
}

fn wire(tenant: &TenantId, token: ApiToken) -> Token {
    Token {
        id: token.id,
        name: token.name,
        tenant: tenant.clone(),
        role: token.role,
        scopes: token.scopes,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
    }
}
