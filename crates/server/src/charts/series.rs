//! The series of one resource in an answer; what has no history is not there.

use std::collections::BTreeMap;

use muster_api::{Values, charts::SeriesByResource};
use muster_history::Column;
use muster_model::ResourceId;

use super::table::is_known;

/// Adds a resource, with the values that stand for each of its columns.
pub(super) fn add(
    place: &mut SeriesByResource,
    id: ResourceId,
    columns: Vec<Column>,
    values: impl Fn(Column) -> Values,
) {
    let known = columns.into_iter().filter(is_known);
    let series: BTreeMap<_, _> = known.map(|column| (column.metric, values(column))).collect();
    if !series.is_empty() {
        place.0.insert(id, series);
    }
}
