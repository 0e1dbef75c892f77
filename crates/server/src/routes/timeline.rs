//! What happened, newest first.

use axum::{Json, extract::State};
use jiff::Timestamp;
use muster_api::{Page, resource::TimelineQuery};
use muster_estate::Snapshot;
use muster_model::{ChangeId, ChangeKind, ResourceChange, ResourceId};
use muster_store::{ChangeCursor, ChangeQuery};
use strum::VariantArray;

use crate::{
    app::App,
    auth::caller::Caller,
    cursor::TimeCursor,
    extract::{Query, ResourcePath, unknown_resource},
    inventory::{
        filter::{names, words},
        page::limit,
    },
    problem::ApiError,
    span::parse_time,
};

const DEFAULT_ROWS: u32 = 50;
const MAX_ROWS: u32 = 500;

/// Lists what happened to one resource, newest first.
#[utoipa::path(
    get,
    path = "/api/resources/{id}/timeline",
    tag = "inventory",
    params(("id" = ResourceId, Path, description = "The resource, by its id or a former one."), TimelineQuery),
    responses((status = 200, body = Page<ResourceChange>, description = "One page.")),
)]
pub(crate) async fn get_resource_timeline(
    State(app): State<App>,
    caller: Caller,
    ResourcePath(id): ResourcePath,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<Page<ResourceChange>>, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    let resources = everywhere_it_was(&app, &caller, &snapshot, id).await?;
    page(&app, &caller, &snapshot, Some(resources), &query).await
}

/// Lists what happened to any resource, newest first.
#[utoipa::path(
    get,
    path = "/api/resources/timeline",
    tag = "inventory",
    params(TimelineQuery),
    responses((status = 200, body = Page<ResourceChange>, description = "One page.")),
)]
pub(crate) async fn list_timeline(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<Page<ResourceChange>>, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    page(&app, &caller, &snapshot, None, &query).await
}

/// The ids under which a resource has rows. What was removed has left the snapshot and keeps its timeline.
async fn everywhere_it_was(
    app: &App,
    caller: &Caller,
    snapshot: &Snapshot,
    id: ResourceId,
) -> Result<Vec<ResourceId>, ApiError> {
    if let Some(row) = snapshot.get(id) {
        return Ok(std::iter::once(row.id).chain(snapshot.aliases_of(row.id).iter().copied()).collect());
    }
    let any = ChangeQuery { resources: Some(vec![id]), ..ChangeQuery::newest(1) };
    let known = !app.store().change_list(&caller.tenant, &any).await?.is_empty();
    if known { Ok(vec![id]) } else { Err(unknown_resource()) }
}

async fn page(
    app: &App,
    caller: &Caller,
    snapshot: &Snapshot,
    resources: Option<Vec<ResourceId>>,
    query: &TimelineQuery,
) -> Result<Json<Page<ResourceChange>>, ApiError> {
    let limit = limit(query.limit, DEFAULT_ROWS, MAX_ROWS)?;
    let list = list_name(resources.as_deref(), query);
    let wanted = ChangeQuery {
        resources,
        kinds: kinds(query)?,
        since: since(query)?,
        before: before(query, &list)?,
        limit: u32::try_from(limit + 1).expect("a page is small"),
    };
    let mut items = app.store().change_list(&caller.tenant, &wanted).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next_page_token = last.map(|last| TimeCursor { at: last.observed_at, id: last.id.0 }.token(&list));
    Ok(Json(Page { items, next_page_token, revision: snapshot.revision() }))
}

/// Filters decide which list a page token belongs to.
fn list_name(resources: Option<&[ResourceId]>, query: &TimelineQuery) -> String {
    let resource = resources.and_then(<[_]>::first).map(ToString::to_string).unwrap_or_default();
    let part = |value: &Option<String>| value.clone().unwrap_or_default();
    format!("timeline|{resource}|{}|{}", part(&query.kind), part(&query.since))
}

fn kinds(query: &TimelineQuery) -> Result<Vec<ChangeKind>, ApiError> {
    words("kind", query.kind.as_deref(), |word| word.parse().ok(), &names(ChangeKind::VARIANTS))
}

fn since(query: &TimelineQuery) -> Result<Option<Timestamp>, ApiError> {
    query.since.as_deref().map(|text| parse_time("since", text)).transpose()
}

fn before(query: &TimelineQuery, list: &str) -> Result<Option<ChangeCursor>, ApiError> {
    let read = |token: &String| {
        let cursor = TimeCursor::read(token, list)?;
        Ok(ChangeCursor { observed_at: cursor.at, id: ChangeId(cursor.id) })
    };
    query.page_token.as_ref().map(read).transpose()
}
