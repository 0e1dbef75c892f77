//! The metrics history as a whole: what it costs, whether it is sound, and history as a file.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{
        HeaderMap,
        header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use muster_api::{
    ProblemCode,
    history_file::{ExportQuery, ImportQuery, Imported},
    history_stats::{HistoryDamage, HistoryStats, HistoryStatsQuery, VerifyLine},
};
use muster_estate::Snapshot;
use muster_history::{Damage, DamagedPart, Progress, QueryError, Verified};

use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        caller::Caller,
    },
    extract::Query,
    feed::{self, Feed},
    history_cost,
    history_file::{
        Format,
        export::{self, Export},
        import::{self, Import},
    },
    problem::ApiError,
    span::Span,
    subject::{self, tier},
};

/// How many damaged parts a check names: a disk that fails can damage very many.
const NAMED_DAMAGE: usize = 1000;

/// Shows what history holds and costs, and what another retention would change.
#[utoipa::path(
    get,
    path = "/api/history/stats",
    tag = "metrics",
    params(HistoryStatsQuery),
    responses((status = 200, body = HistoryStats, description = "The statistics.")),
)]
pub(crate) async fn get_history_stats(
    State(app): State<App>,
    Query(query): Query<HistoryStatsQuery>,
) -> Result<Json<HistoryStats>, ApiError> {
    let kept = app.changeable().retention;
    let proposed = history_cost::proposal(&query, &kept)?;
    let stats = app.ask_history(|history, _| Ok(history.stats())).await?;
    Ok(Json(history_cost::statistics(&stats, &kept, proposed.as_ref(), app.remote_history())))
}

