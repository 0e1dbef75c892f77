//! Small settings: one JSON value to a key.

use muster_model::TenantId;
use sea_orm::{EntityTrait, IntoActiveModel, sea_query::OnConflict};
use serde_json::Value;

use crate::{Store, StoreError, column, entity::setting};

impl Store {
    /// Reads a setting; `None` when it was never set.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setting_get(&self, tenant: &TenantId, key: &str) -> Result<Option<Value>, StoreError> {
        setting::Entity::find_by_id((tenant.as_str().to_owned(), key.to_owned()))
            .one(self.readers())
            .await
            .and_then(|row| row.map(|row| column::from_json(&row.value, "setting.value")).transpose())
            .map_err(StoreError::while_("reading a setting"))
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setting_set(&self, tenant: &TenantId, key: &str, value: &Value) -> Result<(), StoreError> {
        use setting::Column;
        let row =
            setting::Model { tenant_id: tenant.as_str().to_owned(), key: key.to_owned(), value: column::json(value) };
        let replace = OnConflict::columns([Column::TenantId, Column::Key]).update_column(Column::Value).to_owned();
        let insert = setting::Entity::insert(row.into_active_model()).on_conflict(replace);
        self.write("saving a setting", move |txn| Box::pin(insert.exec_without_returning(txn))).await?;
        Ok(())
    }
}
