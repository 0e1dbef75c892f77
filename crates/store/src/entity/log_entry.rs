//! The log of changed records, compacted as it is written (D-3).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_entry")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) revision: i64,
    /// What the entry supersedes: an entry with the same slot is replaced.
    pub(crate) slot: Vec<u8>,
    /// The resource that the record belongs to today; follows joins, unlike the body.
    pub(crate) resource_id: Option<String>,
    /// Whether a source has the thing, according to this entry.
    pub(crate) is_present: bool,
    /// The whole entry as JSON.
    pub(crate) body: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
