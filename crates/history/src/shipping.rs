//! Samples on their way to a store elsewhere, which the blocks that have gathered are the queue for: durable, ordered,
//! and not dealt with further until what they hold has arrived.

use std::{
    cell::OnceCell,
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use muster_model::{Metric, ResourceId, TenantId};

use crate::{
    codec::pack::Pack,
    columns::places,
    error::FlushError,
    grid::{Grid, Period, Tick},
    history::History,
    index::{BlockId, BlockMeta, ShardBlocks},
    plan::{Shard, TrackId},
    query::{QueryError, Tier},
    store::{Blocks, pack_id},
};

/// The next samples to ship.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// The end of the parcel in the queue. What follows has a higher one.
    pub position: i64,
    /// Its series. Samples of one series come in ascending order of time, unless a source remembered some of them later.
    pub series: Vec<ParcelSeries>,
}

/// One series' part of a parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct ParcelSeries {
    /// Whose.
    pub tenant: TenantId,
    /// Of whom.
    pub resource: ResourceId,
    /// What.
    pub metric: Metric,
    /// How often it is sampled, in milliseconds.
    pub period_ms: i64,
    /// Its samples.
    pub samples: Vec<ParcelSample>,
}

/// One sample of a parcel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParcelSample {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// How much.
    pub value: f64,
    /// The time of the sample before it, where more than 2.5 periods lie between them (D-10).
    pub gap_before_ms: Option<i64>,
}

/// What a parcel is made from.
#[derive(Debug)]
struct Packing<'a> {
    history: &'a History,
    blocks: &'a Blocks<'a>,
    /// The blocks of the moment that is read.
    shards: BTreeMap<Shard, Arc<ShardBlocks>>,
    /// The newest sample of each series that was packed.
    last: HashMap<(TrackId, u8), Tick>,
    series: Vec<ParcelSeries>,
    samples: usize,
}

/// The packs of a track in other blocks, newest first, each read when it is first needed.
struct Older<'a> {
    blocks: &'a Blocks<'a>,
    track: TrackId,
    packs: Vec<(BlockMeta, OnceCell<Option<Vec<u8>>>)>,
}

impl History {
    /// The next samples that have not arrived yet, at least one pack of them and at most about `most`. `None` when there
    /// is nothing new in blocks, or blocks change just now: ask again later. The same answer until [`History::confirm`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn parcel(&self, most: usize) -> Result<Option<Parcel>, QueryError> {
        let shared = self.shared();
        let packed = shared.readers.read(|blocks| {
            let (shards, shipped, queue) = {
                let head = shared.head();
                if head.index.generation != blocks.generation {
                    return Ok(None);
                }
                let shards: BTreeMap<_, _> = head.index.shards().map(|(id, shard)| (id, Arc::clone(shard))).collect();
                let waiting = shards.values().flat_map(|shard| shard.of_tier(Tier::Raw));
                let queue: Vec<BlockMeta> = waiting.filter(|block| head.index.waits(block)).copied().collect();
                (shards, head.index.shipped.unwrap_or(i64::MAX), queue)
            };
            let (last, series) = (HashMap::new(), Vec::new());
            Packing { history: self, blocks, shards, last, series, samples: 0 }.pack(queue, shipped, most)
        });
        packed.map_err(QueryError::Read)?
    }

    /// Notes that everything up to a position has arrived.
    ///
    /// # Errors
    /// When that cannot be written, or the history is closed.
    pub fn confirm(&self, position: i64) -> Result<(), FlushError> {
        self.ask_keeper(|answer| crate::keeper::Request::Shipped(position, answer))
    }
}

impl<'a> Packing<'a> {
    fn pack(&mut self, mut queue: Vec<BlockMeta>, start: i64, most: usize) -> Result<Option<Parcel>, QueryError> {
        queue.sort_unstable_by_key(|block| block.id);
        let mut position = start;
        for block in &queue {
            for track in self.tracks(block)? {
                let id = pack_id(block.id, track);
                if id <= start {
                    continue;
                }
                if self.samples >= most {
                    return Ok(Some(self.parcel(position)));
                }
                self.add(block, track)?;
                position = id;
            }
        }
        Ok((position > start).then(|| self.parcel(position)))
    }

    /// The tracks of a block, ascending. Where they cannot be listed, every one of the shard may be among them.
    fn tracks(&self, block: &BlockMeta) -> Result<Vec<TrackId>, QueryError> {
        let track = |slot| block.shard.track(slot);
        match self.blocks.slots(block.id) {
            Err(error) if error.is_damage() => {
                let all = (0..TrackId::PER_SHARD).map(track);
                Ok(all.filter(|track| self.whose(*track).is_some()).collect())
            }
            slots => Ok(slots.map_err(QueryError::Read)?.into_iter().map(track).collect()),
        }
    }

