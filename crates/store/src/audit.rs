//! The audit log: every change that a person or token made.
//!
//! Rows are numbered without holes within a segment, in the order of their commits, so that a hash chain can run along
//! them and retention can drop whole segments (D-18). Nothing updates a row.

use jiff::Timestamp;
use muster_model::TenantId;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::{Store, StoreError, column, entity::audit_entry, postgres};

/// The segment that is written to. There is one so far.
const SEGMENT: i64 = 1;

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who: `user:NAME`, `token:NAME`, `cli` or `anonymous`.
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
    /// Further details. Never carries a secret.
    pub detail: serde_json::Value,
}

/// A line's place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    /// Its time.
    pub at: Timestamp,
    /// Its id, which orders lines of one moment.
    pub id: Uuid,
}

impl From<&AuditEntry> for AuditCursor {
    fn from(entry: &AuditEntry) -> Self {
        Self { at: entry.at, id: entry.id }
    }
}

impl Store {
    /// Adds a line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_append(&self, tenant: &TenantId, entry: &AuditEntry) -> Result<(), StoreError> {
        let row = entry_row(tenant, entry);
        self.write("writing the audit log", move |txn| Box::pin(append_in_txn(txn, row))).await
    }

    /// Lists lines, newest first: at most `limit`, from the start or after `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_list(
        &self,
        tenant: &TenantId,
        before: Option<AuditCursor>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        use audit_entry::Column;
        let mut rows = audit_entry::Entity::find().filter(Column::TenantId.eq(tenant.as_str()));
        if let Some(before) = before {
            let place = Expr::tuple([Expr::col(Column::At), Expr::col(Column::Id)]);
            rows = rows.filter(place.lt(Expr::tuple([Expr::value(column::micros(before.at)), Expr::value(before.id)])));
        }
        rows.order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(entry_from_row).collect())
            .map_err(StoreError::while_("reading the audit log"))
    }
}

async fn append_in_txn(txn: &DatabaseTransaction, mut row: audit_entry::Model) -> Result<(), DbErr> {
    use audit_entry::Column;
    postgres::exclusive_in_txn(txn, &format!("audit.{}", row.tenant_id)).await?;
    let last: Option<i64> = audit_entry::Entity::find()
        .select_only()
        .column(Column::Sequence)
        .filter(Column::TenantId.eq(row.tenant_id.as_str()))
        .filter(Column::Segment.eq(SEGMENT))
        .order_by_desc(Column::Sequence)
        .into_tuple()
        .one(txn)
        .await?;
    row.sequence = last.map_or(1, |last| last + 1);
    audit_entry::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    Ok(())
}

/// The row of an entry, its sequence still open.
fn entry_row(tenant: &TenantId, entry: &AuditEntry) -> audit_entry::Model {
    let AuditEntry { id, at, actor, action, target, outcome, remote_addr, request_id, detail } = entry;
    audit_entry::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: *id,
        segment: SEGMENT,
        sequence: 0,
        at: column::micros(*at),
        actor: column::text(actor),
        action: column::text(action),
        target: column::optional_text(target.as_deref()),
        outcome: column::text(outcome),
        remote_addr: column::optional_text(remote_addr.as_deref()),
        request_id: column::optional_text(request_id.as_deref()),
        detail: column::json(detail),
    }
}

fn entry_from_row(row: audit_entry::Model) -> Result<AuditEntry, DbErr> {
    let audit_entry::Model {
        tenant_id: _,
        id,
        segment: _,
        sequence: _,
        at,
        actor,
        action,
        target,
        outcome,
        remote_addr,
        request_id,
        detail,
    } = row;
    Ok(AuditEntry {
        id,
        at: column::time(at, "audit_entry.at")?,
        actor,
        action,
        target,
        outcome,
        remote_addr,
        request_id,
        detail: column::from_json(&detail, "audit_entry.detail")?,
    })
}
