//! Metrics over time.

use std::num::NonZeroU32;

use axum::{Json, extract::State};
use muster_api::history::{
    History, HistoryQuery, HistorySeries, HistoryTier, KnownGap, SparklineQuery, SparklineSeries, Sparklines,
};
use muster_estate::Snapshot;
use muster_history::{Column, ManyQuery, Query as StoredQuery, Tier};
use muster_model::{Metric, ResourceId, SourceId};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{Query, unknown_resource},
    inventory::filter::{names, words},
    problem::ApiError,
    span::Span,
    text::list,
};

const DEFAULT_POINTS: u32 = 300;
const MAX_POINTS: u32 = 5000;
const DEFAULT_SPARKLINE_POINTS: u32 = 48;
const MAX_SPARKLINE_POINTS: u32 = 200;
const MAX_SPARKLINES: usize = 200;

/// Shows the history of one resource.
#[utoipa::path(
    get,
    path = "/api/metrics/history",
    tag = "metrics",
    params(HistoryQuery),
    responses((status = 200, body = History, description = "The columns.")),
)]
pub(crate) async fn get_history(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, ApiError> {
    let metrics = metrics(&query.metrics)?;
    let points = points(query.points, DEFAULT_POINTS, MAX_POINTS)?;
    let span = Span::read(query.range.as_deref(), query.from.as_deref(), query.to.as_deref(), app.now(), "24h")?;
    let id = query.resource.parse().map_err(|_| ApiError::query("resource", "use a resource's id"))?;
    let snapshot = app.engine().snapshot(&caller.tenant);
    let subject = Subject::find(&snapshot, id).ok_or_else(unknown_resource)?;
    let wanted = StoredQuery {
        tenant: caller.tenant.clone(),
        resources: subject.ids,
        metrics,
        from: span.from,
        to: span.to,
        points,
    };
    let gaps = app.store().gap_list(&caller.tenant, &subject.sources, span.from, span.to);
    let (answer, gaps) =
        tokio::try_join!(app.ask_history(move |history, cancel| history.query(&wanted, cancel)), async {
            Ok(gaps.await?)
        })?;
    Ok(Json(History {
        resource_id: subject.id,
        from: span.from,
        to: span.to,
        step_seconds: seconds(answer.step),
        tier: tier(answer.tier),
        series: answer.columns.into_iter().map(series).collect(),
        times: answer.times,
        known_gaps: gaps.into_iter().map(known_gap).collect(),
    }))
}

/// Shows short histories of several resources.
#[utoipa::path(
    get,
    path = "/api/metrics/sparklines",
    tag = "metrics",
    params(SparklineQuery),
    responses((status = 200, body = Sparklines, description = "The lines.")),
)]
pub(crate) async fn get_sparklines(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<SparklineQuery>,
) -> Result<Json<Sparklines>, ApiError> {
    let metrics = metrics(&query.metrics)?;
    let points = points(query.points, DEFAULT_SPARKLINE_POINTS, MAX_SPARKLINE_POINTS)?;
    let span = Span::until(app.now(), query.range.as_deref().unwrap_or("1h"))?;
    let ids = resources(&query.resources)?;
    let snapshot = app.engine().snapshot(&caller.tenant);
    let subjects: Vec<Subject> = ids.into_iter().filter_map(|id| Subject::find(&snapshot, id)).collect();
    let resources: Vec<Vec<ResourceId>> = subjects.iter().map(|subject| subject.ids.clone()).collect();
    let tenant = caller.tenant.clone();
    if subjects.is_empty() {
        return Ok(Json(Sparklines { step_seconds: 0, times: Vec::new(), series: Vec::new() }));
    }
    let wanted = ManyQuery { tenant, resources, metrics, from: span.from, to: span.to, points };
    let answer = app.ask_history(move |history, cancel| history.query_many(&wanted, cancel)).await?;
    let lines = subjects.iter().zip(answer.resources).flat_map(|(subject, columns)| lines(subject.id, columns));
    Ok(Json(Sparklines { step_seconds: seconds(answer.step), times: answer.times, series: lines.collect() }))
}

/// What a question is about: the resource with its former ids, and who reports it.
struct Subject {
    id: ResourceId,
    ids: Vec<ResourceId>,
    sources: Vec<SourceId>,
}

impl Subject {
    fn find(snapshot: &Snapshot, id: ResourceId) -> Option<Self> {
        let row = snapshot.get(id)?;
        let ids = std::iter::once(row.id).chain(snapshot.aliases_of(row.id).iter().copied()).collect();
        let sources = row.sources.iter().map(|source| source.source.clone()).collect();
        Some(Self { id: row.id, ids, sources })
    }
}

fn metrics(text: &str) -> Result<Vec<Metric>, ApiError> {
    let mut metrics = words("metrics", Some(text), |word| word.parse().ok(), &names(Metric::ALL))?;
    if metrics.is_empty() {
        return Err(ApiError::query("metrics", "name at least one metric, such as `cpu`"));
    }
    let mut seen = std::collections::BTreeSet::new();
    metrics.retain(|metric| seen.insert(*metric));
    Ok(metrics)
}

fn resources(text: &str) -> Result<Vec<ResourceId>, ApiError> {
    let parse = |word: &str| {
        word.parse().map_err(|error: muster_model::InvalidId| ApiError::query("resources", error.to_string()))
    };
    let ids: Vec<ResourceId> = list(text).map(parse).collect::<Result<_, _>>()?;
    if ids.is_empty() || ids.len() > MAX_SPARKLINES {
        return Err(ApiError::query("resources", format!("name 1 to {MAX_SPARKLINES} resources")));
    }
    Ok(ids)
}

fn points(points: Option<u32>, default: u32, most: u32) -> Result<NonZeroU32, ApiError> {
    let points = NonZeroU32::new(points.unwrap_or(default)).filter(|points| points.get() <= most);
    points.ok_or_else(|| ApiError::query("points", format!("use 1 to {most}")))
}

fn series(column: Column) -> HistorySeries {
    let Column { metric, avg, min, max, gaps: _ } = column;
    HistorySeries { metric, unit: metric.unit(), avg, min, max }
}

fn lines(resource_id: ResourceId, columns: Vec<Column>) -> impl Iterator<Item = SparklineSeries> {
    let columns = columns.into_iter().filter(|column| column.avg.iter().any(Option::is_some));
    columns.map(move |column| SparklineSeries { resource_id, metric: column.metric, values: column.avg })
}

fn tier(tier: Tier) -> HistoryTier {
    match tier {
        Tier::Raw => HistoryTier::Raw,
        Tier::Minute => HistoryTier::Minute,
        Tier::TenMinutes => HistoryTier::TenMinutes,
        Tier::Hour => HistoryTier::Hour,
    }
}

fn known_gap(gap: muster_model::KnownGap) -> KnownGap {
    KnownGap { from: gap.from, to: gap.to, reason: gap.reason, source: gap.source }
}

fn seconds(step: jiff::SignedDuration) -> u32 {
    u32::try_from(step.as_secs()).unwrap_or(u32::MAX)
}
