//! Links of the audit log's chain: one to a group commit (D-18).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_link")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) segment: i64,
    /// From 1, without holes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i64,
    /// The first row that it covers.
    pub(crate) first_sequence: i64,
    /// How many it covers.
    pub(crate) entries: i64,
    /// Over the link before and the digests of the rows.
    pub(crate) hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
