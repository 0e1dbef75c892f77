//! Sessions of signed-in users. The store keeps hashes of the session and CSRF tokens, never the tokens.

use jiff::Timestamp;
use muster_model::TenantId;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, Query},
};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    Store, StoreError, User,
    column::{self, Sealed},
    entity::{user_account, user_session},
    user::{is_user, user_from_row},
};

/// Sessions deleted in one call of [`Store::session_prune`].
const PRUNE_BATCH: u64 = 1000;

/// A session to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// SHA-256 of the session token.
    pub token_hash: [u8; 32],
    /// SHA-256 of the CSRF token.
    pub csrf_hash: [u8; 32],
    /// Whose session.
    pub user_id: Uuid,
    /// When; also counts as its first use.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Where the user signed in from.
    pub remote_addr: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

/// A session. Whether it is still good is the caller's judgement, who knows the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of the CSRF token. Compare it in constant time.
    pub csrf_hash: [u8; 32],
    /// Whose session.
    pub user_id: Uuid,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was last used, as far as it was noted.
    pub last_used_at: Timestamp,
    /// Where the user signed in from.
    pub remote_addr: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

impl Store {
    /// Creates a session and notes that its user signed in. Says `false`, and changes nothing, where there is no such
    /// user, the user is disabled, or `verified`, the hash of the password that opened the door, is no longer the user's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_insert(
        &self,
        tenant: &TenantId,
        session: &NewSession,
        verified: Option<&SecretString>,
    ) -> Result<bool, StoreError> {
        use user_account::Column;
        let unchanged = verified.map(|hash| Column::PasswordHash.eq(Sealed::seal(hash)));
        let insert = user_session::Entity::insert(session_row(tenant, session).into_active_model());
        let signed_in = user_account::Entity::update_many()
            .col_expr(Column::LastSignInAt, Expr::value(column::micros(session.created_at)))
            .filter(is_user(tenant, session.user_id))
            .filter(Column::DisabledAt.is_null())
            .filter(Condition::all().add_option(unchanged));
        self.write("creating a session", move |txn| {
            Box::pin(async move {
                let is_let_in = signed_in.exec(txn).await?.rows_affected > 0;
                if is_let_in {
                    insert.exec_without_returning(txn).await?;
                }
                Ok(is_let_in)
            })
        })
        .await
    }

    /// Finds the session of a token, with its tenant and user. No tenant is given, since the token names it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_by_token_hash(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<(TenantId, Session, User)>, StoreError> {
        let found = user_session::Entity::find()
            .filter(user_session::Column::TokenHash.eq(token_hash.to_vec()))
            .find_also_related(user_account::Entity)
            .one(self.readers())
            .await;
        // The foreign key sees to it that there is a user.
        let found = found.and_then(|found| match found {
            Some((session, Some(user))) => {
                let tenant = column::parse(&session.tenant_id, "user_session.tenant_id")?;
                Ok(Some((tenant, session_from_row(session)?, user_from_row(user)?)))
            }
            Some((_, None)) | None => Ok(None),
        });
        found.map_err(StoreError::while_("looking up a session"))
    }

    /// Notes that a session was used. The caller does so at most once a minute (D-12).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_touch(&self, tenant: &TenantId, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let update = user_session::Entity::update_many()
            .col_expr(user_session::Column::LastUsedAt, Expr::value(column::micros(at)))
            .filter(is_session(tenant, id));
        self.write("noting the use of a session", move |txn| Box::pin(update.exec(txn))).await?;
        Ok(())
    }

    /// Lists a user's sessions, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_list(&self, tenant: &TenantId, user: Uuid) -> Result<Vec<Session>, StoreError> {
        user_session::Entity::find()
            .filter(user_session::Column::TenantId.eq(tenant.as_str()))
            .filter(user_session::Column::UserId.eq(user))
            .order_by_desc(user_session::Column::CreatedAt)
            .order_by_desc(user_session::Column::Id)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(session_from_row).collect())
            .map_err(StoreError::while_("listing sessions"))
    }

    /// Ends a session. Says whether there was such a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_delete(&self, tenant: &TenantId, id: Uuid) -> Result<bool, StoreError> {
        let delete = user_session::Entity::delete_many().filter(is_session(tenant, id));
        let deleted = self.write("ending a session", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected > 0)
    }

    /// Ends all sessions of a user; says how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_delete_of_user(&self, tenant: &TenantId, user: Uuid) -> Result<u64, StoreError> {
        let delete = user_session::Entity::delete_many()
            .filter(user_session::Column::TenantId.eq(tenant.as_str()))
            .filter(user_session::Column::UserId.eq(user));
        let deleted = self.write("ending a user's sessions", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected)
    }

    /// Ends all sessions of a user but one; says how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_delete_others(&self, tenant: &TenantId, user: Uuid, keep: Uuid) -> Result<u64, StoreError> {
        let delete = user_session::Entity::delete_many()
            .filter(user_session::Column::TenantId.eq(tenant.as_str()))
            .filter(user_session::Column::UserId.eq(user))
            .filter(user_session::Column::Id.ne(keep));
        let deleted = self.write("ending a user's other sessions", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected)
    }

    /// Deletes sessions of every tenant that have expired, at most 1000 in one call; says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        let expired = Query::select()
            .column(user_session::Column::TokenHash)
            .from(user_session::Entity)
            .and_where(user_session::Column::ExpiresAt.lte(column::micros(now)))
            .limit(PRUNE_BATCH)
            .take();
        let delete =
            user_session::Entity::delete_many().filter(Expr::col(user_session::Column::TokenHash).in_subquery(expired));
        let deleted = self.write("deleting expired sessions", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected)
    }
}

fn is_session(tenant: &TenantId, id: Uuid) -> Condition {
    Condition::all().add(user_session::Column::TenantId.eq(tenant.as_str())).add(user_session::Column::Id.eq(id))
}

fn session_row(tenant: &TenantId, session: &NewSession) -> user_session::Model {
    let NewSession { id, token_hash, csrf_hash, user_id, created_at, expires_at, remote_addr, user_agent } = session;
    user_session::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: *id,
        token_hash: token_hash.to_vec(),
        csrf_hash: csrf_hash.to_vec(),
        user_id: *user_id,
        created_at: column::micros(*created_at),
        expires_at: column::micros(*expires_at),
        last_used_at: column::micros(*created_at),
        remote_addr: column::optional_text(remote_addr.as_deref()),
        user_agent: column::optional_text(user_agent.as_deref()),
    }
}

fn session_from_row(row: user_session::Model) -> Result<Session, DbErr> {
    let user_session::Model {
        tenant_id: _,
        id,
        token_hash: _,
        csrf_hash,
        user_id,
        created_at,
        expires_at,
        last_used_at,
        remote_addr,
        user_agent,
    } = row;
    Ok(Session {
        id,
        csrf_hash: column::digest(csrf_hash, "user_session.csrf_hash")?,
        user_id,
        created_at: column::time(created_at, "user_session.created_at")?,
        expires_at: column::time(expires_at, "user_session.expires_at")?,
        last_used_at: column::time(last_used_at, "user_session.last_used_at")?,
        remote_addr,
        user_agent,
    })
}
