//! Charts of everything that runs, by the resources' own ids.

use jiff::SignedDuration;
use muster_api::charts::{SeriesByResource, WorkloadCharts};
use muster_estate::Row;
use muster_history::QueryError;
use muster_model::ResourceKind;

use super::{
    Computed, Inputs, computed,
    question::Workloads,
    series::add,
    stats, subjects,
    table::{Wanted, by_resource},
};
use crate::rounding;

pub(super) fn compute(question: &Workloads, inputs: &Inputs<'_>) -> Result<Computed, QueryError> {
    let Workloads { range, node, points, metrics, page } = question;
    let runs_there = |row: &Row| node.is_none_or(|node| row.parent == Some(node));
    let rows = inputs.snapshot.workloads().chain(inputs.snapshot.pods()).filter(|row| runs_there(row));
    let (rows, next_page_token) = page.cut(rows, &Workloads::list(*node));
    let subjects = subjects(inputs.snapshot, rows.into_iter());
    let lead = SignedDuration::ZERO;
    let wanted = Wanted { resources: &subjects, metrics, range: *range, points: *points, lead };
    let mut table = wanted.ask(inputs)?;
    let stats = stats(&table, *range);
    let (mut data, mut docker_data) = (SeriesByResource::default(), SeriesByResource::default());
    for (id, columns) in by_resource(&subjects, std::mem::take(&mut table.rows)) {
        let place = if id.kind() == ResourceKind::AppContainer { &mut docker_data } else { &mut data };
        add(place, id, columns, |column| rounding::column(column.metric, column.avg));
    }
    let answer = WorkloadCharts {
        times: table.times,
        data,
        docker_data,
        guest_types: subjects.iter().map(|subject| (subject.id, subject.id.kind())).collect(),
        timestamp: inputs.now.as_millisecond(),
        next_page_token,
        stats,
    };
    Ok(computed(&answer, table.step, wanted.columns()))
}
