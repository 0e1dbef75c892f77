//! The durable timeline.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_change")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) resource_id: String,
    pub(crate) kind: String,
    pub(crate) observed_at: i64,
    pub(crate) occurred_at: Option<i64>,
    pub(crate) from_state: Option<String>,
    pub(crate) to_state: Option<String>,
    pub(crate) origin: String,
    pub(crate) source: Option<String>,
    pub(crate) confidence: String,
    pub(crate) actor: Option<String>,
    pub(crate) reason: Option<String>,
    /// A JSON array of resource ids.
    pub(crate) related_resources: String,
    /// A JSON object of texts.
    pub(crate) metadata: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
