//! Looks at a database without changing it: for an examination, and for a backup, which say what they found.

use jiff::Timestamp;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, FromQueryResult, Statement};

use crate::{DatabaseUrl, OpenError, Store, Trouble, backend::Backend, entity::schema_version, schema};

/// What a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The version of the database program, such as `17.2`.
    pub server_version: String,
    /// The database's own clock.
    pub now: Timestamp,
    /// Its level; `None` where nothing was ever stored in it.
    pub level: Option<StoredLevel>,
}

/// The level of a database (D-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredLevel {
    /// The level.
    pub version: i64,
    /// The lowest level that a program must know to use it.
    pub min_reader: i64,
}

#[derive(FromQueryResult)]
struct Server {
    version: String,
    now: i64,
}

/// The level that this program knows.
pub fn known_level() -> i64 {
    schema::LEVELS.last().map_or(0, |level| level.version)
}

/// Looks at a database that no store is open on. A file that does not exist is not made.
///
/// # Errors
/// When it cannot be reached or read.
pub async fn look(database: &DatabaseUrl) -> Result<Look, OpenError> {
    let trouble = |cause| OpenError::Database { place: database.to_string(), trouble: Trouble::of(&cause), cause };
    let readers = Backend::new(database).map_err(trouble)?.connect_readers().await.map_err(trouble)?;
    let looked = look_through(&readers).await;
    // What was found holds, however closing goes.
    let _ = readers.close().await;
    looked.map_err(trouble)
}

impl Store {
    /// Looks at the database of an open store.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn look(&self) -> Result<Look, crate::StoreError> {
        look_through(self.readers()).await.map_err(crate::StoreError::while_("looking at the database"))
    }
}

async fn look_through(readers: &DatabaseConnection) -> Result<Look, DbErr> {
    let backend = readers.get_database_backend();
    let query = match backend {
        sea_orm::DbBackend::Sqlite => {
            "SELECT sqlite_version() AS version, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now"
        }
        _ => {
            "SELECT current_setting('server_version') AS version, \
             CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now"
        }
    };
    let server = Server::find_by_statement(Statement::from_string(backend, query)).one(readers).await?;
    let Server { version, now } = server.ok_or_else(|| DbErr::Custom("it answers with nothing".to_owned()))?;
    let now = Timestamp::from_millisecond(now).map_err(|error| DbErr::Custom(error.to_string()))?;
    // In an empty database even the table is missing; a database that cannot be read has refused before.
    let level = schema_version::Entity::find_by_id(1).one(readers).await.ok().flatten();
    let level = level.map(|found| StoredLevel { version: found.version, min_reader: found.min_reader });
    Ok(Look { server_version: version, now, level })
}
