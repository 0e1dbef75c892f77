//! Reads whose metrics there are. Numbers of tracks are what blocks name resources by: one that cannot be read stays taken,
//! so that what is stored under it is never shown as somebody else's.

use std::num::NonZeroU32;

use muster_model::{ResourceId, TenantId};
use rusqlite::{Connection, Result, Row};
use tracing::warn;

use super::{is_damage, pack_id};
use crate::{
    catalogue::MetricSet,
    grid::Period,
    index::BlockMeta,
    plan::{Shard, TrackId},
};

/// Numbers are given in a row. One that lies further ahead than this is no number that was given.
const MOST_AHEAD: usize = 1 << 20;

/// A track as it is stored.
#[derive(Debug)]
pub(crate) struct StoredTrack {
    pub(crate) tenant: TenantId,
    pub(crate) resource: ResourceId,
    pub(crate) period: Period,
    pub(crate) metrics: MetricSet,
}

/// All tracks by number, with a hole for each that cannot be read.
pub(super) fn load(connection: &Connection, blocks: &[BlockMeta]) -> Result<Vec<Option<StoredTrack>>> {
    let mut tracks = Vec::new();
    if let Err(error) = read(connection, "ASC", &mut tracks) {
        if !is_damage(&error) {
            return Err(error);
        }
        warn!(%error, "a part of the list of resources in the metrics history is damaged");
        read_behind(connection, &mut tracks)?;
        // Packs tell which numbers were given at least.
        let last = blocks.iter().map(|block| block.shard).max().unwrap_or(Shard(0));
        let mut slots = blocks.iter().filter(|block| block.shard == last).map(|block| slots(connection, block));
        let slots = slots.try_fold(0, |most, slots| slots.map(|slots| most.max(slots)))?;
        let least = last.track(0).0 as usize + slots as usize;
        tracks.resize_with(tracks.len().max(least), || None);
    }
    let lost = tracks.iter().filter(|track| track.is_none()).count();
    if lost > 0 {
        warn!(lost, "resources in the metrics history cannot be read; what is stored of them is hidden");
    }
    Ok(tracks)
}

/// How many slots of its shard were given at least when a block was written: all of them, where damage does not let it tell.
fn slots(connection: &Connection, block: &BlockMeta) -> Result<u32> {
    let first = pack_id(block.id, block.shard.track(0));
    let sql = "SELECT max(id) - ?1 + 1 FROM pack WHERE id BETWEEN ?1 AND ?2";
    let last = first + i64::from(TrackId::PER_SHARD) - 1;
    let slots = connection.prepare_cached(sql)?.query_row((first, last), |row| row.get::<_, Option<u32>>(0));
    match slots {
        Err(error) if is_damage(&error) => Ok(TrackId::PER_SHARD),
        slots => Ok(slots?.unwrap_or(0)),
    }
}

/// Reads from the end up to where the damage is.
fn read_behind(connection: &Connection, tracks: &mut Vec<Option<StoredTrack>>) -> Result<()> {
    match read(connection, "DESC", tracks) {
        Err(error) if is_damage(&error) => Ok(()),
        read => read,
    }
}

fn read(connection: &Connection, order: &str, tracks: &mut Vec<Option<StoredTrack>>) -> Result<()> {
    let sql = format!("SELECT id, tenant, resource, period, metrics FROM track ORDER BY id {order}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(usize::MAX);
        if number >= tracks.len().saturating_add(MOST_AHEAD) {
            warn!(number, "a resource in the metrics history has a number that was never given");
            continue;
        }
        tracks.resize_with(tracks.len().max(number + 1), || None);
        tracks[number] = track(row);
    }
    Ok(())
}

/// `None` where it is damaged, or of a kind that this version has no word for.
fn track(row: &Row<'_>) -> Option<StoredTrack> {
    Some(StoredTrack {
        tenant: row.get_ref(1).ok()?.as_str().ok()?.parse().ok()?,
        resource: row.get_ref(2).ok()?.as_str().ok()?.parse().ok()?,
        period: Period::of_ticks(NonZeroU32::new(row.get(3).ok()?)?),
        metrics: MetricSet::of_codes(row.get_ref(4).ok()?.as_blob().ok()?),
    })
}
