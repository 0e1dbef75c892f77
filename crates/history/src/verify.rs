//! Reads everything that is stored and says what is damaged.

use jiff::Timestamp;
use muster_model::ResourceId;

use crate::{
    codec::pack::Pack,
    head::Head,
    index::BlockMeta,
    plan::TrackId,
    query::Tier,
    store::{Blocks, StoreError},
};

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Blocks checked.
    pub done: u64,
    /// Blocks in all.
    pub total: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verified {
    /// Blocks read.
    pub blocks: u64,
    /// Samples and buckets read.
    pub points: u64,
    /// What cannot be read. It shows as gaps; everything else is served.
    pub damaged: Vec<Damage>,
}

/// A part of a block that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    /// The block's number.
    pub block: i64,
    /// What it holds.
    pub tier: Tier,
    /// Whose part of it, where that is known.
    pub resource: Option<ResourceId>,
    /// Start of the span that is affected.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// What is wrong.
    pub why: String,
}

/// What reading one block came to.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    points: u64,
    damaged: Vec<(Option<TrackId>, String)>,
}

/// Reads every pack of a block.
pub(crate) fn check(block: &BlockMeta, blocks: &Blocks<'_>) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let slots = match blocks.slots(block.id) {
        Ok(slots) => slots,
        Err(error) if error.is_damage() => {
            checked.damaged.push((None, muster_runtime::chain(&error)));
            return Ok(checked);
        }
        Err(error) => return Err(error),
    };
    for track in slots.into_iter().map(|slot| block.shard.track(slot)) {
        match blocks.pack_or_damage(block.id, track)? {
            Ok(pack) => match points(block.tier, &pack) {
                Ok(points) => checked.points += points,
                Err(error) => checked.damaged.push((Some(track), error.to_string())),
            },
            Err(damage) => checked.damaged.push((Some(track), damage)),
        }
    }
    Ok(checked)
}

fn points(tier: Tier, pack: &[u8]) -> Result<u64, crate::codec::bytes::Malformed> {
    let pack = Pack::open(pack)?;
    match tier {
        Tier::Raw => Ok(pack.all_samples()?.iter().map(|column| column.values.len() as u64).sum()),
        Tier::Minute | Tier::TenMinutes | Tier::Hour => {
            Ok(pack.all_buckets()?.iter().map(|column| column.buckets.len() as u64).sum())
        }
    }
}

impl Verified {
    pub(crate) fn add(&mut self, head: &Head, block: &BlockMeta, checked: Checked) {
        // A block that went meanwhile was united with others, which are checked in their turn or next time.
        let is_there = head.index.shard(block.shard).is_some_and(|shard| shard.all().any(|it| it.id == block.id));
        let Checked { points, mut damaged } = checked;
        if is_there && damaged.is_empty() && points != block.points {
            damaged.push((None, format!("{points} of {} values are there", block.points)));
        }
        self.blocks += 1;
        self.points += points;
        let grid = head.settings.grid;
        self.damaged.extend(damaged.into_iter().filter(|_| is_there).map(|(track, why)| Damage {
            block: block.id.0,
            tier: block.tier,
            resource: track.and_then(|track| head.catalogue.tracks().get(track.0 as usize)).map(|it| it.resource),
            from: grid.time(block.window.first),
            to: grid.time(block.window.last),
            why,
        }));
    }
}
