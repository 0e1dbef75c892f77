//! Samples on their way to a store elsewhere, which the blocks that have gathered are the queue for: durable, ordered,
//! and not dealt with further until what they hold has arrived.

use std::collections::HashMap;

use muster_model::{Metric, ResourceId, TenantId};

use crate::{
    codec::pack::Pack,
    columns::places,
    error::FlushError,
    grid::{Grid, Period, Tick},
    history::History,
    index::{BlockId, BlockMeta},
    plan::TrackId,
    query::{QueryError, Tier},
    store::Blocks,
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
    /// The newest sample of each series that was packed.
    last: HashMap<(TrackId, u8), Tick>,
    series: Vec<ParcelSeries>,
    samples: usize,
}

impl History {
    /// The next samples that have not arrived yet, at least one pack of them and at most about `most`. `None` when there
    /// is nothing new in blocks. The same answer again until [`History::confirm`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn parcel(&self, most: usize) -> Result<Option<Parcel>, QueryError> {
        let shared = self.shared();
        let packed = shared.readers.read(|blocks| {
            let mut packing = Packing { history: self, blocks, last: HashMap::new(), series: Vec::new(), samples: 0 };
            packing.pack(most)
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

impl Packing<'_> {
    fn pack(&mut self, most: usize) -> Result<Option<Parcel>, QueryError> {
        let (mut position, queue) = {
            let head = self.history.shared().head();
            let gathered = head.index.shards().flat_map(|(_, shard)| shard.of_tier(Tier::Raw));
            let waiting = gathered.filter(|block| head.index.waits(block)).copied();
            let mut queue: Vec<BlockMeta> = waiting.collect();
            queue.sort_unstable_by_key(|block| block.id);
            (head.index.shipped.unwrap_or(i64::MAX), queue)
        };
        let start = position;
        for block in &queue {
            for slot in self.blocks.slots(block.id).map_err(QueryError::Read)? {
                let track = block.shard.track(slot);
                let id = pack_position(block.id, track);
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

    fn parcel(&mut self, position: i64) -> Parcel {
        Parcel { position, series: std::mem::take(&mut self.series) }
    }

    /// Adds a track's part of a block. A damaged one is reported and skipped.
    fn add(&mut self, block: &BlockMeta, track: TrackId) -> Result<(), QueryError> {
        let Some(bytes) = self.blocks.pack(block.id, track).map_err(QueryError::Read)? else { return Ok(()) };
        let columns = match Pack::open(&bytes).and_then(|pack| pack.all_samples()) {
            Ok(columns) => columns,
            Err(error) => {
                self.blocks.malformed(block.id, track, error);
                return Ok(());
            }
        };
        let grid = self.history.grid();
        for column in columns {
            let Some(metric) = Metric::from_code(column.metric) else { continue };
            let Some((tenant, resource)) = self.whose(track) else { continue };
            let Some(first) = column.axis.ticks.first() else { continue };
            let mut before = self.before(track, column.metric, block.id, *first)?;
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
        let track = head.catalogue.tracks().get(track.0 as usize)?;
        Some((track.tenant.clone(), track.resource))
    }

    /// The last sample of a series before a tick, whichever block it came with.
    fn before(&self, track: TrackId, metric: u8, block: BlockId, tick: Tick) -> Result<Option<Tick>, QueryError> {
        let shard = self.history.shared().head().index.shard(track.shard()).cloned().unwrap_or_default();
        let older = shard.of_tier(Tier::Raw).iter().filter(|older| older.id != block && older.window.first < tick);
        let mut older: Vec<&BlockMeta> = older.collect();
        older.sort_unstable_by_key(|older| std::cmp::Reverse(older.window.last));
        let mut last = self.last.get(&(track, metric)).copied().filter(|last| *last < tick);
        for older in older {
            // What two sources stamped overlaps, and so do blocks.
            if last.is_some_and(|last| older.window.last <= last) {
                break;
            }
            let Some(bytes) = self.blocks.pack(older.id, track).map_err(QueryError::Read)? else { continue };
            if let Ok(Some(column)) = Pack::open(&bytes).and_then(|pack| pack.samples(metric)) {
                let ticks = &column.axis.ticks;
                last = last.max(ticks[..ticks.partition_point(|known| *known < tick)].last().copied());
            }
        }
        Ok(last)
    }
}

/// The place of a pack in the queue.
fn pack_position(block: BlockId, track: TrackId) -> i64 {
    block.0 * i64::from(TrackId::PER_SHARD) + i64::from(track.slot())
}

fn sample(grid: Grid, before: Option<Tick>, period: Period, tick: Tick, value: f64) -> ParcelSample {
    let gap = before.filter(|before| period.is_exceeded_by(tick.0 - before.0));
    ParcelSample { at_ms: grid.epoch_ms(tick), value, gap_before_ms: gap.map(|before| grid.epoch_ms(before)) }
}
