//! Opens the live stream.

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};
use muster_api::{ProblemCode, live::LiveQuery};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::Query,
    live::{Client, LivePolicy, MAX_CLIENT_FRAME},
    problem::ApiError,
    serve::HeldSlot,
};

/// Opens the live stream: a websocket with one JSON text per frame.
///
/// The server sends `ServerFrame`s, the client `ClientFrame`s.
#[utoipa::path(
    get,
    path = "/ws",
    tag = "inventory",
    params(LiveQuery),
    responses((status = 101, description = "The stream is open; the first frame is `state` unless `since` could be honoured.")),
)]
pub(crate) async fn open_live_stream(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<LiveQuery>,
    slot: Option<Extension<HeldSlot>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| ApiError::new(ProblemCode::InvalidQuery, "Open this path as a websocket."))?;
    let revoked = app.revocations().listen();
    let client = Client { app: app.clone(), caller, query, revoked, policy: LivePolicy::STANDARD };
    let upgrade = upgrade.max_message_size(MAX_CLIENT_FRAME).max_frame_size(MAX_CLIENT_FRAME);
    let open = app.live_streams().token();
    Ok(upgrade.on_upgrade(|socket| async move {
        client.run(socket).await;
        drop((open, slot));
    }))
}
