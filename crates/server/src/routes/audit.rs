//! The audit log, for those who may read it: rows, a file of them, the ends of its chains, and a check of all of it.

use axum::{
    Json,
    extract::State,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use muster_api::{
    Page,
    audit::{AuditExportQuery, AuditHeads, AuditQuery, AuditRow, AuditVerdict, AuditVerifyQuery},
};
use muster_store::AuditCursor;
use tokio::runtime::Handle;

use crate::{
    app::App,
    audit_log::{self, Export, Format},
    auth::caller::Caller,
    cursor::TimeCursor,
    extract::Query,
    feed,
    inventory::page::limit,
    problem::ApiError,
};

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
    let list = list_of(&query);
    let token = query.page_token.as_deref().map(|token| TimeCursor::read(token, &list)).transpose()?;
    let mut question = audit_log::question(query)?;
    question.before = token.map(|cursor| AuditCursor { at: cursor.at, id: cursor.id });
    question.limit = u32::try_from(limit + 1).expect("a page is small");
    let mut rows = app.store().audit_list(&caller.tenant, &question).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_page_token = last.map(|last| TimeCursor { at: last.entry.at, id: last.entry.id }.token(&list));
    let revision = app.engine().snapshot(&caller.tenant).revision();
    Ok(Json(Page { items: rows.into_iter().map(audit_log::row).collect(), next_page_token, revision }))
}

/// Writes the audit log as a file, newest first.
#[utoipa::path(
    get,
    path = "/api/audit/export",
    tag = "access",
    params(AuditExportQuery),
    responses(
        (
            status = 200,
            description = "The file, written while it is read.",
            content((String = "application/x-ndjson"), (String = "text/csv")),
        ),
    ),
)]
pub(crate) async fn export_audit(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditExportQuery>,
) -> Result<Response, ApiError> {
    let format = Format::read(query.format.as_deref())?;
    let question = audit_log::question(audit_log::of_export(query))?;
    let export = Export { tenant: caller.tenant.clone(), query: question, format };
    let (turn, store, runtime) = (app.long_turn()?, app.store().clone(), Handle::current());
    let body = feed::body(&app, caller, turn, move |feed| export.write(&store, &runtime, feed));
    let disposition = format!("attachment; filename=\"{}\"", format.file_name());
    Ok(([(CONTENT_TYPE, format.content_type().to_owned()), (CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// Shows the ends of the audit log's chains, to be noted elsewhere.
#[utoipa::path(
    get,
    path = "/api/audit/head",
    tag = "access",
    responses((status = 200, body = AuditHeads, description = "The ends, one for each chain.")),
)]
pub(crate) async fn get_audit_head(State(app): State<App>, caller: Caller) -> Result<Json<AuditHeads>, ApiError> {
    let heads = app.store().audit_heads(&caller.tenant).await?;
    Ok(Json(AuditHeads { heads: audit_log::heads(&heads) }))
}

/// Recomputes the whole chain and says what is wrong.
#[utoipa::path(
    get,
    path = "/api/audit/verify",
    tag = "access",
    params(AuditVerifyQuery),
    responses((status = 200, body = AuditVerdict, description = "What the check found.")),
)]
pub(crate) async fn verify_audit(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditVerifyQuery>,
) -> Result<Json<AuditVerdict>, ApiError> {
    let anchors = audit_log::anchors(query.anchor.as_deref())?;
    let _turn = app.long_turn()?;
    let verdict = app.store().audit_verify(&caller.tenant, &anchors).await?;
    Ok(Json(audit_log::verdict(verdict)))
}

/// The list's name for its page tokens: a token for other filters would leave rows out.
fn list_of(query: &AuditQuery) -> String {
    let AuditQuery { actor, action, target, outcome, stream, from, to, q, limit: _, page_token: _ } = query;
    format!("audit {:?}", [actor, action, target, outcome, stream, from, to, q])
}
