//! One id for each request: in its log lines, its problem answer, its audit rows and the `X-Request-Id` header.
//!
//! Always generated here. An id that a client sends is ignored, since it could forge log lines.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::HeaderValue,
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, info_span};
use uuid::Uuid;

use crate::{app::App, remote::RemoteAddr};

const HEADER: &str = "x-request-id";

/// The id of the request at hand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestId(pub(crate) Uuid);

/// Gives the request its id and a tracing span. The span names the path and never the query, which may hold what a
/// person searched for.
pub(crate) async fn assign(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = app.new_id();
    request.extensions_mut().insert(RequestId(id));
    let client = request.extensions().get::<RemoteAddr>().map(|remote| tracing::field::display(remote.0.ip()));
    let (method, path) = (request.method(), request.uri().path());
    let span = info_span!("request", request.id = %id, client.address = client, %method, path);
    let started = app.clock().monotonic();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = app.clock().monotonic().saturating_sub(started);
    span.in_scope(|| finished(&response, took));
    let value = HeaderValue::from_str(&id.to_string()).expect("a UUID is a valid header value");
    response.headers_mut().insert(HEADER, value);
    response
}

fn finished(response: &Response, took: Duration) {
    tracing::debug!(status = response.status().as_u16(), took_ms = took.as_millis(), "request finished");
}
