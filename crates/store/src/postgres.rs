//! Everything that only PostgreSQL has (D-14): opening, advisory locks, its error codes, its size.

use std::{io, time::Duration};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult,
    IsolationLevel, SqlxPostgresConnector, Statement, TransactionOptions,
    sqlx::{
        self, ConnectOptions, Connection, PgConnection,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};

use crate::error::Trouble;

/// Connections that read. Each costs a process on the server.
const READERS: u32 = 8;

/// How long a request waits for a free connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server stops by itself. No statement of ours takes a tenth of it.
const STATEMENT_TIMEOUT: &str = "30s";

/// Opens the connection that all writes go through.
pub(crate) async fn connect_writer(options: &PgConnectOptions) -> Result<DatabaseConnection, sqlx::Error> {
    connect(options, 1).await
}

/// Opens the pool that reads go through.
pub(crate) async fn connect_readers(options: &PgConnectOptions) -> Result<DatabaseConnection, sqlx::Error> {
    connect(options, READERS).await
}

async fn connect(options: &PgConnectOptions, connections: u32) -> Result<DatabaseConnection, sqlx::Error> {
    // Statements carry hashes of credentials as parameters; none is ever logged.
    let options = options
        .clone()
        .application_name("muster")
        .options([("statement_timeout", STATEMENT_TIMEOUT)])
        .disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    reach(&options).await?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_with(options).await?))
}

/// Connects once. A pool tries again until its time is up, and then says no more than that; this says why.
async fn reach(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let connection = tokio::time::timeout(ACQUIRE_TIMEOUT, PgConnection::connect_with(options)).await;
    let connection = connection.map_err(|_| sqlx::Error::Io(io::ErrorKind::TimedOut.into()))??;
    connection.close().await
}

/// Keeps other processes from doing the same until the transaction ends. On SQLite a write transaction does so by
/// itself, and nothing happens here.
pub(crate) async fn exclusive_in_txn(txn: &DatabaseTransaction, what: &str) -> Result<(), DbErr> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    let name = format!("muster.{what}");
    txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [name.into()])).await?;
    Ok(())
}

/// How a transaction begins that reads everything as of one moment. On SQLite every transaction does.
pub(crate) fn one_moment(database: &DatabaseConnection) -> TransactionOptions {
    let (isolation_level, access_mode) = match database.get_database_backend() {
        DbBackend::Postgres => (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)),
        _ => (None, None),
    };
    TransactionOptions { isolation_level, access_mode, ..TransactionOptions::default() }
}

/// The size of the database on the server's disk, in bytes.
pub(crate) async fn size_bytes(readers: &DatabaseConnection) -> Result<Option<u64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Size {
        bytes: i64,
    }
    let query = Statement::from_string(DbBackend::Postgres, "SELECT pg_database_size(current_database()) AS bytes");
    let size = Size::find_by_statement(query).one(readers).await?;
    Ok(size.and_then(|size| u64::try_from(size.bytes).ok()))
}

/// What an SQLSTATE means for the reader of the message.
pub(crate) fn trouble(code: &str) -> Trouble {
    match code {
        "53100" => Trouble::DiskFull,
        "25006" => Trouble::ReadOnly,
        "40001" | "40P01" | "55P03" => Trouble::Busy,
        "28000" | "28P01" | "3D000" | "42501" => Trouble::Refused,
        "53300" | "57P03" => Trouble::Overloaded,
        "57P01" | "57P02" | "57014" => Trouble::Unreachable,
        "XX001" | "XX002" => Trouble::Damaged,
        code if code.starts_with("23") => Trouble::Contradiction,
        code if code.starts_with("08") => Trouble::Unreachable,
        _ => Trouble::Unexpected,
    }
}
