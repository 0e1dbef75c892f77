//! Reads packs, exactly those that a query asks for.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Result};
use tracing::warn;

use super::{StoreError, edit::pack_id, schema, writer::BUSY_TIMEOUT};
use crate::{codec::bytes::Malformed, index::BlockId, plan::TrackId};

/// Connections kept for the next reader. More than these are made and closed as needed.
const MOST_IDLE: usize = 4;

/// The reading side of `history.db`. Any number of threads may read at once.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    chunks_read: AtomicU64,
    chunks_damaged: AtomicU64,
}

impl Readers {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Mutex::default(),
            chunks_read: AtomicU64::new(0),
            chunks_damaged: AtomicU64::new(0),
        }
    }

    /// Runs one question on a consistent state of the database.
    pub(crate) fn read<T>(&self, question: impl FnOnce(&Blocks<'_>) -> T) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let answer = {
            let transaction = connection.transaction().map_err(self.failed())?;
            let generation = schema::meta(&transaction, "generation").map_err(self.failed())?.unwrap_or(0);
            question(&Blocks { readers: self, connection: Some(&transaction), generation })
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(connection);
        }
        Ok(answer)
    }

    /// A connection of its own in a read transaction, and the last file of the sweep log whose rows it has.
    pub(crate) fn pin(&self) -> Result<(Connection, u64), StoreError> {
        let pin = || {
            let connection = open(&self.path)?;
            connection.execute_batch("BEGIN")?;
            let flushed = schema::meta(&connection, "flushed_log")?.unwrap_or(0).unsigned_abs();
            Ok((connection, flushed))
        };
        pin().map_err(self.failed())
    }

    /// For a question that memory answers alone.
    pub(crate) fn none(&self) -> Blocks<'_> {
        Blocks { readers: self, connection: None, generation: 0 }
    }

    /// Columns read from disk since start.
    pub(crate) fn chunks_read(&self) -> u64 {
        self.chunks_read.load(Ordering::Relaxed)
    }

    /// Packs and columns that turned out to be damaged since start.
    pub(crate) fn chunks_damaged(&self) -> u64 {
        self.chunks_damaged.load(Ordering::Relaxed)
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open(&self.path).map_err(self.failed()), Ok)
    }

    fn failed(&self) -> impl FnOnce(rusqlite::Error) -> StoreError {
        StoreError::while_("reading blocks from", &self.path)
    }
}

fn open(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// The blocks as one question sees them.
#[derive(Debug)]
pub(crate) struct Blocks<'a> {
    readers: &'a Readers,
    connection: Option<&'a Connection>,
    /// How many writes the database has seen.
    pub(crate) generation: i64,
}

impl Blocks<'_> {
    /// Reads the pack of a track in a block. A page of the file that is damaged hides the pack and nothing else.
    pub(crate) fn pack<T>(
        &self,
        block: BlockId,
        track: TrackId,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>, StoreError> {
        match self.fetch(block, track, read) {
            Err(error) if error.is_damage() => {
                self.damaged(block, track, &error);
                Ok(None)
            }
            fetched => fetched,
        }
    }

    /// The same, for who wants to know what is wrong.
    pub(crate) fn pack_or_damage(
        &self,
        block: BlockId,
        track: TrackId,
    ) -> Result<std::result::Result<Vec<u8>, String>, StoreError> {
        match self.fetch(block, track, <[u8]>::to_vec) {
            Ok(pack) => Ok(pack.ok_or_else(|| "it is gone".to_owned())),
            Err(error) if error.is_damage() => Ok(Err(muster_runtime::chain(&error))),
            Err(error) => Err(error),
        }
    }

    fn fetch<T>(&self, block: BlockId, track: TrackId, read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>, StoreError> {
        self.stored_pack(block, track, read).map_err(self.readers.failed())
    }

    /// The pack of a track in a block, for who deals with damage.
    pub(crate) fn stored_pack<T>(
        &self,
        block: BlockId,
        track: TrackId,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>> {
        let Some(connection) = self.connection else { return Ok(None) };
        let mut statement = connection.prepare_cached("SELECT data FROM pack WHERE id = ?1")?;
        let pack = statement.query_row([pack_id(block, track)], |row| Ok(read(row.get_ref(0)?.as_blob()?)));
        pack.optional()
    }

    /// Slots of the packs of a block, as far as the file can be read.
    pub(crate) fn slots(&self, block: BlockId) -> Result<Vec<u32>, StoreError> {
        self.stored_slots(block).map_err(self.readers.failed())
    }

    /// Slots of the packs of a block, ascending, for who deals with damage.
    pub(crate) fn stored_slots(&self, block: BlockId) -> Result<Vec<u32>> {
        let Some(connection) = self.connection else { return Ok(Vec::new()) };
        let first = block.0 * i64::from(TrackId::PER_SHARD);
        let mut statement = connection.prepare_cached("SELECT id - ?1 FROM pack WHERE id BETWEEN ?1 AND ?2")?;
        let slots = statement.query_map((first, first + i64::from(TrackId::PER_SHARD) - 1), |row| row.get(0))?;
        slots.collect()
    }

    /// Counts a column that was read from disk.
    pub(crate) fn note_read(&self) {
        self.readers.chunks_read.fetch_add(1, Ordering::Relaxed);
    }

    /// Reports a pack, or a column of it, that cannot be read. The rest of the chart is still good.
    pub(crate) fn malformed(&self, block: BlockId, track: TrackId, error: Malformed) {
        self.damaged(block, track, &error);
    }

    fn damaged(&self, block: BlockId, track: TrackId, error: &(dyn std::error::Error + 'static)) {
        self.readers.chunks_damaged.fetch_add(1, Ordering::Relaxed);
        warn!(block = block.0, track = track.0, error, "part of a block is damaged and shows as a gap");
    }
}
