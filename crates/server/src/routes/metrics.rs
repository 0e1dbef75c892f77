//! Metrics over time.

use std::{collections::BTreeSet, num::NonZeroU32};

use axum::{
    Json,
    extract::State,
    http::{
        HeaderMap,
        header::{CONTENT_TYPE, VARY},
    },
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp, TimestampRound};
use muster_api::history::{
    History, HistoryQuery, HistorySeries, KnownGap, SparklineQuery, SparklineSeries, Sparklines,
};
use muster_estate::Snapshot;
use muster_history::{Column, Gap, ManyQuery, Query as StoredQuery};
use muster_model::{InvalidId, Metric, ResourceId};

use crate::{
    app::App,
    auth::caller::Caller,
    csv,
    extract::{Query, unknown_resource, within},
    http::accept::prefers_csv,
    inventory::etag::EntityTag,
    problem::ApiError,
    rounding,
    span::Span,
    subject::{self, Subject, seconds, source, tier},
};

const DEFAULT_POINTS: u32 = 300;
const MAX_POINTS: u32 = 5000;
const DEFAULT_SPARKLINE_POINTS: u32 = 48;
const MAX_SPARKLINE_POINTS: u32 = 200;
const MAX_SPARKLINES: usize = 500;

/// Every sample lies on a multiple of this (D-10), so that an end rounded to it shows the same samples.
const TICK: SignedDuration = SignedDuration::from_secs(10);

/// A span that ended longer ago than this changes seldom: late samples, backfill, retention.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Shows the history of one resource.
#[utoipa::path(
    get,
    path = "/api/metrics/history",
    tag = "metrics",
    params(HistoryQuery),
    responses(
        (
            status = 200,
            description = "The columns. As `text/csv` for those who accept it: a line for each point.",
            content((History = "application/json"), (String = "text/csv")),
        ),
        (status = 304, description = "`If-None-Match` names the current answer."),
    ),
)]
pub(crate) async fn get_history(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, ApiError> {
    let metrics = subject::metrics(&query.metrics)?;
    let points = points(query.points, DEFAULT_POINTS, MAX_POINTS)?;
    let now = on_grid(app.now());
    let span = Span::read(query.range.as_deref(), query.from.as_deref(), query.to.as_deref(), now, "24h")?;
    let id = resource_id(&query.resource)?;
    let snapshot = app.engine().snapshot(&caller.tenant);
    let subject = Subject::find(&snapshot, id).ok_or_else(unknown_resource)?;
    let form = if prefers_csv(&headers) { Form::Csv } else { Form::Json };
    let tag = recent_tag(&app, &snapshot, &query, span, form);
    if let Some(unchanged) = tag.as_ref().and_then(|tag| tag.not_modified(&headers)) {
        return Ok(unchanged);
    }
    let history = history(&app, &caller, subject, metrics, span, points).await?;
    let body = form.write(&history);
    // What the remote history did not tell this time it may tell the next time, whether a sweep comes or not.
    let tag = tag.filter(|_| history.archive_error.is_none()).unwrap_or_else(|| EntityTag::of_bytes(&body));
    Ok(tag.not_modified(&headers).unwrap_or_else(|| form.respond(body, &tag)))
}

/// The tag of an answer whose span ends about now: what it depends on grows with every sweep, so that an unchanged
/// answer costs nothing. An answer about a settled past is tagged by what it says instead.
fn recent_tag(app: &App, snapshot: &Snapshot, query: &HistoryQuery, span: Span, form: Form) -> Option<EntityTag> {
    if app.now().duration_since(span.to) > SETTLED_AFTER {
        return None;
    }
    let sweep = format!("{} {} {}", snapshot.revision(), snapshot.readings_sequence(), app.imports());
    let (run, span) = (app.started_at().to_string(), format!("{} {}", span.from, span.to));
    let question = format!("{form:?} {query:?}");
    Some(EntityTag::of_parts(&[snapshot.tenant().as_str(), &run, &sweep, &span, &question]))
}

async fn history(
    app: &App,
    caller: &Caller,
    subject: Subject,
    metrics: Vec<Metric>,
    span: Span,
    points: NonZeroU32,
) -> Result<History, ApiError> {
    let wanted = StoredQuery {
        tenant: caller.tenant.clone(),
        resources: subject.ids,
        metrics,
        from: span.from,
        to: span.to,
        points,
    };
    let gaps = app.store().gap_list(&caller.tenant, &subject.sources, span.from, span.to);
    let asked = app.ask_history(move |history, cancel| history.query(&wanted, cancel));
    let (answer, gaps) = tokio::try_join!(asked, async { Ok(gaps.await?) })?;
    Ok(History {
        resource_id: subject.id,
        from: span.from,
        to: span.to,
        step_seconds: seconds(answer.step),
        tier: tier(answer.tier),
        source: source(answer.from_memory, answer.in_memory),
        archive_error: answer.archive_error,
        series: answer.columns.into_iter().map(series).collect(),
        times: answer.times,
        known_gaps: gaps.into_iter().map(known_gap).collect(),
    })
}

/// The forms of a history.
#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    Csv,
}

impl Form {
    fn write(self, history: &History) -> Vec<u8> {
        match self {
            Self::Json => serde_json::to_vec(history).expect("a history has only text keys"),
            Self::Csv => table(history).into_bytes(),
        }
    }

