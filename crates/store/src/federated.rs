//! Users who come from an identity provider. They are known by (issuer, subject) and by nothing else: neither a name nor
//! an address ever makes such a user one with another.

use jiff::Timestamp;
use muster_model::{Role, TenantId};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Store, StoreError, User, column,
    column::Sealed,
    entity::user_account,
    user::{NO_PASSWORD, is_user, sessions_of, user_from_row, user_insert_in_txn},
    writer::Effect,
};

/// Who a user is at an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedIdentity {
    /// The provider's issuer identifier.
    pub issuer: String,
    /// The provider's id of the user; never given to another.
    pub subject: String,
}

/// A user as the identity provider has just described.
#[derive(Debug, Clone)]
pub struct FederatedUser {
    /// The id that the user gets when new, a UUIDv7.
    pub id: Uuid,
    /// Who.
    pub identity: FederatedIdentity,
    /// The name that the user would like; another one is made where it is taken.
    pub name: String,
    /// What the provider's groups map to.
    pub role: Role,
    /// When the provider said so.
    pub vouched_at: Timestamp,
    /// When the user is created, if it is new.
    pub at: Timestamp,
}

/// A user who was let in.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The user as stored now.
    pub user: User,
    /// Whether the user is new or has another role than before.
    pub is_news: bool,
}

impl Effect for Admission {
    fn changed(&self) -> bool {
        self.is_news
    }
}

impl Store {
    /// Finds the user of an identity.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_identity(
        &self,
        tenant: &TenantId,
        identity: &FederatedIdentity,
    ) -> Result<Option<User>, StoreError> {
        of_identity(tenant, identity)
            .one(self.readers())
            .await
            .and_then(|row| row.map(user_from_row).transpose())
            .map_err(StoreError::while_("looking up a user of an identity provider"))
    }

    /// Creates the user of an identity, or gives the one there is the role, unless the provider has said something newer
    /// since: a token that was issued earlier and still lives must not bring a role back. A disabled user stays disabled.
    /// A recorded call is recorded only where it is news.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_admit_federated(&self, tenant: &TenantId, user: &FederatedUser) -> Result<Admission, StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        let admitted = self.write("admitting a user of an identity provider", move |txn| {
            Box::pin(async move {
                let (row, is_news) = admit_in_txn(txn, &tenant, &user).await?;
                Ok(Admission { user: user_from_row(row)?, is_news })
            })
        });
        admitted.await
    }

    /// Notes that the identity provider gave a user no role, and ends the user's sessions. Says whether that is news: not
    /// where there is no such user, the provider has said something newer since, or the user was dismissed before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_dismiss_federated(
        &self,
        tenant: &TenantId,
        id: Uuid,
        vouched_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let (tenant, said_at) = (tenant.clone(), column::micros(vouched_at));
        let dismissed = self.write("dismissing a user of an identity provider", move |txn| {
            Box::pin(async move { dismiss_in_txn(txn, &tenant, id, said_at).await })
        });
        dismissed.await
    }
}

fn of_identity(tenant: &TenantId, identity: &FederatedIdentity) -> sea_orm::Select<user_account::Entity> {
    use user_account::Column;
    user_account::Entity::find()
        .filter(Column::TenantId.eq(tenant.as_str()))
        .filter(Column::Issuer.eq(column::text(&identity.issuer)))
        .filter(Column::Subject.eq(column::text(&identity.subject)))
}

async fn admit_in_txn(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    user: &FederatedUser,
) -> Result<(user_account::Model, bool), DbErr> {
    let role = user.role.as_str();
    let vouched_at = column::micros(user.vouched_at);
    if let Some(found) = of_identity(tenant, &user.identity).one(txn).await? {
        if found.vouched_at.is_some_and(|newer| newer > vouched_at) {
            return Ok((found, false));
        }
        let is_news = found.role != role;
        user_account::Entity::update_many()
            .col_expr(user_account::Column::Role, Expr::value(role))
            .col_expr(user_account::Column::VouchedAt, Expr::value(vouched_at))
            .filter(is_user(tenant, found.id))
            .exec(txn)
            .await?;
        return Ok((user_account::Model { role: role.to_owned(), vouched_at: Some(vouched_at), ..found }, is_news));
    }
    // There are finitely many users, so one of the names is free.
    for attempt in 1_u64.. {
        let row = row(tenant, user, &numbered(&user.name, attempt));
        if user_insert_in_txn(txn, row.clone()).await? {
            return Ok((row, true));
        }
    }
    unreachable!("the numbers do not end")
}

async fn dismiss_in_txn(txn: &DatabaseTransaction, tenant: &TenantId, id: Uuid, said_at: i64) -> Result<bool, DbErr> {
    use user_account::Column;
    let found = user_account::Entity::find_by_id((tenant.as_str().to_owned(), id)).one(txn).await?;
    let Some(found) = found.filter(|found| found.vouched_at.is_none_or(|newest| newest <= said_at)) else {
        return Ok(false);
    };
    user_account::Entity::update_many()
        .col_expr(Column::VouchedAt, Expr::value(said_at))
        .col_expr(Column::DismissedAt, Expr::value(said_at))
        .filter(is_user(tenant, id))
        .exec(txn)
        .await?;
    let ended = sessions_of(tenant, id).exec(txn).await?.rows_affected;
    Ok(ended > 0 || found.dismissed_at.is_none_or(|dismissed| found.vouched_at > Some(dismissed)))
}

fn numbered(name: &str, attempt: u64) -> String {
    if attempt == 1 { name.to_owned() } else { format!("{name} ({attempt})") }
}

fn row(tenant: &TenantId, user: &FederatedUser, name: &str) -> user_account::Model {
    user_account::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: user.id,
        name: column::text(name.trim()),
        name_key: column::name_key(name),
        password_hash: Sealed::seal(&NO_PASSWORD.into()),
        role: user.role.as_str().to_owned(),
        created_at: column::micros(user.at),
        disabled_at: None,
        issuer: Some(column::text(&user.identity.issuer)),
        subject: Some(column::text(&user.identity.subject)),
        last_sign_in_at: None,
        vouched_at: Some(column::micros(user.vouched_at)),
        dismissed_at: None,
    }
}
