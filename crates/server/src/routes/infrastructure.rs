//! Connected infrastructure: what is connected in which way, and the machines that people ignore.

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    infrastructure::{ConnectedSystem, MachineReference},
};
use muster_estate::{Surface, controlled};
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
    let rows = infrastructure::rows(&snapshot, &ignored);
    Ok(Json(app.whole_list(&caller.tenant, rows.into_iter())))
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
    let snapshot = app.engine().snapshot(&caller.tenant);
    let Some(surface) = controlled(&snapshot, kind, control_id) else {
        let ignored = app.engine().ignored(&caller.tenant);
        let there = ignored.iter().find(|it| (it.kind, it.control_id.as_str()) == (kind, control_id));
        return there
            .map(|there| Json(infrastructure::ignored_row(there)))
            .ok_or_else(|| unknown(kind, "is connected"));
    };
    let machine = machine(&app, &caller, kind, surface);
    let action = Action::done("infrastructure.ignore", &machine.name).with(detail(kind, control_id));
    let recorded = audit.recorded(&app, &caller.tenant, action);
    let ignored = connections::ignore(&app, recorded, &caller.tenant, machine.clone()).await?;
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
    let ignored = app.engine().ignored(&caller.tenant);
    let there = ignored.iter().find(|it| (it.kind, it.control_id.as_str()) == (kind, control_id));
    let name = there.map_or(control_id, |there| there.name.as_str());
    let action = Action::done("infrastructure.restore", name).with(detail(kind, control_id));
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

fn machine(app: &App, caller: &Caller, kind: IgnorableKind, surface: &Surface) -> IgnoredMachine {
    IgnoredMachine {
        kind,
        control_id: surface.source.connection().to_owned(),
        source: surface.source.clone(),
        name: surface.label.to_string(),
        resource: surface.resource,
        ignored_at: app.now(),
        ignored_by: caller.actor(),
    }
}

fn detail(kind: IgnorableKind, control_id: &str) -> serde_json::Value {
    json!({"kind": kind, "controlId": control_id})
}

fn unknown(kind: IgnorableKind, what: &str) -> ApiError {
    let message = format!("no {kind} of this id {what}; `GET /api/connected-infrastructure` lists what there is");
    ApiError::field(ProblemCode::NotFound, "/controlId", message)
}
