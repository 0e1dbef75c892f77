//! One transaction on `history.db`: blocks come and go in it together, and memory hears of it by the [`Change`].

use rusqlite::{Result, Transaction};

use super::schema;
use crate::{
    calendar::{Level, Window},
    catalogue::Track,
    index::{BlockId, BlockMeta, Change, Resident},
    plan::{Shard, TrackId},
    query::Tier,
};

/// A transaction that is under way.
#[derive(Debug)]
pub(crate) struct Edit<'a> {
    transaction: &'a Transaction<'a>,
    change: Change,
}

/// A block that is being written.
#[derive(Debug)]
pub(crate) struct OpenBlock {
    id: BlockId,
    tier: Tier,
    level: Level,
    shard: Shard,
    window: Option<Window>,
    points: u64,
    bytes: u64,
    resident: Option<Resident>,
}

impl<'a> Edit<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>) -> Self {
        Self { transaction, change: Change::default() }
    }

    /// Begins a block. `keep` says whether memory should have its packs.
    pub(crate) fn begin(&mut self, tier: Tier, level: Level, shard: Shard, keep: bool) -> Result<OpenBlock> {
        let sql = "INSERT INTO block (tier, level, shard, first, last, points, bytes) VALUES (?1, ?2, ?3, 0, 0, 0, 0)";
        self.transaction.prepare_cached(sql)?.execute((tier as u8, level.number(), shard.0))?;
        let id = BlockId(self.transaction.last_insert_rowid());
        let resident = keep.then(Resident::default);
        Ok(OpenBlock { id, tier, level, shard, window: None, points: 0, bytes: 0, resident })
    }

    /// Adds a pack. Tracks come in ascending order.
    pub(crate) fn put(
        &mut self,
        block: &mut OpenBlock,
        track: TrackId,
        pack: &[u8],
        window: Window,
        points: u64,
    ) -> Result<()> {
        let sql = "INSERT INTO pack (id, data) VALUES (?1, ?2)";
        self.transaction.prepare_cached(sql)?.execute((pack_id(block.id, track), pack))?;
        block.cover(window);
        block.points += points;
        block.bytes += pack.len() as u64;
        if let Some(resident) = &mut block.resident {
            resident.push(track, pack);
        }
        Ok(())
    }

    /// Ends a block; one without packs vanishes.
    pub(crate) fn end(&mut self, block: OpenBlock) -> Result<()> {
        let OpenBlock { id, tier, level, shard, window, points, bytes, resident } = block;
        let Some(window) = window.filter(|_| bytes > 0) else {
            return self.transaction.prepare_cached("DELETE FROM block WHERE id = ?1")?.execute([id.0]).map(drop);
        };
        let sql = "UPDATE block SET first = ?2, last = ?3, points = ?4, bytes = ?5 WHERE id = ?1";
        let numbers = (id.0, window.first.0, window.last.0, points as i64, bytes as i64);
        self.transaction.prepare_cached(sql)?.execute(numbers)?;
        let meta = BlockMeta { id, tier, level, shard, window, points, bytes };
        self.change.added.push((meta, resident.map(std::sync::Arc::new)));
        Ok(())
    }

    /// Deletes a block.
    pub(crate) fn remove(&mut self, block: &BlockMeta) -> Result<()> {
        let first = block.id.0 * i64::from(TrackId::PER_SHARD);
        let last = first + i64::from(TrackId::PER_SHARD) - 1;
        self.transaction.prepare_cached("DELETE FROM pack WHERE id BETWEEN ?1 AND ?2")?.execute((first, last))?;
        self.disown(block)
    }

    /// Forgets a block whose packs damage keeps from being deleted: they stay in the file, and are nobody's.
    pub(crate) fn disown(&mut self, block: &BlockMeta) -> Result<()> {
        self.transaction.prepare_cached("DELETE FROM block WHERE id = ?1")?.execute([block.id.0])?;
        self.transaction.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([schema::aside_key(block.id)])?;
        self.change.removed.push(*block);
        Ok(())
    }

    /// Notes that a part of a block cannot be read, so that nothing is made of it any more.
    pub(crate) fn set_aside(&mut self, block: &BlockMeta) -> Result<()> {
        schema::set_meta(self.transaction, &schema::aside_key(block.id), block.id.0)?;
        self.change.aside.push(*block);
        Ok(())
    }

    /// Says that a block is all there is of a wider window: it stays as it is.
    pub(crate) fn promote(
        &mut self,
        block: &BlockMeta,
        level: Level,
        resident: Option<std::sync::Arc<Resident>>,
    ) -> Result<()> {
        let sql = "UPDATE block SET level = ?2 WHERE id = ?1";
        self.transaction.prepare_cached(sql)?.execute((block.id.0, level.number()))?;
        self.change.removed.push(*block);
        self.change.added.push((BlockMeta { level, ..*block }, resident));
        Ok(())
    }

    /// Writes down whose metrics a track holds.
    pub(crate) fn store_track(&mut self, id: TrackId, track: &Track) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO track (id, tenant, resource, period, metrics) VALUES (?1, ?2, ?3, ?4, ?5)";
        let Track { tenant, resource, period, metrics, .. } = track;
        let values = (id.0, tenant.as_str(), resource.to_string(), period.ticks().get(), metrics.codes());
        self.transaction.prepare_cached(sql)?.execute(values)?;
        self.change.tracks.push((id, track.clone()));
        Ok(())
    }

    /// Notes that the sweep log up to this file is in blocks.
    pub(crate) fn flushed_log(&mut self, number: u64) -> Result<()> {
        schema::set_meta(self.transaction, "flushed_log", i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Notes up to which pack everything has arrived elsewhere.
    pub(crate) fn shipped(&mut self, position: i64) -> Result<()> {
        schema::set_meta(self.transaction, "shipped", position)
    }

    pub(super) fn finish(self) -> Result<Change> {
        let generation = schema::meta(self.transaction, "generation")?.unwrap_or(0);
        schema::set_meta(self.transaction, "generation", generation + 1)?;
        Ok(self.change)
    }
}

impl OpenBlock {
    /// Widens the time that the block speaks for.
    pub(crate) fn cover(&mut self, window: Window) {
        let before = self.window.unwrap_or(window);
        self.window = Some(Window { first: before.first.min(window.first), last: before.last.max(window.last) });
    }
}

/// Where a track's pack in a block is found.
pub(crate) fn pack_id(block: BlockId, track: TrackId) -> i64 {
    block.0 * i64::from(TrackId::PER_SHARD) + i64::from(track.slot())
}
