//! Who is who: what is open, what people decide, and what stands of it (R-12, D-5, D-7).

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    identity::{Conflict, Decision, IdentityQuery, InsideRequest, PairRequest, SplitRequest, WithdrawQuery},
};
use muster_estate::{Leaving, Wish};
use muster_model::{ResourceId, Ruling, RulingId};
use serde_json::{Value, json};

use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        caller::Caller,
    },
    cursor::{PairCursor, TimeCursor},
    extract::{Id, JsonBody, Query, ResourcePath},
    identity::{self, shown},
    inventory::page::limit,
    problem::ApiError,
};

const DEFAULT_ROWS: u32 = 50;
const MAX_ROWS: u32 = 500;

const CONFLICTS: &str = "conflicts";
const RULINGS: &str = "rulings";

/// Lists pairs of resources of which it is not certain what they are to each other, surest first.
#[utoipa::path(
    get,
    path = "/api/conflicts",
    tag = "identity",
    params(IdentityQuery),
    responses((status = 200, body = Page<Conflict>, description = "One page.")),
)]
pub(crate) async fn list_conflicts(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<IdentityQuery>,
) -> Result<Json<Page<Conflict>>, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    let limit = limit(query.limit, DEFAULT_ROWS, MAX_ROWS)?;
    let after = query.page_token.as_deref().map(|token| PairCursor::read(token, CONFLICTS)).transpose()?;
    let all = snapshot.conflicts();
    let begin = after.map_or(0, |after| all.partition_point(|conflict| PairCursor::of(conflict) <= after));
    let page = &all[begin..all.len().min(begin + limit)];
    let last = page.last().filter(|_| begin + page.len() < all.len());
    Ok(Json(Page {
        items: page.iter().filter_map(|conflict| shown(&snapshot, conflict)).collect(),
        next_page_token: last.map(|last| PairCursor::of(last).token(CONFLICTS)),
        revision: snapshot.revision(),
    }))
}

/// Lists what people have decided and not taken back, newest first.
#[utoipa::path(
    get,
    path = "/api/rulings",
    tag = "identity",
    params(IdentityQuery),
    responses((status = 200, body = Page<Ruling>, description = "One page.")),
)]
pub(crate) async fn list_rulings(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<IdentityQuery>,
) -> Result<Json<Page<Ruling>>, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    let limit = limit(query.limit, DEFAULT_ROWS, MAX_ROWS)?;
    let after = query.page_token.as_deref().map(|token| TimeCursor::read(token, RULINGS)).transpose()?;
    let rest = snapshot.rulings().skip_while(|ruling| after.is_some_and(|after| ruling.id.0 >= after.id));
    let mut items: Vec<Ruling> = rest.take(limit + 1).cloned().collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next_page_token = last.map(|last| TimeCursor { at: last.at, id: last.id.0 }.token(RULINGS));
    Ok(Json(Page { items, next_page_token, revision: snapshot.revision() }))
}

/// Says that two resources are one, whatever speaks against it. The older id stays, the other one leads to it. Asking twice
/// changes nothing.
#[utoipa::path(
    post,
    path = "/api/conflicts/join",
    tag = "identity",
    request_body = PairRequest,
    responses((status = 200, body = Decision, description = "They are one.")),
)]
pub(crate) async fn join_resources(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<PairRequest>,
) -> Result<Json<Decision>, ApiError> {
    let PairRequest { first, second, note } = request;
    decide(&app, caller, audit, (Wish::Join { first, second }, note)).await.map(Json)
}

/// Says that two resources are not one, or that a host does not run inside a guest. That wins over all evidence until it is
/// taken back. Asking twice changes nothing.
#[utoipa::path(
    post,
    path = "/api/conflicts/distinct",
    tag = "identity",
    request_body = PairRequest,
    responses((status = 200, body = Decision, description = "They are two.")),
)]
pub(crate) async fn set_resources_apart(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<PairRequest>,
) -> Result<Json<Decision>, ApiError> {
    let PairRequest { first, second, note } = request;
    decide(&app, caller, audit, (Wish::SetApart { first, second }, note)).await.map(Json)
}

/// Says that a host is the system inside a guest. They stay two resources, and are related. Asking twice changes nothing.
#[utoipa::path(
    post,
    path = "/api/conflicts/inside",
    tag = "identity",
    request_body = InsideRequest,
    responses((status = 200, body = Decision, description = "They are related.")),
)]
pub(crate) async fn place_host_inside(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<InsideRequest>,
) -> Result<Json<Decision>, ApiError> {
    let InsideRequest { host, guest, note } = request;
    decide(&app, caller, audit, (Wish::PlaceInside { host, guest }, note)).await.map(Json)
}

