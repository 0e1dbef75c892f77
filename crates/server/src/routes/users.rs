//! Users, for administrators.

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    access::{ActiveSession, NewUser, User, UserUpdate},
};
use muster_model::Role;
use muster_store::UserChange;
use serde_json::json;
use uuid::Uuid;

use super::account;
use crate::{
    app::App,
    auth::{
        Revoked,
        audit::{Action, Audit},
        caller::{Caller, Principal},
        login::{check_name, insert_error},
        password,
    },
    extract::{Id, JsonBody},
    problem::ApiError,
};

/// Lists the users, by name.
#[utoipa::path(
    get,
    path = "/api/users",
    tag = "access",
    responses((status = 200, body = Page<User>, description = "The users.")),
)]
pub(crate) async fn list_users(State(app): State<App>, caller: Caller) -> Result<Json<Page<User>>, ApiError> {
    let mut users = app.store().user_list(&caller.tenant).await?;
    users.sort_by_key(|user| (user.name.to_lowercase(), user.id));
    let factors = app.store().second_factor_users(&caller.tenant).await?;
    let users = users.into_iter().map(|user| {
        let has_second_factor = factors.contains(&user.id);
        wire(user, has_second_factor)
    });
    Ok(Json(app.whole_list(&caller.tenant, users)))
}

/// Creates a user.
#[utoipa::path(
    post,
    path = "/api/users",
    tag = "access",
    request_body = NewUser,
    responses((status = 201, body = User, description = "Created.")),
)]
pub(crate) async fn create_user(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<NewUser>,
) -> Result<(StatusCode, Json<User>), ApiError> {
    caller.check_covers(request.role)?;
    let name = check_name("/name", &request.name)?;
    password::check_new("/password", &request.password.0)?;
    let password_hash = app.passwords().hash(request.password.0.into()).await?;
    let (id, role, created_at) = (app.new_id(), request.role, app.now());
    let user = muster_store::NewUser { id, name: name.clone(), password_hash, role, created_at };
    let action = Action::done("user.create", &name).with(json!({"id": id, "role": role}));
    audit.recorded(&app, &caller.tenant, action).user_insert(&caller.tenant, &user).await.map_err(insert_error)?;
    Ok((StatusCode::CREATED, Json(described(&app, &caller, id).await?)))
}

/// Changes a user. Whatever changes ends the user's sessions.
#[utoipa::path(
    patch,
    path = "/api/users/{id}",
    tag = "access",
    params(("id" = Uuid, Path, description = "The user.")),
    request_body = UserUpdate,
    responses((status = 200, body = User, description = "Changed.")),
)]
pub(crate) async fn update_user(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
    JsonBody(update): JsonBody<UserUpdate>,
) -> Result<Json<User>, ApiError> {
    let _alone = app.administration().await;
    let user = find(&app, &caller, id).await?;
    check_rights(&caller, &user, &update)?;
    check_update(&user, &update)?;
    if update == UserUpdate::default() {
        return Ok(Json(described(&app, &caller, id).await?));
    }
    if update.disabled == Some(true) || update.role.is_some_and(|role| role != Role::Admin) {
        keep_an_administrator(&app, &caller, &user).await?;
    }
    let change = change_of(&app, &user, update).await?;
    let recorded = audit.recorded(&app, &caller.tenant, changed(&user, &change));
    if !recorded.user_update(&caller.tenant, id, &change).await? {
        return Err(ApiError::not_found("user"));
    }
    app.revocations().announce(Revoked::SessionsOf(id));
    Ok(Json(described(&app, &caller, id).await?))
}

/// Lists a user's sessions, newest first.
#[utoipa::path(
    get,
    path = "/api/users/{id}/sessions",
    tag = "access",
    params(("id" = Uuid, Path, description = "The user.")),
    responses((status = 200, body = Page<ActiveSession>, description = "The sessions.")),
)]
pub(crate) async fn list_user_sessions(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Page<ActiveSession>>, ApiError> {
    find(&app, &caller, id).await?;
    let current = match &caller.principal {
        Principal::User(user) => Some(user.session_id),
        Principal::Token { .. } | Principal::Federated(_) => None,
    };
    let sessions = app.store().session_list(&caller.tenant, id).await?;
    let active = sessions.into_iter().map(|session| account::describe(session, current));
    Ok(Json(app.whole_list(&caller.tenant, active)))
}

/// Ends all sessions of a user.
#[utoipa::path(
    delete,
    path = "/api/users/{id}/sessions",
    tag = "access",
    params(("id" = Uuid, Path, description = "The user.")),
    responses((status = 204, description = "Ended.")),
)]
pub(crate) async fn delete_user_sessions(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let user = find(&app, &caller, id).await?;
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("user.sessions.end", &user.name));
    recorded.session_delete_of_user(&caller.tenant, id).await?;
    app.revocations().announce(Revoked::SessionsOf(id));
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a user with all sessions.
#[utoipa::path(
    delete,
    path = "/api/users/{id}",
    tag = "access",
    params(("id" = Uuid, Path, description = "The user.")),
    responses((status = 204, description = "Removed.")),
)]
pub(crate) async fn delete_user(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let _alone = app.administration().await;
    let user = find(&app, &caller, id).await?;
    keep_an_administrator(&app, &caller, &user).await?;
    // The sessions go with the user.
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("user.delete", &user.name));
    recorded.user_delete(&caller.tenant, id).await?;
    app.revocations().announce(Revoked::SessionsOf(id));
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<muster_store::User, ApiError> {
    app.store().user_get(&caller.tenant, id).await?.ok_or_else(|| ApiError::not_found("user"))
}

