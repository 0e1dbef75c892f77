//! Connections to platforms: what somebody has set up, and how polling goes.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    Page, ProblemCode,
    access::Secret,
    connection::{Connection, ConnectionAuth, ConnectionChange, MemoryQuery, NewConnection, ProbeRequest, ProbeResult},
};
use muster_collect::AskError;
use muster_model::{ConnectionId, MemoryDecisions, PveOptions, TenantId};
use muster_store::StoredConnection;
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        caller::Caller,
    },
    connections::{self, Change, Draft, Wanted, facts, probed, shown, unsealed},
    extract::{Id, JsonBody, Query},
    inventory::memory,
    problem::ApiError,
};

/// The longest that somebody waits for a test. What it finds later stands in the connection's health all the same.
const TEST_DEADLINE: Duration = Duration::from_secs(60);

/// Lists the connections and how polling of each goes, by name.
#[utoipa::path(
    get,
    path = "/api/connections",
    tag = "connections",
    responses((status = 200, body = Page<Connection>, description = "The connections, without their secrets.")),
)]
pub(crate) async fn list_connections(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Page<Connection>>, ApiError> {
    let stored = app.store().connection_list(&caller.tenant).await?;
    let mut healths = app.connections().collector().healths(&caller.tenant);
    let connections = stored.into_iter().map(|stored| {
        let health = healths.remove(&stored.id);
        shown(stored, health)
    });
    Ok(Json(app.whole_list(&caller.tenant, connections)))
}

/// Shows a connection and how polling goes.
#[utoipa::path(
    get,
    path = "/api/connections/{id}",
    tag = "connections",
    params(("id" = Uuid, Path, description = "The connection.")),
    responses((status = 200, body = Connection, description = "The connection, without its secret.")),
)]
pub(crate) async fn get_connection(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Connection>, ApiError> {
    answer(&app, &caller.tenant, ConnectionId(id)).await
}

/// Tells why the memory of each node and guest of a connection, or of one of them, is the number that is shown: what was
/// read, which source was chosen, and why nothing better was there. Where an agent speaks in the platform's place, its word
/// stands beside what the platform told. Decisions that were not taken again for an hour are left out.
#[utoipa::path(
    get,
    path = "/api/connections/{id}/memory",
    tag = "connections",
    params(("id" = Uuid, Path, description = "The connection."), MemoryQuery),
    responses((status = 200, body = MemoryDecisions, description = "The decisions, in order of their keys.")),
)]
pub(crate) async fn get_connection_memory(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Query(MemoryQuery { key }): Query<MemoryQuery>,
) -> Result<Json<MemoryDecisions>, ApiError> {
    let id = ConnectionId(id);
    let source = id.source(find(&app, &caller.tenant, id).await?.platform);
    let snapshot = app.engine().snapshot(&caller.tenant);
    // A large cluster has ten thousand guests; other requests of this thread must not wait for them.
    let shown = tokio::task::spawn_blocking(move || {
        let decisions = app.connections().collector().memory(&caller.tenant, id).unwrap_or_default();
        memory::shown(&snapshot, &source, decisions, key.as_deref())
    });
    shown.await.map(Json).map_err(ApiError::internal)
}

/// Makes a connection and begins to poll it.
#[utoipa::path(
    post,
    path = "/api/connections",
    tag = "connections",
    request_body = NewConnection,
    responses((status = 201, body = Connection, description = "Made.")),
)]
pub(crate) async fn create_connection(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<NewConnection>,
) -> Result<(StatusCode, Json<Connection>), ApiError> {
    let NewConnection { platform, name, endpoints, auth, secret, pins, interval_seconds, enabled, options } = request;
    let is_enabled = enabled.unwrap_or(true);
    let draft = Draft::check(Wanted { platform, name, endpoints, auth, pins, interval_seconds, is_enabled, options })?;
    let given = connections::accept(&app, &caller, secret).await?;
    let (tenant, id, body) = (&caller.tenant, ConnectionId(app.new_id()), draft.body());
    let sealed_secret = app.vault().seal(&draft.context(tenant, id), &given.text, app.entropy());
    let detail = json!({"id": id, "platform": platform, "connection": facts(&body)});
    let recorded = audit.recorded(&app, tenant, Action::done("connection.create", &body.name).with(detail));
    let new = muster_store::NewConnection { id, platform, body: body.clone(), sealed_secret };
    connections::create(&app, recorded, new, (draft.connection(tenant, id), Ok(given.secret))).await?;
    Ok((StatusCode::CREATED, answer(&app, tenant, id).await?))
}

