//! Does what is to be done on blocks: unites them, sums them up, deletes them. A track at a time, so that memory is
//! bounded by the largest pack.
//!
//! What can be read of a damaged block goes where it should. The block itself stays, set aside: nothing that could not be
//! read is deleted here before its time. Blocks are read by a connection of their own: SQLite lets a transaction that met
//! damage write nothing any more. For the same reason a block that cannot be deleted ends the transaction, and the next
//! attempt knows of it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Result;
use tracing::warn;

use super::{gather::put_samples, jobs::Job};
use crate::{
    calendar::{Level, Window},
    codec::{
        bytes::Malformed,
        pack::{BucketColumn, Pack, SampleColumn, encode_buckets},
    },
    columns::{combine, of_places, overlay, places, roll_up, roll_up_buckets},
    index::{BlockId, BlockMeta, ShardBlocks},
    options::Settings,
    plan::{Shard, TrackId},
    query::Tier,
    store::{Blocks, Edit, OpenBlock, is_damage},
};

/// What work is done on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) shard: Shard,
    pub(super) blocks: &'a ShardBlocks,
    /// What is in them.
    pub(super) stored: &'a Blocks<'a>,
    pub(super) settings: &'a Settings,
    /// Blocks that cannot be deleted.
    pub(super) undeletable: &'a BTreeSet<BlockId>,
}

/// The blocks of one shard, and the transaction in which they change.
pub(super) struct Work<'a, 'b> {
    edit: &'a mut Edit<'b>,
    bench: Bench<'a>,
    /// Blocks of which something could not be read.
    damaged: BTreeMap<BlockId, String>,
    /// The block that turned out to be undeletable.
    culprit: Option<BlockId>,
}

/// The sums of a day that are being made anew.
struct Sums {
    block: OpenBlock,
    /// What the day has so far.
    before: Vec<BlockMeta>,
    /// The time that all of it speaks for.
    covered: Window,
}

impl<'a, 'b> Work<'a, 'b> {
    pub(super) fn new(edit: &'a mut Edit<'b>, bench: Bench<'a>) -> Self {
        Self { edit, bench, damaged: BTreeMap::new(), culprit: None }
    }

    /// After damage kept the work from being done: the block that cannot be deleted, if that is why.
    pub(super) fn culprit(&self) -> Option<BlockId> {
        self.culprit
    }

    pub(super) fn run(&mut self, job: &Job) -> Result<()> {
        self.work(job)?;
        for (block, why) in &self.damaged {
            warn!(block = block.0, why, "a part of a block cannot be read; what can be is taken along");
        }
        Ok(())
    }

    fn work(&mut self, job: &Job) -> Result<()> {
        match job {
            Job::Unite { window, level, raw, sum_up } => self.unite(*window, *level, raw, *sum_up),
            Job::Absorb { day, raw, has_minutes } => {
                if *has_minutes {
                    self.add_minutes(*day, raw)?;
                }
                self.add_to_sums(*day, raw)?;
                self.remove(raw)
            }
            Job::Fade { raw, is_wanted } => {
                if *is_wanted {
                    let day = self.bench.settings.calendar.window(Level::Day, raw.window.first);
                    self.add_minutes(day, &[*raw])?;
                }
                self.remove(&[*raw])
            }
            Job::Collect { window, sums } => self.collect(*window, sums),
            Job::AbsorbSums { window, sums } => {
                self.add_hours(*window, sums)?;
                self.remove(sums)
            }
            Job::Delete { block } if self.bench.undeletable.contains(&block.id) => self.edit.disown(block),
            Job::Delete { block } => self.delete(block),
        }
    }

    /// Makes blocks of samples one, and sums all of them up by ten minutes in place of what the day had of the window.
    /// Each pack is read once for both.
    fn unite(&mut self, window: Window, level: Level, raw: &[BlockMeta], sum_up: bool) -> Result<()> {
        let mut united = match raw {
            [_] => None,
            [] | [_, _, ..] => {
                let keep = raw.iter().any(|block| self.bench.blocks.resident(block.id).is_some());
                Some(self.edit.begin(Tier::Raw, level, self.bench.shard, keep)?)
            }
        };
        let mut sums = if sum_up { Some(self.begin_sums(window)?) } else { None };
        let before = sums.as_ref().map_or(&[][..], |sums| &sums.before).to_vec();
        if united.is_some() || sums.is_some() {
            for track in self.tracks(raw.iter().chain(&before))? {
                let columns = self.samples(raw, track)?;
                if let Some(block) = &mut united {
                    put_samples(self.edit, block, track, &columns, self.bench.settings)?;
                }
                if let Some(sums) = &mut sums {
                    self.put_sums(sums, track, &columns)?;
                }
            }
        }
        if let Some(sums) = sums {
            self.edit.end(sums.block)?;
            self.remove(&before)?;
        }
        if united.is_none() && raw.iter().any(|block| self.damaged.contains_key(&block.id)) {
            united = Some(self.rescue(level, raw)?);
        }
        match (united, raw) {
            (Some(united), _) => {
                self.edit.end(united)?;
                self.remove(raw)
            }
            (None, [block, ..]) => self.edit.promote(block, level, self.bench.blocks.resident(block.id).cloned()),
            (None, []) => Ok(()),
        }
    }

