//! Charts of the whole estate: what is asked, how it is computed, and the cache that computes each answer at most once a
//! sweep.
//!
//! The routes read a [`Question`] and ask the [`Cache`]; a task of the server computes ahead what is looked at. Nothing
//! here is synthesised: what was not recorded is absent.

pub(crate) mod cache;
mod folds;
mod held;
mod infrastructure;
mod origin;
pub(crate) mod page;
mod point;
pub(crate) mod question;
mod ranking;
mod series;
mod storage;
mod summary;
mod table;
pub(crate) mod warm;
mod workloads;

use std::sync::Arc;

use jiff::Timestamp;
use muster_api::charts::ChartStats;
use muster_estate::{Row, Snapshot};
use muster_history::{Cancel, History, QueryError};

use self::{
    question::Question,
    table::{Table, is_known},
};
use crate::subject::{Subject, seconds};

/// What an answer is computed from.
pub(crate) struct Inputs<'a> {
    pub(crate) history: &'a History,
    pub(crate) cancel: &'a Cancel,
    pub(crate) snapshot: &'a Arc<Snapshot>,
    /// The end of every span.
    pub(crate) now: Timestamp,
}

/// An answer, and what it took.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) body: Vec<u8>,
    /// Width of a point.
    pub(crate) step: jiff::SignedDuration,
    /// Series that history was asked for.
    pub(crate) columns: u64,
}

/// Computes the answer to a question. Takes its time: for the blocking pool.
pub(crate) fn compute(question: &Question, inputs: &Inputs<'_>) -> Result<Computed, QueryError> {
    match question {
        Question::Workloads(question) => workloads::compute(question, inputs),
        Question::Infrastructure(question) => infrastructure::compute(question, inputs),
        Question::StorageSummary { range } => storage::compute(*range, inputs),
        Question::Summary(question) => summary::compute(question, inputs),
    }
}

fn computed<T: serde::Serialize>(answer: &T, step: jiff::SignedDuration, columns: usize) -> Computed {
    let body = serde_json::to_vec(answer).expect("answers consist of maps with text keys");
    Computed { body, step, columns: columns as u64 }
}

/// About an answer that was made of a table.
fn stats(table: &Table, range: jiff::SignedDuration) -> ChartStats {
    let series = table.rows.iter().flatten().filter(|column| is_known(column)).count();
    ChartStats {
        range_seconds: seconds(range),
        step_seconds: seconds(table.step),
        tier: table.origin.tier(),
        source: table.origin.source(),
        archive_error: table.origin.archive_error(),
        resources: count(table.rows.len()),
        series: count(series),
        oldest_data_timestamp: table.oldest(),
    }
}

/// Subjects that an answer is about, in the order of their ids.
fn subjects<'a>(snapshot: &Snapshot, rows: impl Iterator<Item = &'a Arc<Row>>) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = rows.map(|row| Subject::of(snapshot, row)).collect();
    subjects.sort_unstable_by_key(|subject| subject.id);
    subjects
}

/// A number of things as it is sent.
fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}
