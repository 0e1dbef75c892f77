//! Running the server: backups, self-examination, reloading the configuration.

use axum::{
    Json,
    extract::State,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use muster_api::{
    ProblemCode,
    doctor::{BackupQuery, DoctorReport, Reloaded},
};

use muster_model::TenantId;
use serde_json::json;
use tokio::runtime::Handle;
use tracing::warn;

use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        caller::Caller,
    },
    extract::Query,
    feed::{self, Feed},
    operations::{BackupArchive, OperationError, Operations},
    problem::ApiError,
};

/// Writes a backup of state and history, as they are at one moment, while everything goes on.
#[utoipa::path(
    post,
    path = "/api/system/backup",
    tag = "system",
    params(BackupQuery),
    responses(
        (
            status = 200,
            description = "The archive (tar, compressed with zstd), written while it is read. An archive that breaks off is none.",
            content((String = "application/zstd")),
        ),
    ),
)]
pub(crate) async fn create_backup(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Query(query): Query<BackupQuery>,
) -> Result<Response, ApiError> {
    let with_key = query.with_key.unwrap_or_default();
    let target = if with_key { "with the master key" } else { "without the master key" };
    let (turn, operations) = (app.long_turn()?, operations(&app)?);
    // Before the line is drawn, so that the backup holds it, and nobody takes one without a row.
    audit.write(&app, &caller.tenant, Action::done("system.backup.begin", target)).await?;
    let BackupArchive { file_name, write } = match operations.backup(with_key).await {
        Ok(archive) => archive,
        Err(error) => {
            let error = ApiError::from(error);
            audit.write(&app, &caller.tenant, Action::refused("system.backup", target, error.code())).await?;
            return Err(error);
        }
    };
    let end = End { app: app.clone(), tenant: caller.tenant.clone(), audit, target, runtime: Handle::current() };
    let body = feed::body(&app, caller, turn, move |feed: &mut Feed| {
        let cancel = feed.cancel();
        let written = write(feed, &|| !cancel.is_cancelled());
        end.record(written.is_ok() && !cancel.is_cancelled());
        written
    });
    let headers = [
        (CONTENT_TYPE, "application/zstd".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\"")),
    ];
    Ok((headers, body).into_response())
}

/// Whoever records how a backup ended, after it was answered.
struct End {
    app: App,
    tenant: TenantId,
    audit: Audit,
    target: &'static str,
    runtime: Handle,
}

impl End {
    /// Called by the thread that writes the archive. A row that cannot be written spoils no archive: that it began is
    /// recorded.
    fn record(self, whole: bool) {
        let Self { app, tenant, audit, target, runtime } = self;
        let action = if whole {
            Action::done("system.backup", target)
        } else {
            let detail = json!({"reason": "the archive broke off, or nobody read it to its end"});
            Action::refused("system.backup", target, ProblemCode::Internal).with(detail)
        };
        if let Err(unwritten) = runtime.block_on(audit.write(&app, &tenant, action)) {
            warn!(error = ?unwritten, "the end of a backup could not be recorded");
        }
    }
}

/// Examines the server and its surroundings. Holds no secret.
#[utoipa::path(
    get,
    path = "/api/system/doctor",
    tag = "system",
    responses((status = 200, body = DoctorReport, description = "What was found.")),
)]
pub(crate) async fn get_doctor_report(State(app): State<App>) -> Result<Json<DoctorReport>, ApiError> {
    Ok(Json(operations(&app)?.doctor().await))
}

/// Reads the configuration again. What can change without a restart is in force at once.
#[utoipa::path(
    post,
    path = "/api/system/reload",
    tag = "system",
    responses((status = 200, body = Reloaded, description = "What changed, and what waits for a restart.")),
)]
pub(crate) async fn reload_configuration(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
) -> Result<Json<Reloaded>, ApiError> {
    let done: Result<Reloaded, OperationError> = operations(&app)?.reload().await;
    match done {
        Ok(reloaded) => {
            audit.write(&app, &caller.tenant, Action::done("system.reload", "configuration")).await?;
            Ok(Json(reloaded))
        }
        Err(error) => {
            let error = ApiError::from(error);
            let action = Action::refused("system.reload", "configuration", error.code());
            audit.write(&app, &caller.tenant, action).await?;
            Err(error)
        }
    }
}

fn operations(app: &App) -> Result<&dyn Operations, ApiError> {
    let detail = "This server runs inside another program, which does not offer this.";
    app.operations().ok_or_else(|| ApiError::new(ProblemCode::Unavailable, detail))
}
