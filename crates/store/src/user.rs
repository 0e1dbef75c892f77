//! Users. Names compare without case and outer white space, within a tenant.

use jiff::Timestamp;
use muster_model::{Role, TenantId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
    sea_query::{Expr, OnConflict},
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    column::{self, Sealed},
    entity::{user_account, user_session},
    federated::FederatedIdentity,
    postgres,
};

/// What stands in the place of a password's hash where there is no password. No hash in PHC format looks like it.
pub(crate) const NO_PASSWORD: &str = "!";

/// A user to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The name as shown; stored without outer white space.
    pub name: String,
    /// The password's hash in PHC format.
    pub password_hash: SecretString,
    /// What the user may do.
    pub role: Role,
    /// When.
    pub created_at: Timestamp,
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// Its id.
    pub id: Uuid,
    /// The name as shown.
    pub name: String,
    /// The password's hash in PHC format; `None` for a user of an identity provider.
    pub password_hash: Option<SecretString>,
    /// What the user may do.
    pub role: Role,
    /// When the user was created.
    pub created_at: Timestamp,
    /// Since when the user is not let in; `None` for a user who is.
    pub disabled_at: Option<Timestamp>,
    /// Who the user is at an identity provider; `None` for a local user.
    pub identity: Option<FederatedIdentity>,
    /// When the user last signed in; `None` for never.
    pub last_sign_in_at: Option<Timestamp>,
    /// When the identity provider said what the role rests on; `None` for a local user.
    pub vouched_at: Option<Timestamp>,
    /// When the identity provider last said that the user has no role: what it said until then is worth nothing. `None`
    /// for never.
    pub dismissed_at: Option<Timestamp>,
}

/// What is to change of a user; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// What the user may do.
    pub role: Option<Role>,
    /// Since when the user is not let in, or `Some(None)` to let the user in again.
    pub disabled_at: Option<Option<Timestamp>>,
    /// The new password's hash in PHC format.
    pub password_hash: Option<SecretString>,
}

/// Why a user was not created.
#[derive(Debug, thiserror::Error)]
pub enum UserInsertError {
    /// Another user of the tenant has the name.
    #[error("creating user {name}: the name is taken; choose another")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the first user was not created.
#[derive(Debug, thiserror::Error)]
pub enum FirstUserError {
    /// There is a user already.
    #[error("creating the first user: there is one already; sign in, or ask an administrator for an account")]
    NotFirst,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Creates a user.
    ///
    /// # Errors
    /// When the name is taken, or the database fails.
    pub async fn user_insert(&self, tenant: &TenantId, user: &NewUser) -> Result<(), UserInsertError> {
        let row = user_row(tenant, user);
        let inserted = self.write("creating a user", move |txn| Box::pin(user_insert_in_txn(txn, row))).await?;
        if inserted { Ok(()) } else { Err(UserInsertError::NameTaken { name: user.name.trim().to_owned() }) }
    }

    /// Creates a user, if no tenant has any. Of several at once, one succeeds.
    ///
    /// # Errors
    /// When there is a user, or the database fails.
    pub async fn first_user_insert(&self, tenant: &TenantId, user: &NewUser) -> Result<(), FirstUserError> {
        let row = user_row(tenant, user);
        let inserted =
            self.write("creating the first user", move |txn| Box::pin(first_user_insert_in_txn(txn, row))).await?;
        if inserted { Ok(()) } else { Err(FirstUserError::NotFirst) }
    }

    /// Finds a user by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_get(&self, tenant: &TenantId, id: Uuid) -> Result<Option<User>, StoreError> {
        user_account::Entity::find_by_id((tenant.as_str().to_owned(), id))
            .one(self.readers())
            .await
            .and_then(|row| row.map(user_from_row).transpose())
            .map_err(StoreError::while_("reading a user"))
    }

