//! What SQL wants to know about resources, derived from the log entries and written with them: which there ever were,
//! since when, until when, and which ids joins have absorbed and splits set free.
//!
//! Nothing here flows back into the estate; losing these tables would lose no state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use muster_model::{LogEntry, LogOp, NativeKey, ResourceId, SourceId, TenantId, Verdict};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use super::{CHUNK, record_slot, split::Split};
use crate::{
    column,
    entity::{log_entry, resource, resource_alias},
};

/// What a sweep means for the tables of resources.
pub(super) struct Projection {
    tenant: String,
    /// The last description of each resource.
    seen: BTreeMap<ResourceId, resource::Model>,
    /// In their order: what was joined may be split, and joined again.
    moves: Vec<Move>,
    /// Resources that a source withdrew, by when.
    withdrawn: BTreeMap<Timestamp, BTreeSet<ResourceId>>,
}

enum Move {
    Join(Join),
    Split(Split),
    Rebinding(Rebinding),
}

/// A record that was bound after a split of the same sweep, which may have named it: its entry is written before.
struct Rebinding {
    slot: Vec<u8>,
    resource: ResourceId,
    is_present: bool,
}

struct Join {
    survivor: ResourceId,
    absorbed: ResourceId,
    at: Timestamp,
}

impl Projection {
    pub(super) fn of(tenant: &TenantId, entries: &[LogEntry]) -> Self {
        let tenant = tenant.as_str().to_owned();
        let mut projection = Self { tenant, seen: BTreeMap::new(), moves: vec![], withdrawn: BTreeMap::new() };
        for entry in entries {
            projection.take(entry);
        }
        projection
    }

    fn take(&mut self, entry: &LogEntry) {
        match &entry.op {
            LogOp::Observed { source, record, binding } => {
                self.rebind(source, &record.key, binding.resource_id, true);
                let id = binding.resource_id;
                let row = resource::Model {
                    tenant_id: self.tenant.clone(),
                    id: id.to_string(),
                    kind: id.kind().as_str().to_owned(),
                    name: column::text(&record.name),
                    first_seen: column::micros(binding.first_seen_at),
                    removed_at: None,
                };
                self.seen.insert(id, row);
            }
            LogOp::Withdrawn { source, key, binding, .. } => {
                self.rebind(source, key, binding.resource_id, false);
                self.withdrawn.entry(entry.at).or_default().insert(binding.resource_id);
            }
            LogOp::SourceJudged { .. } | LogOp::RulingWithdrawn { .. } => {}
            LogOp::Joined { survivor, absorbed, .. } => {
                self.moves.push(Move::Join(Join { survivor: *survivor, absorbed: *absorbed, at: entry.at }));
            }
            LogOp::Ruled { ruling, .. } => match ruling.verdict {
                Verdict::Same { survivor, absorbed } => {
                    self.moves.push(Move::Join(Join { survivor, absorbed, at: entry.at }));
                }
                Verdict::Distinct { .. } | Verdict::Inside { .. } => {}
            },
            LogOp::Split { survivor, departed, departed_first_seen_at, aliases, records, .. } => {
                self.moves.push(Move::Split(Split {
                    survivor: *survivor,
                    departed: *departed,
                    first_seen: *departed_first_seen_at,
                    aliases: aliases.clone(),
                    slots: records.iter().map(|record| record_slot(&record.source, &record.key)).collect(),
                    at: entry.at,
                }));
            }
        }
    }

    /// Nothing but a split leads a single record elsewhere, and splits are rare.
    fn rebind(&mut self, source: &SourceId, key: &NativeKey, resource: ResourceId, is_present: bool) {
        if self.moves.iter().any(|step| matches!(step, Move::Split(_))) {
            self.moves.push(Move::Rebinding(Rebinding { slot: record_slot(source, key), resource, is_present }));
        }
    }

    /// Expects that the log entries themselves are written.
    pub(super) async fn write_in_txn(self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        resource_upsert_in_txn(txn, self.seen.into_values()).await?;
        for step in &self.moves {
            match step {
                Move::Join(join) => join.write_in_txn(txn, &self.tenant).await?,
                Move::Split(split) => split.write_in_txn(txn, &self.tenant).await?,
                Move::Rebinding(rebinding) => rebinding.write_in_txn(txn, &self.tenant).await?,
            }
        }
        for (at, ids) in self.withdrawn {
            resource_remove_in_txn(txn, &self.tenant, &ids, at).await?;
        }
        Ok(())
    }
}