/// Changes a connection. What is polled changes at once.
#[utoipa::path(
    put,
    path = "/api/connections/{id}",
    tag = "connections",
    params(("id" = Uuid, Path, description = "The connection.")),
    request_body = ConnectionChange,
    responses((status = 200, body = Connection, description = "Changed.")),
)]
pub(crate) async fn update_connection(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
    JsonBody(request): JsonBody<ConnectionChange>,
) -> Result<Json<Connection>, ApiError> {
    let (tenant, id) = (&caller.tenant, ConnectionId(id));
    let stored = find(&app, tenant, id).await?;
    let ConnectionChange { name, endpoints, auth, secret, pins, interval_seconds, enabled, options, version } = request;
    let wanted = Wanted {
        platform: stored.platform,
        name,
        endpoints,
        auth,
        pins,
        interval_seconds: Some(interval_seconds),
        is_enabled: enabled,
        options: options.unwrap_or(stored.body.options),
    };
    let draft = Draft::check(wanted)?;
    let replaces_secret = secret.is_some();
    let (text, secret) = match secret {
        Some(secret) => {
            let given = connections::accept(&app, &caller, secret).await?;
            (given.text, Ok(given.secret))
        }
        None => {
            let text = kept_secret(&app, tenant, &draft, &stored)?;
            let secret = connections::resolve(app.connections().polling(), text.clone()).await;
            (text, secret)
        }
    };
    let sealed_secret = app.vault().seal(&draft.context(tenant, id), &text, app.entropy());
    let before = json!({"connection": facts(&stored.body), "secretReplaced": false});
    let after = json!({"connection": facts(&draft.body()), "secretReplaced": replaces_secret});
    let action = Action::done("connection.update", &stored.body.name).changing(&before, &after);
    let recorded = audit.recorded(&app, tenant, action);
    let change = Change { draft, version, sealed_secret, secret };
    connections::update(&app, recorded, (tenant, id), change).await?;
    answer(&app, tenant, id).await
}

/// Removes a connection. What it reported leaves the picture; its history and timeline stay.
#[utoipa::path(
    delete,
    path = "/api/connections/{id}",
    tag = "connections",
    params(("id" = Uuid, Path, description = "The connection.")),
    responses((status = 204, description = "Removed.")),
)]
pub(crate) async fn delete_connection(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let id = ConnectionId(id);
    let stored = find(&app, &caller.tenant, id).await?;
    let detail = json!({"id": id, "connection": facts(&stored.body)});
    let action = Action::done("connection.remove", &stored.body.name).with(detail);
    let recorded = audit.recorded(&app, &caller.tenant, action);
    if !connections::remove(&app, recorded, &caller.tenant, id).await? {
        return Err(ApiError::not_found("connection"));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Looks at a connection now and tells how it went. A secret that is kept elsewhere is read again.
#[utoipa::path(
    post,
    path = "/api/connections/{id}/test",
    tag = "connections",
    params(("id" = Uuid, Path, description = "The connection.")),
    responses((status = 200, body = Connection, description = "The connection after the look; `poll` tells whether it worked.")),
)]
pub(crate) async fn test_connection(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Connection>, ApiError> {
    let id = ConnectionId(id);
    find(&app, &caller.tenant, id).await?;
    let desk = app.connections();
    desk.admit(caller.credential, app.clock().monotonic())?;
    if !connections::renew(&app, &caller.tenant, id).await? {
        return Err(ApiError::not_found("connection"));
    }
    // Cancel-safe: a look that nobody waits for is finished and noted.
    let health = tokio::select! {
        health = desk.collector().test(&caller.tenant, id) => health.map_err(ask_error)?,
        () = app.clock().sleep(TEST_DEADLINE) => return Err(ApiError::new(
            ProblemCode::Timeout,
            "The look is still under way; how it goes will stand in the connection's `poll`.",
        )),
    };
    let stored = find(&app, &caller.tenant, id).await?;
    Ok(Json(shown(stored, Some(health))))
}

/// Tries a connection that need not exist: who answers, with which certificate, and what the credentials may see.
#[utoipa::path(
    post,
    path = "/api/connections/probe",
    tag = "connections",
    request_body = ProbeRequest,
    responses((status = 200, body = ProbeResult, description = "What was found. That nothing works is no error.")),
)]
pub(crate) async fn probe_connection(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    JsonBody(request): JsonBody<ProbeRequest>,
) -> Result<Json<ProbeResult>, ApiError> {
    let ProbeRequest { platform, endpoints, auth, secret, pins, connection } = request;
    // Without credentials only who answers is asked.
    let is_asked_for_rights = auth.is_some();
    let auth = auth.unwrap_or(ConnectionAuth::Password { user: "nobody@nowhere".to_owned() });
    let name = "a probe".to_owned();
    let (interval_seconds, is_enabled, options) = (None, false, PveOptions::default());
    let wanted = Wanted { platform, name, endpoints, auth, pins, interval_seconds, is_enabled, options };
    let draft = Draft::check(wanted)?;
    let secret = match is_asked_for_rights {
        true => probe_secret(&app, &caller, &draft, secret, connection).await?,
        false => None,
    };
    let desk = app.connections();
    desk.admit(caller.credential, app.clock().monotonic())?;
    let _turn = desk.probe_turn()?;
    let places = draft.body().endpoints;
    let detail = json!({"endpoints": places, "credentials": secret.is_some()});
    audit.write(&app, &caller.tenant, Action::done("connection.probe", &places[0]).with(detail)).await?;
    let id = ConnectionId(connection.unwrap_or_else(|| app.new_id()));
    let report = desk.collector().probe(&draft.connection(&caller.tenant, id), secret).await;
    Ok(Json(probed(report, app.now())))
}

