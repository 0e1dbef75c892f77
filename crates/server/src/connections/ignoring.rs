//! Machines that people ignore: the store first, then the engine, one change at a time.
//!
//! Whoever dies between the two finds the truth in the store: an engine that starts lets go of whatever is listed there, and
//! refuses its reports before it hears anybody.

use std::time::Duration;

use muster_engine::{Accepted, SubmitError};
use muster_model::{IgnorableKind, IgnoredMachine, TenantId};
use muster_store::{Ignoring, Store};

use crate::{app::App, problem::ApiError};

/// How long an engine that has no room is left alone.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// Ignores a machine, unless it is ignored already; answers with the one that is. `recorded` is the store that tells of it.
pub(crate) async fn ignore(
    app: &App,
    recorded: Store,
    tenant: &TenantId,
    machine: IgnoredMachine,
) -> Result<IgnoredMachine, ApiError> {
    let (owned, tenant) = (app.clone(), tenant.clone());
    let work = async move {
        let _turn = owned.connections().turn().await;
        if let Ignoring::Already(there) = recorded.ignored_insert(&tenant, &machine).await? {
            return Ok(there);
        }
        while is_busy(&owned.engine().ignore(&tenant, machine.clone()).await) {
            owned.clock().sleep(BUSY_PAUSE).await;
        }
        Ok(machine)
    };
    app.connections().finish(work).await
}

/// Listens to an ignored machine again. Says whether it was ignored.
pub(crate) async fn restore(
    app: &App,
    recorded: Store,
    (tenant, by): (&TenantId, String),
    (kind, control_id): (IgnorableKind, String),
) -> Result<bool, ApiError> {
    let (owned, tenant) = (app.clone(), tenant.clone());
    let work = async move {
        let _turn = owned.connections().turn().await;
        let Some(machine) = recorded.ignored_delete(&tenant, kind, &control_id).await? else { return Ok(false) };
        while is_busy(&owned.engine().restore(&tenant, machine.clone(), &by).await) {
            owned.clock().sleep(BUSY_PAUSE).await;
        }
        Ok(true)
    };
    app.connections().finish(work).await
}

/// Whether the engine has to be told again. What it could not store yet, and what it was too late for, it finds in the
/// store's list when it starts.
fn is_busy(told: &Result<Accepted, SubmitError>) -> bool {
    match told {
        Err(SubmitError::Busy) => true,
        Ok(_) | Err(SubmitError::NotDurable | SubmitError::Ignored | SubmitError::ShuttingDown) => false,
    }
}
