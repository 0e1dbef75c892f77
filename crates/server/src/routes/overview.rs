//! The estate at a glance.

use axum::{
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use muster_api::overview::Overview;
use muster_model::Scope;

use crate::{app::App, auth::caller::Caller, inventory::resource::Detail, problem::ApiError};

/// Shows how the estate is, what is wrong with it, and what cannot be seen of it.
#[utoipa::path(
    get,
    path = "/api/overview",
    tag = "inventory",
    responses(
        (status = 200, body = Overview, description = "The estate as last published."),
        (status = 304, description = "`If-None-Match` names the current answer."),
    ),
)]
pub(crate) async fn get_overview(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let detail = Detail::for_caller(caller.has(Scope::MetricsRead));
    let answer = app.overviews().answer(&app, &caller.tenant, detail).await?;
    if let Some(unchanged) = answer.tag.not_modified(&headers) {
        return Ok(unchanged);
    }
    let mut response = ([(CONTENT_TYPE, "application/json")], answer.body.clone()).into_response();
    response.headers_mut().extend([answer.tag.header()]);
    Ok(response)
}
