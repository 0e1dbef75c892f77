//! The one writing connection: turns frozen rows into blocks, lets go of what is older than the retention.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension, Result, Transaction};
use tracing::error;

use super::{Refused, StoreError, schema};
use crate::{
    codec::{
        block::{self, Block},
        bytes::{Reader, sealed, unsealed},
        definition,
    },
    grid::Tick,
    head::{BlockId, Frozen},
    options::{Settings, Sync},
    plan::{Plan, PlanId},
};

/// How long to wait for another process that holds the file, such as a backup.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The write-ahead log is cut back to this size, in bytes, once its content has moved on.
const JOURNAL_LIMIT: i64 = 1 << 20;

/// What a database holds when it is opened.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) plans: Vec<Arc<Plan>>,
    /// First and last tick of each plan's blocks.
    pub(crate) extents: Vec<(PlanId, Tick, Tick)>,
    pub(crate) last_block: BlockId,
    /// The last file of the sweep log whose content is in blocks.
    pub(crate) flushed_log: u64,
    pub(crate) samples: u64,
}

/// The writing side of `history.db`.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    path: PathBuf,
}

impl Writer {
    /// Opens the database, which is made when the file is empty.
    pub(crate) fn open(path: &Path, settings: &Settings) -> Result<std::result::Result<Self, Refused>, StoreError> {
        let failed = || StoreError::while_("opening the metrics history", path);
        let mut connection = Connection::open(path).map_err(failed())?;
        configure(&connection, settings.sync).map_err(failed())?;
        let refused = schema::prepare(&mut connection, settings.grid.tick_ms()).map_err(failed())?;
        Ok(match refused {
            Some(refused) => Err(refused),
            None => Ok(Self { connection, path: path.to_owned() }),
        })
    }

    /// Reads what the database holds. Plans that nothing was ever stored of, or nothing is left of, are forgotten.
    pub(crate) fn load(&mut self) -> Result<Stored, StoreError> {
        load(&mut self.connection).map_err(StoreError::while_("reading the catalogue of", &self.path))
    }

    /// Stores frozen rows, all or none, and notes that the sweep log up to this file is stored. Gives back the block of
    /// each, `None` for rows without any value, and how many samples they have.
    pub(crate) fn store(
        &mut self,
        frozen: &[Frozen],
        flushed_log: u64,
    ) -> Result<(Vec<Option<BlockId>>, u64), StoreError> {
        let blocks: Vec<_> =
            frozen.iter().map(|frozen| (&frozen.plan, block::encode(&frozen.plan, &frozen.rows))).collect();
        let samples = blocks.iter().filter_map(|(_, block)| block.as_ref()).map(|block| block.samples).sum();
        let ids = store(&mut self.connection, &blocks, flushed_log);
        Ok((ids.map_err(StoreError::while_("storing blocks in", &self.path))?, samples))
    }

    /// Deletes blocks that end before the given tick, but at most `most_ticks` further than the oldest one: a clock
    /// that jumps far ahead for a moment must not take everything with it. Gives back how many samples are gone.
    pub(crate) fn expire(&mut self, before: Tick, most_ticks: i64) -> Result<u64, StoreError> {
        expire(&mut self.connection, before, most_ticks)
            .map_err(StoreError::while_("deleting old blocks from", &self.path))
    }

    /// Moves what was written from the write-ahead log into the database file.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        let moved = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        moved.map_err(StoreError::while_("tidying", &self.path))
    }
}

fn configure(connection: &Connection, sync: Sync) -> Result<()> {
    let synchronous = match sync {
        Sync::Full => "FULL",
        Sync::None => "OFF",
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = {synchronous};
         PRAGMA foreign_keys = ON;
         PRAGMA journal_size_limit = {JOURNAL_LIMIT};"
    ))
}

