//! Views that people save: their own, and those that others share with them.

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    view::{NewView, View, ViewChange, ViewPage},
};
use muster_store::{SavedView, ViewBody, ViewSaveError};
use serde::{Deserialize, de::value::StrDeserializer};
use uuid::Uuid;

use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        caller::{Caller, SignedIn},
        login::check_name,
    },
    extract::{Id, JsonBody},
    problem::ApiError,
};

/// The longest state of a page, in characters: what every browser and proxy takes in an address.
const QUERY_CHARACTERS: usize = 2000;

/// Lists one's own views and those that others share, by page and name.
#[utoipa::path(
    get,
    path = "/api/views",
    tag = "views",
    responses((status = 200, body = Page<View>, description = "The views.")),
)]
pub(crate) async fn list_views(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
) -> Result<Json<Page<View>>, ApiError> {
    let views = app.store().view_list(&caller.tenant, user.user_id).await?;
    let views = views.into_iter().filter_map(|view| wire(&user, view));
    Ok(Json(app.whole_list(&caller.tenant, views)))
}

/// Shows a view that is one's own or shared: what a link to it leads to.
#[utoipa::path(
    get,
    path = "/api/views/{id}",
    tag = "views",
    params(("id" = Uuid, Path, description = "The view.")),
    responses((status = 200, body = View, description = "The view.")),
)]
pub(crate) async fn get_view(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    Id(id): Id,
) -> Result<Json<View>, ApiError> {
    find(&app, &caller, &user, id).await.map(Json)
}

/// Saves a view.
#[utoipa::path(
    post,
    path = "/api/views",
    tag = "views",
    request_body = NewView,
    responses((status = 201, body = View, description = "Saved.")),
)]
pub(crate) async fn create_view(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    audit: Audit,
    JsonBody(request): JsonBody<NewView>,
) -> Result<(StatusCode, Json<View>), ApiError> {
    let NewView { page, name, query, shared, default } = request;
    let body = check(&name, &query, shared, default)?;
    let id = app.new_id();
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("view.create", &body.name));
    let saved = recorded.view_insert(&caller.tenant, (user.user_id, id), page.as_str(), &body, app.now()).await;
    saved.map_err(save_error)?;
    Ok((StatusCode::CREATED, Json(find(&app, &caller, &user, id).await?)))
}

/// Changes one of one's own views.
#[utoipa::path(
    put,
    path = "/api/views/{id}",
    tag = "views",
    params(("id" = Uuid, Path, description = "The view.")),
    request_body = ViewChange,
    responses((status = 200, body = View, description = "Changed.")),
)]
pub(crate) async fn update_view(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    audit: Audit,
    Id(id): Id,
    JsonBody(request): JsonBody<ViewChange>,
) -> Result<Json<View>, ApiError> {
    let ViewChange { name, query, shared, default, version } = request;
    let body = check(&name, &query, shared, default)?;
    if !find(&app, &caller, &user, id).await?.own {
        return Err(ApiError::new(ProblemCode::Forbidden, "The view is somebody else's; save one of your own."));
    }
    let own = (user.user_id, id);
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("view.update", &body.name));
    recorded.view_update(&caller.tenant, own, &body, version, app.now()).await.map_err(save_error)?;
    find(&app, &caller, &user, id).await.map(Json)
}

/// Deletes one of one's own views.
#[utoipa::path(
    delete,
    path = "/api/views/{id}",
    tag = "views",
    params(("id" = Uuid, Path, description = "The view.")),
    responses((status = 204, description = "Deleted.")),
)]
pub(crate) async fn delete_view(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    audit: Audit,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let view = find(&app, &caller, &user, id).await?;
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("view.delete", &view.name));
    if !recorded.view_delete(&caller.tenant, user.user_id, id).await? {
        return Err(ApiError::new(ProblemCode::Forbidden, "The view is somebody else's; only its owner deletes it."));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, caller: &Caller, user: &SignedIn, id: Uuid) -> Result<View, ApiError> {
    let view = app.store().view_get(&caller.tenant, user.user_id, id).await?;
    view.and_then(|view| wire(user, view)).ok_or_else(|| ApiError::not_found("view"))
}

fn check(name: &str, query: &str, is_shared: bool, is_default: bool) -> Result<ViewBody, ApiError> {
    let name = check_name("/name", name)?;
    if query.chars().count() > QUERY_CHARACTERS || query.chars().any(|c| c.is_control() || matches!(c, '?' | '#')) {
        let message = "use at most 2000 characters as they stand in an address, without `?` and `#`";
        return Err(ApiError::field(ProblemCode::InvalidValue, "/query", message));
    }
    Ok(ViewBody { name, query: query.to_owned(), is_shared, is_default })
}

fn save_error(error: ViewSaveError) -> ApiError {
    match error {
        ViewSaveError::NameTaken { .. } => ApiError::field(
            ProblemCode::NameTaken,
            "/name",
            "you have a view of this name on this page; choose another name or change that view",
        ),
        ViewSaveError::TooMany => ApiError::new(
            ProblemCode::InvalidValue,
            format!("There are {} views of this page already; delete one.", muster_store::MOST_VIEWS),
        ),
        ViewSaveError::Changed => ApiError::new(
            ProblemCode::ChangedMeanwhile,
            "The view was changed since it was read; read it again and repeat the change.",
        ),
        ViewSaveError::Store(error) => error.into(),
    }
}

/// `None` for a page that only a newer version knows.
fn wire(user: &SignedIn, view: SavedView) -> Option<View> {
    let SavedView { id, user_id, owner, page, body, version, created_at: _, updated_at } = view;
    let own = user_id == user.user_id;
    Some(View {
        id,
        page: page_named(&page)?,
        name: body.name,
        query: body.query,
        shared: body.is_shared,
        // What others open a page with is their affair.
        default: body.is_default && own,
        owner,
        own,
        version,
        updated_at,
    })
}

fn page_named(name: &str) -> Option<ViewPage> {
    ViewPage::deserialize(StrDeserializer::<serde::de::value::Error>::new(name)).ok()
}