    /// Takes what can be read out of blocks that would have stayed as they are.
    fn rescue(&mut self, level: Level, raw: &[BlockMeta]) -> Result<OpenBlock> {
        let mut rescued = self.edit.begin(Tier::Raw, level, self.bench.shard, false)?;
        for track in self.tracks(raw)? {
            let columns = self.samples(raw, track)?;
            put_samples(self.edit, &mut rescued, track, &columns, self.bench.settings)?;
        }
        Ok(rescued)
    }

    fn begin_sums(&mut self, window: Window) -> Result<Sums> {
        let day = self.bench.settings.calendar.window(Level::Day, window.first);
        let before = self.inside(Tier::TenMinutes, day);
        let until = before.iter().map(|block| block.window.last).max();
        let covered = Window { first: day.first, last: window.last.max(until.unwrap_or(window.last)) };
        Ok(Sums { block: self.edit.begin(Tier::TenMinutes, Level::Day, self.bench.shard, true)?, before, covered })
    }

    fn put_sums(&mut self, sums: &mut Sums, track: TrackId, samples: &[SampleColumn]) -> Result<()> {
        let mut layers = self.buckets(&sums.before, track)?;
        layers.push(self.roll_up(samples, Tier::TenMinutes));
        self.put_buckets(&mut sums.block, track, &overlay(layers), sums.covered)
    }

    /// Adds samples to the sums of a day by ten minutes, wherever those are. What is made lies over them.
    fn add_to_sums(&mut self, day: Window, raw: &[BlockMeta]) -> Result<()> {
        let known = self.bench.blocks.of_tier(Tier::TenMinutes).iter();
        let known: Vec<BlockMeta> = known.filter(|it| it.window.touches(day.first, day.last)).copied().collect();
        let before = self.inside(Tier::TenMinutes, day);
        let mut block = self.edit.begin(Tier::TenMinutes, Level::Day, self.bench.shard, true)?;
        for track in self.tracks(raw.iter().chain(&before))? {
            let layers = self.buckets(&known, track)?.into_iter().map(|columns| clip(columns, day)).collect();
            let samples = self.samples(raw, track)?;
            let more = self.roll_up(&samples, Tier::TenMinutes);
            self.put_buckets(&mut block, track, &combine(vec![overlay(layers), more]), day)?;
        }
        self.edit.end(block)?;
        self.remove(&before)
    }

    /// Adds samples to the sums of a day by the minute.
    fn add_minutes(&mut self, day: Window, raw: &[BlockMeta]) -> Result<()> {
        let before = self.inside(Tier::Minute, day);
        let mut block = self.edit.begin(Tier::Minute, Level::Day, self.bench.shard, false)?;
        for track in self.tracks(raw.iter().chain(&before))? {
            let mut layers = self.buckets(&before, track)?;
            let samples = self.samples(raw, track)?;
            layers.push(self.roll_up(&samples, Tier::Minute));
            self.put_buckets(&mut block, track, &combine(layers), day)?;
        }
        self.edit.end(block)?;
        self.remove(&before)
    }

    fn collect(&mut self, window: Window, sums: &[BlockMeta]) -> Result<()> {
        let covered =
            Window { first: window.first, last: sums.iter().map(|it| it.window.last).max().unwrap_or(window.last) };
        let hours = self.inside(Tier::Hour, window);
        let mut by_hour = self.edit.begin(Tier::Hour, Level::TenDays, self.bench.shard, false)?;
        let mut united = self.edit.begin(Tier::TenMinutes, Level::TenDays, self.bench.shard, false)?;
        for track in self.tracks(sums)? {
            let columns = overlay(self.buckets(sums, track)?);
            self.put_buckets(&mut united, track, &columns, covered)?;
            let columns = roll_up_buckets(&columns, Tier::Hour, self.bench.settings.calendar);
            self.put_buckets(&mut by_hour, track, &columns, covered)?;
        }
        self.edit.end(united)?;
        self.edit.end(by_hour)?;
        self.remove(&hours)?;
        self.remove(sums)
    }

    /// Adds sums by ten minutes to those by the hour.
    fn add_hours(&mut self, window: Window, sums: &[BlockMeta]) -> Result<()> {
        let before = self.inside(Tier::Hour, window);
        let mut block = self.edit.begin(Tier::Hour, Level::TenDays, self.bench.shard, false)?;
        for track in self.tracks(sums.iter().chain(&before))? {
            let mut layers = self.buckets(&before, track)?;
            let more = overlay(self.buckets(sums, track)?);
            layers.push(roll_up_buckets(&more, Tier::Hour, self.bench.settings.calendar));
            self.put_buckets(&mut block, track, &combine(layers), window)?;
        }
        self.edit.end(block)?;
        self.remove(&before)
    }

