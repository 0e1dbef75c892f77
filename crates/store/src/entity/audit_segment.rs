//! Segments of the audit log's chains: what retention drops as a whole (D-18).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_segment")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: String,
    /// Counts through all chains of a tenant, without holes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i64,
    pub(crate) stream: String,
    pub(crate) writer: String,
    /// Time of its first row.
    pub(crate) opened_at: i64,
    /// Time of its last row so far.
    pub(crate) last_at: i64,
    pub(crate) links: i64,
    pub(crate) entries: i64,
    /// What its first link rests on: the closing of the segment before.
    pub(crate) opening: Vec<u8>,
    /// The hash of its last link.
    pub(crate) head: Vec<u8>,
    /// Over all of the above; absent while it is written to.
    pub(crate) closing: Option<Vec<u8>>,
    /// Whether its rows and links are still there.
    pub(crate) kept: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
