//! History as a file: what to export, in which format, and what became of an import.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What to export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv` or `prometheus` (text with timestamps); csv if absent.
    #[param(example = "csv")]
    pub format: Option<String>,
    /// A span that ends now, such as `30d`; everything there is if neither it nor `from` is given.
    pub range: Option<String>,
    /// Start of the span (RFC 3339); goes without `range`.
    pub from: Option<String>,
    /// End of the span (RFC 3339); now if absent.
    pub to: Option<String>,
    /// The resources, separated by commas; all of them if absent.
    pub resources: Option<String>,
    /// Metric names, separated by commas; all of them if absent.
    pub metrics: Option<String>,
}

/// How to read an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// The resource that lines belong to which name none, or one that this server does not know.
    pub resource: Option<String>,
}

/// What became of an import. Samples read are those written, covered or sharing a tick.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// Lines read, comments included.
    pub lines: u64,
    /// Samples read.
    pub samples: u64,
    /// Of these, how many were written.
    pub written: u64,
    /// Of these, how many were left out because the time that they tell of is covered already.
    pub covered: u64,
    /// Of these, how many were left out because a later one of the same series fell on the same tick of the grid.
    pub shared_tick: u64,
    /// Lines without a number (`NaN`), which say that there is no value.
    pub without_value: u64,
    /// Lines that were left out because nothing of the kind can have such a value.
    pub refused: u64,
    /// The first ten of them.
    pub refusals: Vec<RefusedLine>,
}

/// A line that was left out of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedLine {
    /// Its number, from 1 on.
    pub line: u64,
    /// What of it is wrong.
    pub field: String,
    /// What stands there.
    pub value: f64,
    /// Why it cannot be, with the values that can.
    pub message: String,
}
