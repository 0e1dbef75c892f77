//! The audit log: its rows, and what a check of its chain finds (D-18).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// One row of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    /// The id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who: `user:NAME`, `token:NAME`, `cli`, `system` or `anonymous`.
    pub actor: String,
    /// What, such as `token.create`.
    pub action: String,
    /// To what.
    pub target: Option<String>,
    /// `ok`, or the problem code.
    pub outcome: String,
    /// From where.
    pub remote_addr: Option<String>,
    /// The request, as in the server's log.
    pub request_id: Option<String>,
    /// How often; above 1 where like refusals within a minute are told in one row.
    pub occurrences: u32,
    /// Further details; `null` for none. What was changed is a JSON Patch under `patch`, whose `test` operations hold the
    /// values before.
    pub detail: serde_json::Value,
    /// `actions`, or `submissions` of push collectors.
    pub stream: String,
    /// The segment of the chain.
    pub segment: u64,
    /// The place within the segment.
    pub sequence: u64,
    /// SHA-256 over the row, in hexadecimal digits; `null` where somebody put the row there without the log.
    pub digest: Option<String>,
}

/// Which rows of the audit log. Newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only by this actor, such as `user:anna`.
    pub actor: Option<String>,
    /// Only this action, or a whole group of them: `token` stands for `token.create` too.
    pub action: Option<String>,
    /// Only on this target.
    pub target: Option<String>,
    /// `ok` for what was done, `refused` for what was not, or a problem code.
    pub outcome: Option<String>,
    /// Only this stream: `actions` or `submissions`.
    pub stream: Option<String>,
    /// Only from this time on (RFC 3339).
    pub from: Option<String>,
    /// Only before this time (RFC 3339).
    pub to: Option<String>,
    /// Only rows with this text somewhere, whatever its case.
    pub q: Option<String>,
    /// Rows to a page: 1 to 500, 100 if absent.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `nextPageToken` of the page before.
    pub page_token: Option<String>,
}

/// Which rows of the audit log, as which kind of file. Newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditExportQuery {
    /// `jsonl` (the default), one row a line, or `csv`.
    pub format: Option<String>,
    /// See `GET /api/audit`.
    pub actor: Option<String>,
    /// See `GET /api/audit`.
    pub action: Option<String>,
    /// See `GET /api/audit`.
    pub target: Option<String>,
    /// See `GET /api/audit`.
    pub outcome: Option<String>,
    /// See `GET /api/audit`.
    pub stream: Option<String>,
    /// See `GET /api/audit`.
    pub from: Option<String>,
    /// See `GET /api/audit`.
    pub to: Option<String>,
    /// See `GET /api/audit`.
    pub q: Option<String>,
}

/// What to compare the audit log with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditVerifyQuery {
    /// Heads that were noted before, separated by commas, as `GET /api/audit/head` shows them.
    pub anchor: Option<String>,
}

/// The ends of the audit log's chains. Noted elsewhere, they show later whether the log was rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditHeads {
    /// One for each chain; none as long as nothing was written.
    pub heads: Vec<AuditHead>,
}

/// The end of a chain at some moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditHead {
    /// `actions` or `submissions`.
    pub stream: String,
    /// Who writes the chain.
    pub writer: String,
    /// The segment of the last link.
    pub segment: u64,
    /// The number of the last link within its segment.
    pub link: u64,
    /// All of it in one word, hash included: what to note, and what `anchor` takes.
    pub head: String,
}

/// What a check of the audit log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerdict {
    /// Whether nothing is wrong and every anchor is confirmed.
    pub sound: bool,
    /// Segments that were read.
    pub segments: u64,
    /// Links that were recomputed.
    pub links: u64,
    /// Rows that were recomputed.
    pub entries: u64,
    /// Segments that retention has dropped.
    pub dropped_segments: u64,
    /// Rows that went with them.
    pub dropped_entries: u64,
    /// Time of the last row that went; `null` where none did.
    pub dropped_until: Option<Timestamp>,
    /// How many things are wrong.
    pub faults: u64,
    /// The first thousand of them.
    pub findings: Vec<AuditFinding>,
    /// What became of the anchors.
    pub anchors: Vec<AuditAnchor>,
    /// The ends of the chains: what to note for the next check.
    pub heads: Vec<AuditHead>,
}

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditFinding {
    /// What it looks like.
    pub fault: AuditFault,
    /// The segment.
    pub segment: u64,
    /// The link, where it is about one.
    pub link: Option<u64>,
    /// The first row by its place in the segment, where it is about rows.
    pub first_row: Option<u64>,
    /// The last row.
    pub last_row: Option<u64>,
    /// The row's id, where there is one.
    pub id: Option<Uuid>,
    /// In words.
    pub what: String,
}

/// What tampering looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// It does not hold what was written.
    Changed,
    /// It is gone from the middle.
    Missing,
    /// It stands where another one stood.
    Reordered,
    /// It is gone from the end.
    Truncated,
    /// It was never written through the log.
    Added,
}

/// A head to compare with, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditAnchor {
    /// The head.
    pub head: String,
    /// What became of it.
    pub state: AuditAnchorState,
}

/// What became of a head that was noted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditAnchorState {
    /// The log holds it: nothing before it was rewritten.
    Confirmed,
    /// Another link stands in its place: the log was rewritten.
    Contradicted,
    /// The log ends before it: its end was cut off, or it is another log.
    Absent,
    /// Retention dropped it: it is too old to compare with.
    Dropped,
}
