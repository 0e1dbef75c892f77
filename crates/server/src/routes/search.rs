//! Finding a resource by whatever people know of it.

use axum::{Json, extract::State};
use muster_api::search::{SearchQuery, SearchResults};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{Query, within},
    inventory::{search::Words, terms},
    problem::ApiError,
};

const DEFAULT_HITS: u32 = 20;
const MOST_HITS: u32 = 100;

/// Finds resources by name, address, hardware address, serial number, key, tag or id.
#[utoipa::path(
    get,
    path = "/api/search",
    tag = "inventory",
    params(SearchQuery),
    responses((status = 200, body = SearchResults, description = "What was found, the best first.")),
)]
pub(crate) async fn search_resources(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<Json<SearchResults>, ApiError> {
    terms::check_length(&query.q)?;
    let limit = within("limit", query.limit.unwrap_or(DEFAULT_HITS), 1..=MOST_HITS)?;
    let words = Words::read(&query.q);
    let snapshot = app.engine().snapshot(&caller.tenant);
    // A large estate takes a while to look through; other requests of this thread must not wait for it.
    let found = tokio::task::spawn_blocking(move || words.search(&snapshot, limit as usize));
    found.await.map(Json).map_err(ApiError::internal)
}
