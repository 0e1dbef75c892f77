//! Second factors of users: a sealed secret, the last time step that was used, and recovery codes.
//!
//! The store never sees the secret or a code: the one is sealed with the master key, of the other it keeps hashes. What
//! may be used once is used by a single statement, so that of two requests at once one loses.

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_model::TenantId;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    Store, StoreError,
    column::{self, Sealed},
    entity::{user_recovery_code, user_totp},
};

/// A user's second factor.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// The secret, sealed with the master key.
    pub sealed_secret: SecretString,
    /// When the user began to set it up.
    pub created_at: Timestamp,
    /// When the user proved to have it; `None` while signing in does not ask for it.
    pub confirmed_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a secret that the user has yet to confirm; one that waited before is replaced. Says `false`, and changes
    /// nothing, where the user has a confirmed one.
    ///
    /// # Errors
    /// When there is no such user, or the database fails.
    pub async fn second_factor_propose(
        &self,
        tenant: &TenantId,
        user: Uuid,
        sealed_secret: &SecretString,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        use user_totp::Column;
        let row = user_totp::Model {
            tenant_id: tenant.as_str().to_owned(),
            user_id: user,
            sealed_secret: Sealed::seal(sealed_secret),
            created_at: column::micros(at),
            confirmed_at: None,
            last_step: None,
        };
        let replace = OnConflict::columns([Column::TenantId, Column::UserId])
            .update_columns([Column::SealedSecret, Column::CreatedAt, Column::LastStep])
            .action_and_where(Expr::cust("user_totp.confirmed_at IS NULL"))
            .to_owned();
        let insert = user_totp::Entity::insert(row.into_active_model()).on_conflict(replace);
        let kept = self.write("keeping a second factor", move |txn| Box::pin(insert.exec_without_returning(txn)));
        Ok(kept.await? > 0)
    }

    /// A user's second factor, confirmed or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn second_factor_get(&self, tenant: &TenantId, user: Uuid) -> Result<Option<SecondFactor>, StoreError> {
        user_totp::Entity::find_by_id((tenant.as_str().to_owned(), user))
            .one(self.readers())
            .await
            .and_then(|row| row.map(from_row).transpose())
            .map_err(StoreError::while_("reading a second factor"))
    }

    /// Confirms what was proposed: its first code is used, and these are the recovery codes. Says `false`, and changes
    /// nothing, where nothing waits to be confirmed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn second_factor_confirm(
        &self,
        tenant: &TenantId,
        user: Uuid,
        used: (i64, Timestamp),
        recovery: Vec<[u8; 32]>,
    ) -> Result<bool, StoreError> {
        let (step, at) = used;
        let confirm = user_totp::Entity::update_many()
            .col_expr(user_totp::Column::ConfirmedAt, Expr::value(column::micros(at)))
            .col_expr(user_totp::Column::LastStep, Expr::value(step))
            .filter(is_factor(tenant, user))
            .filter(user_totp::Column::ConfirmedAt.is_null());
        let codes = Codes { tenant: tenant.clone(), user, hashes: recovery };
        self.write("confirming a second factor", move |txn| {
            Box::pin(async move {
                let confirmed = confirm.exec(txn).await?.rows_affected > 0;
                if confirmed {
                    codes.replace_in_txn(txn).await?;
                }
                Ok(confirmed)
            })
        })
        .await
    }

    /// Uses up a time step and all before it. Says `false` where it was used up already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn second_factor_use(&self, tenant: &TenantId, user: Uuid, step: i64) -> Result<bool, StoreError> {
        use user_totp::Column;
        let unused = Condition::any().add(Column::LastStep.is_null()).add(Column::LastStep.lt(step));
        let update = user_totp::Entity::update_many()
            .col_expr(Column::LastStep, Expr::value(step))
            .filter(is_factor(tenant, user))
            .filter(Column::ConfirmedAt.is_not_null())
            .filter(unused);
        let used = self.write("using a code", move |txn| Box::pin(update.exec(txn))).await?;
        Ok(used.rows_affected > 0)
    }

    /// Uses up a recovery code. Says `false` where there is no such code, or it was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recovery_code_use(
        &self,
        tenant: &TenantId,
        user: Uuid,
        code_hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        use user_recovery_code::Column;
        let update = user_recovery_code::Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(column::micros(at)))
            .filter(is_code(tenant, user))
            .filter(Column::CodeHash.eq(code_hash.to_vec()))
            .filter(Column::UsedAt.is_null());
        let used = self.write("using a recovery code", move |txn| Box::pin(update.exec(txn))).await?;
        Ok(used.rows_affected > 0)
    }

    /// Counts a user's recovery codes that were not used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recovery_code_count(&self, tenant: &TenantId, user: Uuid) -> Result<u64, StoreError> {
        user_recovery_code::Entity::find()
            .filter(is_code(tenant, user))
            .filter(user_recovery_code::Column::UsedAt.is_null())
            .count(self.readers())
            .await
            .map_err(StoreError::while_("counting recovery codes"))
    }

    /// Removes a user's second factor with its recovery codes. Says whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn second_factor_remove(&self, tenant: &TenantId, user: Uuid) -> Result<bool, StoreError> {
        let codes = user_recovery_code::Entity::delete_many().filter(is_code(tenant, user));
        let factor = user_totp::Entity::delete_many().filter(is_factor(tenant, user));
        self.write("removing a second factor", move |txn| {
            Box::pin(async move {
                codes.exec(txn).await?;
                Ok(factor.exec(txn).await?.rows_affected > 0)
            })
        })
        .await
    }

    /// Who of a tenant has a confirmed second factor.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn second_factor_users(&self, tenant: &TenantId) -> Result<BTreeSet<Uuid>, StoreError> {
        user_totp::Entity::find()
            .filter(user_totp::Column::TenantId.eq(tenant.as_str()))
            .filter(user_totp::Column::ConfirmedAt.is_not_null())
            .all(self.readers())
            .await
            .map(|rows| rows.into_iter().map(|row| row.user_id).collect())
            .map_err(StoreError::while_("listing second factors"))
    }
}

