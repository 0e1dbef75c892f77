//! Signing in through an identity provider, and how that stands.

use axum::{Json, extract::State, http::HeaderMap, response::Response};
use muster_api::access::{
    GroupRole, ProviderCallbackQuery, ProviderDetails, ProviderError, ProviderLoginQuery, ProviderProblem,
    ProviderStatus,
};

use crate::{
    app::App,
    auth::{
        audit::Audit,
        oidc::{
            IdentityProvider,
            door::{self, Door},
        },
    },
    extract::Query,
    problem::ApiError,
    remote::RemoteAddr,
};

/// Sends the browser to the identity provider.
#[utoipa::path(
    get,
    path = "/api/oidc/login",
    tag = "session",
    params(ProviderLoginQuery),
    responses((status = 303, description = "To the provider, or back to the login page with the reason.")),
)]
pub(crate) async fn begin_provider_login(
    State(app): State<App>,
    audit: Audit,
    remote: RemoteAddr,
    headers: HeaderMap,
    Query(query): Query<ProviderLoginQuery>,
) -> Response {
    let Some(provider) = app.identity_provider() else { return door::login_page(ProviderProblem::NotConfigured) };
    Door { app: &app, provider, audit, remote, headers: &headers }.leave(query.next).await
}

/// Lets the browser in that comes back from the identity provider.
#[utoipa::path(
    get,
    path = "/api/oidc/callback",
    tag = "session",
    params(ProviderCallbackQuery),
    responses((status = 303, description = "To the application with the session cookie, or to the login page with the reason.")),
)]
pub(crate) async fn finish_provider_login(
    State(app): State<App>,
    audit: Audit,
    remote: RemoteAddr,
    headers: HeaderMap,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, ApiError> {
    let Some(provider) = app.identity_provider() else {
        return Ok(door::login_page(ProviderProblem::NotConfigured));
    };
    // Providers add fields of their own, which are none of ours to refuse.
    let query = serde_urlencoded::from_str::<ProviderCallbackQuery>(&query.unwrap_or_default()).unwrap_or_default();
    Door { app: &app, provider, audit, remote, headers: &headers }.come_back(query).await
}

/// How signing in through an identity provider stands.
#[utoipa::path(
    get,
    path = "/api/oidc",
    tag = "access",
    responses((status = 200, body = ProviderStatus, description = "The configuration, and how asking the provider goes.")),
)]
pub(crate) async fn get_provider(State(app): State<App>) -> Json<ProviderStatus> {
    Json(ProviderStatus { provider: app.identity_provider().map(describe) })
}

fn describe(identity: &IdentityProvider) -> ProviderDetails {
    let (settings, health) = (identity.provider.settings(), identity.provider.health());
    ProviderDetails {
        label: identity.label.clone(),
        issuer: settings.issuer.clone(),
        client_id: settings.client_id.clone(),
        redirect_uri: settings.redirect_uri.to_string(),
        scopes: settings.scopes.clone(),
        group_claim: settings.group_claim.clone(),
        audience: settings.audience.clone(),
        mapping: settings.roles.iter().map(|(group, role)| GroupRole { group: group.to_owned(), role }).collect(),
        described_at: health.described_at,
        keys_fetched_at: health.keys_fetched_at,
        keys: health.keys,
        last_error: health.last_error.map(|(at, message)| ProviderError { at, message }),
    }
}
