//! Connections to platforms: where a platform is, who we are there, and the sealed secret. A name is unique among a
//! tenant's connections.
//!
//! The store never sees a secret: it is sealed with the master key, for the places that it may be sent to (D-20). What an
//! address, a pin or an interval may be is the caller's affair.

mod options;

use jiff::Timestamp;
use muster_model::{ConnectionId, Platform, PveOptions, TenantId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder,
};
use secrecy::SecretString;

use crate::{
    Store, StoreError,
    column::{self, Sealed},
    entity::connection,
};

/// The most connections that a tenant may have.
pub const MOST_CONNECTIONS: u64 = 1000;

/// Who we are on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// An API token; its secret is the secret.
    Token {
        /// User with realm.
        user: String,
        /// The token's name.
        token: String,
    },
    /// A user; the password is the secret.
    Password {
        /// User with realm.
        user: String,
    },
}

/// What somebody says about a connection, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionBody {
    /// The name as shown; stored without outer white space.
    pub name: String,
    /// Entry points of one cluster, in the order of preference.
    pub endpoints: Vec<String>,
    /// Who we are there.
    pub login: Login,
    /// Fingerprints of certificates that are believed whoever signed them.
    pub pins: Vec<String>,
    /// How often it is looked at; never 0.
    pub interval_seconds: u32,
    /// Whether it is polled.
    pub is_enabled: bool,
    /// How it is looked at, where somebody has chosen.
    pub options: PveOptions,
}

/// A connection to store.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Its id, a UUIDv7.
    pub id: ConnectionId,
    /// What it leads to.
    pub platform: Platform,
    /// What it says.
    pub body: ConnectionBody,
    /// The secret, sealed with the master key.
    pub sealed_secret: SecretString,
}

/// A connection that was stored.
#[derive(Debug, Clone)]
pub struct StoredConnection {
    /// Its id.
    pub id: ConnectionId,
    /// What it leads to.
    pub platform: Platform,
    /// What it says.
    pub body: ConnectionBody,
    /// The secret, sealed with the master key.
    pub sealed_secret: SecretString,
    /// Grows with every change.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Why a connection was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionSaveError {
    /// Another connection of the tenant has the name.
    #[error("storing connection {name}: another one has the name; choose another name or change that one")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The tenant has as many connections as there may be.
    #[error("storing a connection: there are {MOST_CONNECTIONS} already; remove one")]
    TooMany,
    /// There is no such connection, or it was changed since.
    #[error("changing a connection: it is gone, or was changed since; read it again")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Saved,
    NameTaken,
    TooMany,
    Changed,
}

impl crate::writer::Effect for Outcome {
    fn changed(&self) -> bool {
        match self {
            Self::Saved => true,
            Self::NameTaken | Self::TooMany | Self::Changed => false,
        }
    }
}

impl Store {
    /// Lists a tenant's connections, by name.
    ///
    /// # Errors
    /// When the database fails, or a row was written by a program that knows other platforms.
    pub async fn connection_list(&self, tenant: &TenantId) -> Result<Vec<StoredConnection>, StoreError> {
        connection::Entity::find()
            .filter(connection::Column::TenantId.eq(tenant.as_str()))
            .order_by_asc(connection::Column::NameKey)
            .order_by_asc(connection::Column::Id)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(from_row).collect())
            .map_err(StoreError::while_("listing connections"))
    }

    /// A connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection_get(
        &self,
        tenant: &TenantId,
        id: ConnectionId,
    ) -> Result<Option<StoredConnection>, StoreError> {
        connection::Entity::find_by_id((tenant.as_str().to_owned(), id.0))
            .one(self.readers())
            .await
            .and_then(|row| row.map(from_row).transpose())
            .map_err(StoreError::while_("reading a connection"))
    }

    /// Stores a new connection.
    ///
    /// # Errors
    /// When the name is taken, there are too many, or the database fails.
    pub async fn connection_insert(
        &self,
        tenant: &TenantId,
        new: &NewConnection,
        at: Timestamp,
    ) -> Result<(), ConnectionSaveError> {
        let row = row_of(tenant, new, at);
        let outcome = self.write("storing a connection", move |txn| Box::pin(insert_in_txn(txn, row))).await?;
        told(outcome, &new.body)
    }

    /// Puts a body and a sealed secret in the place of those of a connection, if it still has the version.
    ///
    /// # Errors
    /// When it has not, the name is taken, or the database fails.
    pub async fn connection_update(
        &self,
        tenant: &TenantId,
        (id, version): (ConnectionId, u32),
        body: &ConnectionBody,
        sealed_secret: &SecretString,
        at: Timestamp,
    ) -> Result<(), ConnectionSaveError> {
        let same = is_connection(tenant, id).add(connection::Column::Version.eq(i64::from(version)));
        let (owned, sealed) = (body.clone(), Sealed::seal(sealed_secret));
        let outcome = self
            .write("changing a connection", move |txn| {
                Box::pin(async move {
                    match connection::Entity::find().filter(same).one(txn).await? {
                        Some(row) => update_in_txn(txn, changed(row, &owned, sealed, at)).await,
                        None => Ok(Outcome::Changed),
                    }
                })
            })
            .await?;
        told(outcome, body)
    }

    /// Removes a connection. Says whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection_delete(&self, tenant: &TenantId, id: ConnectionId) -> Result<bool, StoreError> {
        let delete = connection::Entity::delete_many().filter(is_connection(tenant, id));
        let deleted = self.write("removing a connection", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected > 0)
    }
}

