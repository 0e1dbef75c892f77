//! The store's words as the contract's.

use muster_api::audit as wire;
use muster_store::{AnchorState, AuditEntry, AuditFault, AuditFinding, AuditHead, AuditRecord, AuditVerdict};

use crate::{problem::ApiError, text};

/// Heads to compare with in one check.
const MOST_ANCHORS: usize = 20;

/// A row.
pub(crate) fn row(record: AuditRecord) -> wire::AuditRow {
    let AuditRecord { entry, stream, segment, sequence, digest } = record;
    let AuditEntry { id, at, actor, action, target, outcome, remote_addr, request_id, occurrences, detail } = entry;
    wire::AuditRow {
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
        digest: digest.map(hex::encode),
    }
}

/// The heads that somebody wants to compare with.
pub(crate) fn anchors(given: Option<&str>) -> Result<Vec<AuditHead>, ApiError> {
    let parsed = text::list(given.unwrap_or_default()).map(str::parse::<AuditHead>).collect::<Result<Vec<_>, _>>();
    let anchors = parsed.map_err(|error| ApiError::query("anchor", error.to_string()))?;
    if anchors.len() > MOST_ANCHORS {
        return Err(ApiError::query("anchor", format!("give at most {MOST_ANCHORS} heads")));
    }
    Ok(anchors)
}

/// Heads.
pub(crate) fn heads(heads: &[AuditHead]) -> Vec<wire::AuditHead> {
    let head = |head: &AuditHead| wire::AuditHead {
        stream: head.stream.as_str().to_owned(),
        writer: head.writer.clone(),
        segment: head.segment,
        link: head.link,
        head: head.to_string(),
    };
    heads.iter().map(head).collect()
}

/// What a check found.
pub(crate) fn verdict(verdict: AuditVerdict) -> wire::AuditVerdict {
    let sound = verdict.is_sound();
    let AuditVerdict {
        segments,
        links,
        entries,
        dropped_segments,
        dropped_entries,
        dropped_until,
        faults,
        findings,
        anchors,
        heads: ends,
    } = verdict;
    let anchor = |(head, state): (AuditHead, _)| wire::AuditAnchor { head: head.to_string(), state: anchor(state) };
    wire::AuditVerdict {
        sound,
        segments,
        links,
        entries,
        dropped_segments,
        dropped_entries,
        dropped_until,
        faults,
        findings: findings.into_iter().map(finding).collect(),
        anchors: anchors.into_iter().map(anchor).collect(),
        heads: heads(&ends),
    }
}

fn anchor(state: AnchorState) -> wire::AuditAnchorState {
    match state {
        AnchorState::Confirmed => wire::AuditAnchorState::Confirmed,
        AnchorState::Contradicted => wire::AuditAnchorState::Contradicted,
        AnchorState::Absent => wire::AuditAnchorState::Absent,
        AnchorState::Dropped => wire::AuditAnchorState::Dropped,
    }
}

fn finding(finding: AuditFinding) -> wire::AuditFinding {
    let AuditFinding { fault, segment, link, rows, id, what } = finding;
    let (first_row, last_row) = rows.unzip();
    wire::AuditFinding { fault: self::fault(fault), segment, link, first_row, last_row, id, what }
}

fn fault(fault: AuditFault) -> wire::AuditFault {
    match fault {
        AuditFault::Changed => wire::AuditFault::Changed,
        AuditFault::Missing => wire::AuditFault::Missing,
        AuditFault::Reordered => wire::AuditFault::Reordered,
        AuditFault::Truncated => wire::AuditFault::Truncated,
        AuditFault::Added => wire::AuditFault::Added,
    }
}
