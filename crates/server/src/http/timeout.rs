//! No request takes for ever: neither a slow handler nor a body that trickles in.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use muster_api::ProblemCode;

use crate::{app::App, problem::ApiError};

/// Routes that read a body of any length. They give up by themselves on one that does not move.
const UNHURRIED: [&str; 1] = ["/api/history/import"];

/// The layer. A handler that runs out of time is dropped, which cancels what it waits for.
pub(crate) async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    if UNHURRIED.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    tokio::select! {
        response = next.run(request) => response,
        () = app.clock().sleep(app.settings().request_timeout) => {
            ApiError::new(ProblemCode::Timeout, "The request took too long; ask for less or try again.").into_response()
        }
    }
}
