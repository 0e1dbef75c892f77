//! The tables of `history.db`, and who may read them (D-15).

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Result};

use crate::index::BlockId;

/// The format that this version writes.
pub(crate) const VERSION: i64 = 2;

/// The oldest version that can read what this version writes.
const MIN_READER: i64 = 2;

/// `MUSH`: tells a history from any other SQLite file.
const APPLICATION_ID: i64 = 0x4d55_5348;

/// Blocks are written once; their ids tell which of two is newer, and are never used again. A pack's id is its block's
/// times 1024 plus its track's place in the shard: a rowid, so that large packs fill their pages.
const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE track (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        resource TEXT NOT NULL,
        period INTEGER NOT NULL CHECK (period > 0),
        metrics BLOB NOT NULL
    ) STRICT;
    CREATE TABLE block (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        tier INTEGER NOT NULL,
        level INTEGER NOT NULL,
        shard INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL CHECK (last >= first),
        points INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE pack (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;";

/// Why a database is not used as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It belongs to something else.
    Foreign,
    /// Only a newer version can read it: this one at least.
    Newer(i64),
    /// An early version wrote it, in a format that is not read any more.
    Older(i64),
    /// It was made with this tick, in milliseconds.
    OtherTick(i64),
}

/// Makes the tables in an empty database, or checks those that are there.
pub(crate) fn prepare(connection: &mut Connection, tick_ms: i64) -> Result<Option<Refused>> {
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, tables) {
        (0, 0) => create(connection, tick_ms).map(|()| None),
        (APPLICATION_ID, _) => check(connection, tick_ms),
        (_, _) => Ok(Some(Refused::Foreign)),
    }
}

fn create(connection: &mut Connection, tick_ms: i64) -> Result<()> {
    // Only possible before the first table; freed pages are given back a few at a time.
    connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    let start =
        [("version", VERSION), ("min_reader", MIN_READER), ("tick_ms", tick_ms), ("flushed_log", 0), ("generation", 0)];
    for (key, value) in start {
        set_meta(&transaction, key, value)?;
    }
    transaction.commit()
}

fn check(connection: &Connection, tick_ms: i64) -> Result<Option<Refused>> {
    let min_reader = meta(connection, "min_reader")?.unwrap_or(i64::MAX);
    if min_reader > VERSION {
        return Ok(Some(Refused::Newer(min_reader)));
    }
    let version = meta(connection, "version")?.unwrap_or(0);
    if version < VERSION {
        return Ok(Some(Refused::Older(version)));
    }
    let made_with = meta(connection, "tick_ms")?.unwrap_or(tick_ms);
    Ok((made_with != tick_ms).then_some(Refused::OtherTick(made_with)))
}

/// Reads one of the database's own numbers.
pub(crate) fn meta(connection: &Connection, key: &str) -> Result<Option<i64>> {
    connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()
}

/// Writes one of the database's own numbers.
pub(crate) fn set_meta(connection: &Connection, key: &str, value: i64) -> Result<()> {
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", (key, value)).map(drop)
}

/// The blocks that were set aside because a part of them cannot be read.
pub(crate) fn aside(connection: &Connection) -> Result<BTreeSet<BlockId>> {
    let mut blocks = connection.prepare("SELECT value FROM meta WHERE key GLOB 'aside.*'")?;
    blocks.query_map([], |row| row.get(0).map(BlockId))?.collect()
}

/// The key under which it stands that a block is set aside.
pub(crate) fn aside_key(block: BlockId) -> String {
    format!("aside.{}", block.0)
}
