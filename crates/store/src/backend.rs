//! Which of the two engines, and how to connect to it.

use std::{path::PathBuf, str::FromStr, sync::Arc};

use sea_orm::{
    DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{self, postgres::PgConnectOptions},
};
use secrecy::ExposeSecret;

use crate::{DatabaseUrl, postgres, sqlite};

/// A database to connect to.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl Backend {
    pub(crate) fn new(database: &DatabaseUrl) -> Result<Self, DbErr> {
        match database {
            DatabaseUrl::Sqlite(path) => Ok(Self::Sqlite(path.clone())),
            DatabaseUrl::Postgres(url) => {
                let options = PgConnectOptions::from_str(url.expose_secret()).map_err(connection_error)?;
                Ok(Self::Postgres(Box::new(options)))
            }
        }
    }

    /// Opens the connection that all writes go through.
    pub(crate) async fn connect_writer(&self) -> Result<DatabaseConnection, DbErr> {
        match self {
            Self::Sqlite(path) => sqlite::connect_writer(path).await,
            Self::Postgres(options) => postgres::connect_writer(options).await,
        }
        .map_err(connection_error)
    }

    /// Opens the pool that reads go through.
    pub(crate) async fn connect_readers(&self) -> Result<DatabaseConnection, DbErr> {
        match self {
            Self::Sqlite(path) => sqlite::connect_readers(path).await,
            Self::Postgres(options) => postgres::connect_readers(options).await,
        }
        .map_err(connection_error)
    }
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
