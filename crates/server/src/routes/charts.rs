//! Charts of the whole estate, and summaries over it.

use axum::{
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use muster_api::{
    charts::{
        InfrastructureCharts, InfrastructureChartsQuery, StorageSummary, StorageSummaryQuery, WorkloadCharts,
        WorkloadChartsQuery,
    },
    summary::{MetricsSummary, SummaryQuery},
};

use crate::{app::App, auth::caller::Caller, charts::question::Question, extract::Query, problem::ApiError};

/// Shows short charts of everything that runs.
#[utoipa::path(
    get,
    path = "/api/charts/workloads",
    tag = "metrics",
    params(WorkloadChartsQuery),
    responses(
        (status = 200, body = WorkloadCharts, description = "The charts."),
        (status = 304, description = "`If-None-Match` names the current answer."),
    ),
)]
pub(crate) async fn get_workload_charts(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<WorkloadChartsQuery>,
) -> Result<Response, ApiError> {
    let question = Question::workloads(&query, &app.engine().snapshot(&caller.tenant))?;
    answer(&app, &caller, &headers, question).await
}

/// Shows short charts of all hosts.
#[utoipa::path(
    get,
    path = "/api/charts/infrastructure",
    tag = "metrics",
    params(InfrastructureChartsQuery),
    responses(
        (status = 200, body = InfrastructureCharts, description = "The charts."),
        (status = 304, description = "`If-None-Match` names the current answer."),
    ),
)]
pub(crate) async fn get_infrastructure_charts(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<InfrastructureChartsQuery>,
) -> Result<Response, ApiError> {
    answer(&app, &caller, &headers, Question::infrastructure(&query)?).await
}

/// Shows how full all storage is, as a whole.
#[utoipa::path(
    get,
    path = "/api/charts/storage-summary",
    tag = "metrics",
    params(StorageSummaryQuery),
    responses(
        (status = 200, body = StorageSummary, description = "The summary."),
        (status = 304, description = "`If-None-Match` names the current answer."),
    ),
)]
pub(crate) async fn get_storage_summary(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<StorageSummaryQuery>,
) -> Result<Response, ApiError> {
    answer(&app, &caller, &headers, Question::storage_summary(&query)?).await
}

/// Shows one metric of many resources as one.
#[utoipa::path(
    get,
    path = "/api/metrics/summary",
    tag = "metrics",
    params(SummaryQuery),
    responses(
        (status = 200, body = MetricsSummary, description = "The summary."),
        (status = 304, description = "`If-None-Match` names the current answer."),
    ),
)]
pub(crate) async fn get_metrics_summary(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<SummaryQuery>,
) -> Result<Response, ApiError> {
    answer(&app, &caller, &headers, Question::summary(&query)?).await
}

async fn answer(app: &App, caller: &Caller, headers: &HeaderMap, question: Question) -> Result<Response, ApiError> {
    let answer = app.charts().answer(app, &caller.tenant, question).await?;
    if let Some(unchanged) = answer.tag.not_modified(headers) {
        return Ok(unchanged);
    }
    let mut response = ([(CONTENT_TYPE, "application/json")], answer.body.clone()).into_response();
    response.headers_mut().extend([answer.tag.header()]);
    Ok(response)
}
