//! The audit log for those who may read it: questions as the store takes them, rows as the contract shows them.
//!
//! Called by the routes. Reads only.

mod export;
mod wire;

use muster_api::audit::AuditExportQuery;
use muster_store::{AuditQuery, AuditStream, OutcomeFilter};

use crate::{problem::ApiError, span::parse_time};

pub(crate) use export::{Export, Format};
pub(crate) use wire::{anchors, heads, row, verdict};

/// What people ask for, checked.
pub(crate) fn question(asked: muster_api::audit::AuditQuery) -> Result<AuditQuery, ApiError> {
    let muster_api::audit::AuditQuery { actor, action, target, outcome, stream, from, to, q, limit: _, page_token: _ } =
        asked;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(AuditQuery {
        stream: given(stream).as_deref().map(read_stream).transpose()?,
        actor: given(actor),
        action: given(action),
        target: given(target),
        outcome: given(outcome).map(read_outcome),
        from: given(from).as_deref().map(|text| parse_time("from", text)).transpose()?,
        to: given(to).as_deref().map(|text| parse_time("to", text)).transpose()?,
        text: given(q),
        ..AuditQuery::newest(0)
    })
}

/// An export asks like a list.
pub(crate) fn of_export(asked: AuditExportQuery) -> muster_api::audit::AuditQuery {
    let AuditExportQuery { format: _, actor, action, target, outcome, stream, from, to, q } = asked;
    muster_api::audit::AuditQuery { actor, action, target, outcome, stream, from, to, q, limit: None, page_token: None }
}

fn read_stream(text: &str) -> Result<AuditStream, ApiError> {
    text.parse().map_err(|_| ApiError::query("stream", "use actions or submissions"))
}

fn read_outcome(text: String) -> OutcomeFilter {
    match text.as_str() {
        "ok" => OutcomeFilter::Done,
        "refused" => OutcomeFilter::Refused,
        _ => OutcomeFilter::Code(text),
    }
}
