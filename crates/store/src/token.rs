//! API tokens. The store keeps their hashes, never the tokens. A name is unique among a tenant's live tokens: those
//! neither revoked nor expired.
//!
//! A rotated token has two secrets for a while: the new one, and the one before until its time is over.

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_model::{Role, Scope, TenantId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

use crate::{Store, StoreError, column, entity::api_token};

/// Tokens deleted in one call of [`Store::token_prune`].
const PRUNE_BATCH: u64 = 1000;

/// A token to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The name as shown; stored without outer white space.
    pub name: String,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// The role that named its scopes.
    pub role: Role,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// When.
    pub created_at: Timestamp,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// Who created it, as in the audit log.
    pub created_by: String,
}

/// A token that was not revoked. Whether it has expired is the caller's judgement, who knows the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: Uuid,
    /// The name as shown.
    pub name: String,
    /// The role that named its scopes.
    pub role: Role,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// Who created it, as in the audit log.
    pub created_by: String,
    /// When it was last used, as far as it was noted.
    pub last_used_at: Option<Timestamp>,
    /// Until when the secret before the last rotation works; `None` where there is none.
    pub previous_until: Option<Timestamp>,
}

impl ApiToken {
    /// The same token as whoever holds the secret before the last rotation has it.
    fn before_rotation(self) -> Self {
        let ends = [self.expires_at, self.previous_until].into_iter().flatten().min();
        Self { expires_at: ends, ..self }
    }
}

/// Why a token was not created.
#[derive(Debug, thiserror::Error)]
pub enum TokenInsertError {
    /// Another live token of the tenant has the name.
    #[error("creating token {name}: a live token has the name; choose another or revoke that one")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Creates a token.
    ///
    /// # Errors
    /// When a live token has the name, or the database fails.
    pub async fn token_insert(&self, tenant: &TenantId, token: &NewToken) -> Result<(), TokenInsertError> {
        let row = token_row(tenant, token);
        let inserted = self.write("creating a token", move |txn| Box::pin(token_insert_in_txn(txn, row))).await?;
        if inserted { Ok(()) } else { Err(TokenInsertError::NameTaken { name: token.name.trim().to_owned() }) }
    }

    /// Finds a token that was not revoked, with its tenant. No tenant is given, since the token names it. Found by the
    /// secret before its last rotation, it expires when that secret does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_by_hash(&self, token_hash: &[u8; 32]) -> Result<Option<(TenantId, ApiToken)>, StoreError> {
        let found = api_token::Entity::find()
            .filter(presented(token_hash))
            .filter(api_token::Column::RevokedAt.is_null())
            .one(self.readers())
            .await;
        let found = found.and_then(|row| {
            let of_tenant = |row: api_token::Model| {
                let tenant = column::parse(&row.tenant_id, "api_token.tenant_id")?;
                let is_current = row.token_hash == token_hash;
                let token = token_from_row(row)?;
                Ok((tenant, if is_current { token } else { token.before_rotation() }))
            };
            row.map(of_tenant).transpose()
        });
        found.map_err(StoreError::while_("looking up a token"))
    }

    /// Lists the tokens that were not revoked, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_list(&self, tenant: &TenantId) -> Result<Vec<ApiToken>, StoreError> {
        api_token::Entity::find()
            .filter(api_token::Column::TenantId.eq(tenant.as_str()))
            .filter(api_token::Column::RevokedAt.is_null())
            .order_by_asc(api_token::Column::NameKey)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(token_from_row).collect())
            .map_err(StoreError::while_("listing tokens"))
    }

    /// Revokes a token; it keeps its row. Says whether there was such a token, not revoked before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_revoke(&self, tenant: &TenantId, id: Uuid, at: Timestamp) -> Result<bool, StoreError> {
        let update = api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, Expr::value(column::micros(at)))
            .filter(is_token(tenant, id))
            .filter(api_token::Column::RevokedAt.is_null());
        let updated = self.write("revoking a token", move |txn| Box::pin(update.exec(txn))).await?;
        Ok(updated.rows_affected > 0)
    }

    /// Gives a token another secret. The one until now works on until `overlap_until`; the one before that no longer.
    /// Says whether there is such a token, not revoked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_rotate(
        &self,
        tenant: &TenantId,
        id: Uuid,
        token_hash: &[u8; 32],
        overlap_until: Timestamp,
    ) -> Result<bool, StoreError> {
        use api_token::Column;
        let update = api_token::Entity::update_many()
            .col_expr(Column::PreviousHash, Expr::col(Column::TokenHash))
            .col_expr(Column::PreviousUntil, Expr::value(column::micros(overlap_until)))
            .col_expr(Column::TokenHash, Expr::value(token_hash.to_vec()))
            .filter(is_token(tenant, id))
            .filter(Column::RevokedAt.is_null());
        let updated = self.write("rotating a token", move |txn| Box::pin(update.exec(txn))).await?;
        Ok(updated.rows_affected > 0)
    }

    /// Deletes tokens of every tenant that were revoked or expired before a time, at most 1000 in one call; says how
    /// many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_prune(&self, dead_before: Timestamp) -> Result<u64, StoreError> {
        use api_token::Column;
        let before = column::micros(dead_before);
        let dead = Query::select()
            .column(Column::TokenHash)
            .from(api_token::Entity)
            .cond_where(Condition::any().add(Column::RevokedAt.lt(before)).add(Column::ExpiresAt.lt(before)))
            .limit(PRUNE_BATCH)
            .take();
        let delete = api_token::Entity::delete_many().filter(Expr::col(Column::TokenHash).in_subquery(dead));
        let deleted = self.write("deleting dead tokens", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected)
    }

    /// Notes that a token was used. The caller does so at most once a minute (D-12).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_touch(&self, tenant: &TenantId, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let update = api_token::Entity::update_many()
            .col_expr(api_token::Column::LastUsedAt, Expr::value(column::micros(at)))
            .filter(is_token(tenant, id));
        self.write("noting the use of a token", move |txn| Box::pin(update.exec(txn))).await?;
        Ok(())
    }
}

