//! One's own account: who one is, sessions and password.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use muster_api::{
    Page, ProblemCode,
    access::{Account, ActiveSession, PasswordChange, SecondFactorState, Session},
};
use muster_store::UserChange;
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{
        Revoked,
        audit::{Action, Audit},
        caller::{Caller, SignedIn},
        password,
        session::{self, Entrant, Proof},
    },
    extract::{Id, JsonBody},
    problem::ApiError,
    remote::RemoteAddr,
};

/// Says who one is, and how one signs in.
#[utoipa::path(
    get,
    path = "/api/account",
    tag = "session",
    responses((status = 200, body = Account, description = "The account.")),
)]
pub(crate) async fn get_account(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
) -> Result<Json<Account>, ApiError> {
    let (tenant, id) = (&caller.tenant, user.user_id);
    let stored = app.store().user_get(tenant, id).await?.ok_or_else(ApiError::unauthenticated)?;
    let factor = app.store().second_factor_get(tenant, id).await?;
    let second_factor = SecondFactorState {
        enabled_at: factor.and_then(|factor| factor.confirmed_at),
        recovery_codes_left: app.store().recovery_code_count(tenant, id).await?,
    };
    Ok(Json(Account {
        id,
        name: stored.name,
        role: stored.role,
        scopes: stored.role.scopes(),
        created_at: stored.created_at,
        provider: stored.identity.map(|identity| identity.issuer),
        second_factor,
    }))
}

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
    let sessions = app.store().session_list(&caller.tenant, user.user_id).await?;
    let active = sessions.into_iter().map(|session| describe(session, Some(user.session_id)));
    Ok(Json(app.whole_list(&caller.tenant, active)))
}

/// A session as it is listed; `current` is the one that asks.
pub(crate) fn describe(session: muster_store::Session, current: Option<Uuid>) -> ActiveSession {
    ActiveSession {
        id: session.id,
        current: Some(session.id) == current,
        created_at: session.created_at,
        last_used_at: Some(session.last_used_at),
        expires_at: session.expires_at,
        remote_addr: session.remote_addr,
        user_agent: session.user_agent,
    }
}

/// Ends all of one's own sessions but the one that asks.
#[utoipa::path(
    delete,
    path = "/api/sessions",
    tag = "session",
    responses((status = 204, description = "Ended.")),
)]
pub(crate) async fn delete_other_sessions(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    audit: Audit,
) -> Result<StatusCode, ApiError> {
    let keep = user.session_id;
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("session.delete_others", &user.name));
    recorded.session_delete_others(&caller.tenant, user.user_id, keep).await?;
    app.revocations().announce(Revoked::OtherSessionsOf { user: user.user_id, keep });
    Ok(StatusCode::NO_CONTENT)
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
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("session.delete", &id.to_string()));
    recorded.session_delete(&caller.tenant, id).await?;
    app.revocations().announce(Revoked::Session(id));
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
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("account.password", &user.name));
    let change = UserChange { password_hash: Some(hash.clone()), ..UserChange::default() };
    if !recorded.user_update(&caller.tenant, user.user_id, &change).await? {
        return Err(ApiError::unauthenticated());
    }
    app.revocations().announce(Revoked::SessionsOf(user.user_id));
    let (tenant, user_id, role) = (caller.tenant, user.user_id, caller.role);
    let entrant = Entrant { tenant, user_id, name: user.name, role, proof: Proof::Password(hash) };
    session::open(&app, app.store(), entrant, remote, &headers).await
}

/// Guessing through a stolen session is slowed down like guessing at the door. For one who has a second factor the
/// password alone forgives nothing: it must not make room for guessing codes.
pub(crate) async fn check_current(
    app: &App,
    caller: &Caller,
    user: &SignedIn,
    remote: RemoteAddr,
    password: SecretString,
) -> Result<(), ApiError> {
    if user.is_federated {
        let detail = "An identity provider keeps this account; change how you sign in there.";
        return Err(ApiError::new(ProblemCode::InvalidValue, detail));
    }
    charge_and_verify(app, caller, user, remote, password).await?;
    let factor = app.store().second_factor_get(&caller.tenant, user.user_id).await?;
    if factor.is_some_and(|factor| factor.confirmed_at.is_some()) {
        app.throttle().refund(&user.name, remote.0.ip());
    } else {
        app.throttle().succeeded(&user.name, remote.0.ip());
    }
    Ok(())
}

/// Checks the password alone. The attempt stays charged until the caller forgives it.
pub(crate) async fn charge_and_verify(
    app: &App,
    caller: &Caller,
    user: &SignedIn,
    remote: RemoteAddr,
    password: SecretString,
) -> Result<(), ApiError> {
    app.admit_login(&user.name, remote)?;
    let stored = app.store().user_get(&caller.tenant, user.user_id).await?;
    let hash = stored.and_then(|stored| stored.password_hash);
    if app.passwords().verify(password, hash).await? {
        return Ok(());
    }
    Err(ApiError::field(ProblemCode::InvalidValue, "/currentPassword", "this is not the current password"))
}
