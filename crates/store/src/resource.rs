//! What is remembered of resources apart from their state: that they were there, and under which ids.

use jiff::Timestamp;
use muster_model::{ResourceId, ResourceKind, TenantId};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    Store, StoreError, column,
    entity::{resource, resource_alias},
};

/// A resource that is or was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResource {
    /// Its id.
    pub id: ResourceId,
    /// Its kind.
    pub kind: ResourceKind,
    /// What the source that described it last calls it. A live resource's name is the snapshot's.
    pub name: String,
    /// When it was first observed.
    pub first_seen: Timestamp,
    /// When its last source withdrew it, or another resource absorbed it; `None` while it is there.
    pub removed_at: Option<Timestamp>,
}

impl Store {
    /// Finds a resource by its own id, removed or not. An absorbed id finds the row of the absorbed resource; see
    /// [`alias_resolve`](Self::alias_resolve).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resource_get(&self, tenant: &TenantId, id: ResourceId) -> Result<Option<StoredResource>, StoreError> {
        resource::Entity::find_by_id((tenant.as_str().to_owned(), id.to_string()))
            .one(self.readers())
            .await
            .and_then(|row| row.map(resource_from_row).transpose())
            .map_err(StoreError::while_("reading a resource"))
    }

    /// The id that stands for the given one today: itself, unless a join absorbed it (D-5).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn alias_resolve(&self, tenant: &TenantId, id: ResourceId) -> Result<ResourceId, StoreError> {
        let row = resource_alias::Entity::find_by_id((tenant.as_str().to_owned(), id.to_string()))
            .one(self.readers())
            .await
            .and_then(|row| row.map(|row| column::parse(&row.resource_id, "resource_alias.resource_id")).transpose());
        Ok(row.map_err(StoreError::while_("resolving a resource id"))?.unwrap_or(id))
    }

    /// The ids that joins have absorbed into the given one, in the order of the joins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn alias_list(&self, tenant: &TenantId, id: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        resource_alias::Entity::find()
            .filter(resource_alias::Column::TenantId.eq(tenant.as_str()))
            .filter(resource_alias::Column::ResourceId.eq(id.to_string()))
            .order_by_asc(resource_alias::Column::Since)
            .order_by_asc(resource_alias::Column::Alias)
            .all(self.readers())
            .await
            .and_then(|rows| rows.iter().map(|row| column::parse(&row.alias, "resource_alias.alias")).collect())
            .map_err(StoreError::while_("listing the aliases of a resource"))
    }
}

fn resource_from_row(row: resource::Model) -> Result<StoredResource, DbErr> {
    let resource::Model { tenant_id: _, id, kind, name, first_seen, removed_at } = row;
    Ok(StoredResource {
        id: column::parse(&id, "resource.id")?,
        kind: column::parse(&kind, "resource.kind")?,
        name,
        first_seen: column::time(first_seen, "resource.first_seen")?,
        removed_at: column::optional_time(removed_at, "resource.removed_at")?,
    })
}
