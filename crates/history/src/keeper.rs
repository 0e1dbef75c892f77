//! The thread that owns the writing connection of `history.db` (D-14): it turns what has gathered in memory into
//! blocks, unites blocks, sums them up, and lets go of what is old. It waits for requests and never for time.

mod gather;
mod jobs;
mod read_back;
mod work;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, SyncSender},
    },
};

use muster_runtime::chain;
use tracing::warn;

use self::{
    jobs::{Deadlines, Job},
    work::{Bench, Work},
};
use crate::{
    catalogue::Track,
    error::FlushError,
    grid::Tick,
    head::{Frozen, Head},
    index::{BlockId, BlockMeta, Change, ShardBlocks},
    plan::{Shard, TrackId},
    shared::Shared,
    store::{StoreError, Writer},
};

/// Requests that wait. A full queue holds up who asks and waits for an answer; others need not ask again.
pub(crate) const QUEUE: usize = 8;

/// What the keeper may be asked for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Enough has gathered.
    Ripe,
    /// Memory is full of the past: it should be in blocks, which may be united later.
    Room(SyncSender<Result<(), FlushError>>),
    /// Somebody wants everything to be in blocks, and to hear of it.
    Flush(SyncSender<Result<(), FlushError>>),
    /// Everything up to this pack has arrived elsewhere.
    Shipped(i64, SyncSender<Result<(), FlushError>>),
}

/// The thread's state.
#[derive(Debug)]
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    writer: Writer,
    /// The last log file whose rows are frozen, while they wait to be stored.
    frozen_through: u64,
    /// Whether the log has rows that memory let go of, among or before those that are frozen.
    is_log_owed: bool,
    /// Whether rows are frozen that the log does not have, or that cannot be read in it.
    is_log_short: bool,
    /// Blocks that damage kept from being dealt with.
    stuck: BTreeSet<BlockId>,
    /// Blocks that damage keeps from being deleted.
    undeletable: BTreeSet<BlockId>,
    /// What time it was at the last flush that had something new.
    present: Option<Tick>,
    /// The time that two of them in a row agree has come.
    undoubted: Option<Tick>,
}

impl Keeper {
    pub(crate) fn new(shared: Arc<Shared>, writer: Writer, frozen_through: u64) -> Self {
        Self {
            shared,
            writer,
            frozen_through,
            is_log_owed: false,
            is_log_short: false,
            stuck: BTreeSet::new(),
            undeletable: BTreeSet::new(),
            present: None,
            undoubted: None,
        }
    }