/// The recovery codes that a user is to have.
struct Codes {
    tenant: TenantId,
    user: Uuid,
    hashes: Vec<[u8; 32]>,
}

impl Codes {
    async fn replace_in_txn(self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        let Self { tenant, user, hashes } = self;
        user_recovery_code::Entity::delete_many().filter(is_code(&tenant, user)).exec(txn).await?;
        let rows = hashes.into_iter().map(|hash| {
            let tenant_id = tenant.as_str().to_owned();
            let row = user_recovery_code::Model { tenant_id, user_id: user, code_hash: hash.to_vec(), used_at: None };
            row.into_active_model()
        });
        user_recovery_code::Entity::insert_many(rows).exec_without_returning(txn).await?;
        Ok(())
    }
}

fn is_factor(tenant: &TenantId, user: Uuid) -> Condition {
    Condition::all().add(user_totp::Column::TenantId.eq(tenant.as_str())).add(user_totp::Column::UserId.eq(user))
}

fn is_code(tenant: &TenantId, user: Uuid) -> Condition {
    use user_recovery_code::Column;
    Condition::all().add(Column::TenantId.eq(tenant.as_str())).add(Column::UserId.eq(user))
}

fn from_row(row: user_totp::Model) -> Result<SecondFactor, DbErr> {
    let user_totp::Model { tenant_id: _, user_id: _, sealed_secret, created_at, confirmed_at, last_step: _ } = row;
    Ok(SecondFactor {
        sealed_secret: sealed_secret.into_secret(),
        created_at: column::time(created_at, "user_totp.created_at")?,
        confirmed_at: column::optional_time(confirmed_at, "user_totp.confirmed_at")?,
    })
}
