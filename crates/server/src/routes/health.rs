//! For supervisors: whether the process runs, and whether it can do its work.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use muster_api::system::Health;

use crate::app::App;

/// Says that the process runs.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "system",
    responses((status = 200, body = Health, description = "It runs.")),
)]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "ok".to_owned() })
}

/// Says whether the server can do its work.
///
/// What is wrong in detail is on the System page, for those who may see it.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "system",
    responses(
        (status = 200, body = Health, description = "It can."),
        (status = 503, body = Health, description = "It cannot; `status` says what is missing."),
    ),
)]
pub(crate) async fn get_readiness(State(app): State<App>) -> Response {
    let missing = missing(&app).await;
    let status = if missing.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(Health { status: missing.unwrap_or("ok").to_owned() })).into_response()
}

async fn missing(app: &App) -> Option<&'static str> {
    if app.shutdown().begun() {
        return Some("stopping");
    }
    let store = app.store().user_count(&app.settings().tenant).await;
    store.is_err().then_some("the state database does not answer")
}