/// What an identity provider decides cannot be changed here: it would be changed back at the next sign-in.
fn check_update(user: &muster_store::User, update: &UserUpdate) -> Result<(), ApiError> {
    if let Some(password) = &update.password {
        password::check_new("/password", &password.0)?;
    }
    let kept_elsewhere = user.identity.is_some();
    let refuse = |field, message| Err(ApiError::field(ProblemCode::InvalidValue, field, message));
    match update {
        UserUpdate { password: Some(_), .. } if kept_elsewhere => {
            refuse("/password", "an identity provider keeps this user, who has no password here")
        }
        UserUpdate { role: Some(_), .. } if kept_elsewhere => {
            refuse("/role", "the user's groups at the identity provider make the role; change them there")
        }
        UserUpdate { .. } => Ok(()),
    }
}

/// Whoever gives somebody a role, or takes somebody's place with a new password, holds what the role may. One's own password
/// is changed where the one until now is asked for.
fn check_rights(caller: &Caller, user: &muster_store::User, update: &UserUpdate) -> Result<(), ApiError> {
    let UserUpdate { role, disabled, password } = update;
    if password.is_some() && caller.is_session_of(user.id) {
        let message = "change your own password in your account, which asks for the one until now";
        return Err(ApiError::field(ProblemCode::InvalidValue, "/password", message));
    }
    if role.is_some() || password.is_some() || *disabled == Some(false) {
        caller.check_covers(user.role)?;
    }
    role.map_or(Ok(()), |role| caller.check_covers(role))
}

/// What is written, once everything was found to be right.
async fn change_of(app: &App, user: &muster_store::User, update: UserUpdate) -> Result<UserChange, ApiError> {
    let UserUpdate { role, disabled, password } = update;
    let since = |disabled: bool| disabled.then(|| user.disabled_at.unwrap_or_else(|| app.now()));
    let password_hash = match password {
        Some(password) => Some(app.passwords().hash(password.0.into()).await?),
        None => None,
    };
    Ok(UserChange { role, disabled_at: disabled.map(since), password_hash })
}

/// What the audit log tells of a change: nothing of a password but that there is another.
fn changed<'a>(user: &'a muster_store::User, change: &UserChange) -> Action<'a> {
    let UserChange { role, disabled_at, password_hash } = change;
    let before = json!({"role": user.role, "disabledAt": user.disabled_at});
    let after = json!({"role": role.unwrap_or(user.role), "disabledAt": disabled_at.unwrap_or(user.disabled_at)});
    let mut action = Action::done("user.update", &user.name);
    if role.is_some() || disabled_at.is_some() {
        action = action.changing(&before, &after);
    }
    if password_hash.is_some() {
        action.detail["password"] = json!("changed");
    }
    action
}

/// Nobody can lock everybody out. An administrator from an identity provider does not count: the provider may take the
/// role away or be gone tomorrow.
async fn keep_an_administrator(app: &App, caller: &Caller, user: &muster_store::User) -> Result<(), ApiError> {
    let users = app.store().user_list(&caller.tenant).await?;
    if !is_lasting_administrator(user) || users.iter().any(|it| it.id != user.id && is_lasting_administrator(it)) {
        return Ok(());
    }
    let detail = "Make somebody else an administrator with a password first.";
    Err(ApiError::new(ProblemCode::LastAdministrator, detail))
}

fn is_lasting_administrator(user: &muster_store::User) -> bool {
    user.role == Role::Admin && user.disabled_at.is_none() && user.identity.is_none()
}

/// A user as stored now.
async fn described(app: &App, caller: &Caller, id: Uuid) -> Result<User, ApiError> {
    let user = find(app, caller, id).await?;
    let factor = app.store().second_factor_get(&caller.tenant, id).await?;
    Ok(wire(user, factor.is_some_and(|factor| factor.confirmed_at.is_some())))
}

fn wire(user: muster_store::User, has_second_factor: bool) -> User {
    User {
        id: user.id,
        name: user.name,
        role: user.role,
        created_at: user.created_at,
        last_sign_in_at: user.last_sign_in_at,
        disabled_at: user.disabled_at,
        provider: user.identity.map(|identity| identity.issuer),
        has_second_factor,
    }
}
