//! The whole picture in one answer (D-25).

use axum::{Json, extract::State};
use jiff::Timestamp;
use muster_api::state::{State as Picture, StateQuery, Summary};
use muster_estate::Snapshot;
use muster_model::{IgnoredMachine, Scope, SourceFreshness};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::Query,
    inventory::{
        filter::words,
        infrastructure,
        resource::{Detail, resource},
    },
    problem::ApiError,
};

/// Shows the whole picture in one answer.
#[utoipa::path(
    get,
    path = "/api/state",
    tag = "inventory",
    params(StateQuery),
    responses((status = 200, body = Picture, description = "The published snapshot.")),
)]
pub(crate) async fn get_state(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<StateQuery>,
) -> Result<Json<Picture>, ApiError> {
    let parts = Parts::read(query.parts.as_deref())?;
    let (snapshot, ignored) = (app.engine().snapshot(&caller.tenant), app.engine().ignored(&caller.tenant));
    let detail = Detail::for_caller(caller.has(Scope::MetricsRead));
    // A large estate takes a while to write; other requests of this thread must not wait for it.
    let picture = tokio::task::spawn_blocking(move || picture(&snapshot, &ignored, parts, detail));
    picture.await.map(Json).map_err(ApiError::internal)
}

fn picture(snapshot: &Snapshot, ignored: &[IgnoredMachine], parts: Parts, detail: Detail) -> Picture {
    let infrastructure = || infrastructure::rows(snapshot, ignored);
    let rows = if parts.resources { snapshot.rows() } else { &[] };
    Picture {
        revision: snapshot.revision(),
        last_update: snapshot.updated_at().map(Timestamp::as_millisecond),
        summary: if parts.summary { summary(snapshot) } else { Summary::default() },
        resources: rows.iter().map(|row| resource(snapshot, row, detail)).collect(),
        // Nothing raises alerts yet.
        active_alerts: Vec::new(),
        recently_resolved: Vec::new(),
        connected_infrastructure: if parts.infrastructure { infrastructure() } else { Vec::new() },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts {
    summary: bool,
    resources: bool,
    infrastructure: bool,
}

impl Parts {
    fn read(text: Option<&str>) -> Result<Self, ApiError> {
        const KNOWN: [&str; 4] = ["summary", "resources", "alerts", "infrastructure"];
        let known = |word: &str| KNOWN.iter().copied().find(|known| *known == word);
        let words = words("parts", text, known, &KNOWN)?;
        let wanted = |part| words.is_empty() || words.contains(&part);
        Ok(Self {
            summary: wanted("summary"),
            resources: wanted("resources"),
            infrastructure: wanted("infrastructure"),
        })
    }
}

fn summary(snapshot: &Snapshot) -> Summary {
    let mut summary =
        Summary { total: count(snapshot.len()), systems: count(snapshot.systems().len()), ..Summary::default() };
    for row in snapshot.rows() {
        *summary.by_kind.entry(row.kind).or_default() += 1;
        *summary.by_status.entry(row.status).or_default() += 1;
    }
    for source in snapshot.sources() {
        summary.sources += 1;
        summary.sources_not_current += u32::from(source.freshness != SourceFreshness::Online);
    }
    summary
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
