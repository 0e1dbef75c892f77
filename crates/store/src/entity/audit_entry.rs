//! The audit log (D-18).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// The stretch of the log that will be dropped as a whole.
    pub(crate) segment: i64,
    /// The place within the segment, without holes.
    pub(crate) sequence: i64,
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) target: Option<String>,
    pub(crate) outcome: String,
    pub(crate) remote_addr: Option<String>,
    pub(crate) request_id: Option<String>,
    /// JSON.
    pub(crate) detail: String,
    pub(crate) stream: String,
    /// How often it happened, where like things are told in one row.
    pub(crate) occurrences: i64,
    /// Over the row; absent in rows from before there was a chain.
    pub(crate) digest: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
