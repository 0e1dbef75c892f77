//! What a check of the audit log finds.

use jiff::Timestamp;
use uuid::Uuid;

use super::AuditHead;

/// What kind of tampering a finding looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFinding {
    /// What kind.
    pub fault: AuditFault,
    /// The segment.
    pub segment: u64,
    /// The link, where the finding is about one.
    pub link: Option<u64>,
    /// The first and last row by their places in the segment, where the finding is about rows.
    pub rows: Option<(u64, u64)>,
    /// The row's id, where there is one.
    pub id: Option<Uuid>,
    /// In words: a clause without a full stop.
    pub what: String,
}

/// What became of a head that somebody had noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorState {
    /// The log holds it: nothing before it was rewritten.
    Confirmed,
    /// Another link stands in its place: the log was rewritten.
    Contradicted,
    /// The log ends before it: its end was cut off, or it is another log.
    Absent,
    /// Retention dropped the segment. The head is too old to compare with.
    Dropped,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Segments that were read.
    pub segments: u64,
    /// Links that were recomputed.
    pub links: u64,
    /// Rows that were recomputed.
    pub entries: u64,
    /// Segments that retention has dropped; what they closed with is in the chain.
    pub dropped_segments: u64,
    /// Rows that went with them.
    pub dropped_entries: u64,
    /// Time of the last row that went.
    pub dropped_until: Option<Timestamp>,
    /// How many findings there are.
    pub faults: u64,
    /// The first of them, at most [`NAMED`](Self::NAMED).
    pub findings: Vec<AuditFinding>,
    /// The heads to compare with, and what became of them.
    pub anchors: Vec<(AuditHead, AnchorState)>,
    /// The ends of the chains that were read: what to note for the next check.
    pub heads: Vec<AuditHead>,
}

impl AuditVerdict {
    /// Findings that are named. A log that was rewritten has one for each row.
    pub const NAMED: usize = 1000;

    /// Whether nothing is wrong, and every head that was given is confirmed.
    pub fn is_sound(&self) -> bool {
        self.faults == 0 && self.anchors.iter().all(|(_, state)| *state == AnchorState::Confirmed)
    }

    pub(super) fn add(&mut self, found: impl IntoIterator<Item = AuditFinding>) {
        for finding in found {
            self.faults += 1;
            if self.findings.len() < Self::NAMED {
                self.findings.push(finding);
            }
        }
    }
}
