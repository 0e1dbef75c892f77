//! Signing in and out.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use muster_api::access::{LoginRequest, Session, SetupRequest};

use crate::{
    app::App,
    auth::{
        Revoked,
        audit::{Action, Audit},
        caller::{Caller, MaybeCaller, Principal, SignedIn},
        cookie,
        login::Door,
        session,
    },
    extract::JsonBody,
    problem::ApiError,
    remote::RemoteAddr,
};

/// Says whether and as whom the caller is signed in.
#[utoipa::path(
    get,
    path = "/api/session",
    tag = "session",
    responses((status = 200, body = Session, description = "The session.")),
)]
pub(crate) async fn get_session(
    State(app): State<App>,
    MaybeCaller(caller): MaybeCaller,
) -> Result<Json<Session>, ApiError> {
    match caller {
        Some(Caller { principal: Principal::User(user), role, .. }) => Ok(Json(session::describe(&app, &user, role))),
        Some(Caller { principal: Principal::Token { .. } | Principal::Federated(_), .. }) | None => {
            let setup_required = app.store().user_count(&app.settings().tenant).await? == 0;
            let provider = session::provider_link(&app);
            Ok(Json(Session { setup_required, user: None, csrf_token: None, provider }))
        }
    }
}

/// Creates the first user with the token of the set-up link, and signs in.
#[utoipa::path(
    post,
    path = "/api/setup",
    tag = "session",
    request_body = SetupRequest,
    responses((status = 200, body = Session, description = "Signed in; the answer sets the session cookie.")),
)]
pub(crate) async fn set_up(
    State(app): State<App>,
    audit: Audit,
    remote: RemoteAddr,
    headers: HeaderMap,
    JsonBody(request): JsonBody<SetupRequest>,
) -> Result<Response, ApiError> {
    Door { app: &app, audit, remote, headers: &headers }.set_up(request).await
}

/// Signs in.
#[utoipa::path(
    post,
    path = "/api/login",
    tag = "session",
    request_body = LoginRequest,
    responses((status = 200, body = Session, description = "Signed in; the answer sets the session cookie.")),
)]
pub(crate) async fn log_in(
    State(app): State<App>,
    audit: Audit,
    remote: RemoteAddr,
    headers: HeaderMap,
    JsonBody(request): JsonBody<LoginRequest>,
) -> Result<Response, ApiError> {
    Door { app: &app, audit, remote, headers: &headers }.log_in(request).await
}

/// Signs out.
#[utoipa::path(
    post,
    path = "/api/logout",
    tag = "session",
    responses((status = 204, description = "Signed out.")),
)]
pub(crate) async fn log_out(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    audit: Audit,
    remote: RemoteAddr,
) -> Result<Response, ApiError> {
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("session.logout", &user.name));
    recorded.session_delete(&caller.tenant, user.session_id).await?;
    app.revocations().announce(Revoked::Session(user.session_id));
    let jar = CookieJar::new().add(cookie::SESSION.remove(remote.is_secure()));
    Ok((StatusCode::NO_CONTENT, jar).into_response())
}
