//! Connected infrastructure: what is connected in which way, and the machines that people ignore.

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    infrastructure::{ConnectedSystem, MachineReference},
};
use muster_estate::controlled;
use muster_model::{IgnorableKind, IgnoredMachine};
use serde_json::json;

use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        caller::Caller,
    },
    connections,
    extract::JsonBody,
    inventory::infrastructure,
    problem::ApiError,
};

/// Lists top-level systems with the ways in which each is connected, then the machines that are ignored.
#[utoipa::path(
    get,
    path = "/api/connected-infrastructure",
    tag = "connections",
    responses((status = 200, body = Page<ConnectedSystem>, description = "Systems by name, then what is ignored by name.")),
)]
pub(crate) async fn list_connected_infrastructure(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Page<ConnectedSystem>>, ApiError> {
    let (snapshot, ignored) = (app.engine().snapshot(&caller.tenant), app.engine().ignored(&caller.tenant));
    // Finding the systems of a large estate takes a while; other requests of this thread must not wait for it.
    let page = tokio::task::spawn_blocking(move || Page {
        items: infrastructure::rows(&snapshot, &ignored),
        next_page_token: None,
        revision: snapshot.revision(),
    });
    page.await.map(Json).map_err(ApiError::internal)
}

/// Ignores a machine: what its agent, Docker engine or cluster has reported leaves the picture, and later reports are refused
/// until somebody restores it. What platforms report of it stays. Asking twice changes nothing.
#[utoipa::path(
    post,
    path = "/api/connected-infrastructure/ignore",
    tag = "connections",
    request_body = MachineReference,
    responses((status = 200, body = ConnectedSystem, description = "The row of what is ignored.")),
)]
pub(crate) async fn ignore_machine(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<MachineReference>,
) -> Result<Json<ConnectedSystem>, ApiError> {
    let (kind, control_id) = named(&request)?;
    let Some(machine) = connected(&app, &caller, kind, control_id).await? else {
        let there = ignored(&app, &caller, kind, control_id).ok_or_else(|| unknown(kind, "is connected"))?;
        return Ok(Json(infrastructure::ignored_row(&there)));
    };
    let action = Action::done("infrastructure.ignore", &machine.name).with(detail(kind, control_id));
    let recorded = audit.recorded(&app, &caller.tenant, action);
    let ignored = connections::ignore(&app, recorded, &caller.tenant, machine).await?;
    Ok(Json(infrastructure::ignored_row(&ignored)))
}

/// Listens to an ignored machine again, from its next report on.
#[utoipa::path(
    post,
    path = "/api/connected-infrastructure/restore",
    tag = "connections",
    request_body = MachineReference,
    responses((status = 204, description = "Restored.")),
)]
pub(crate) async fn restore_machine(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<MachineReference>,
) -> Result<StatusCode, ApiError> {
    let (kind, control_id) = named(&request)?;
    let name = ignored(&app, &caller, kind, control_id).map_or_else(|| control_id.to_owned(), |there| there.name);
    let action = Action::done("infrastructure.restore", &name).with(detail(kind, control_id));
    let recorded = audit.recorded(&app, &caller.tenant, action);
    let (who, what) = ((&caller.tenant, caller.actor()), (kind, control_id.to_owned()));
    if !connections::restore(&app, recorded, who, what).await? {
        return Err(unknown(kind, "is ignored"));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What is asked about, if it can be ignored at all.
fn named(request: &MachineReference) -> Result<(IgnorableKind, &str), ApiError> {
    let kind = IgnorableKind::of(request.kind).ok_or_else(|| {
        let message = "only `agent`, `docker` and `kubernetes` are ignored machine by machine; what a platform's connection \
                       reports goes when that connection is disabled or removed";
        ApiError::field(ProblemCode::InvalidValue, "/kind", message)
    })?;
    match request.control_id.trim() {
        "" => Err(ApiError::field(ProblemCode::InvalidValue, "/controlId", "give the surface's `controlId`")),
        control_id => Ok((kind, control_id)),
    }
}

/// What is ignored, as far as the engine knows.
fn ignored(app: &App, caller: &Caller, kind: IgnorableKind, control_id: &str) -> Option<IgnoredMachine> {
    let all = app.engine().ignored(&caller.tenant);
    all.iter().find(|it| (it.kind, it.control_id.as_str()) == (kind, control_id)).cloned()
}

/// What would be ignored, if it is connected. It has the name of its system: by that it was found, and will be again.
async fn connected(
    app: &App,
    caller: &Caller,
    kind: IgnorableKind,
    control_id: &str,
) -> Result<Option<IgnoredMachine>, ApiError> {
    let (snapshot, control_id) = (app.engine().snapshot(&caller.tenant), control_id.to_owned());
    let (ignored_at, ignored_by) = (app.now(), caller.actor());
    let found = tokio::task::spawn_blocking(move || {
        let (system, surface) = controlled(&snapshot, kind, &control_id)?;
        let (source, name, resource) = (surface.source.clone(), system.name.to_string(), surface.resource);
        let hostname = system.hostname.as_ref().map(ToString::to_string);
        Some(IgnoredMachine { kind, control_id, source, name, hostname, resource, ignored_at, ignored_by })
    });
    found.await.map_err(ApiError::internal)
}

fn detail(kind: IgnorableKind, control_id: &str) -> serde_json::Value {
    json!({"kind": kind, "controlId": control_id})
}

fn unknown(kind: IgnorableKind, what: &str) -> ApiError {
    let message = format!("no {kind} of this id {what}; `GET /api/connected-infrastructure` lists what there is");
    ApiError::field(ProblemCode::NotFound, "/controlId", message)
}
