//! What can go wrong with a stored row, sorted by what the reader of the message can do about it.

use std::{fmt, io};

use sea_orm::{
    ConnAcquireErr, DbErr, RuntimeErr,
    sqlx::{self, postgres::PgDatabaseError, sqlite::SqliteError},
};

use crate::{postgres, sqlite};

/// An operation on the store that failed. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[error("{attempted}: {trouble}")]
pub struct StoreError {
    attempted: &'static str,
    trouble: Trouble,
    #[source]
    cause: DbErr,
}

impl StoreError {
    /// Wraps a database error in what was attempted.
    pub(crate) fn while_(attempted: &'static str) -> impl FnOnce(DbErr) -> Self {
        move |cause| Self { attempted, trouble: Trouble::of(&cause), cause }
    }

    /// What kind of trouble it is.
    pub fn trouble(&self) -> Trouble {
        self.trouble
    }

    /// Whether the same operation may succeed later without anybody changing its input.
    pub fn is_retryable(&self) -> bool {
        self.trouble.is_retryable()
    }
}

/// A kind of trouble. Displays as what happened and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no room left.
    DiskFull,
    /// The disk or its driver reported an error.
    Disk,
    /// Nothing can be written.
    ReadOnly,
    /// Somebody else holds a lock.
    Busy,
    /// The file holds something else.
    NotADatabase,
    /// The database contradicts itself.
    Damaged,
    /// The server does not answer.
    Unreachable,
    /// The server answers no.
    Refused,
    /// There were more requests than connections.
    Overloaded,
    /// The store was closed.
    Closed,
    /// A key exists already, or a row that is referred to does not.
    Contradiction,
    /// A row holds what this version does not know.
    Unreadable,
    /// Anything else: our mistake.
    Unexpected,
}

impl Trouble {
    /// Sorts a database error.
    pub(crate) fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Overloaded,
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Self::Closed,
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of_driver(error),
            DbErr::TryIntoErr { .. } | DbErr::Type(_) | DbErr::Json(_) => Self::Unreadable,
            // The driver's type has many more kinds, and grows; each would be a mistake of ours.
            _ => Self::Unexpected,
        }
    }

    fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) => Self::of_io(error),
            sqlx::Error::Tls(_) => Self::Unreachable,
            sqlx::Error::PoolTimedOut => Self::Overloaded,
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                if error.try_downcast_ref::<SqliteError>().is_some() {
                    code.parse().map_or(Self::Unexpected, sqlite::trouble)
                } else if error.try_downcast_ref::<PgDatabaseError>().is_some() {
                    postgres::trouble(&code)
                } else {
                    Self::Unexpected
                }
            }
            // As above.
            _ => Self::Unexpected,
        }
    }

    /// Sorts a file error.
    pub(crate) fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::IsADirectory => Self::NotADatabase,
            _ => Self::Unreachable,
        }
    }

    fn is_retryable(self) -> bool {
        match self {
            Self::DiskFull
            | Self::Disk
            | Self::ReadOnly
            | Self::Busy
            | Self::Unreachable
            | Self::Refused
            | Self::Overloaded => true,
            Self::NotADatabase
            | Self::Damaged
            | Self::Closed
            | Self::Contradiction
            | Self::Unreadable
            | Self::Unexpected => false,
        }
    }

    /// Whether it would strike any other operation just as well.
    pub(crate) fn is_of_the_database(self) -> bool {
        match self {
            Self::Contradiction | Self::Unreadable | Self::Unexpected => false,
            Self::DiskFull
            | Self::Disk
            | Self::ReadOnly
            | Self::Busy
            | Self::NotADatabase
            | Self::Damaged
            | Self::Unreachable
            | Self::Refused
            | Self::Overloaded
            | Self::Closed => true,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DiskFull => "the disk is full; free some space",
            Self::Disk => "the disk reports an error; check its health, its free space and the limits of the process",
            Self::ReadOnly => {
                "nothing can be written there; make the directory and the file writable for the user that runs Muster"
            }
            Self::Busy => "another process holds it locked; stop that process or try again",
            Self::NotADatabase => "this is no SQLite database; move it away or name another file",
            Self::Damaged => "the database is damaged; restore a backup",
            Self::Unreachable => "the database does not answer; check that its server runs and can be reached",
            Self::Refused => "the database server refuses; check user, password, rights and database name",
            Self::Overloaded => "no connection became free in time; try again",
            Self::Closed => "the store is closed, because the server is stopping",
            Self::Contradiction => "it contradicts what is stored already",
            Self::Unreadable => "a stored row makes no sense to this version; it was written by another or by hand",
            Self::Unexpected => "unexpected failure; please report it with the log",
        })
    }
}
