//! Opening, closing and watching the store.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
};

use futures::future::BoxFuture;
use muster_runtime::Tasks;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};
use tracing::warn;

use crate::{
    DatabaseUrl, StoreError, Trouble,
    audit::{self, Line},
    backend::Backend,
    postgres,
    schema::{self, SchemaError},
    sqlite,
    writer::{Desk, Effect, Writer},
};

/// The relational state. Cheap to clone; every clone is the same store.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// What the next change is recorded by.
    line: Option<Box<Line>>,
}

#[derive(Debug)]
struct Inner {
    backend: Backend,
    desk: Desk,
    readers: DatabaseConnection,
}

/// Why a store could not be opened. `place` is the database without user and password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory of the file is missing.
    #[error("opening {place}: its directory does not exist; create it or name another place")]
    NoDirectory {
        /// Which database.
        place: String,
    },
    /// The file could not be made or read.
    #[error("opening {place}: {trouble}")]
    File {
        /// Which database.
        place: String,
        /// What kind of trouble.
        trouble: Trouble,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The database could not be used.
    #[error("opening {place}: {trouble}")]
    Database {
        /// Which database.
        place: String,
        /// What kind of trouble.
        trouble: Trouble,
        /// What the database said.
        #[source]
        cause: DbErr,
    },
    /// A newer Muster has changed the database in ways that this one would not understand (D-15).
    #[error(
        "opening {place}: it has level {version}, which needs a Muster that knows level {min_reader}, and this one \
         knows {known}; start the newer version, or restore a backup from before the update"
    )]
    Newer {
        /// Which database.
        place: String,
        /// The level of the database.
        version: i64,
        /// The level that a program must know to use it.
        min_reader: i64,
        /// The level that this program knows.
        known: i64,
    },
}

/// How the store is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStats {
    /// `sqlite` or `postgresql`.
    pub engine: &'static str,
    /// Writes that wait.
    pub queued_writes: usize,
    /// Writes carried out since the store was opened.
    pub writes: u64,
    /// Transactions they took: fewer, when writes came together.
    pub commits: u64,
    /// The last failure to write, unless a write after it succeeded.
    pub last_error: Option<String>,
}

impl Store {
    /// Opens a database, creates or updates its schema, and starts the writer as one of `tasks`. The writer ends with
    /// [`close`](Self::close), not with shutdown: what shutdown makes others write is still written.
    ///
    /// # Errors
    /// When the database cannot be reached, written or understood.
    pub async fn open(database: &DatabaseUrl, tasks: &Tasks) -> Result<Self, OpenError> {
        let place = database.to_string();
        // Held to the end of this function.
        let _turn = take_turn(database, &place).await?;
        let trouble = |cause| OpenError::Database { place: place.clone(), trouble: Trouble::of(&cause), cause };
        let backend = Backend::new(database).map_err(trouble)?;
        let connection = backend.connect_writer().await.map_err(trouble)?;
        schema::bring_up(&connection, schema::LEVELS).await.map_err(|error| match error {
            SchemaError::Database(cause) => trouble(cause),
            SchemaError::Newer { version, min_reader, known } => {
                OpenError::Newer { place: place.clone(), version, min_reader, known }
            }
        })?;
        audit::adopt(&connection).await.map_err(trouble)?;
        let readers = backend.connect_readers().await.map_err(trouble)?;
        let (writer, desk) = Writer::new(backend.clone(), connection);
        tasks.spawn("store writer", writer.run());
        Ok(Self { inner: Arc::new(Inner { backend, desk, readers }), line: None })
    }

    /// Carries out the writes that wait, then closes every connection. Later use fails with [`Trouble::Closed`].
    pub async fn close(&self) {
        self.inner.desk.close().await;
        if let Err(error) = self.inner.readers.close_by_ref().await {
            warn!(error = &error as &dyn std::error::Error, "closing the database");
        }
    }

    /// How the store is doing.
    pub fn stats(&self) -> StoreStats {
        let counters = self.inner.desk.counters();
        StoreStats {
            engine: match self.inner.backend {
                Backend::Sqlite(_) => "sqlite",
                Backend::Postgres(_) => "postgresql",
            },
            queued_writes: self.inner.desk.depth(),
            writes: counters.writes.load(Ordering::Relaxed),
            commits: counters.commits.load(Ordering::Relaxed),
            last_error: counters.last_error(),
        }
    }

    /// Size on disk in bytes, journal included; `None` where the database does not say.
    pub async fn size_bytes(&self) -> Option<u64> {
        match &self.inner.backend {
            Backend::Sqlite(path) => sqlite::size_bytes(path).ok(),
            Backend::Postgres(_) => postgres::size_bytes(&self.inner.readers).await.ok().flatten(),
        }
    }

    /// The same store, whose next change is recorded.
    pub(crate) fn with_line(&self, line: Line) -> Self {
        Self { inner: Arc::clone(&self.inner), line: Some(Box::new(line)) }
    }

    pub(crate) fn readers(&self) -> &DatabaseConnection {
        &self.inner.readers
    }

    /// See [`Desk::write`].
    pub(crate) async fn write<T, F>(&self, attempted: &'static str, work: F) -> Result<T, StoreError>
    where
        T: Effect + Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + 'static,
    {
        self.inner.desk.write(self.line.as_deref().cloned(), work).await.map_err(StoreError::while_(attempted))
    }
}

async fn take_turn(database: &DatabaseUrl, place: &str) -> Result<Option<sqlite::Turn>, OpenError> {
    let DatabaseUrl::Sqlite(path) = database else { return Ok(None) };
    let place = place.to_owned();
    if !sqlite::directory_of(path).is_dir() {
        return Err(OpenError::NoDirectory { place });
    }
    let turn = sqlite::Turn::take(path).await;
    turn.map(Some).map_err(|cause| OpenError::File { place, trouble: Trouble::of_io(&cause), cause })
}