pub(super) async fn resource_upsert_in_txn(
    txn: &DatabaseTransaction,
    rows: impl Iterator<Item = resource::Model>,
) -> Result<(), DbErr> {
    use resource::Column;
    let rows: Vec<_> = rows.map(IntoActiveModel::into_active_model).collect();
    let replace = OnConflict::columns([Column::TenantId, Column::Id])
        .update_columns([Column::Name, Column::FirstSeen, Column::RemovedAt])
        .to_owned();
    for chunk in rows.chunks(CHUNK) {
        let insert = resource::Entity::insert_many(chunk.iter().cloned());
        insert.on_conflict(replace.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

impl Rebinding {
    async fn write_in_txn(&self, txn: &DatabaseTransaction, tenant: &str) -> Result<(), DbErr> {
        let resource = self.resource.to_string();
        log_entry::Entity::update_many()
            .col_expr(log_entry::Column::ResourceId, Expr::value(resource.as_str()))
            .filter(log_entry::Column::TenantId.eq(tenant))
            .filter(log_entry::Column::Slot.eq(self.slot.clone()))
            .exec(txn)
            .await?;
        if self.is_present {
            resource::Entity::update_many()
                .col_expr(resource::Column::RemovedAt, Expr::value(None::<i64>))
                .filter(resource::Column::TenantId.eq(tenant))
                .filter(resource::Column::Id.eq(resource))
                .exec(txn)
                .await?;
        }
        Ok(())
    }
}

impl Join {
    async fn write_in_txn(&self, txn: &DatabaseTransaction, tenant: &str) -> Result<(), DbErr> {
        let (survivor, absorbed) = (self.survivor.to_string(), self.absorbed.to_string());
        self.repoint_in_txn(txn, tenant, &survivor, &absorbed).await?;
        self.alias_upsert_in_txn(txn, tenant, survivor, absorbed.clone()).await?;
        resource::Entity::update_many()
            .col_expr(resource::Column::RemovedAt, Expr::value(column::micros(self.at)))
            .filter(resource::Column::TenantId.eq(tenant))
            .filter(resource::Column::Id.eq(absorbed))
            .exec(txn)
            .await?;
        Ok(())
    }

    /// Leads everything that pointed at the absorbed id to the survivor, so that one look-up always suffices.
    async fn repoint_in_txn(
        &self,
        txn: &DatabaseTransaction,
        tenant: &str,
        survivor: &str,
        absorbed: &str,
    ) -> Result<(), DbErr> {
        log_entry::Entity::update_many()
            .col_expr(log_entry::Column::ResourceId, Expr::value(survivor))
            .filter(log_entry::Column::TenantId.eq(tenant))
            .filter(log_entry::Column::ResourceId.eq(absorbed))
            .exec(txn)
            .await?;
        resource_alias::Entity::update_many()
            .col_expr(resource_alias::Column::ResourceId, Expr::value(survivor))
            .filter(resource_alias::Column::TenantId.eq(tenant))
            .filter(resource_alias::Column::ResourceId.eq(absorbed))
            .exec(txn)
            .await?;
        Ok(())
    }

    async fn alias_upsert_in_txn(
        &self,
        txn: &DatabaseTransaction,
        tenant: &str,
        survivor: String,
        absorbed: String,
    ) -> Result<(), DbErr> {
        use resource_alias::Column;
        let row = resource_alias::Model {
            tenant_id: tenant.to_owned(),
            alias: absorbed,
            resource_id: survivor,
            since: column::micros(self.at),
        };
        let replace = OnConflict::columns([Column::TenantId, Column::Alias])
            .update_columns([Column::ResourceId, Column::Since])
            .to_owned();
        resource_alias::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(txn)
            .await?;
        Ok(())
    }
}

/// Marks those of the resources as removed that no source has any more.
pub(super) async fn resource_remove_in_txn(
    txn: &DatabaseTransaction,
    tenant: &str,
    ids: &BTreeSet<ResourceId>,
    at: Timestamp,
) -> Result<(), DbErr> {
    let still_present = Query::select()
        .column(log_entry::Column::ResourceId)
        .from(log_entry::Entity)
        .and_where(log_entry::Column::TenantId.eq(tenant))
        .and_where(log_entry::Column::ResourceId.is_not_null())
        .and_where(log_entry::Column::IsPresent.eq(true))
        .to_owned();
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    for chunk in ids.chunks(CHUNK) {
        let still_present = still_present
            .clone()
            .and_where(log_entry::Column::ResourceId.is_in(chunk.iter().map(String::as_str)))
            .to_owned();
        resource::Entity::update_many()
            .col_expr(resource::Column::RemovedAt, Expr::value(column::micros(at)))
            .filter(resource::Column::TenantId.eq(tenant))
            .filter(resource::Column::Id.is_in(chunk.iter().map(String::as_str)))
            .filter(Expr::col(resource::Column::Id).not_in_subquery(still_present))
            .exec(txn)
            .await?;
    }
    Ok(())
}
