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

/// How much memory may hold of packs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// What ends before it is not held.
    pub(crate) since: Tick,
    pub(crate) most_bytes: usize,
}

/// The packs of a block that memory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    last: Tick,
    id: BlockId,
    shard: Shard,
    bytes: usize,
}

impl Room {
    /// What does not fit.
    fn too_much(self, mut held: Vec<Held>) -> Vec<Held> {
        held.sort_unstable_by(|a, b| b.cmp(a));
        let mut kept = 0;
        held.retain(|block| {
            kept += block.bytes;
            block.last < self.since || kept > self.most_bytes
        });
        held
    }
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

    /// What memory holds of some tiers.
    fn held(&self, is_wanted: impl Fn(Tier) -> bool) -> Vec<Held> {
        let mut held = Vec::new();
        for (shard, blocks) in &self.shards {
            for block in blocks.all().filter(|block| is_wanted(block.tier)) {
                let Some(packs) = blocks.resident(block.id) else { continue };
                held.push(Held { last: block.window.last, id: block.id, shard: *shard, bytes: packs.bytes() });
            }
        }
        held
    }

    /// Lets go of what memory need not hold any more: of samples and of sums by themselves, those that end too early, then
    /// the oldest until the rest fits.
    pub(crate) fn evict(&mut self, samples: Room, sums: Room) {
        let of_samples = samples.too_much(self.held(|tier| tier == Tier::Raw));
        let of_sums = sums.too_much(self.held(|tier| tier != Tier::Raw));
        for Held { id, shard, .. } in of_samples.into_iter().chain(of_sums) {
            self.shard_mut(shard).resident.remove(&id);
        }
    }
}
