//! How the server itself and its sources are doing.

use axum::{Json, extract::State};
use muster_api::Page;
use muster_api::system::{EngineHealth, HistoryHealth, ObservedSummary, PollSummary, Source, StoreHealth, System};
use muster_estate::{Snapshot, SourceState};

use crate::{app::App, auth::caller::Caller, history_cost as cost, memory, problem::ApiError};

/// Issues of a source that are shown (D-26).
const SHOWN_ISSUES: usize = 3;

/// Shows how the server itself is doing.
#[utoipa::path(
    get,
    path = "/api/system",
    tag = "system",
    responses((status = 200, body = System, description = "The server.")),
)]
pub(crate) async fn get_system(State(app): State<App>, caller: Caller) -> Result<Json<System>, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: app.started_at(),
        now: app.now(),
        listen: app.settings().listen.to_string(),
        memory_bytes: memory::resident_bytes(),
        engine: engine(&app, &snapshot),
        store: store(&app).await,
        history: history(&app).await?,
        live_clients: u32::try_from(app.live().clients()).unwrap_or(u32::MAX),
        tls: app.certificates().map(|certificates| certificates.health()),
    }))
}

/// Lists the sources and how each is doing.
#[utoipa::path(
    get,
    path = "/api/sources",
    tag = "system",
    responses((status = 200, body = Page<Source>, description = "The sources, by id.")),
)]
pub(crate) async fn list_sources(State(app): State<App>, caller: Caller) -> Json<Page<Source>> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    Json(app.whole_list(&caller.tenant, snapshot.sources().map(source)))
}

fn source(state: &SourceState) -> Source {
    Source {
        id: state.id.clone(),
        status: state.freshness,
        poll: PollSummary {
            interval_seconds: u32::try_from(state.interval.as_secs()).unwrap_or(u32::MAX),
            last_success_at: state.last_seen,
            next_at: state.last_seen.and_then(|seen| seen.checked_add(state.interval).ok()),
        },
        observed: ObservedSummary {
            collected_at: state.last_seen,
            degraded: !state.issues.is_empty(),
            issue_count: count(state.issues.len()),
            issues: state.issues.iter().take(SHOWN_ISSUES).cloned().collect(),
            resource_count: state.record_count,
        },
    }
}

fn engine(app: &App, snapshot: &Snapshot) -> EngineHealth {
    let stats = app.engine().stats();
    EngineHealth {
        revision: snapshot.revision(),
        resources: count(snapshot.len()),
        sweeps: stats.sweeps,
        reports: stats.reports,
        rejected: stats.rejected,
        skewed_reports: stats.skewed_reports,
        lost_changes: stats.lost_changes,
        queued_reports: count(stats.queued_reports),
        last_sweep_milliseconds: stats.last_sweep.map(|took| took.as_secs_f64() * 1000.0),
        last_sweep_at: stats.last_sweep_at,
        uncommitted_entries: count(stats.uncommitted_entries),
    }
}

async fn store(app: &App) -> StoreHealth {
    let stats = app.store().stats();
    StoreHealth {
        engine: stats.engine.to_owned(),
        size_bytes: app.store().size_bytes().await,
        // The engine knows of sweeps that were refused although the database works.
        last_error: app.engine().stats().store_error.or(stats.last_error),
    }
}

async fn history(app: &App) -> Result<HistoryHealth, ApiError> {
    let stats = app.ask_history(|history, _| Ok(history.stats())).await?;
    let retention = app.changeable().retention;
    Ok(HistoryHealth {
        series: stats.series,
        active_series: stats.active_series,
        samples: stats.samples,
        samples_per_day: stats.samples_per_day,
        stored_samples: stats.stored_samples,
        memory_bytes: stats.memory_bytes,
        tiers: stats.tiers.iter().map(cost::content).collect(),
        retention: cost::retention(&retention),
        forecast: cost::forecast(stats.forecast(&retention)),
        size_bytes: stats.size_bytes(),
        bytes_per_sample: stats.bytes_per_sample(),
        last_durable_at: stats.last_durable,
        pending_sweeps: stats.pending_sweeps,
        late_samples: stats.late_samples,
        shed_samples: stats.shed_samples,
        lost_samples: stats.lost_samples,
        damaged_chunks: stats.chunks_damaged,
        damaged_blocks: stats.damaged_blocks,
        damaged_logs: stats.damaged_logs,
        lost_resources: stats.lost_resources,
        last_error: stats.last_error,
        remote: app.remote_history(),
    })
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
