//! The audit log: every change that a person or token made, and what was refused to them (D-18).
//!
//! A change and the row that tells of it are one transaction: [`Store::recording`] hands out a store whose next change
//! carries a row. Rows are numbered without holes within a segment and never updated. Each group commit adds one link
//! to a chain of hashes over them ([`ledger`]), so that [`Store::audit_verify`] finds what was changed behind the store's
//! back, and retention drops whole segments and keeps what they closed with ([`prune`]).

mod adopt;
mod canonical;
mod check;
mod finding;
mod head;
mod ledger;
mod prune;
mod query;
mod stream;
mod walk;

use jiff::Timestamp;
use muster_model::TenantId;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::{Store, StoreError, column, entity::audit_entry};

pub(crate) use adopt::adopt;
pub use finding::{AnchorState, AuditFault, AuditFinding, AuditVerdict};
pub use head::{AuditHead, InvalidAuditHead};
pub(crate) use ledger::{Ledger, Line};
pub use prune::AuditPruned;
pub use query::{AuditCursor, AuditQuery, OutcomeFilter};
pub use stream::AuditStream;

/// What a row of the audit log tells.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id, a UUIDv7.
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
    /// How often; above 1 where like refusals are told in one row.
    pub occurrences: u32,
    /// Further details; a changed row as a JSON Patch whose `test` operations hold the values before. Never a secret.
    pub detail: serde_json::Value,
}

/// A row of the audit log with its place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// What it tells.
    pub entry: AuditEntry,
    /// Which of the tenant's streams it stands in, by the name of an [`AuditStream`].
    pub stream: String,
    /// The segment.
    pub segment: u64,
    /// The place within the segment, from 1.
    pub sequence: u64,
    /// SHA-256 over the row; `None` where somebody put the row there without the log.
    pub digest: Option<[u8; 32]>,
}

impl Store {
    /// The same store, whose next change is recorded by this entry in the same transaction. A change that finds
    /// nothing to change leaves no entry. For one change only: the entry's id is used up with it.
    #[must_use]
    pub fn recording(&self, tenant: &TenantId, entry: AuditEntry) -> Self {
        self.with_line(Line { tenant: tenant.clone(), stream: AuditStream::Actions, entry })
    }

    /// Adds an entry that tells of no change in this store: a refusal, or something done elsewhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_append(&self, tenant: &TenantId, entry: &AuditEntry) -> Result<(), StoreError> {
        self.recording(tenant, entry.clone()).write("writing the audit log", |_| Box::pin(async { Ok(()) })).await
    }

    /// Lists rows of all streams, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_list(&self, tenant: &TenantId, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        query
            .select(tenant)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(record_from_row).collect())
            .map_err(StoreError::while_("reading the audit log"))
    }
}

/// Shows also what somebody has tampered with: a row that cannot be read would hide all others.
fn record_from_row(row: audit_entry::Model) -> Result<AuditRecord, DbErr> {
    let audit_entry::Model {
        tenant_id: _,
        id,
        segment,
        sequence,
        at,
        actor,
        action,
        target,
        outcome,
        remote_addr,
        request_id,
        detail,
        stream,
        occurrences,
        digest,
    } = row;
    let detail = serde_json::from_str(&detail).unwrap_or(serde_json::Value::String(detail));
    let at = column::time(at, "audit_entry.at")?;
    let occurrences = u32::try_from(occurrences).unwrap_or(u32::MAX);
    let entry = AuditEntry { id, at, actor, action, target, outcome, remote_addr, request_id, occurrences, detail };
    Ok(AuditRecord {
        entry,
        stream,
        segment: segment.unsigned_abs(),
        sequence: sequence.unsigned_abs(),
        digest: digest.and_then(|digest| digest.try_into().ok()),
    })
}

#[cfg(test)]
mod tests;
