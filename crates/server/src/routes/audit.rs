//! The audit log, for those who may read it.

use axum::{Json, extract::State};
use muster_api::{
    Page,
    access::{AuditQuery, AuditRow},
};
use muster_store::{AuditCursor, AuditEntry};

use crate::{
    app::App, auth::caller::Caller, cursor::TimeCursor, extract::Query, inventory::page::limit, problem::ApiError,
};

const LIST: &str = "audit";
const DEFAULT_ROWS: u32 = 100;
const MAX_ROWS: u32 = 500;

/// Lists the audit log, newest first.
#[utoipa::path(
    get,
    path = "/api/audit",
    tag = "access",
    params(AuditQuery),
    responses((status = 200, body = Page<AuditRow>, description = "One page.")),
)]
pub(crate) async fn list_audit(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditRow>>, ApiError> {
    let limit = limit(query.limit, DEFAULT_ROWS, MAX_ROWS)?;
    let token = query.page_token.as_deref().map(|token| TimeCursor::read(token, LIST)).transpose()?;
    let before = token.map(|cursor| AuditCursor { at: cursor.at, id: cursor.id });
    let wanted = u32::try_from(limit + 1).expect("a page is small");
    let mut rows = app.store().audit_list(&caller.tenant, before, wanted).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_page_token = last.map(|last| TimeCursor { at: last.at, id: last.id }.token(LIST));
    let revision = app.engine().snapshot(&caller.tenant).revision();
    Ok(Json(Page { items: rows.into_iter().map(wire).collect(), next_page_token, revision }))
}

fn wire(entry: AuditEntry) -> AuditRow {
    let AuditEntry { id, at, actor, action, target, outcome, remote_addr, request_id, detail: _ } = entry;
    AuditRow { id, at, actor, action, target, outcome, remote_addr, request_id }
}
