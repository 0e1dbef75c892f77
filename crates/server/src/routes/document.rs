//! The API document, served.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::openapi::openapi_json;

/// Shows this document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "system",
    responses((status = 200, body = serde_json::Value, description = "The document.")),
)]
pub(crate) async fn get_openapi() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], openapi_json()).into_response()
}