/// Reads everything that is stored and says what is damaged.
#[utoipa::path(
    post,
    path = "/api/history/verify",
    tag = "metrics",
    responses(
        (
            status = 200,
            body = VerifyLine,
            content_type = "application/x-ndjson",
            description = "One JSON object a line, as it goes on; the last one is the result.",
        ),
    ),
)]
pub(crate) async fn verify_history(State(app): State<App>, caller: Caller) -> Result<Response, ApiError> {
    let (turn, history) = (app.long_turn()?, app.history().clone());
    let body = feed::body(&app, caller, turn, move |feed| {
        let (cancel, mut last) = (feed.cancel(), None);
        let verified = history.verify(&cancel, |Progress { done, total }| {
            // A line for each hundredth: there may be very many blocks.
            let hundredth = done * 100 / total.max(1);
            if last.replace(hundredth) != Some(hundredth) {
                line(feed, &VerifyLine::Progress { done, total });
            }
        });
        match verified {
            Ok(verified) => line(feed, &result(verified)),
            Err(QueryError::Cancelled) => return Err(QueryError::Cancelled),
            Err(error) => {
                tracing::warn!(error = muster_runtime::chain(&error), "checking history broke off");
                let detail = "The stored history cannot be read at all; the server's log says why.".to_owned();
                line(feed, &VerifyLine::Failed { detail });
            }
        }
        Ok(())
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// Writes history as a file.
#[utoipa::path(
    get,
    path = "/api/history/export",
    tag = "metrics",
    params(ExportQuery),
    responses(
        (
            status = 200,
            description = "The file, written while it is read.",
            content((String = "text/csv"), (String = "text/plain")),
        ),
    ),
)]
pub(crate) async fn export_history(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ExportQuery>,
) -> Result<Response, ApiError> {
    let snapshot = app.engine().snapshot(&caller.tenant);
    let format = Format::read(query.format.as_deref())?;
    let ids = query.resources.as_deref().map(|text| subject::resource_ids("resources", text)).transpose()?;
    let canonical = |ids: Vec<_>| ids.into_iter().map(|id| snapshot.canonical(id)).collect::<BTreeSet<_>>();
    let span = Span::given(query.range.as_deref(), query.from.as_deref(), query.to.as_deref(), app.now())?;
    let export = Export {
        format,
        span: span.unwrap_or_else(|| Span::everything(app.now())),
        resources: ids.map(canonical),
        metrics: query.metrics.as_deref().map(subject::metrics).transpose()?,
    };
    refuse_unknown(&app, &export, &snapshot).await?;
    let (turn, history) = (app.long_turn()?, app.history().clone());
    let body = feed::body(&app, caller, turn, move |feed| export.write(&history, &snapshot, feed));
    let disposition = format!("attachment; filename=\"{}\"", format.file_name());
    let headers = [(CONTENT_TYPE, format.content_type().to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}

/// A file of a resource that never was would look like one of a resource that has no history.
async fn refuse_unknown(app: &App, export: &Export, snapshot: &Arc<Snapshot>) -> Result<(), ApiError> {
    let (absent, snapshot) = (export.absent(snapshot), Arc::clone(snapshot));
    if absent.is_empty() {
        return Ok(());
    }
    let unknown = app.ask_history(move |history, _| Ok(export::unheard_of(&absent, history, &snapshot))).await?;
    unknown.map_or(Ok(()), |id| {
        let detail = format!("no resource has the id `{id}`; `/api/resources?q=…` finds resources by name");
        Err(ApiError::field(ProblemCode::ResourceNotFound, "resources", detail))
    })
}

/// Takes in history from a file: what is missing is written, what is covered already stays.
#[utoipa::path(
    post,
    path = "/api/history/import",
    tag = "metrics",
    params(ImportQuery),
    request_body(
        description = "The CSV that an export writes, or Prometheus' text format with timestamps in milliseconds.",
        content((String = "text/csv"), (String = "text/plain")),
    ),
    responses((status = 200, body = Imported, description = "What became of it.")),
)]
pub(crate) async fn import_history(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    headers: HeaderMap,
    Query(query): Query<ImportQuery>,
    body: Body,
) -> Result<Json<Imported>, ApiError> {
    let prepare = || {
        let snapshot = app.engine().snapshot(&caller.tenant);
        let import = Import::new(&app, snapshot, format_of(&headers)?, query.resource.as_deref())?;
        Ok((import, app.long_turn()?))
    };
    let (import, _turn) = match prepare() {
        Ok(prepared) => prepared,
        Err(error) => {
            import::drain(&app, body.into_data_stream()).await;
            return Err(error);
        }
    };
    let target = query.resource.as_deref().unwrap_or("history");
    match import.read(body).await {
        Ok(imported) => {
            audit.write(&app, &caller.tenant, Action::done("history.import", target)).await?;
            Ok(Json(imported))
        }
        Err(error) => {
            audit.write(&app, &caller.tenant, Action::refused("history.import", target, error.code())).await?;
            Err(error)
        }
    }
}

fn format_of(headers: &HeaderMap) -> Result<Format, ApiError> {
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(ApiError::new(ProblemCode::UnsupportedMediaType, "Send the file as it is, not compressed."));
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Format::of_content_type(content_type.unwrap_or_default())
}

fn line(feed: &mut Feed, line: &VerifyLine) {
    feed.write(|out| {
        out.push_str(&serde_json::to_string(line).expect("a line has only text keys"));
        out.push('\n');
    });
    feed.send();
}

fn result(verified: Verified) -> VerifyLine {
    let Verified { blocks, logs, points, damaged } = verified;
    let damaged_parts = damaged.len() as u64;
    let named = damaged.into_iter().take(NAMED_DAMAGE).map(damage);
    VerifyLine::Result { blocks, logs, points, damaged_parts, damaged: named.collect() }
}

fn damage(damage: Damage) -> HistoryDamage {
    let Damage { part, why } = damage;
    match part {
        DamagedPart::Block { number, tier: of, resource, from, to } => {
            HistoryDamage::Block { block: number, tier: tier(of), resource_id: resource, from, to, why }
        }
        DamagedPart::Log { file } => HistoryDamage::Log { file, why },
        DamagedPart::Resource { number } => HistoryDamage::Resource { number, why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_counted_whole_and_named_in_part() {
        let damage = |number| Damage { part: DamagedPart::Resource { number }, why: "torn".to_owned() };
        let check = |parts: u32, names: usize| {
            let said = result(Verified { damaged: (0..parts).map(damage).collect(), ..Verified::default() });
            let VerifyLine::Result { damaged_parts, damaged, .. } = said else { panic!("{said:?}") };
            assert_eq!((damaged_parts, damaged.len()), (u64::from(parts), names));
        };
        check(0, 0);
        check(1000, 1000);
        check(100_000, 1000);
    }
}