/// The secret to probe with: the one that was given, or that of the connection that is being changed, where it is sent to
/// the same places (D-20).
async fn probe_secret(
    app: &App,
    caller: &Caller,
    draft: &Draft,
    given: Option<Secret>,
    connection: Option<Uuid>,
) -> Result<Option<SecretString>, ApiError> {
    match (given, connection) {
        (Some(secret), _) => Ok(Some(connections::accept(app, caller, secret).await?.secret)),
        (None, Some(id)) => {
            let stored = find(app, &caller.tenant, ConnectionId(id)).await?;
            let text = kept_secret(app, &caller.tenant, draft, &stored)?;
            let secret = connections::resolve(app.connections().polling(), text).await;
            secret.map(Some).map_err(|failure| ApiError::field(ProblemCode::SecretRequired, "/secret", failure.message))
        }
        (None, None) => Ok(None),
    }
}

/// The stored secret, where it goes where it went before (D-20).
fn kept_secret(
    app: &App,
    tenant: &TenantId,
    draft: &Draft,
    stored: &StoredConnection,
) -> Result<SecretString, ApiError> {
    let required = |message: String| ApiError::field(ProblemCode::SecretRequired, "/secret", message);
    let before = Draft::of(stored);
    if !before.sends_where(draft) {
        let message =
            "addresses, pins or the user are others now: give the secret again, it was meant for those before";
        return Err(required(message.to_owned()));
    }
    unsealed(app, tenant, &before, stored).map_err(|failure| required(failure.message))
}

async fn find(app: &App, tenant: &TenantId, id: ConnectionId) -> Result<StoredConnection, ApiError> {
    let stored = app.store().connection_get(tenant, id).await?;
    stored.ok_or_else(|| ApiError::not_found("connection"))
}

async fn answer(app: &App, tenant: &TenantId, id: ConnectionId) -> Result<Json<Connection>, ApiError> {
    let stored = find(app, tenant, id).await?;
    let health = app.connections().collector().health(tenant, id);
    Ok(Json(shown(stored, health)))
}

fn ask_error(error: AskError) -> ApiError {
    let again =
        |wait| ApiError::new(ProblemCode::Unavailable, format!("{error}.")).retry_after(Duration::from_secs(wait));
    match error {
        AskError::NoSuchConnection => ApiError::not_found("connection"),
        AskError::Busy => again(5),
        AskError::GivenUp => again(1),
        AskError::NoSuchLane => ApiError::internal(error),
    }
}
