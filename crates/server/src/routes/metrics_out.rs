//! Metrics for a scraper. It sends an API token: browser sessions do not work here (the credential table).

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use muster_api::ProblemCode;

use crate::{
    app::App,
    auth::caller::{Caller, Principal},
    feed,
    metrics_out::{self, Format, Health},
    problem::ApiError,
};

/// Whether the answer tells of the estate as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Server,
    Estate,
}

/// Metrics of the server itself and of the whole estate, in Prometheus' text format or OpenMetrics.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "metrics",
    responses(
        (
            status = 200,
            description = "The metrics, written while they are read.",
            content((String = "text/plain"), (String = "application/openmetrics-text")),
        ),
    ),
)]
pub(crate) async fn get_metrics(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    answer(&app, caller, &headers, Reach::Estate).await
}

/// Metrics of the server itself, in Prometheus' text format or OpenMetrics.
#[utoipa::path(
    get,
    path = "/metrics/server",
    tag = "metrics",
    responses(
        (
            status = 200,
            description = "The metrics.",
            content((String = "text/plain"), (String = "application/openmetrics-text")),
        ),
    ),
)]
pub(crate) async fn get_server_metrics(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    answer(&app, caller, &headers, Reach::Server).await
}

async fn answer(app: &App, caller: Caller, headers: &HeaderMap, reach: Reach) -> Result<Response, ApiError> {
    match &caller.principal {
        Principal::Token { .. } | Principal::Federated(_) => {}
        Principal::User(_) => {
            let detail = "Send an API token; a browser session does not work here.";
            return Err(ApiError::new(ProblemCode::Forbidden, detail));
        }
    }
    let turn = app.scrape_turn()?;
    let format = Format::accepted(headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()));
    let health = Health::ask(app, &caller.tenant).await?;
    let snapshot = app.engine().snapshot(&caller.tenant);
    let body = feed::body(app, caller, turn, move |feed| {
        let estate = (reach == Reach::Estate).then(|| Arc::clone(&snapshot));
        metrics_out::write(&health, estate.as_deref(), format, feed);
        Ok::<(), Infallible>(())
    });
    Ok(([(header::CONTENT_TYPE, format.content_type())], body).into_response())
}
