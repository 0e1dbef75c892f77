//! Connections to platforms.

use sea_orm::entity::prelude::*;

use crate::column::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connection")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) platform: String,
    pub(crate) name: String,
    pub(crate) name_key: String,
    /// JSON: a list of texts.
    pub(crate) endpoints: String,
    pub(crate) login_user: String,
    /// The token's name; absent where the user's password is the secret.
    pub(crate) login_token: Option<String>,
    /// JSON: a list of texts.
    pub(crate) pins: String,
    pub(crate) interval_seconds: i64,
    pub(crate) is_enabled: bool,
    pub(crate) sealed_secret: Sealed,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// JSON; absent where nobody has chosen anything.
    pub(crate) options: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