async fn insert_in_txn(txn: &DatabaseTransaction, row: connection::Model) -> Result<Outcome, DbErr> {
    let ours = connection::Entity::find().filter(connection::Column::TenantId.eq(row.tenant_id.as_str()));
    if ours.count(txn).await? >= MOST_CONNECTIONS {
        return Ok(Outcome::TooMany);
    }
    if name_is_taken_in_txn(txn, &row).await? {
        return Ok(Outcome::NameTaken);
    }
    connection::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    Ok(Outcome::Saved)
}

async fn update_in_txn(txn: &DatabaseTransaction, row: connection::Model) -> Result<Outcome, DbErr> {
    if name_is_taken_in_txn(txn, &row).await? {
        return Ok(Outcome::NameTaken);
    }
    row.into_active_model().reset_all().update(txn).await?;
    Ok(Outcome::Saved)
}

async fn name_is_taken_in_txn(txn: &DatabaseTransaction, row: &connection::Model) -> Result<bool, DbErr> {
    let others = connection::Entity::find()
        .filter(connection::Column::TenantId.eq(row.tenant_id.as_str()))
        .filter(connection::Column::NameKey.eq(row.name_key.as_str()))
        .filter(connection::Column::Id.ne(row.id));
    Ok(others.count(txn).await? > 0)
}

fn is_connection(tenant: &TenantId, id: ConnectionId) -> Condition {
    Condition::all().add(connection::Column::TenantId.eq(tenant.as_str())).add(connection::Column::Id.eq(id.0))
}

fn told(outcome: Outcome, body: &ConnectionBody) -> Result<(), ConnectionSaveError> {
    match outcome {
        Outcome::Saved => Ok(()),
        Outcome::NameTaken => Err(ConnectionSaveError::NameTaken { name: body.name.trim().to_owned() }),
        Outcome::TooMany => Err(ConnectionSaveError::TooMany),
        Outcome::Changed => Err(ConnectionSaveError::Changed),
    }
}

fn row_of(tenant: &TenantId, new: &NewConnection, at: Timestamp) -> connection::Model {
    let NewConnection { id, platform, body, sealed_secret } = new;
    let ConnectionBody { name, endpoints, login, pins, interval_seconds, is_enabled, options } = body;
    let (login_user, login_token) = columns_of(login);
    connection::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: id.0,
        platform: platform.as_str().to_owned(),
        name: column::text(name.trim()),
        name_key: column::name_key(name),
        endpoints: column::json(endpoints),
        login_user,
        login_token,
        pins: column::json(pins),
        interval_seconds: (*interval_seconds).into(),
        is_enabled: *is_enabled,
        sealed_secret: Sealed::seal(sealed_secret),
        version: 1,
        created_at: column::micros(at),
        updated_at: column::micros(at),
        options: Some(column::json(options)),
    }
}

fn changed(row: connection::Model, body: &ConnectionBody, sealed: Sealed, at: Timestamp) -> connection::Model {
    let ConnectionBody { name, endpoints, login, pins, interval_seconds, is_enabled, options } = body;
    let (login_user, login_token) = columns_of(login);
    connection::Model {
        name: column::text(name.trim()),
        name_key: column::name_key(name),
        endpoints: column::json(endpoints),
        login_user,
        login_token,
        pins: column::json(pins),
        interval_seconds: (*interval_seconds).into(),
        is_enabled: *is_enabled,
        sealed_secret: sealed,
        version: row.version + 1,
        updated_at: column::micros(at),
        options: Some(column::json(options)),
        ..row
    }
}

fn columns_of(login: &Login) -> (String, Option<String>) {
    match login {
        Login::Token { user, token } => (column::text(user), Some(column::text(token))),
        Login::Password { user } => (column::text(user), None),
    }
}

fn from_row(row: connection::Model) -> Result<StoredConnection, DbErr> {
    let connection::Model {
        tenant_id: _,
        id,
        platform,
        name,
        name_key: _,
        endpoints,
        login_user: user,
        login_token,
        pins,
        interval_seconds,
        is_enabled,
        sealed_secret,
        version,
        created_at,
        updated_at,
        options,
    } = row;
    let login = match login_token {
        Some(token) => Login::Token { user, token },
        None => Login::Password { user },
    };
    let body = ConnectionBody {
        name,
        endpoints: column::from_json(&endpoints, "connection.endpoints")?,
        login,
        pins: column::from_json(&pins, "connection.pins")?,
        interval_seconds: u32::try_from(interval_seconds).unwrap_or(u32::MAX),
        is_enabled,
        options: options.as_deref().map(options::understood).unwrap_or_default(),
    };
    Ok(StoredConnection {
        id: ConnectionId(id),
        platform: column::parse(&platform, "connection.platform")?,
        body,
        sealed_secret: sealed_secret.into_secret(),
        version: u32::try_from(version).unwrap_or(u32::MAX),
        created_at: column::time(created_at, "connection.created_at")?,
        updated_at: column::time(updated_at, "connection.updated_at")?,
    })
}