/// Says whether the name was free.
async fn token_insert_in_txn(txn: &DatabaseTransaction, row: api_token::Model) -> Result<bool, DbErr> {
    use api_token::Column;
    expired_retire_in_txn(txn, &row).await?;
    let keep = OnConflict::columns([Column::TenantId, Column::NameKey])
        .target_and_where(Expr::col(Column::RevokedAt).is_null())
        .do_nothing()
        .to_owned();
    let insert = api_token::Entity::insert(row.into_active_model()).on_conflict(keep);
    Ok(insert.exec_without_returning(txn).await? > 0)
}

/// An expired token gives its name free as soon as somebody wants it: an index cannot know the time.
async fn expired_retire_in_txn(txn: &DatabaseTransaction, newcomer: &api_token::Model) -> Result<(), DbErr> {
    use api_token::Column;
    api_token::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::col(Column::ExpiresAt))
        .filter(Column::TenantId.eq(newcomer.tenant_id.as_str()))
        .filter(Column::NameKey.eq(newcomer.name_key.as_str()))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.lte(newcomer.created_at))
        .exec(txn)
        .await?;
    Ok(())
}

fn presented(token_hash: &[u8; 32]) -> Condition {
    use api_token::Column;
    Condition::any().add(Column::TokenHash.eq(token_hash.to_vec())).add(Column::PreviousHash.eq(token_hash.to_vec()))
}

fn is_token(tenant: &TenantId, id: Uuid) -> Condition {
    Condition::all().add(api_token::Column::TenantId.eq(tenant.as_str())).add(api_token::Column::Id.eq(id))
}

fn token_row(tenant: &TenantId, token: &NewToken) -> api_token::Model {
    let NewToken { id, name, token_hash, role, scopes, created_at, expires_at, created_by } = token;
    api_token::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: *id,
        name: column::text(name.trim()),
        name_key: column::name_key(name),
        token_hash: token_hash.to_vec(),
        role: role.as_str().to_owned(),
        scopes: column::json(scopes),
        created_at: column::micros(*created_at),
        created_by: column::text(created_by),
        expires_at: expires_at.map(column::micros),
        last_used_at: None,
        revoked_at: None,
        previous_hash: None,
        previous_until: None,
    }
}

fn token_from_row(row: api_token::Model) -> Result<ApiToken, DbErr> {
    let api_token::Model {
        tenant_id: _,
        id,
        name,
        name_key: _,
        token_hash: _,
        role,
        scopes,
        created_at,
        created_by,
        expires_at,
        last_used_at,
        revoked_at: _,
        previous_hash: _,
        previous_until,
    } = row;
    Ok(ApiToken {
        id,
        name,
        role: column::parse(&role, "api_token.role")?,
        scopes: column::from_json(&scopes, "api_token.scopes")?,
        created_at: column::time(created_at, "api_token.created_at")?,
        expires_at: column::optional_time(expires_at, "api_token.expires_at")?,
        created_by,
        last_used_at: column::optional_time(last_used_at, "api_token.last_used_at")?,
        previous_until: column::optional_time(previous_until, "api_token.previous_until")?,
    })
}