    /// Works until nobody can ask any more.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(request) = requests.recv() {
            // Who no longer waits needs no answer.
            match request {
                Request::Ripe => drop(self.flush_and_note()),
                Request::Room(answer) => drop(answer.send(self.store_and_note())),
                Request::Flush(answer) => drop(answer.send(self.flush_and_note())),
                Request::Shipped(position, answer) => drop(answer.send(self.note_shipped(position))),
            }
        }
    }

    /// What is due on blocks waits for a flush: whenever memory is full again of a long past, the same days would be
    /// written anew. Nor does it say what time it is: what fills memory tells of the past.
    fn store_and_note(&mut self) -> Result<(), FlushError> {
        let result = self.store_all(|_| ());
        self.note(&result);
        result
    }

    fn flush_and_note(&mut self) -> Result<(), FlushError> {
        let result = self.flush();
        self.note(&result);
        if result.is_ok() {
            self.shared.asked.store(false, Ordering::Relaxed);
        }
        result
    }

    fn note_shipped(&mut self, position: i64) -> Result<(), FlushError> {
        let change = self.writer.edit("noting what was shipped in", |edit| edit.shipped(position));
        let change = change.map_err(FlushError::Store)?;
        let mut head = self.shared.head_mut();
        head.apply(change);
        head.index.shipped = Some(position);
        Ok(())
    }

    /// Remembers whether blocks can be written. Trouble with the log is noted where it is written.
    fn note(&self, result: &Result<(), FlushError>) {
        let error = match result {
            Ok(()) => None,
            Err(error @ (FlushError::Store(_) | FlushError::ReadBack(_))) => Some(chain(error)),
            Err(FlushError::Log(_) | FlushError::Closed | FlushError::Stopped) => return,
        };
        let mut tally = self.shared.tally();
        if let Some(text) = error.as_ref().filter(|_| tally.flush_error.is_none()) {
            warn!(error = text, "the metrics history cannot be written to blocks; going on from memory");
        }
        tally.flush_error = error;
    }

    fn flush(&mut self) -> Result<(), FlushError> {
        self.store_all(Self::agree)?;
        let maintained = self.maintain();
        self.writer.tidy().map_err(FlushError::Store)?;
        maintained
    }

    /// Makes blocks of all that is in memory. Calls `on_freeze` if there is anything new.
    fn store_all(&mut self, on_freeze: fn(&mut Self)) -> Result<(), FlushError> {
        // What an earlier attempt left behind comes first.
        let left_behind = self.shared.head().frozen();
        if !left_behind.is_empty() {
            self.store(&left_behind)?;
        }
        if let Some(frozen) = self.freeze()? {
            on_freeze(self);
            self.store(&frozen)?;
        }
        Ok(())
    }

    /// Draws a line under memory and log at the same sweep. Gives back what is above it, if there is anything.
    fn freeze(&mut self) -> Result<Option<Vec<Frozen>>, FlushError> {
        let mut intake = self.shared.intake();
        self.shared.log_pending(&mut intake).map_err(FlushError::Log)?;
        let frozen = self.shared.head_mut().freeze();
        self.frozen_through = intake.log.rotate();
        self.is_log_owed |= intake.only_in_log.take().is_some();
        self.is_log_short = std::mem::take(&mut intake.has_given_up);
        self.shared.tally().freeze();
        Ok((!frozen.is_empty() || !intake.log.is_empty()).then_some(frozen))
    }

    /// Makes blocks of what is frozen. Where memory let go of some of it, the log has all of it in one piece: then blocks
    /// are made of the log, and of what is frozen only if the log lacks something: it would be stored twice.
    fn store(&mut self, frozen: &[Frozen]) -> Result<(), FlushError> {
        if self.is_log_owed {
            self.read_back(self.frozen_through)?;
        }
        let frozen = if self.is_log_owed && !self.is_log_short { &[] } else { frozen };
        let settings = self.shared.settings;
        let tracks = new_tracks(&self.shared.head());
        let change = self.writer.edit("storing blocks in", |edit| {
            tracks.iter().try_for_each(|(id, track)| edit.store_track(*id, track))?;
            gather::gather(edit, frozen, &settings)?;
            edit.flushed_log(self.frozen_through)
        });
        let change = change.map_err(FlushError::Store)?;
        (self.is_log_owed, self.is_log_short) = (false, false);
        self.shared.head_mut().settle(change);
        self.shared.let_go_of_log(self.frozen_through);
        self.shared.tally().settle();
        Ok(())
    }

    /// Asks what time it is. Stamps are all there is to judge it by, and a clock may have jumped ahead: a time counts only
    /// when the last two sweeps say so, since a sweep that is ahead is what a flush often comes of, and is beyond doubt only
    /// when two flushes in a row say so, each of them of something new.
    fn agree(&mut self) {
        let present = self.shared.head().agreed();
        self.undoubted = present.min(std::mem::replace(&mut self.present, present));
    }

    /// Does all that is due on blocks.
    fn maintain(&mut self) -> Result<(), FlushError> {
        let Some(present) = self.present else { return Ok(()) };
        let (shards, shipped, settings): (Vec<(Shard, Arc<ShardBlocks>)>, _, _) = {
            let head = self.shared.head();
            let shards = head.index.shards().map(|(shard, blocks)| (shard, Arc::clone(blocks)));
            // Memory's settings are those in force: the retention may have been changed.
            (shards.collect(), head.index.shipped, head.settings)
        };
        let all: Vec<BlockMeta> = shards.iter().flat_map(|(_, blocks)| blocks.all()).copied().collect();
        let deadlines = Deadlines::new(present, self.undoubted, &settings, &all.iter(), shipped);
        // A shard with a damaged page must not hold up the others.
        let done: Vec<_> = shards.iter().map(|(shard, _)| self.maintain_shard(*shard, &deadlines)).collect();
        done.into_iter().collect()
    }

    fn maintain_shard(&mut self, shard: Shard, deadlines: &Deadlines) -> Result<(), FlushError> {
        let settings = self.shared.settings;
        loop {
            let blocks = self.shared.head().index.shard(shard).cloned();
            let Some(blocks) = blocks else { return Ok(()) };
            let sound = blocks.sound(&self.stuck);
            let aside = blocks.aside().filter(|block| !self.stuck.contains(&block.id));
            let job = jobs::next(&sound, settings.calendar, deadlines).or_else(|| jobs::expired(aside, deadlines));
            let Some(job) = job else { return Ok(()) };
            match self.work(&job, shard, &sound) {
                (Ok(change), _) => self.conclude(&job, change),
                (Err(error), culprit) if error.is_damage() => self.give_up(&job, culprit, &error),
                (Err(error), _) => return Err(FlushError::Store(error)),
            }
        }
    }

    /// Does one thing on the blocks of a shard. Where that fails, says which block cannot be deleted, if that is why.
    fn work(&mut self, job: &Job, shard: Shard, blocks: &ShardBlocks) -> (Result<Change, StoreError>, Option<BlockId>) {
        let Self { shared, writer, undeletable, .. } = self;
        let mut culprit = None;
        let done = shared.readers.read(|stored| {
            let bench = Bench { shard, blocks, stored, settings: &shared.settings, undeletable };
            writer.edit("uniting blocks in", |edit| {
                let mut work = Work::new(edit, bench);
                let done = work.run(job);
                culprit = work.culprit();
                done
            })
        });
        (done.and_then(|change| change), culprit)
    }

    fn conclude(&mut self, job: &Job, change: Change) {
        if job.expires() {
            self.shared.tally().expire(change.removed.iter().map(|block| block.points).sum());
        }
        self.shared.head_mut().apply(change);
    }

    /// Damage kept a job from being done. It is tried again without deleting what cannot be deleted; where that is not why,
    /// its blocks are left alone until the next start.
    fn give_up(&mut self, job: &Job, culprit: Option<BlockId>, error: &StoreError) {
        if let Some(block) = culprit {
            warn!(
                block = block.0,
                error = chain(error),
                "a damaged block cannot be deleted; its place in the file is not given back"
            );
            self.undeletable.insert(block);
            return;
        }
        let blocks: Vec<i64> = job.inputs().iter().map(|block| block.id.0).collect();
        warn!(?blocks, error = chain(error), "blocks of the metrics history are left as they are");
        self.stuck.extend(job.inputs().iter().map(|block| block.id));
        self.shared.tally().stuck_blocks += blocks.len() as u64;
    }
}

/// Tracks that the database does not know as they are now.
fn new_tracks(head: &Head) -> Vec<(TrackId, Track)> {
    let tracks = head.catalogue.tracks().filter(|(_, track)| !track.is_stored);
    tracks.map(|(id, track)| (id, track.clone())).collect()
}
