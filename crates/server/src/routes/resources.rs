//! The inventory: lists of resources, and one resource.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use muster_api::{
    Page,
    resource::{Resource, ResourceDetailQuery, ResourceQuery},
};
use muster_estate::Snapshot;
use muster_model::{ResourceId, Scope};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{Query, ResourcePath, unknown_resource},
    inventory::{
        etag::EntityTag,
        filter::Filter,
        page,
        resource::{Detail, Written, resource},
    },
    problem::ApiError,
};

/// What a row with readings takes as text, generously.
const ROW_BYTES: usize = 3 * 1024;

/// Lists resources, in the order of their names.
#[utoipa::path(
    get,
    path = "/api/resources",
    tag = "inventory",
    params(ResourceQuery),
    responses(
        (status = 200, body = Page<Resource>, description = "One page."),
        (status = 304, description = "`If-None-Match` names the current list (only with `fields=facts`)."),
    ),
)]
pub(crate) async fn list_resources(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<ResourceQuery>,
) -> Result<Response, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    let fields = Fields::read(query.fields.as_deref())?;
    let filter = Filter::read(&query, &snapshot)?;
    let page = page::Request::read(&query)?;
    let tag = fields.tag(&snapshot, || page.question(&query));
    if let Some(answer) = not_modified(tag.as_ref(), &headers) {
        return Ok(answer);
    }
    let detail = fields.detail(&caller);
    let text = if filter.is_empty() {
        text(&snapshot, &page, &filter, detail)
    } else {
        // Looking through a large estate takes a while; other requests of this thread must not wait for it.
        let search = tokio::task::spawn_blocking(move || text(&snapshot, &page, &filter, detail));
        search.await.map_err(ApiError::internal)?
    };
    let text = text.map_err(ApiError::internal)?;
    Ok(with_tag(tag, ([(CONTENT_TYPE, "application/json")], text).into_response()))
}

/// Writes a page row by row into one buffer that hardly ever has to grow.
fn text(snapshot: &Snapshot, page: &page::Request, filter: &Filter, detail: Detail) -> serde_json::Result<Vec<u8>> {
    let page::Rows { rows, next } = page.rows(snapshot, filter);
    let items: Vec<_> = rows.into_iter().map(|row| Written { snapshot, row, detail }).collect();
    let mut text = Vec::with_capacity(256 + items.len() * ROW_BYTES);
    serde_json::to_writer(&mut text, &Page { items, next_page_token: next, revision: snapshot.revision() })?;
    Ok(text)
}

/// Shows one resource.
#[utoipa::path(
    get,
    path = "/api/resources/{id}",
    tag = "inventory",
    params(("id" = ResourceId, Path, description = "The resource, by its id or a former one."), ResourceDetailQuery),
    responses(
        (status = 200, body = Resource, description = "The resource."),
        (status = 304, description = "`If-None-Match` names the current resource (only with `fields=facts`)."),
    ),
)]
pub(crate) async fn get_resource(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    ResourcePath(id): ResourcePath,
    Query(query): Query<ResourceDetailQuery>,
) -> Result<Response, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    let fields = Fields::read(query.fields.as_deref())?;
    let row = snapshot.get(id).ok_or_else(unknown_resource)?;
    let tag = fields.tag(&snapshot, || row.id.to_string());
    if let Some(answer) = not_modified(tag.as_ref(), &headers) {
        return Ok(answer);
    }
    let rulings = snapshot.rulings_of(row.id).cloned().collect();
    let body = Resource { rulings, ..resource(&snapshot, row, fields.detail(&caller)) };
    Ok(with_tag(tag, Json(body).into_response()))
}

/// What `fields` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fields {
    All,
    Facts,
}

impl Fields {
    fn read(text: Option<&str>) -> Result<Self, ApiError> {
        match text {
            None => Ok(Self::All),
            Some("facts") => Ok(Self::Facts),
            Some(_) => Err(ApiError::query("fields", "use `facts`, or leave it out for everything")),
        }
    }

    /// Only facts have a tag: readings change with every sweep (D-1).
    fn tag(self, snapshot: &Snapshot, question: impl FnOnce() -> String) -> Option<EntityTag> {
        match self {
            Self::All => None,
            Self::Facts => Some(EntityTag::of(snapshot, &question())),
        }
    }

    fn detail(self, caller: &Caller) -> Detail {
        match self {
            Self::Facts => Detail::Facts,
            Self::All => Detail::for_caller(caller.has(Scope::MetricsRead)),
        }
    }
}

fn not_modified(tag: Option<&EntityTag>, headers: &HeaderMap) -> Option<Response> {
    tag?.not_modified(headers)
}

fn with_tag(tag: Option<EntityTag>, mut response: Response) -> Response {
    response.headers_mut().extend(tag.map(|tag| tag.header()));
    response
}
