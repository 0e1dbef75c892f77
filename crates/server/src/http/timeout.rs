//! No request takes for ever: neither a slow handler nor a body that trickles in.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use muster_api::ProblemCode;

use crate::{app::App, problem::ApiError};

/// Routes that take as long as there is work, of which few run at a time: one that reads a body of any length, and gives up
/// by itself on one that does not move, and one that reads all that is stored.
const UNHURRIED: [&str; 2] = ["/api/history/import", "/api/audit/verify"];

/// Routes that wait for somebody else's server, longer than for our own work and not for ever: tests and probes of
/// connections have deadlines of their own.
fn waits_for_others(path: &str) -> bool {
    path.strip_prefix("/api/connections/").is_some_and(|rest| rest == "probe" || rest.ends_with("/test"))
}

/// The layer. A handler that runs out of time is dropped, which cancels what it waits for.
pub(crate) async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if UNHURRIED.contains(&path) || waits_for_others(path) {
        return next.run(request).await;
    }
    tokio::select! {
        response = next.run(request) => response,
        () = app.clock().sleep(app.limits().request_timeout) => {
            ApiError::new(ProblemCode::Timeout, "The request took too long; ask for less or try again.").into_response()
        }
    }
}
