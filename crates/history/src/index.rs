//! Which blocks there are, and which of them memory still has the bytes of. Kept by shard, so that a question takes a
//! consistent view of what it needs by cloning a few pointers.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::{
    calendar::{Level, Window},
    catalogue::Track,
    grid::Tick,
    plan::{Shard, TrackId},
    query::Tier,
};

/// Names a stored block. Later blocks have higher ids, and their word counts more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BlockId(pub(crate) i64);

/// A stored block: packs of the tracks of one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockMeta {
    pub(crate) id: BlockId,
    pub(crate) tier: Tier,
    pub(crate) level: Level,
    pub(crate) shard: Shard,
    /// The time that it speaks for: from its first to its last sample, or, for buckets, all that was summed up.
    pub(crate) window: Window,
    /// Samples or buckets.
    pub(crate) points: u64,
    /// Length of its packs.
    pub(crate) bytes: u64,
}

/// The packs of a block in memory, in the order of their tracks.
#[derive(Debug, Default)]
pub(crate) struct Resident {
    packs: Vec<(TrackId, Box<[u8]>)>,
    bytes: usize,
}

impl Resident {
    pub(crate) fn push(&mut self, track: TrackId, pack: &[u8]) {
        self.bytes += pack.len() + size_of::<(TrackId, Box<[u8]>)>();
        self.packs.push((track, pack.into()));
    }

    pub(crate) fn pack(&self, track: TrackId) -> Option<&[u8]> {
        let at = self.packs.binary_search_by_key(&track, |(other, _)| *other).ok()?;
        Some(&self.packs[at].1)
    }

    pub(crate) fn tracks(&self) -> impl Iterator<Item = TrackId> {
        self.packs.iter().map(|(track, _)| *track)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The blocks of one shard.
#[derive(Debug, Clone, Default)]
pub(crate) struct ShardBlocks {
    /// By tier, in the order of their ids.
    tiers: BTreeMap<Tier, Vec<BlockMeta>>,
    resident: HashMap<BlockId, Arc<Resident>>,
    /// Those that a part of cannot be read. They are still asked, but nothing is made of them any more.
    aside: BTreeSet<BlockId>,
}

impl ShardBlocks {
    pub(crate) fn of_tier(&self, tier: Tier) -> &[BlockMeta] {
        self.tiers.get(&tier).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &BlockMeta> {
        self.tiers.values().flatten()
    }

    pub(crate) fn resident(&self, id: BlockId) -> Option<&Arc<Resident>> {
        self.resident.get(&id)
    }

    /// The blocks that were set aside.
    pub(crate) fn aside(&self) -> impl Iterator<Item = &BlockMeta> {
        self.all().filter(|block| self.aside.contains(&block.id))
    }

    /// All but those that were set aside, and some others.
    pub(crate) fn sound(self: &Arc<Self>, others: &BTreeSet<BlockId>) -> Arc<Self> {
        let mut sound = Arc::clone(self);
        if self.aside.is_empty() && others.is_empty() {
            return sound;
        }
        for blocks in Arc::make_mut(&mut sound).tiers.values_mut() {
            blocks.retain(|block| !self.aside.contains(&block.id) && !others.contains(&block.id));
        }
        sound
    }
}

/// What one write to the database changed.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) removed: Vec<BlockMeta>,
    pub(crate) added: Vec<(BlockMeta, Option<Arc<Resident>>)>,
    /// Blocks that a part of cannot be read.
    pub(crate) aside: Vec<BlockMeta>,
    /// Tracks that the database knows now.
    pub(crate) tracks: Vec<(TrackId, Track)>,
}

/// Whether a block holds samples that have not arrived where they are shipped to.
pub(crate) fn waits(block: &BlockMeta, shipped: Option<i64>) -> bool {
    let end = (block.id.0 + 1) * i64::from(TrackId::PER_SHARD) - 1;
    block.tier == Tier::Raw && block.level == Level::Gathered && shipped.is_some_and(|shipped| end > shipped)
}

/// All blocks.
#[derive(Debug, Default)]
pub(crate) struct Index {
    shards: BTreeMap<Shard, Arc<ShardBlocks>>,
    /// Counts writes to the database, which holds the same number: by it a reader knows that both say the same.
    pub(crate) generation: i64,
    /// The pack up to which everything has arrived at a store elsewhere; `None` where there is no such store.
    pub(crate) shipped: Option<i64>,
}

impl Index {
    pub(crate) fn new(
        blocks: Vec<BlockMeta>,
        aside: &BTreeSet<BlockId>,
        generation: i64,
        shipped: Option<i64>,
    ) -> Self {
        let mut index = Self { shards: BTreeMap::new(), generation, shipped };
        for block in blocks {
            if aside.contains(&block.id) {
                index.shard_mut(block.shard).aside.insert(block.id);
            }
            index.shard_mut(block.shard).tiers.entry(block.tier).or_default().push(block);
        }
        index
    }

    fn shard_mut(&mut self, shard: Shard) -> &mut ShardBlocks {
        Arc::make_mut(self.shards.entry(shard).or_default())
    }

    pub(crate) fn shard(&self, shard: Shard) -> Option<&Arc<ShardBlocks>> {
        self.shards.get(&shard)
    }

    pub(crate) fn shards(&self) -> impl Iterator<Item = (Shard, &Arc<ShardBlocks>)> {
        self.shards.iter().map(|(shard, blocks)| (*shard, blocks))
    }

    /// Whether a block holds samples that have not arrived where they are shipped to.
    pub(crate) fn waits(&self, block: &BlockMeta) -> bool {
        waits(block, self.shipped)
    }

    /// Takes over what was written.
    pub(crate) fn apply(&mut self, change: Change) {
        self.generation += 1;
        for block in &change.removed {
            let shard = self.shard_mut(block.shard);
            shard.tiers.entry(block.tier).or_default().retain(|other| other.id != block.id);
            shard.resident.remove(&block.id);
            shard.aside.remove(&block.id);
        }
        for block in &change.aside {
            self.shard_mut(block.shard).aside.insert(block.id);
        }
        for (block, resident) in change.added {
            let shard = self.shard_mut(block.shard);
            let blocks = shard.tiers.entry(block.tier).or_default();
            blocks.push(block);
            blocks.sort_unstable_by_key(|block| block.id);
            shard.resident.extend(resident.map(|resident| (block.id, resident)));
        }
    }

    /// Memory in use for packs, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.shards.values().flat_map(|shard| shard.resident.values()).map(|resident| resident.bytes()).sum()
    }

    /// Lets go of packs that end before a tick, and of the oldest others until the rest fits.
    pub(crate) fn evict(&mut self, before: Tick, most_bytes: usize) {
        let mut by_age: Vec<(Tick, BlockId, Shard, usize)> = Vec::new();
        for (shard, blocks) in &self.shards {
            let resident = blocks.all().filter_map(|block| Some((block, blocks.resident(block.id)?)));
            by_age.extend(resident.map(|(block, packs)| (block.window.last, block.id, *shard, packs.bytes())));
        }
        by_age.sort_unstable_by(|a, b| b.cmp(a));
        let mut kept = 0;
        for (last, id, shard, bytes) in by_age {
            kept += bytes;
            if last < before || kept > most_bytes {
                self.shard_mut(shard).resident.remove(&id);
            }
        }
    }
}
