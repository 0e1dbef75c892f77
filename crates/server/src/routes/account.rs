//! One's own account: sessions and password.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use muster_api::{
    Page, ProblemCode,
    access::{ActiveSession, PasswordChange, Session},
};
use secrecy::SecretString;

use crate::{
    app::App,
    auth::{
        Revoked,
        audit::{Action, Audit},
        caller::{Caller, SignedIn},
        password,
        session::{self, Entrant},
    },
    extract::{Id, JsonBody},
    problem::ApiError,
    remote::RemoteAddr,
};

/// Lists one's own sessions, newest first.
#[utoipa::path(
    get,
    path = "/api/sessions",
    tag = "session",
    responses((status = 200, body = Page<ActiveSession>, description = "The sessions.")),
)]
pub(crate) async fn list_sessions(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
) -> Result<Json<Page<ActiveSession>>, ApiError> {
    let mut sessions = app.store().session_list(&caller.tenant, user.user_id).await?;
    sessions.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
    let active = sessions.into_iter().map(|session| ActiveSession {
        id: session.id,
        current: session.id == user.session_id,
        created_at: session.created_at,
        last_used_at: Some(session.last_used_at),
        expires_at: session.expires_at,
        remote_addr: session.remote_addr,
        user_agent: session.user_agent,
    });
    Ok(Json(app.whole_list(&caller.tenant, active)))
}

/// Ends one of one's own sessions.
#[utoipa::path(
    delete,
    path = "/api/sessions/{id}",
    tag = "session",
    params(("id" = Uuid, Path, description = "The session.")),
    responses((status = 204, description = "Ended.")),
)]
pub(crate) async fn delete_session(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    audit: Audit,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let own = app.store().session_list(&caller.tenant, user.user_id).await?;
    if !own.iter().any(|session| session.id == id) {
        // The same answer as for a session of somebody else, so that ids cannot be probed.
        return Err(ApiError::not_found("session"));
    }
    app.store().session_delete(&caller.tenant, id).await?;
    app.revocations().announce(Revoked::Session(id));
    audit.write(&app, &caller.tenant, Action::done("session.delete", &id.to_string())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes one's own password, ends all of one's sessions and opens a new one.
#[utoipa::path(
    put,
    path = "/api/account/password",
    tag = "session",
    request_body = PasswordChange,
    responses((status = 200, body = Session, description = "Changed; the answer sets a new session cookie.")),
)]
pub(crate) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    origin: (Audit, RemoteAddr, HeaderMap),
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<Response, ApiError> {
    let (audit, remote, headers) = origin;
    password::check_new("/newPassword", &change.new_password.0)?;
    if let Err(error) = check_current(&app, &caller, &user, remote, change.current_password.0.into()).await {
        audit.write(&app, &caller.tenant, Action::refused("account.password", &user.name, error.code())).await?;
        return Err(error);
    }
    let hash = app.passwords().hash(change.new_password.0.into()).await?;
    // The store ends every session of the user in the same transaction, this one too.
    app.store().user_set_password(&caller.tenant, user.user_id, &hash).await?;
    app.revocations().announce(Revoked::SessionsOf(user.user_id));
    audit.write(&app, &caller.tenant, Action::done("account.password", &user.name)).await?;
    let entrant = Entrant { tenant: caller.tenant, user_id: user.user_id, name: user.name, role: caller.role };
    session::open(&app, entrant, remote, &headers).await
}

/// Guessing through a stolen session is slowed down like guessing at the door.
async fn check_current(
    app: &App,
    caller: &Caller,
    user: &SignedIn,
    remote: RemoteAddr,
    password: SecretString,
) -> Result<(), ApiError> {
    app.admit_login(&user.name, remote)?;
    let stored = app.store().user_get(&caller.tenant, user.user_id).await?;
    let hash = stored.map(|stored| stored.password_hash);
    if app.passwords().verify(password, hash).await? {
        app.throttle().succeeded(&user.name, remote.0.ip());
        return Ok(());
    }
    Err(ApiError::field(ProblemCode::InvalidValue, "/currentPassword", "this is not the current password"))
}
