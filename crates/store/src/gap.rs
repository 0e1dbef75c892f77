//! Spans in which a source's data is missing (D-11).

use jiff::Timestamp;
use muster_model::{KnownGap, SourceId, TenantId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::{Store, StoreError, column, entity::known_gap};

impl Store {
    /// The gaps of the given sources that touch the span from `from` up to, not including, `to`, by start. No sources,
    /// no gaps.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gap_list(
        &self,
        tenant: &TenantId,
        sources: &[SourceId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<KnownGap>, StoreError> {
        use known_gap::Column;
        let unfinished = Condition::any().add(Column::EndedAt.is_null()).add(Column::EndedAt.gt(column::micros(from)));
        known_gap::Entity::find()
            .filter(Column::TenantId.eq(tenant.as_str()))
            .filter(Column::Source.is_in(sources.iter().map(|source| column::text(&source.to_string()))))
            .filter(Column::StartedAt.lt(column::micros(to)))
            .filter(unfinished)
            .order_by_asc(Column::StartedAt)
            .order_by_asc(Column::Source)
            .all(self.readers())
            .await
            .and_then(|rows| rows.iter().map(gap_from_row).collect())
            .map_err(StoreError::while_("reading known gaps"))
    }

    /// Ends the gaps of a source that last; says how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gap_close(&self, tenant: &TenantId, source: &SourceId, at: Timestamp) -> Result<u64, StoreError> {
        use known_gap::Column;
        let open = Condition::all()
            .add(Column::TenantId.eq(tenant.as_str()))
            .add(Column::Source.eq(column::text(&source.to_string())))
            .add(Column::EndedAt.is_null());
        let update =
            known_gap::Entity::update_many().col_expr(Column::EndedAt, Expr::value(column::micros(at))).filter(open);
        let closed = self.write("closing a known gap", move |txn| Box::pin(update.exec(txn))).await?;
        Ok(closed.rows_affected)
    }
}

impl Store {
    /// Leaves of a gap that has ended only the given spans, which lie within it: what was missing in the others is there
    /// now. None left, no gap.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gap_heal(
        &self,
        tenant: &TenantId,
        gap: &KnownGap,
        left: &[(Timestamp, Timestamp)],
    ) -> Result<(), StoreError> {
        use known_gap::Column;
        let healed = known_gap::Entity::delete_many()
            .filter(Column::TenantId.eq(tenant.as_str()))
            .filter(Column::Source.eq(column::text(&gap.source.to_string())))
            .filter(Column::StartedAt.eq(column::micros(gap.from)))
            .filter(Column::EndedAt.is_not_null());
        let left = left.iter().map(|(from, to)| KnownGap { from: *from, to: Some(*to), ..gap.clone() });
        let (left, tenant): (Vec<_>, _) = (left.collect(), tenant.clone());
        self.write("healing a known gap", move |txn| {
            Box::pin(async move {
                healed.exec(txn).await?;
                gap_upsert_in_txn(txn, &tenant, &left).await
            })
        })
        .await
    }
}

/// A source that was heard has no gap any more: whatever a crash left open before that ends there.
pub(crate) async fn gap_close_heard_in_txn(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    source: &str,
    heard: i64,
) -> Result<(), DbErr> {
    use known_gap::Column;
    let open = Condition::all()
        .add(Column::TenantId.eq(tenant.as_str()))
        .add(Column::Source.eq(source))
        .add(Column::EndedAt.is_null())
        .add(Column::StartedAt.lt(heard));
    let update = known_gap::Entity::update_many().col_expr(Column::EndedAt, Expr::value(heard)).filter(open);
    update.exec(txn).await.map(drop)
}

pub(crate) async fn gap_upsert_in_txn(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    gaps: &[KnownGap],
) -> Result<(), DbErr> {
    use known_gap::Column;
    let replace = OnConflict::columns([Column::TenantId, Column::Source, Column::StartedAt])
        // The reason for which it began stays.
        .update_columns([Column::EndedAt])
        .to_owned();
    for gap in gaps {
        let insert = known_gap::Entity::insert(gap_row(tenant, gap).into_active_model());
        insert.on_conflict(replace.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

fn gap_row(tenant: &TenantId, gap: &KnownGap) -> known_gap::Model {
    let KnownGap { source, from, to, reason } = gap;
    known_gap::Model {
        tenant_id: tenant.as_str().to_owned(),
        source: column::text(&source.to_string()),
        started_at: column::micros(*from),
        ended_at: to.map(column::micros),
        reason: reason.as_str().to_owned(),
    }
}

fn gap_from_row(row: &known_gap::Model) -> Result<KnownGap, DbErr> {
    let known_gap::Model { tenant_id: _, source, started_at, ended_at, reason } = row;
    Ok(KnownGap {
        source: column::parse(source, "known_gap.source")?,
        from: column::time(*started_at, "known_gap.started_at")?,
        to: column::optional_time(*ended_at, "known_gap.ended_at")?,
        reason: column::parse(reason, "known_gap.reason")?,
    })
}