    /// Finds a user by name, however it is capitalised.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_name(&self, tenant: &TenantId, name: &str) -> Result<Option<User>, StoreError> {
        user_account::Entity::find()
            .filter(user_account::Column::TenantId.eq(tenant.as_str()))
            .filter(user_account::Column::NameKey.eq(column::name_key(name)))
            .one(self.readers())
            .await
            .and_then(|row| row.map(user_from_row).transpose())
            .map_err(StoreError::while_("looking up a user by name"))
    }

    /// Lists a tenant's users by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_list(&self, tenant: &TenantId) -> Result<Vec<User>, StoreError> {
        user_account::Entity::find()
            .filter(user_account::Column::TenantId.eq(tenant.as_str()))
            .order_by_asc(user_account::Column::NameKey)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(user_from_row).collect())
            .map_err(StoreError::while_("listing users"))
    }

    /// Counts a tenant's users.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_count(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        user_account::Entity::find()
            .filter(user_account::Column::TenantId.eq(tenant.as_str()))
            .count(self.readers())
            .await
            .map_err(StoreError::while_("counting users"))
    }

    /// Changes a user and ends all of the user's sessions, all at once or not at all. Says whether there is such a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_update(&self, tenant: &TenantId, id: Uuid, change: &UserChange) -> Result<bool, StoreError> {
        use user_account::Column;
        let UserChange { role, disabled_at, password_hash } = change;
        let role = role.map(|role| (Column::Role, Expr::value(role.as_str())));
        let disabled = disabled_at.map(|since| (Column::DisabledAt, Expr::value(since.map(column::micros))));
        let password = password_hash.as_ref().map(|hash| (Column::PasswordHash, Expr::value(Sealed::seal(hash))));
        let columns = [role, disabled, password].into_iter().flatten();
        // The name stays as it is; it keeps the statement whole where nothing else changes.
        let update = user_account::Entity::update_many()
            .col_expr(Column::Name, Expr::col(Column::Name))
            .filter(is_user(tenant, id));
        let update = columns.fold(update, |update, (column, value)| update.col_expr(column, value));
        let end_sessions = sessions_of(tenant, id);
        self.write("changing a user", move |txn| {
            Box::pin(async move {
                // The user first: a session that another program is about to open waits for this row, and then sees it.
                let changed = update.exec(txn).await?.rows_affected > 0;
                end_sessions.exec(txn).await?;
                Ok(changed)
            })
        })
        .await
    }

    /// Deletes a user with all sessions. Says whether there was such a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_delete(&self, tenant: &TenantId, id: Uuid) -> Result<bool, StoreError> {
        let delete = user_account::Entity::delete_many().filter(is_user(tenant, id));
        let deleted = self.write("deleting a user", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected > 0)
    }
}

/// Says whether the name was free.
pub(crate) async fn user_insert_in_txn(txn: &DatabaseTransaction, row: user_account::Model) -> Result<bool, DbErr> {
    use user_account::Column;
    let keep = OnConflict::columns([Column::TenantId, Column::NameKey]).do_nothing().to_owned();
    let insert = user_account::Entity::insert(row.into_active_model()).on_conflict(keep);
    Ok(insert.exec_without_returning(txn).await? > 0)
}

async fn first_user_insert_in_txn(txn: &DatabaseTransaction, row: user_account::Model) -> Result<bool, DbErr> {
    postgres::exclusive_in_txn(txn, "first_user").await?;
    if user_account::Entity::find().count(txn).await? > 0 {
        return Ok(false);
    }
    user_insert_in_txn(txn, row).await
}

pub(crate) fn sessions_of(tenant: &TenantId, user: Uuid) -> sea_orm::DeleteMany<user_session::Entity> {
    user_session::Entity::delete_many()
        .filter(user_session::Column::TenantId.eq(tenant.as_str()))
        .filter(user_session::Column::UserId.eq(user))
}

pub(crate) fn is_user(tenant: &TenantId, id: Uuid) -> Condition {
    Condition::all().add(user_account::Column::TenantId.eq(tenant.as_str())).add(user_account::Column::Id.eq(id))
}

fn user_row(tenant: &TenantId, user: &NewUser) -> user_account::Model {
    let NewUser { id, name, password_hash, role, created_at } = user;
    user_account::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: *id,
        name: column::text(name.trim()),
        name_key: column::name_key(name),
        password_hash: Sealed::seal(password_hash),
        role: role.as_str().to_owned(),
        created_at: column::micros(*created_at),
        disabled_at: None,
        issuer: None,
        subject: None,
        last_sign_in_at: None,
        vouched_at: None,
        dismissed_at: None,
    }
}

pub(crate) fn user_from_row(row: user_account::Model) -> Result<User, DbErr> {
    let user_account::Model {
        tenant_id: _,
        id,
        name,
        name_key: _,
        password_hash,
        role,
        created_at,
        disabled_at,
        issuer,
        subject,
        last_sign_in_at,
        vouched_at,
        dismissed_at,
    } = row;
    let password_hash = password_hash.into_secret();
    Ok(User {
        id,
        name,
        password_hash: Some(password_hash).filter(|hash| hash.expose_secret() != NO_PASSWORD),
        role: column::parse(&role, "user_account.role")?,
        created_at: column::time(created_at, "user_account.created_at")?,
        disabled_at: column::optional_time(disabled_at, "user_account.disabled_at")?,
        identity: issuer.zip(subject).map(|(issuer, subject)| FederatedIdentity { issuer, subject }),
        last_sign_in_at: column::optional_time(last_sign_in_at, "user_account.last_sign_in_at")?,
        vouched_at: column::optional_time(vouched_at, "user_account.vouched_at")?,
        dismissed_at: column::optional_time(dismissed_at, "user_account.dismissed_at")?,
    })
}