    fn parcel(&mut self, position: i64) -> Parcel {
        Parcel { position, series: std::mem::take(&mut self.series) }
    }

    /// Adds a track's part of a block. A damaged one is reported and skipped.
    fn add(&mut self, block: &BlockMeta, track: TrackId) -> Result<(), QueryError> {
        let Some(bytes) = self.blocks.pack(block.id, track, <[u8]>::to_vec).map_err(QueryError::Read)? else {
            return Ok(());
        };
        let columns = match Pack::open(&bytes).and_then(|pack| pack.all_samples()) {
            Ok(columns) => columns,
            Err(error) => {
                self.blocks.malformed(block.id, track, error);
                return Ok(());
            }
        };
        let (grid, older) = (self.history.grid(), self.older(block.id, track));
        for column in columns {
            let Some(metric) = Metric::from_code(column.metric) else { continue };
            let Some((tenant, resource)) = self.whose(track) else { continue };
            let Some(first) = column.axis.ticks.first() else { continue };
            let mut before = self.before(&older, column.metric, *first)?;
            let mut by_period: Vec<(Period, Vec<ParcelSample>)> = Vec::new();
            for place in places(&column) {
                let sample = sample(grid, before, place.period, place.tick, place.value);
                match by_period.last_mut() {
                    Some((period, samples)) if *period == place.period => samples.push(sample),
                    Some(_) | None => by_period.push((place.period, vec![sample])),
                }
                before = Some(place.tick);
            }
            let last = self.last.get(&(track, column.metric)).copied().max(before);
            self.last.extend(last.map(|last| ((track, column.metric), last)));
            self.samples += column.values.len();
            self.series.extend(by_period.into_iter().map(|(period, samples)| ParcelSeries {
                tenant: tenant.clone(),
                resource,
                metric,
                period_ms: grid.epoch_ms(Tick(period.get())),
                samples,
            }));
        }
        Ok(())
    }

    fn whose(&self, track: TrackId) -> Option<(TenantId, ResourceId)> {
        let head = self.history.shared().head();
        let track = head.catalogue.track_by_id(track)?;
        Some((track.tenant.clone(), track.resource))
    }

    fn older(&self, block: BlockId, track: TrackId) -> Older<'a> {
        let known = self.shards.get(&track.shard()).into_iter().flat_map(|shard| shard.of_tier(Tier::Raw));
        let mut packs: Vec<_> = known.filter(|it| it.id != block).map(|it| (*it, OnceCell::new())).collect();
        packs.sort_unstable_by_key(|(older, _)| Reverse(older.window.last));
        Older { blocks: self.blocks, track, packs }
    }

    /// The last sample of a series before a tick, whichever block it came with.
    fn before(&self, older: &Older<'_>, metric: u8, tick: Tick) -> Result<Option<Tick>, QueryError> {
        let mut last = self.last.get(&(older.track, metric)).copied().filter(|last| *last < tick);
        for number in 0..older.packs.len() {
            let (block, _) = &older.packs[number];
            // What two sources stamped overlaps, and so do blocks.
            if last.is_some_and(|last| block.window.last <= last) {
                break;
            }
            if block.window.first >= tick {
                continue;
            }
            let Some(bytes) = older.pack(number)? else { continue };
            if let Ok(Some(axis)) = Pack::open(bytes).and_then(|pack| pack.axis(metric)) {
                last = last.max(axis.ticks[..axis.ticks.partition_point(|known| *known < tick)].last().copied());
            }
        }
        Ok(last)
    }
}

impl Older<'_> {
    fn pack(&self, number: usize) -> Result<Option<&[u8]>, QueryError> {
        let (block, read) = &self.packs[number];
        if let Some(bytes) = read.get() {
            return Ok(bytes.as_deref());
        }
        let bytes = self.blocks.pack(block.id, self.track, <[u8]>::to_vec).map_err(QueryError::Read)?;
        Ok(read.get_or_init(|| bytes).as_deref())
    }
}

fn sample(grid: Grid, before: Option<Tick>, period: Period, tick: Tick, value: f64) -> ParcelSample {
    let gap = before.filter(|before| period.is_exceeded_by(tick.0 - before.0));
    ParcelSample { at_ms: grid.epoch_ms(tick), value, gap_before_ms: gap.map(|before| grid.epoch_ms(before)) }
}
