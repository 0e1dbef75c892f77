//! The audit log as a file: JSON lines or CSV, page by page.

use muster_api::audit::AuditRow;
use muster_model::TenantId;
use muster_store::{AuditCursor, AuditQuery, Store, StoreError};
use tokio::runtime::Handle;

use super::wire;
use crate::{csv::Line, feed::Feed, problem::ApiError};

/// Rows that are read at a time.
const PAGE: u32 = 500;

/// The first line of a CSV file.
const HEADER: &str =
    "at,actor,action,target,outcome,occurrences,remote_addr,request_id,stream,segment,sequence,id,digest,detail\n";

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    JsonLines,
    Csv,
}

impl Format {
    pub(crate) fn read(text: Option<&str>) -> Result<Self, ApiError> {
        match text {
            None | Some("" | "jsonl") => Ok(Self::JsonLines),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(ApiError::query("format", "use jsonl or csv")),
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::JsonLines => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::JsonLines => "muster-audit.jsonl",
            Self::Csv => "muster-audit.csv",
        }
    }
}

/// What to export.
pub(crate) struct Export {
    pub(crate) tenant: TenantId,
    pub(crate) query: AuditQuery,
    pub(crate) format: Format,
}

impl Export {
    /// Writes everything, or until the reader has gone. Runs on a thread that may block.
    pub(crate) fn write(mut self, store: &Store, runtime: &Handle, feed: &mut Feed) -> Result<(), StoreError> {
        if self.format == Format::Csv {
            feed.write(|out| out.push_str(HEADER));
        }
        self.query.limit = PAGE;
        let cancel = feed.cancel();
        while !cancel.is_cancelled() {
            let page = runtime.block_on(store.audit_list(&self.tenant, &self.query))?;
            let Some(last) = page.last() else { break };
            self.query.before = Some(AuditCursor::from(last));
            for record in page {
                let row = wire::row(record);
                feed.write(|out| self.format.write(&row, out));
            }
        }
        Ok(())
    }
}

impl Format {
    fn write(self, row: &AuditRow, out: &mut String) {
        match self {
            Self::JsonLines => {
                out.push_str(&serde_json::to_string(row).expect("a row has only text keys"));
                out.push('\n');
            }
            Self::Csv => write_line(row, out),
        }
    }
}

fn write_line(row: &AuditRow, out: &mut String) {
    let AuditRow {
        id,
        at,
        actor,
        action,
        target,
        outcome,
        remote_addr,
        request_id,
        occurrences,
        detail,
        stream,
        segment,
        sequence,
        digest,
    } = row;
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let detail = if detail.is_null() { String::new() } else { detail.to_string() };
    let mut line = Line::begin(out);
    line.plain(at).text(actor).text(action).text(&optional(target)).text(outcome).plain(occurrences);
    line.text(&optional(remote_addr)).text(&optional(request_id)).text(stream).plain(segment).plain(sequence);
    line.plain(id).plain(optional(digest)).text(&detail).end();
}