    fn roll_up(&self, samples: &[SampleColumn], tier: Tier) -> Vec<BucketColumn> {
        roll_up(samples, tier, self.bench.settings.calendar, self.bench.settings.rounding)
    }

    /// Blocks of a tier that lie in a window whole.
    fn inside(&self, tier: Tier, window: Window) -> Vec<BlockMeta> {
        let blocks = self.bench.blocks.of_tier(tier).iter();
        blocks.filter(|block| window.holds(block.window.first, block.window.last)).copied().collect()
    }

    /// Deletes blocks whose content stands elsewhere now. Those that are damaged are set aside instead.
    fn remove(&mut self, blocks: &[BlockMeta]) -> Result<()> {
        for block in blocks {
            if self.damaged.contains_key(&block.id) || self.bench.undeletable.contains(&block.id) {
                self.edit.set_aside(block)?;
            } else {
                self.delete(block)?;
            }
        }
        Ok(())
    }

    /// Deletes a block. If damage keeps it from being deleted, it is named as the culprit.
    fn delete(&mut self, block: &BlockMeta) -> Result<()> {
        let deleted = self.edit.remove(block);
        self.culprit = deleted.as_ref().err().filter(|error| is_damage(error)).map(|_| block.id);
        deleted
    }

    fn put_buckets(
        &mut self,
        block: &mut OpenBlock,
        track: TrackId,
        columns: &[BucketColumn],
        window: Window,
    ) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        let points = columns.iter().map(|column| column.buckets.len() as u64).sum();
        self.edit.put(block, track, &encode_buckets(columns, self.bench.settings.rounding), window, points)
    }

    fn tracks<'c>(&mut self, blocks: impl IntoIterator<Item = &'c BlockMeta>) -> Result<BTreeSet<TrackId>> {
        let mut tracks = BTreeSet::new();
        for block in blocks {
            match self.bench.blocks.resident(block.id) {
                Some(resident) => tracks.extend(resident.tracks()),
                None => tracks.extend(self.stored_tracks(block)?),
            }
        }
        Ok(tracks)
    }

    /// The tracks of a block in the file. Where they cannot be listed, every one of the shard may be among them.
    fn stored_tracks(&mut self, block: &BlockMeta) -> Result<Vec<TrackId>> {
        let slots = match self.bench.stored.stored_slots(block.id) {
            Err(error) if is_damage(&error) => {
                self.damaged.insert(block.id, error.to_string());
                (0..TrackId::PER_SHARD).collect()
            }
            slots => slots?,
        };
        Ok(slots.into_iter().map(|slot| self.bench.shard.track(slot)).collect())
    }

    /// All samples of a track in some blocks.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is not general over a pack's lifetime")]
    fn samples(&mut self, blocks: &[BlockMeta], track: TrackId) -> Result<Vec<SampleColumn>> {
        Ok(overlay(self.layers(blocks, track, |pack| pack.all_samples())?))
    }

    /// The buckets of a track in some blocks, block by block.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is not general over a pack's lifetime")]
    fn buckets(&mut self, blocks: &[BlockMeta], track: TrackId) -> Result<Vec<Vec<BucketColumn>>> {
        self.layers(blocks, track, |pack| pack.all_buckets())
    }

    fn layers<C>(
        &mut self,
        blocks: &[BlockMeta],
        track: TrackId,
        decode: impl Fn(&Pack<'_>) -> Result<Vec<C>, Malformed>,
    ) -> Result<Vec<Vec<C>>> {
        let mut layers = Vec::new();
        for block in blocks {
            let read = |pack: &[u8]| Pack::open(pack).and_then(|pack| decode(&pack)).map_err(|error| error.to_string());
            let read = match self.bench.blocks.resident(block.id) {
                Some(resident) => resident.pack(track).map(read),
                None => match self.bench.stored.stored_pack(block.id, track, read) {
                    Err(error) if is_damage(&error) => Some(Err(error.to_string())),
                    pack => pack?,
                },
            };
            match read {
                Some(Ok(columns)) => layers.push(columns),
                Some(Err(why)) => drop(self.damaged.insert(block.id, why)),
                None => {}
            }
        }
        Ok(layers)
    }
}

/// What of some columns lies in a window.
fn clip(columns: Vec<BucketColumn>, window: Window) -> Vec<BucketColumn> {
    let inside = columns.into_iter().filter_map(|column| {
        let ticks = &column.axis.ticks;
        if window.holds(*ticks.first()?, *ticks.last()?) {
            return Some(column);
        }
        let places: Vec<_> = places(&column).filter(|place| window.contains(place.tick)).collect();
        (!places.is_empty()).then(|| of_places(column.metric, places))
    });
    inside.collect()
}
