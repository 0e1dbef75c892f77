//! Reads blocks, exactly the chunks that a query asks for.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Result, Row};
use tracing::warn;

use super::{StoreError, writer::BUSY_TIMEOUT};
use crate::{
    codec::{
        block::{decode_axis, decode_chunk},
        bytes::Malformed,
        scale::Scale,
    },
    grid::Tick,
    head::BlockId,
    plan::PlanId,
};

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
    pub(crate) fn read<T>(&self, question: impl FnOnce(&Blocks<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let answer = {
            let transaction = connection.transaction().map_err(self.failed())?;
            question(&Blocks { readers: self, connection: Some(&transaction) })
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if answer.is_ok() && idle.len() < MOST_IDLE {
            idle.push(connection);
        }
        answer
    }

    /// For a question that memory answers alone.
    pub(crate) fn none(&self) -> Blocks<'_> {
        Blocks { readers: self, connection: None }
    }

    /// Chunks read since start.
    pub(crate) fn chunks_read(&self) -> u64 {
        self.chunks_read.load(Ordering::Relaxed)
    }

    /// Chunks that turned out to be damaged since start.
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
}

impl Blocks<'_> {
    /// The blocks of a plan that touch a stretch of time, up to the given id.
    pub(crate) fn between(
        &self,
        plan: PlanId,
        from: Tick,
        to: Tick,
        up_to: BlockId,
    ) -> Result<Vec<BlockId>, StoreError> {
        let Some(connection) = self.connection else { return Ok(Vec::new()) };
        let find = || {
            let sql = "SELECT id FROM block WHERE plan = ?1 AND last >= ?2 AND first <= ?3 AND id <= ?4";
            let mut statement = connection.prepare_cached(sql)?;
            let ids = statement.query_map((plan.0, from.0, to.0, up_to.0), |row| row.get(0).map(BlockId))?;
            ids.collect::<Result<Vec<_>>>()
        };
        find().map_err(self.readers.failed())
    }

    /// One column of a block. A damaged one is reported and left out: the rest of the chart is still good.
    pub(crate) fn samples(&self, id: BlockId, column: usize, scale: Scale) -> Result<Vec<(Tick, f64)>, StoreError> {
        let Some(connection) = self.connection else { return Ok(Vec::new()) };
        let fetch = || {
            let sql = "SELECT axis, data FROM block JOIN chunk ON block = id WHERE id = ?1 AND series = ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let row = |row: &Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?));
            statement.query_row((id.0, column as i64), row).optional()
        };
        let Some((axis, data)) = fetch().map_err(self.readers.failed())? else { return Ok(Vec::new()) };
        self.readers.chunks_read.fetch_add(1, Ordering::Relaxed);
        Ok(decode(&axis, &data, scale).unwrap_or_else(|error| {
            self.readers.chunks_damaged.fetch_add(1, Ordering::Relaxed);
            warn!(block = id.0, column, %error, "part of a block is damaged and shows as a gap");
            Vec::new()
        }))
    }
}

fn decode(axis: &[u8], data: &[u8], scale: Scale) -> Result<Vec<(Tick, f64)>, Malformed> {
    let ticks = decode_axis(axis)?;
    let values = decode_chunk(data, ticks.len(), scale)?;
    Ok(ticks.into_iter().zip(values).filter(|(_, value)| !value.is_nan()).collect())
}
