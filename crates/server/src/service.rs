//! Everything around the routes, from the outside in: whose request it is, request id and log span, problem answers, security
//! headers, panics, request limits, host check, time limit; then the route with its policy, or a file of the web application.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    app::App,
    assets,
    http::{arrival, headers, host, limits, timeout},
    metrics_out::requests,
    problem, request_id, routes,
};

/// The whole application as one service.
pub(crate) fn service(app: App) -> Router {
    let routes = routes::table().into_router(&app).fallback(assets::fallback);
    routes
        .layer(from_fn_with_state(app.clone(), timeout::limit))
        .layer(from_fn_with_state(app.clone(), host::check))
        .layer(from_fn_with_state(app.clone(), limits::check))
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(from_fn_with_state(app.clone(), headers::add))
        .layer(from_fn(problem::answer))
        .layer(from_fn_with_state(app.clone(), requests::measure))
        .layer(from_fn_with_state(app.clone(), request_id::assign))
        .layer(from_fn_with_state(app.clone(), arrival::settle))
        .with_state(app)
}
