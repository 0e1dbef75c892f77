//! The one writing connection. What is written in one go is one transaction: an [`Edit`].

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, Result, Row};
use tracing::{error, warn};

use super::{
    Refused, StoreError,
    edit::Edit,
    schema,
    tracks::{self, StoredTrack},
};
use crate::{
    calendar::{Level, Window},
    grid::Tick,
    index::{BlockId, BlockMeta, Change},
    options::{Settings, Sync},
    plan::{Shard, TrackId},
    query::Tier,
};

/// How long to wait for another process that holds the file, such as a backup.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The write-ahead log is cut back to this size, in bytes, once its content has moved on.
const JOURNAL_LIMIT: i64 = 1 << 20;

/// Free pages are given back to the file system when there is more than one among so many.
const MOST_FREE_SHARE: i64 = 20;

/// Fewer free pages than this are not worth moving others for.
const LEAST_FREE_PAGES: i64 = 64;

/// What a database holds when it is opened.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Tracks by number. A hole is a track that could not be read.
    pub(crate) tracks: Vec<Option<StoredTrack>>,
    pub(crate) blocks: Vec<BlockMeta>,
    /// Blocks that were set aside because a part of them cannot be read.
    pub(crate) aside: BTreeSet<BlockId>,
    /// The last file of the sweep log whose content is in blocks.
    pub(crate) flushed_log: u64,
    pub(crate) generation: i64,
    /// The pack up to which everything has arrived elsewhere; `None` where samples are not shipped.
    pub(crate) shipped: Option<i64>,
}

/// The writing side of `history.db`.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    path: PathBuf,
    /// Whether free pages cannot be given back, because one that would have to be moved is damaged.
    is_stiff: bool,
}

impl Writer {
    /// Opens the database, which is made when the file is empty.
    pub(crate) fn open(path: &Path, settings: &Settings) -> Result<std::result::Result<Self, Refused>, StoreError> {
        let failed = || StoreError::while_("opening the metrics history", path);
        let mut connection = Connection::open(path).map_err(failed())?;
        let refused = schema::prepare(&mut connection, settings.grid.tick_ms()).map_err(failed())?;
        if let Some(refused) = refused {
            return Ok(Err(refused));
        }
        configure(&connection, settings.sync).map_err(failed())?;
        Ok(Ok(Self { connection, path: path.to_owned(), is_stiff: false }))
    }

    /// Reads what the database holds.
    pub(crate) fn load(&mut self, ships: bool) -> Result<Stored, StoreError> {
        load(&self.connection, ships).map_err(StoreError::while_("reading the catalogue of", &self.path))
    }

    /// Writes all that `edit` does, or nothing of it.
    pub(crate) fn edit(
        &mut self,
        attempted: &'static str,
        edit: impl FnOnce(&mut Edit<'_>) -> Result<()>,
    ) -> Result<Change, StoreError> {
        let connection = &mut self.connection;
        let write = || {
            let transaction = connection.transaction()?;
            let mut given = Edit::new(&transaction);
            edit(&mut given)?;
            let change = given.finish()?;
            transaction.commit()?;
            Ok(change)
        };
        write().map_err(StoreError::while_(attempted, &self.path))
    }

    /// Moves what was written from the write-ahead log into the database file, and gives free pages back.
    pub(crate) fn tidy(&mut self) -> Result<(), StoreError> {
        match self.give_back().map_err(StoreError::while_("tidying", &self.path)) {
            Err(error) if error.is_damage() => {
                warn!(error = muster_runtime::chain(&error), "free pages of the metrics history are not given back");
                self.is_stiff = true;
            }
            given_back => given_back?,
        }
        let moved = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        moved.map_err(StoreError::while_("tidying", &self.path))
    }

    fn give_back(&self) -> Result<()> {
        let pages: i64 = self.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let free: i64 = self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        if self.is_stiff || free <= LEAST_FREE_PAGES || free <= pages / MOST_FREE_SHARE {
            return Ok(());
        }
        // It gives back one page a step.
        let mut vacuum = self.connection.prepare("PRAGMA incremental_vacuum")?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        Ok(())
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
         PRAGMA journal_size_limit = {JOURNAL_LIMIT};"
    ))
}

fn load(connection: &Connection, ships: bool) -> Result<Stored> {
    let mut blocks =
        connection.prepare("SELECT id, tier, level, shard, first, last, points, bytes FROM block ORDER BY id")?;
    let blocks = blocks.query_map([], read_block)?.collect::<Result<Vec<_>>>()?;
    let blocks: Vec<BlockMeta> = blocks.into_iter().flatten().collect();
    Ok(Stored {
        shipped: shipped(connection, ships)?,
        tracks: tracks::load(connection, &blocks)?,
        aside: schema::aside(connection)?,
        blocks,
        flushed_log: schema::meta(connection, "flushed_log")?.unwrap_or(0).unsigned_abs(),
        generation: schema::meta(connection, "generation")?.unwrap_or(0),
    })
}

/// Where shipping goes on. When it is first switched on, it begins with what comes from then on. While it is off its
/// place is kept: a command may open the directory for a moment without knowing that its server ships.
fn shipped(connection: &Connection, ships: bool) -> Result<Option<i64>> {
    if !ships {
        return Ok(None);
    }
    if let Some(known) = schema::meta(connection, "shipped")? {
        return Ok(Some(known));
    }
    let last: i64 = connection.query_row("SELECT coalesce(max(id), 0) FROM block", [], |row| row.get(0))?;
    let start = (last + 1) * i64::from(TrackId::PER_SHARD) - 1;
    schema::set_meta(connection, "shipped", start)?;
    Ok(Some(start))
}

/// A block whose description is damaged hides itself and nothing else.
fn read_block(row: &Row<'_>) -> Result<Option<BlockMeta>> {
    let id = BlockId(row.get(0)?);
    let (tier, level) = (tier(row.get(1)?), Level::of_number(row.get(2)?));
    let ticks = Tick::checked(row.get(4)?).zip(Tick::checked(row.get(5)?));
    let (Some(tier), Some(level), Some((first, last))) = (tier, level, ticks) else {
        error!(block = id.0, "the description of a block of the metrics history is damaged; it cannot be read");
        return Ok(None);
    };
    let count = |number: i64| number.unsigned_abs();
    Ok(Some(BlockMeta {
        id,
        tier,
        level,
        shard: Shard(row.get(3)?),
        window: Window { first, last },
        points: count(row.get(6)?),
        bytes: count(row.get(7)?),
    }))
}

fn tier(number: u8) -> Option<Tier> {
    Tier::ALL.into_iter().find(|tier| *tier as u8 == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{options::Options, plan::TrackId};

    #[test]
    fn space_is_given_back_once_it_is_much() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history.db");
        let settings = Settings::check(&Options { sync: Sync::None, ..Options::default() }).unwrap();
        let mut writer = Writer::open(&path, &settings).unwrap().unwrap();
        let window = Window { first: Tick(0), last: Tick(1) };
        let written = writer.edit("filling", |edit| {
            let mut block = edit.begin(Tier::Raw, Level::Day, Shard(0), false)?;
            (0..100).try_for_each(|track| edit.put(&mut block, TrackId(track), &[7; 100_000], window, 1))?;
            edit.end(block)
        });
        writer.tidy().unwrap();
        let size = || std::fs::metadata(&path).unwrap().len();
        assert!(size() > 10_000_000);
        let (block, _) = written.unwrap().added[0];
        writer.edit("emptying", |edit| edit.remove(&block)).unwrap();
        writer.tidy().unwrap();
        assert!(size() < 100_000, "{} bytes are left", size());
    }
}
