//! Charts of all hosts, by the resources' own ids. A host stands in one place, whoever else reports it.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use muster_api::{
    Values,
    charts::{InfrastructureCharts, SeriesByResource},
};
use muster_estate::{Row, Snapshot};
use muster_history::{Column, QueryError};
use muster_model::{Metric, Reading, ResourceId, SourceKind};

use super::{
    Computed, Inputs, computed,
    question::Infrastructure,
    series::add,
    stats, subjects,
    table::{Table, Wanted, by_resource},
};
use crate::rounding;

pub(super) fn compute(question: &Infrastructure, inputs: &Inputs<'_>) -> Result<Computed, QueryError> {
    let Infrastructure { range, metrics, page } = question;
    let (rows, next_page_token) = page.cut(inputs.snapshot.infrastructure(), Infrastructure::LIST);
    let subjects = subjects(inputs.snapshot, rows.into_iter());
    let lead = SignedDuration::ZERO;
    let wanted = Wanted { resources: &subjects, metrics, range: *range, points: points(*range), lead };
    let mut table = wanted.ask(inputs)?;
    let stats = stats(&table, *range);
    let rows = by_resource(&subjects, std::mem::take(&mut table.rows));
    let mut answer = InfrastructureCharts {
        times: Vec::new(),
        node_data: SeriesByResource::default(),
        docker_host_data: SeriesByResource::default(),
        agent_data: SeriesByResource::default(),
        timestamp: inputs.now.as_millisecond(),
        next_page_token,
        stats,
    };
    for (id, columns) in rows {
        let Some(row) = inputs.snapshot.get(id) else { continue };
        add(place(&mut answer, row), id, columns, |column| values(inputs.snapshot, &table, id, column));
    }
    Ok(computed(&InfrastructureCharts { times: table.times, ..answer }, table.step, wanted.columns()))
}

/// A point a minute, from 24 to 96.
fn points(range: SignedDuration) -> NonZeroU32 {
    let minutes = u32::try_from(range.as_mins()).unwrap_or(u32::MAX).clamp(24, 96);
    NonZeroU32::new(minutes).expect("clamped to at least 24")
}

fn place<'a>(answer: &'a mut InfrastructureCharts, row: &Row) -> &'a mut SeriesByResource {
    if row.is_reported_by(SourceKind::Proxmox) {
        &mut answer.node_data
    } else if row.is_reported_by(SourceKind::Docker) {
        &mut answer.docker_host_data
    } else {
        &mut answer.agent_data
    }
}

/// Amounts by their average, loads by their peaks; the last point is the current reading where that lies in it.
fn values(snapshot: &Snapshot, table: &Table, id: ResourceId, column: Column) -> Values {
    let metric = column.metric;
    let is_amount = matches!(metric, Metric::Memory | Metric::MemoryUsed | Metric::Disk);
    let mut values = if is_amount { column.avg } else { column.max };
    if let (Reading::Known { value, at, .. }, Some(begins)) = (snapshot.reading(id, metric), table.times.last())
        && at.as_millisecond() >= *begins
        && let Some(last) = values.last_mut()
    {
        *last = Some(metric.precision().apply(value));
    }
    rounding::column(metric, values)
}