    fn respond(self, body: Vec<u8>, tag: &EntityTag) -> Response {
        let media = match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        };
        let mut response = ([(CONTENT_TYPE, media), (VARY, "accept")], body).into_response();
        response.headers_mut().extend([tag.header()]);
        response
    }
}

/// A history as lines: the time, then average, minimum and maximum of each metric.
fn table(history: &History) -> String {
    let mut text = String::new();
    let mut header = csv::Line::begin(&mut text);
    header.plain("time");
    for series in &history.series {
        for column in ["avg", "min", "max"] {
            header.plain(format_args!("{}_{column}", series.metric));
        }
    }
    header.end();
    for (place, time) in history.times.iter().enumerate() {
        let mut line = csv::Line::begin(&mut text);
        line.plain(Timestamp::from_millisecond(*time).unwrap_or_default());
        for HistorySeries { avg, min, max, metric: _, unit: _, gaps: _ } in &history.series {
            for column in [avg, min, max] {
                line.number(column.0.get(place).copied().flatten());
            }
        }
        line.end();
    }
    text
}

/// The tick nearest to a time.
fn on_grid(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(jiff::Unit::Second).increment(TICK.as_secs())).unwrap_or(at)
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
    let metrics = subject::metrics(&query.metrics)?;
    let points = points(query.points, DEFAULT_SPARKLINE_POINTS, MAX_SPARKLINE_POINTS)?;
    let span = Span::until(app.now(), query.range.as_deref().unwrap_or("1h"))?;
    let ids = subject::resource_ids("resources", &query.resources)?;
    check_number_of_lines(ids.len(), metrics.len())?;
    let snapshot = app.engine().snapshot(&caller.tenant);
    let (subjects, unknown_resources) = each_once(&snapshot, ids);
    let resources: Vec<Vec<ResourceId>> = subjects.iter().map(|subject| subject.ids.clone()).collect();
    let tenant = caller.tenant.clone();
    if subjects.is_empty() {
        return Ok(Json(Sparklines {
            step_seconds: 0,
            archive_error: None,
            unknown_resources,
            times: Vec::new(),
            series: Vec::new(),
        }));
    }
    let wanted = ManyQuery { tenant, resources, metrics, from: span.from, to: span.to, points };
    let answer = app.ask_history(move |history, cancel| history.query_many(&wanted, cancel)).await?;
    let lines = subjects.iter().zip(answer.resources).flat_map(|(subject, columns)| lines(subject.id, columns));
    Ok(Json(Sparklines {
        step_seconds: seconds(answer.step),
        archive_error: answer.archive_error,
        unknown_resources,
        times: answer.times,
        series: lines.collect(),
    }))
}

fn check_number_of_lines(resources: usize, metrics: usize) -> Result<(), ApiError> {
    if resources == 0 || resources > MAX_SPARKLINES {
        return Err(ApiError::query(
            "resources",
            format!("{resources} do not fit; name 1 to {MAX_SPARKLINES} resources"),
        ));
    }
    let (lines, most) = (resources * metrics, ManyQuery::MOST_COLUMNS);
    if lines > most {
        let message = format!("{metrics} of {resources} resources are {lines} lines; ask for at most {most} at once");
        return Err(ApiError::query("metrics", message));
    }
    Ok(())
}

/// The resources with these ids, each once however often and by whatever former id it is named, and the ids that
/// nobody knows.
fn each_once(snapshot: &Snapshot, ids: Vec<ResourceId>) -> (Vec<Subject>, Vec<ResourceId>) {
    let (mut seen, mut subjects, mut unknown) = (BTreeSet::new(), Vec::new(), Vec::new());
    for id in ids {
        if !seen.insert(snapshot.canonical(id)) {
            continue;
        }
        match Subject::find(snapshot, id) {
            Some(subject) => subjects.push(subject),
            None => unknown.push(id),
        }
    }
    (subjects, unknown)
}

fn resource_id(text: &str) -> Result<ResourceId, ApiError> {
    text.parse().map_err(|error: InvalidId| ApiError::query("resource", error.to_string()))
}

fn points(points: Option<u32>, default: u32, most: u32) -> Result<NonZeroU32, ApiError> {
    let points = within("points", points.unwrap_or(default), 1..=most)?;
    Ok(NonZeroU32::new(points).expect("at least 1"))
}

fn series(column: Column) -> HistorySeries {
    let Column { metric, avg, min, max, gaps: missing } = column;
    let column = |values| rounding::column(metric, values);
    let (avg, min, max) = (column(avg), column(min), column(max));
    HistorySeries { metric, unit: metric.unit(), avg, min, max, gaps: gaps(&missing) }
}

fn lines(resource_id: ResourceId, columns: Vec<Column>) -> impl Iterator<Item = SparklineSeries> {
    let columns = columns.into_iter().filter(|column| column.avg.iter().any(Option::is_some));
    columns.map(move |Column { metric, avg, min: _, max: _, gaps: missing }| SparklineSeries {
        resource_id,
        metric,
        values: rounding::column(metric, avg),
        gaps: gaps(&missing),
    })
}

fn gaps(gaps: &[Gap]) -> Vec<[i64; 2]> {
    gaps.iter().map(|Gap { from, to }| [from.as_millisecond(), to.as_millisecond()]).collect()
}

fn known_gap(gap: muster_model::KnownGap) -> KnownGap {
    KnownGap { from: gap.from, to: gap.to, reason: gap.reason, source: gap.source }
}
