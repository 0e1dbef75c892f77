//! Does what is to be done on blocks: unites them, sums them up, deletes them. A track at a time, so that memory is
//! bounded by the largest pack.

use std::{collections::BTreeSet, sync::Arc};

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
    index::{BlockMeta, Resident, ShardBlocks},
    options::Settings,
    plan::{Shard, TrackId},
    query::Tier,
    store::{Edit, OpenBlock},
};

/// The blocks of one shard, and the transaction in which they change.
pub(super) struct Work<'a, 'b> {
    pub(super) edit: &'a mut Edit<'b>,
    pub(super) blocks: &'a ShardBlocks,
    pub(super) settings: &'a Settings,
    pub(super) shard: Shard,
}

/// The sums of a day that are being made anew.
struct Sums {
    block: OpenBlock,
    /// What the day has so far.
    before: Vec<BlockMeta>,
    /// The time that all of it speaks for.
    covered: Window,
}

impl Work<'_, '_> {
    pub(super) fn run(&mut self, job: &Job) -> Result<()> {
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
                    let day = self.settings.calendar.window(Level::Day, raw.window.first);
                    self.add_minutes(day, &[*raw])?;
                }
                self.edit.remove(raw)
            }
            Job::Collect { window, sums } => self.collect(*window, sums),
            Job::AbsorbSums { window, sums } => {
                self.add_hours(*window, sums)?;
                self.remove(sums)
            }
            Job::Delete { block } => self.edit.remove(block),
        }
    }

    /// Makes blocks of samples one, and sums all of them up by ten minutes in place of what the day had of the window.
    /// Each pack is read once for both.
    fn unite(&mut self, window: Window, level: Level, raw: &[BlockMeta], sum_up: bool) -> Result<()> {
        let mut united = match raw {
            [_] => None,
            [] | [_, _, ..] => {
                let keep = raw.iter().any(|block| self.blocks.resident(block.id).is_some());
                Some(self.edit.begin(Tier::Raw, level, self.shard, keep)?)
            }
        };
        let mut sums = if sum_up { Some(self.begin_sums(window)?) } else { None };
        let before = sums.as_ref().map_or(&[][..], |sums| &sums.before).to_vec();
        if united.is_some() || sums.is_some() {
            for track in self.tracks(raw.iter().chain(&before))? {
                let columns = self.samples(raw, track)?;
                if let Some(block) = &mut united {
                    put_samples(self.edit, block, track, &columns, self.settings)?;
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
        match (united, raw) {
            (Some(united), _) => {
                self.edit.end(united)?;
                self.remove(raw)
            }
            (None, [block, ..]) => self.edit.promote(block, level, self.blocks.resident(block.id).cloned()),
            (None, []) => Ok(()),
        }
    }

    fn begin_sums(&mut self, window: Window) -> Result<Sums> {
        let day = self.settings.calendar.window(Level::Day, window.first);
        let before = self.inside(Tier::TenMinutes, day);
        let until = before.iter().map(|block| block.window.last).max();
        let covered = Window { first: day.first, last: window.last.max(until.unwrap_or(window.last)) };
        Ok(Sums { block: self.edit.begin(Tier::TenMinutes, Level::Day, self.shard, true)?, before, covered })
    }

    fn put_sums(&mut self, sums: &mut Sums, track: TrackId, samples: &[SampleColumn]) -> Result<()> {
        let mut layers = self.buckets(&sums.before, track)?;
        layers.push(self.roll_up(samples, Tier::TenMinutes));
        self.put_buckets(&mut sums.block, track, &overlay(layers), sums.covered)
    }

    /// Adds samples to the sums of a day by ten minutes, wherever those are. What is made lies over them.
    fn add_to_sums(&mut self, day: Window, raw: &[BlockMeta]) -> Result<()> {
        let known = self.blocks.of_tier(Tier::TenMinutes).iter();
        let known: Vec<BlockMeta> = known.filter(|it| it.window.touches(day.first, day.last)).copied().collect();
        let before = self.inside(Tier::TenMinutes, day);
        let mut block = self.edit.begin(Tier::TenMinutes, Level::Day, self.shard, true)?;
        for track in self.tracks(raw.iter().chain(&before))? {
            let layers = self.buckets(&known, track)?.into_iter().map(|columns| clip(columns, day)).collect();
            let more = self.roll_up(&self.samples(raw, track)?, Tier::TenMinutes);
            self.put_buckets(&mut block, track, &combine(vec![overlay(layers), more]), day)?;
        }
        self.edit.end(block)?;
        self.remove(&before)
    }

    /// Adds samples to the sums of a day by the minute.
    fn add_minutes(&mut self, day: Window, raw: &[BlockMeta]) -> Result<()> {
        let before = self.inside(Tier::Minute, day);
        let mut block = self.edit.begin(Tier::Minute, Level::Day, self.shard, false)?;
        for track in self.tracks(raw.iter().chain(&before))? {
            let mut layers = self.buckets(&before, track)?;
            layers.push(self.roll_up(&self.samples(raw, track)?, Tier::Minute));
            self.put_buckets(&mut block, track, &combine(layers), day)?;
        }
        self.edit.end(block)?;
        self.remove(&before)
    }

    fn collect(&mut self, window: Window, sums: &[BlockMeta]) -> Result<()> {
        let covered =
            Window { first: window.first, last: sums.iter().map(|it| it.window.last).max().unwrap_or(window.last) };
        let hours = self.inside(Tier::Hour, window);
        let mut by_hour = self.edit.begin(Tier::Hour, Level::TenDays, self.shard, false)?;
        let mut united = self.edit.begin(Tier::TenMinutes, Level::TenDays, self.shard, false)?;
        for track in self.tracks(sums)? {
            let columns = overlay(self.buckets(sums, track)?);
            self.put_buckets(&mut united, track, &columns, covered)?;
            let columns = roll_up_buckets(&columns, Tier::Hour, self.settings.calendar);
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
        let mut block = self.edit.begin(Tier::Hour, Level::TenDays, self.shard, false)?;
        for track in self.tracks(sums.iter().chain(&before))? {
            let mut layers = self.buckets(&before, track)?;
            let more = overlay(self.buckets(sums, track)?);
            layers.push(roll_up_buckets(&more, Tier::Hour, self.settings.calendar));
            self.put_buckets(&mut block, track, &combine(layers), window)?;
        }
        self.edit.end(block)?;
        self.remove(&before)
    }

    fn roll_up(&self, samples: &[SampleColumn], tier: Tier) -> Vec<BucketColumn> {
        roll_up(samples, tier, self.settings.calendar, self.settings.rounding)
    }

    /// Blocks of a tier that lie in a window whole.
    fn inside(&self, tier: Tier, window: Window) -> Vec<BlockMeta> {
        let blocks = self.blocks.of_tier(tier).iter();
        blocks.filter(|block| window.holds(block.window.first, block.window.last)).copied().collect()
    }

    fn remove(&mut self, blocks: &[BlockMeta]) -> Result<()> {
        blocks.iter().try_for_each(|block| self.edit.remove(block))
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
        self.edit.put(block, track, &encode_buckets(columns, self.settings.rounding), window, points)
    }

    fn tracks<'c>(&self, blocks: impl IntoIterator<Item = &'c BlockMeta>) -> Result<BTreeSet<TrackId>> {
        let mut tracks = BTreeSet::new();
        for block in blocks {
            match self.blocks.resident(block.id) {
                Some(resident) => tracks.extend(resident.tracks()),
                None => tracks.extend(self.edit.tracks(block)?),
            }
        }
        Ok(tracks)
    }

    /// All samples of a track in some blocks.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is not general over a pack's lifetime")]
    fn samples(&self, blocks: &[BlockMeta], track: TrackId) -> Result<Vec<SampleColumn>> {
        Ok(overlay(self.layers(blocks, track, |pack| pack.all_samples())?))
    }

    /// The buckets of a track in some blocks, block by block.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is not general over a pack's lifetime")]
    fn buckets(&self, blocks: &[BlockMeta], track: TrackId) -> Result<Vec<Vec<BucketColumn>>> {
        self.layers(blocks, track, |pack| pack.all_buckets())
    }

    fn layers<C>(
        &self,
        blocks: &[BlockMeta],
        track: TrackId,
        decode: impl Fn(&Pack<'_>) -> Result<Vec<C>, Malformed>,
    ) -> Result<Vec<Vec<C>>> {
        let mut layers = Vec::new();
        for block in blocks {
            let resident: Option<&Arc<Resident>> = self.blocks.resident(block.id);
            let read = match resident {
                Some(resident) => resident.pack(track).map(|pack| Pack::open(pack).and_then(|pack| decode(&pack))),
                None => {
                    let pack = self.edit.pack(block.id, track)?;
                    pack.map(|pack| Pack::open(&pack).and_then(|pack| decode(&pack)))
                }
            };
            match read {
                Some(Ok(columns)) => layers.push(columns),
                Some(Err(error)) => {
                    warn!(block = block.id.0, track = track.0, %error, "a damaged part of a block is left out");
                }
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
