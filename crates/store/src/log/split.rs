//! What a split means for the tables of resources: the records that left belong to another resource, and former ids lead
//! elsewhere, or to themselves again.

use jiff::Timestamp;
use muster_model::ResourceId;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    CHUNK,
    projection::{resource_remove_in_txn, resource_upsert_in_txn},
};
use crate::{
    column,
    entity::{log_entry, resource, resource_alias},
};

/// Records that left a resource.
pub(super) struct Split {
    pub(super) survivor: ResourceId,
    pub(super) departed: ResourceId,
    /// When the departed one was first seen.
    pub(super) first_seen: Timestamp,
    /// Former ids that lead to the departed one from now on.
    pub(super) aliases: Vec<ResourceId>,
    /// The entries of the records that left.
    pub(super) slots: Vec<Vec<u8>>,
    pub(super) at: Timestamp,
}

impl Split {
    pub(super) async fn write_in_txn(&self, txn: &DatabaseTransaction, tenant: &str) -> Result<(), DbErr> {
        self.repoint_in_txn(txn, tenant).await?;
        self.alias_free_in_txn(txn, tenant).await?;
        let name = name_in_txn(txn, tenant, self.survivor).await?;
        let departed = resource::Model {
            tenant_id: tenant.to_owned(),
            id: self.departed.to_string(),
            kind: self.departed.kind().as_str().to_owned(),
            // Its next report tells what it is called itself.
            name: name_in_txn(txn, tenant, self.departed).await?.or(name).unwrap_or_default(),
            first_seen: column::micros(self.first_seen),
            removed_at: None,
        };
        resource_upsert_in_txn(txn, std::iter::once(departed)).await?;
        let pair = [self.survivor, self.departed].into();
        resource_remove_in_txn(txn, tenant, &pair, self.at).await
    }

    async fn repoint_in_txn(&self, txn: &DatabaseTransaction, tenant: &str) -> Result<(), DbErr> {
        for chunk in self.slots.chunks(CHUNK) {
            log_entry::Entity::update_many()
                .col_expr(log_entry::Column::ResourceId, Expr::value(self.departed.to_string()))
                .filter(log_entry::Column::TenantId.eq(tenant))
                .filter(log_entry::Column::Slot.is_in(chunk.iter().cloned()))
                .exec(txn)
                .await?;
        }
        Ok(())
    }

    async fn alias_free_in_txn(&self, txn: &DatabaseTransaction, tenant: &str) -> Result<(), DbErr> {
        use resource_alias::Column;
        resource_alias::Entity::delete_many()
            .filter(Column::TenantId.eq(tenant))
            .filter(Column::Alias.eq(self.departed.to_string()))
            .exec(txn)
            .await?;
        for chunk in self.aliases.chunks(CHUNK) {
            resource_alias::Entity::update_many()
                .col_expr(Column::ResourceId, Expr::value(self.departed.to_string()))
                .filter(Column::TenantId.eq(tenant))
                .filter(Column::Alias.is_in(chunk.iter().map(ToString::to_string)))
                .exec(txn)
                .await?;
        }
        Ok(())
    }
}

async fn name_in_txn(txn: &DatabaseTransaction, tenant: &str, id: ResourceId) -> Result<Option<String>, DbErr> {
    let row = resource::Entity::find_by_id((tenant.to_owned(), id.to_string())).one(txn).await?;
    Ok(row.map(|row| row.name))
}