/// Takes records out of a resource, or a join apart. What leaves goes to the former id that it came with, else to a new one;
/// the two are ruled apart from then on. What was measured while they were one stays with the resource that stays. Asking
/// twice changes nothing.
#[utoipa::path(
    post,
    path = "/api/resources/{id}/split",
    tag = "identity",
    params(("id" = ResourceId, Path, description = "The resource, by its id or a former one.")),
    request_body = SplitRequest,
    responses((status = 200, body = Decision, description = "They are two; `second` of the ruling is what left.")),
)]
pub(crate) async fn split_resource(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    ResourcePath(id): ResourcePath,
    JsonBody(request): JsonBody<SplitRequest>,
) -> Result<Json<Decision>, ApiError> {
    let SplitRequest { former_id, records, note } = request;
    let leaving = match former_id {
        Some(former) if records.is_empty() => Leaving::Former(former),
        Some(_) => {
            let message = "name a former id or records, not both";
            return Err(ApiError::field(ProblemCode::InvalidValue, "/records", message));
        }
        None => Leaving::Records(records),
    };
    decide(&app, caller, audit, (Wish::Split { resource: id, leaving }, note)).await.map(Json)
}

/// Takes a ruling back. What it kept from happening may happen at once. A join is taken back by a split instead.
#[utoipa::path(
    delete,
    path = "/api/rulings/{id}",
    tag = "identity",
    params(("id" = RulingId, Path, description = "The ruling."), WithdrawQuery),
    responses((status = 204, description = "Taken back.")),
)]
pub(crate) async fn withdraw_ruling(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
    Query(query): Query<WithdrawQuery>,
) -> Result<StatusCode, ApiError> {
    let asked = (Wish::Withdraw { ruling: RulingId(id) }, query.note);
    decide(&app, caller, audit, asked).await.map(|_| StatusCode::NO_CONTENT)
}

/// What a person asks for, and why.
type Asked = (Wish, Option<String>);

/// Carries an order out and records it, to the end, also where whoever asked leaves meanwhile. Every order that is not refused
/// is recorded, what stood already and what could not be stored yet included. Where a row could not be written, asking
/// again writes one; only a ruling that was taken back is unknown from then on, and the two timelines alone tell of it.
async fn decide(app: &App, caller: Caller, audit: Audit, (wish, note): Asked) -> Result<Decision, ApiError> {
    let owned = app.clone();
    let work = async move {
        let decided = identity::rule(&owned, &caller, &wish, note.as_deref()).await?;
        let target = target(&wish, decided.as_ref());
        let action = Action::done(action(&wish), &target).with(detail(&wish, note.as_deref(), decided.as_ref()));
        let written = audit.write(&owned, &caller.tenant, action).await;
        let decision = decided.ok_or_else(identity::not_stored)?;
        written.map(|()| decision)
    };
    app.connections().finish(work).await
}

/// What the audit log calls it.
fn action(wish: &Wish) -> &'static str {
    match wish {
        Wish::Join { .. } => "identity.join",
        Wish::SetApart { .. } => "identity.distinct",
        Wish::PlaceInside { .. } => "identity.inside",
        Wish::Split { .. } => "identity.split",
        Wish::Withdraw { .. } => "identity.withdraw",
    }
}

/// The resource that it is about; of a ruling that was taken back without its being stored only the ruling is known.
fn target(wish: &Wish, decided: Option<&Decision>) -> String {
    match wish {
        Wish::Join { first: id, .. }
        | Wish::SetApart { first: id, .. }
        | Wish::PlaceInside { host: id, .. }
        | Wish::Split { resource: id, .. } => id.to_string(),
        Wish::Withdraw { ruling } => {
            decided.map_or_else(|| ruling.0.to_string(), |decision| decision.ruling.verdict.pair()[0].to_string())
        }
    }
}

fn detail(wish: &Wish, note: Option<&str>, decided: Option<&Decision>) -> Value {
    let mut detail = named(wish);
    detail["note"] = json!(note);
    detail["stored"] = json!(decided.is_some());
    if let Some(Decision { ruling, is_new, against }) = decided {
        detail["ruling"] = json!(ruling.id);
        detail["resources"] = json!(ruling.verdict.pair());
        detail["against"] = json!(against);
        detail["isNew"] = json!(is_new);
    }
    detail
}

/// What the order itself names.
fn named(wish: &Wish) -> Value {
    match wish {
        Wish::Join { first, second } | Wish::SetApart { first, second } => json!({ "resources": [first, second] }),
        Wish::PlaceInside { host, guest } => json!({ "resources": [host, guest] }),
        Wish::Split { resource, leaving: Leaving::Former(former) } => {
            json!({ "resources": [resource], "formerId": former })
        }
        Wish::Split { resource, leaving: Leaving::Records(records) } => {
            json!({ "resources": [resource], "records": records })
        }
        Wish::Withdraw { ruling } => json!({ "ruling": ruling }),
    }
}
