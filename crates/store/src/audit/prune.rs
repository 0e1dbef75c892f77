//! Retention: whole segments go, oldest first; what they closed with stays, so that the chain still verifies (D-18).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use muster_model::TenantId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::AuditStream;
use crate::{
    Store, StoreError, column,
    entity::{audit_entry, audit_link, audit_segment},
};

/// A segment that is old enough to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPruned {
    /// Its number.
    pub segment: u64,
    /// The stream that it belongs to.
    pub stream: AuditStream,
    /// How many rows it was written with.
    pub entries: u64,
    /// How many of them are there: others, when somebody took some away.
    pub found: u64,
    /// Time of its first row.
    pub from: Timestamp,
    /// Time of its last row.
    pub to: Timestamp,
}

impl Store {
    /// The next segment to drop: closed, and all of it older than `keep`. A last row of a time that is yet to come does not
    /// count: the segment is then as old as the next one of its chain that began in time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_prunable(
        &self,
        tenant: &TenantId,
        now: Timestamp,
        keep: SignedDuration,
    ) -> Result<Option<AuditPruned>, StoreError> {
        let next = async {
            let kept = kept(self.readers(), tenant).await?;
            match oldest_of_its_chain(&kept, column::micros(now), column::micros(now - keep)) {
                Some(segment) => pruned(self.readers(), segment).await.map(Some),
                None => Ok(None),
            }
        };
        next.await.map_err(StoreError::while_("looking for old parts of the audit log"))
    }

    /// What the clock said when the last row was written; `None` before the first one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_last_at(&self, tenant: &TenantId) -> Result<Option<Timestamp>, StoreError> {
        last_at(self.readers(), tenant).await.map_err(StoreError::while_("reading the end of the audit log"))
    }

    /// Drops a segment's rows and links. Says how many rows went; `None` when there is no such closed segment, or it was
    /// dropped before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_drop(&self, tenant: &TenantId, segment: u64) -> Result<Option<u64>, StoreError> {
        let (tenant, number) = (tenant.clone(), i64::try_from(segment).unwrap_or(i64::MAX));
        self.write("dropping an old part of the audit log", move |txn| {
            Box::pin(async move { drop_in_txn(txn, &tenant, number).await })
        })
        .await
    }
}

/// Of the chains' ends: rows of a time to come may lie before them.
async fn last_at(readers: &DatabaseConnection, tenant: &TenantId) -> Result<Option<Timestamp>, DbErr> {
    let last: Option<Option<i64>> = audit_segment::Entity::find()
        .select_only()
        .column_as(audit_segment::Column::LastAt.max(), "last_at")
        .filter(audit_segment::Column::TenantId.eq(tenant.as_str()))
        .filter(audit_segment::Column::Closing.is_null())
        .into_tuple()
        .one(readers)
        .await?;
    column::optional_time(last.flatten(), "audit_segment.last_at")
}

async fn kept(readers: &DatabaseConnection, tenant: &TenantId) -> Result<Vec<audit_segment::Model>, DbErr> {
    audit_segment::Entity::find()
        .filter(audit_segment::Column::TenantId.eq(tenant.as_str()))
        .filter(audit_segment::Column::Kept.eq(true))
        .order_by_asc(audit_segment::Column::Number)
        .all(readers)
        .await
}

fn oldest_of_its_chain(kept: &[audit_segment::Model], now: i64, older_than: i64) -> Option<&audit_segment::Model> {
    let mut chains: BTreeMap<(&str, &str), Vec<&audit_segment::Model>> = BTreeMap::new();
    for segment in kept {
        chains.entry((&segment.stream, &segment.writer)).or_default().push(segment);
    }
    chains.into_values().find_map(|chain| {
        let (oldest, later) = chain.split_first()?;
        (oldest.closing.is_some() && ended_at(oldest, later, now) < older_than).then_some(*oldest)
    })
}

/// When a segment's last row was written, as far as can be told when the clock was ahead at that time.
fn ended_at(segment: &audit_segment::Model, later: &[&audit_segment::Model], now: i64) -> i64 {
    if segment.last_at <= now {
        return segment.last_at;
    }
    later.iter().map(|later| later.opened_at).find(|at| *at <= now).unwrap_or(segment.last_at)
}

async fn drop_in_txn(txn: &DatabaseTransaction, tenant: &TenantId, number: i64) -> Result<Option<u64>, DbErr> {
    let mark = audit_segment::Entity::update_many()
        .set(audit_segment::ActiveModel { kept: Set(false), ..Default::default() })
        .filter(audit_segment::Column::TenantId.eq(tenant.as_str()))
        .filter(audit_segment::Column::Number.eq(number))
        .filter(audit_segment::Column::Kept.eq(true))
        .filter(audit_segment::Column::Closing.is_not_null());
    if mark.exec(txn).await?.rows_affected == 0 {
        return Ok(None);
    }
    audit_link::Entity::delete_many()
        .filter(audit_link::Column::TenantId.eq(tenant.as_str()))
        .filter(audit_link::Column::Segment.eq(number))
        .exec(txn)
        .await?;
    let rows = audit_entry::Entity::delete_many()
        .filter(audit_entry::Column::TenantId.eq(tenant.as_str()))
        .filter(audit_entry::Column::Segment.eq(number))
        .exec(txn)
        .await?;
    Ok(Some(rows.rows_affected))
}

async fn pruned(readers: &DatabaseConnection, segment: &audit_segment::Model) -> Result<AuditPruned, DbErr> {
    let found = audit_entry::Entity::find()
        .filter(audit_entry::Column::TenantId.eq(segment.tenant_id.as_str()))
        .filter(audit_entry::Column::Segment.eq(segment.number))
        .count(readers)
        .await?;
    Ok(AuditPruned {
        segment: segment.number.unsigned_abs(),
        stream: column::parse(&segment.stream, "audit_segment.stream")?,
        entries: segment.entries.unsigned_abs(),
        found,
        from: column::time(segment.opened_at, "audit_segment.opened_at")?,
        to: column::time(segment.last_at, "audit_segment.last_at")?,
    })
}