fn load(connection: &mut Connection) -> Result<Stored> {
    connection.execute("DELETE FROM plan WHERE id NOT IN (SELECT plan FROM block)", [])?;
    let flushed_log = schema::meta(connection, "flushed_log")?.unwrap_or(0);
    let (last_block, samples): (i64, i64) =
        connection.query_row("SELECT coalesce(max(id), 0), coalesce(sum(samples), 0) FROM block", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut plans = connection.prepare("SELECT definition FROM plan ORDER BY id")?;
    let plans = plans.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>>>()?;
    let mut extents = connection.prepare("SELECT plan, min(first), max(last) FROM block GROUP BY plan")?;
    let extents = extents.query_map([], |row| Ok((PlanId(row.get(0)?), Tick(row.get(1)?), Tick(row.get(2)?))))?;
    Ok(Stored {
        plans: plans.iter().filter_map(|bytes| readable(bytes)).collect(),
        extents: extents.collect::<Result<_>>()?,
        last_block: BlockId(last_block),
        flushed_log: flushed_log.unsigned_abs(),
        samples: samples.unsigned_abs(),
    })
}

/// A plan that is damaged hides its own blocks and nothing else.
fn readable(bytes: &[u8]) -> Option<Arc<Plan>> {
    let plan = unsealed(bytes).and_then(|body| definition::read(&mut Reader::new(body)));
    plan.inspect_err(|error| error!(%error, "a plan in the metrics history is damaged; its blocks cannot be read"))
        .ok()
        .map(Arc::new)
}

fn store(
    connection: &mut Connection,
    blocks: &[(&Arc<Plan>, Option<Block>)],
    flushed_log: u64,
) -> Result<Vec<Option<BlockId>>> {
    let transaction = connection.transaction()?;
    let mut ids = Vec::with_capacity(blocks.len());
    for (plan, block) in blocks {
        ids.push(match block {
            Some(block) if block.samples > 0 => Some(store_block(&transaction, plan, block)?),
            Some(_) | None => None,
        });
    }
    schema::set_meta(&transaction, "flushed_log", i64::try_from(flushed_log).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(ids)
}

fn store_block(transaction: &Transaction<'_>, plan: &Plan, block: &Block) -> Result<BlockId> {
    store_plan(transaction, plan)?;
    transaction
        .prepare_cached("INSERT INTO block (plan, first, last, samples, axis) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((plan.id.0, block.first.0, block.last.0, block.samples as i64, &block.axis))?;
    let id = transaction.last_insert_rowid();
    let mut chunk = transaction.prepare_cached("INSERT INTO chunk (block, series, data) VALUES (?1, ?2, ?3)")?;
    for (series, data) in &block.chunks {
        chunk.execute((id, series, data))?;
    }
    Ok(BlockId(id))
}

fn store_plan(transaction: &Transaction<'_>, plan: &Plan) -> Result<()> {
    let known = transaction
        .prepare_cached("SELECT 1 FROM plan WHERE id = ?1")?
        .query_row([plan.id.0], |_| Ok(()))
        .optional()?;
    if known.is_some() {
        return Ok(());
    }
    let mut definition = Vec::new();
    definition::put(&mut definition, plan);
    transaction
        .prepare_cached("INSERT INTO plan (id, tenant, definition) VALUES (?1, ?2, ?3)")?
        .execute((plan.id.0, plan.tenant.as_str(), sealed(&definition)))
        .map(drop)
}

fn expire(connection: &mut Connection, before: Tick, most_ticks: i64) -> Result<u64> {
    let oldest: Option<i64> = connection.query_row("SELECT min(last) FROM block", [], |row| row.get(0))?;
    let Some(oldest) = oldest else { return Ok(0) };
    let before = before.0.min(oldest.saturating_add(most_ticks));
    let transaction = connection.transaction()?;
    let samples: i64 =
        transaction
            .query_row("SELECT coalesce(sum(samples), 0) FROM block WHERE last < ?1", [before], |row| row.get(0))?;
    transaction.execute("DELETE FROM block WHERE last < ?1", [before])?;
    transaction.commit()?;
    Ok(samples.unsigned_abs())
}
