//! Users.

use sea_orm::entity::prelude::*;

use crate::column::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// The name as it compares: trimmed, lower-case.
    pub(crate) name_key: String,
    pub(crate) password_hash: Sealed,
    pub(crate) role: String,
    pub(crate) created_at: i64,
    pub(crate) disabled_at: Option<i64>,
    /// With `subject`, who a user is at an identity provider; null for a local user.
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) last_sign_in_at: Option<i64>,
    /// When the identity provider said what the role rests on.
    pub(crate) vouched_at: Option<i64>,
    /// When the identity provider said that nothing makes a role any more.
    pub(crate) dismissed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
