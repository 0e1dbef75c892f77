//! A database as it is at one moment, held still for one reader while others go on writing.
//!
//! A read transaction over the write-ahead log is that moment. Copying by SQLite's backup interface inside such a
//! transaction never starts over, however much is written meanwhile, and holds up no writer; what it costs is that the
//! write-ahead log cannot shrink until the copy is done. `VACUUM INTO` cannot be told where the moment is, and rebuilds
//! every page.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use crate::{Levels, error::BackupError};

/// Pages copied at a time: about a megabyte.
const PAGES: i32 = 256;

/// How long to wait for a lock. Readers of a write-ahead log wait only for its recovery.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A database at one moment.
#[derive(Debug)]
pub struct Pinned {
    path: PathBuf,
    connection: Connection,
}

impl Pinned {
    /// Holds the database of a file still, as it is now.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let pin = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            // The transaction begins with the first read.
            connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
            Ok(connection)
        };
        let connection = pin().map_err(BackupError::database("holding still", path))?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// A database that somebody else holds still: the connection is in a read transaction.
    pub fn held(path: PathBuf, connection: Connection) -> Self {
        Self { path, connection }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long it is, in bytes.
    pub(crate) fn bytes(&self) -> Result<u64, BackupError> {
        let query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size = self.connection.query_row(query, [], |row| row.get::<_, i64>(0));
        Ok(size.map_err(BackupError::database("measuring", &self.path))?.unsigned_abs())
    }

    /// The level of a state database. The table's columns never change.
    pub(crate) fn state_levels(&self) -> Result<Levels, BackupError> {
        self.levels("SELECT version, min_reader FROM schema_version WHERE id = 1")
    }

    /// The level of a metrics history.
    ///
    /// # Errors
    /// When it is no history, or cannot be read.
    pub fn history_levels(&self) -> Result<Levels, BackupError> {
        self.levels(
            "SELECT (SELECT value FROM meta WHERE key = 'version'), (SELECT value FROM meta WHERE key = 'min_reader')",
        )
    }

    fn levels(&self, query: &str) -> Result<Levels, BackupError> {
        let read = |row: &rusqlite::Row<'_>| Ok(Levels { version: row.get(0)?, min_reader: row.get(1)? });
        let levels = self.connection.query_row(query, [], read);
        levels.map_err(BackupError::database("reading the level of", &self.path))
    }

    /// Copies it to a new file that only its owner can read, and stamps the copy with the marker. Whatever the copy
    /// needs is in that one file. Tells `progress` how many bytes came since the last time, and stops when it says so.
    pub(crate) fn copy(
        &self,
        to: &Path,
        marker: u32,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), BackupError> {
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
        created.map_err(BackupError::file("creating", to))?;
        let mut copy = Connection::open(to).map_err(BackupError::database("opening", to))?;
        self.copy_pages(&mut copy, progress).map_err(|stop| match stop {
            Stop::Database(cause) => BackupError::database("copying", &self.path)(cause),
            Stop::Told => BackupError::Write(std::io::ErrorKind::BrokenPipe.into()),
        })?;
        stamp(&copy, marker).map_err(BackupError::database("stamping", to))
    }

    fn copy_pages(&self, copy: &mut Connection, progress: &mut dyn FnMut(u64) -> bool) -> Result<(), Stop> {
        // A copy that a power cut ruins is of no use to anybody in any case.
        copy.execute_batch("PRAGMA synchronous = OFF;")?;
        let page_bytes: u64 = self.connection.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0))?.into();
        let backup = Backup::new(&self.connection, copy)?;
        let mut copied = 0;
        loop {
            let step = backup.step(PAGES)?;
            let state = backup.progress();
            let now = u64::try_from(state.pagecount - state.remaining).unwrap_or(0);
            if !progress((now - copied) * page_bytes) {
                return Err(Stop::Told);
            }
            copied = now;
            match step {
                StepResult::Done => return Ok(()),
                StepResult::More => {}
                // Nobody else knows of the copy, and the read transaction is there already.
                StepResult::Busy | StepResult::Locked => return Err(Stop::Database(busy())),
                other => unreachable!("SQLite's backup interface has no result {other:?}"),
            }
        }
    }
}

/// Why copying ended early.
enum Stop {
    Database(rusqlite::Error),
    Told,
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)
}

/// Writes the marker into the header, and lets the file stand for itself: the copy says that it has a write-ahead log,
/// as the original does, which would be made anew beside it.
fn stamp(copy: &Connection, marker: u32) -> rusqlite::Result<()> {
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    copy.pragma_update(None, "user_version", marker.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashing;

    #[test]
    fn what_is_written_later_is_not_in_the_copy() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        let writer = Connection::open(&path).unwrap();
        writer
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(3000000));")
            .unwrap();
        let pinned = Pinned::open(&path).unwrap();
        writer.execute_batch("INSERT INTO t VALUES (2);").unwrap();
        let (to, mut pieces) = (directory.path().join("b.db"), 0);
        pinned
            .copy(&to, 77, &mut |_| {
                // Nor is what is written while it is copied, and the writer does not wait for it.
                writer.execute_batch("INSERT INTO t VALUES (3);").unwrap();
                pieces += 1;
                true
            })
            .unwrap();
        assert!(pieces > 2, "{pieces}");
        let count = |path: &Path| {
            Connection::open(path).unwrap().query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((count(&to), count(&path)), (1, 2 + i64::from(pieces)));
        assert_eq!(hashing::marker(&std::fs::read(&to).unwrap()[..100]), Some(77));
    }

    #[test]
    fn a_copy_ends_when_nobody_wants_it_any_more() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        let refused = Pinned::open(&path).unwrap().copy(&directory.path().join("b.db"), 1, &mut |_| false);
        assert!(matches!(refused, Err(BackupError::Write(_))), "{refused:?}");
    }
}
