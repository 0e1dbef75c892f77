//! Everything that only SQLite has: the file and its rights, the settings of a connection, its error codes.
//!
//! The journal is a WAL, so that readers and the writer do not wait for each other. `synchronous` is FULL throughout:
//! what is acknowledged is on the disk (D-12), and because concurrent writes share one commit, and a sweep that changes
//! nothing writes nothing, a sync a commit is cheap.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::{
    DatabaseConnection, SqliteTransactionMode, SqlxSqliteConnector, TransactionOptions,
    sqlx::{
        self, ConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use crate::error::Trouble;

/// Connections that read. Each is a thread.
const READERS: u32 = 4;

/// How long to wait for another process that holds the file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request waits for a free connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// The right to open a database file, one process after the other: turning a new file into one with a WAL needs it
/// alone, and SQLite does not wait for that.
#[derive(Debug)]
pub(crate) struct Turn {
    /// Locked until dropped.
    _directory: File,
}

impl Turn {
    /// Waits for the turn, then makes sure that the file exists and that nobody else can read it. SQLite gives its side
    /// files the same rights.
    pub(crate) async fn take(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        let taken = tokio::task::spawn_blocking(move || {
            let directory = File::open(directory_of(&path))?;
            directory.lock()?;
            prepare(&path)?;
            Ok(Self { _directory: directory })
        });
        taken.await.expect("file operations return errors and do not panic")
    }
}

/// The directory of a file; the current one when the path names none.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn prepare(path: &Path) -> io::Result<()> {
    let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Opens the connection that all writes go through.
pub(crate) async fn connect_writer(path: &Path) -> Result<DatabaseConnection, sqlx::Error> {
    let options = options(path).journal_mode(SqliteJournalMode::Wal);
    // The one connection lives as long as the process: what it caches stays.
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    connect(pool, options).await
}

/// Opens the pool that reads go through.
pub(crate) async fn connect_readers(path: &Path) -> Result<DatabaseConnection, sqlx::Error> {
    connect(SqlitePoolOptions::new().max_connections(READERS), options(path).pragma("query_only", "on")).await
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

async fn connect(pool: SqlitePoolOptions, options: SqliteConnectOptions) -> Result<DatabaseConnection, sqlx::Error> {
    let pool = pool.acquire_timeout(ACQUIRE_TIMEOUT).connect_with(options).await?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// How a transaction that writes begins: nobody else writes until it ends. PostgreSQL takes no notice.
pub(crate) fn immediate() -> TransactionOptions {
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }
}

/// The size of the database and its journal, in bytes.
pub(crate) fn size_bytes(path: &Path) -> io::Result<u64> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    let journal = fs::metadata(PathBuf::from(journal)).map_or(0, |journal| journal.len());
    Ok(fs::metadata(path)?.len() + journal)
}

/// What a result code means for the reader of the message.
pub(crate) fn trouble(extended_code: i32) -> Trouble {
    // The low byte is the primary code: https://www.sqlite.org/rescode.html
    match extended_code & 0xff {
        5 | 6 => Trouble::Busy,
        8 | 14 => Trouble::ReadOnly,
        10 => Trouble::Disk,
        11 => Trouble::Damaged,
        13 => Trouble::DiskFull,
        19 => Trouble::Contradiction,
        26 => Trouble::NotADatabase,
        _ => Trouble::Unexpected,
    }
}
