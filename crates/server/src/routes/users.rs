//! Users, for administrators.

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    access::{NewUser, User, UserUpdate},
};
use muster_model::Role;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{
        Revoked,
        audit::{Action, Audit},
        caller::Caller,
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
    Ok(Json(app.whole_list(&caller.tenant, users.into_iter().map(wire))))
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
    let name = check_name("/name", &request.name)?;
    password::check_new("/password", &request.password.0)?;
    let password_hash = app.passwords().hash(request.password.0.into()).await?;
    let (id, role, created_at) = (app.new_id(), request.role, app.now());
    let user = muster_store::NewUser { id, name: name.clone(), password_hash, role, created_at };
    app.store().user_insert(&caller.tenant, &user).await.map_err(insert_error)?;
    audit.write(&app, &caller.tenant, Action::done("user.create", &name)).await?;
    Ok((StatusCode::CREATED, Json(User { id, name, role, created_at })))
}

/// Changes a user. A new password or role ends the user's sessions.
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
    if let Some(password) = &update.password {
        password::check_new("/password", &password.0)?;
    }
    if let Some(role) = update.role {
        set_role(&app, &caller, &user, role).await?;
    }
    if let Some(password) = update.password {
        let hash = app.passwords().hash(password.0.into()).await?;
        app.store().user_set_password(&caller.tenant, id, &hash).await?;
    }
    end_sessions(&app, &caller, id).await?;
    audit.write(&app, &caller.tenant, Action::done("user.update", &user.name)).await?;
    Ok(Json(wire(find(&app, &caller, id).await?)))
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
    end_sessions(&app, &caller, id).await?;
    app.store().user_delete(&caller.tenant, id).await?;
    audit.write(&app, &caller.tenant, Action::done("user.delete", &user.name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<muster_store::User, ApiError> {
    app.store().user_get(&caller.tenant, id).await?.ok_or_else(|| ApiError::not_found("user"))
}

async fn set_role(app: &App, caller: &Caller, user: &muster_store::User, role: Role) -> Result<(), ApiError> {
    if role != Role::Admin {
        keep_an_administrator(app, caller, user).await?;
    }
    app.store().user_set_role(&caller.tenant, user.id, role).await?;
    Ok(())
}

/// Nobody can lock everybody out.
async fn keep_an_administrator(app: &App, caller: &Caller, user: &muster_store::User) -> Result<(), ApiError> {
    let users = app.store().user_list(&caller.tenant).await?;
    let others = users.iter().any(|other| other.role == Role::Admin && other.id != user.id);
    if others || user.role != Role::Admin {
        return Ok(());
    }
    let detail = "Make somebody else an administrator first.";
    Err(ApiError::new(ProblemCode::LastAdministrator, detail))
}

async fn end_sessions(app: &App, caller: &Caller, user: Uuid) -> Result<(), ApiError> {
    app.store().session_delete_of_user(&caller.tenant, user).await?;
    app.revocations().announce(Revoked::SessionsOf(user));
    Ok(())
}

fn wire(user: muster_store::User) -> User {
    User { id: user.id, name: user.name, role: user.role, created_at: user.created_at }
}
