//! The thread that owns the writing connection of `history.db` (D-14): it turns what has gathered in memory into
//! blocks, unites blocks, sums them up, and lets go of what is old. It waits for requests and never for time.

mod gather;
mod jobs;
mod work;

use std::sync::{
    Arc,
    atomic::Ordering,
    mpsc::{Receiver, SyncSender},
};

use muster_runtime::chain;
use tracing::warn;

use self::{
    jobs::{Deadlines, Job},
    work::Work,
};
use crate::{
    catalogue::Track,
    error::FlushError,
    grid::Tick,
    head::Frozen,
    index::{BlockMeta, ShardBlocks},
    plan::{Shard, TrackId},
    shared::Shared,
    store::Writer,
};

/// Requests that wait. A full queue holds up who asks and waits for an answer; others need not ask again.
pub(crate) const QUEUE: usize = 8;

/// What the keeper may be asked for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Enough has gathered.
    Ripe,
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
    /// The newest stamp at the last flush.
    last_present: Option<Tick>,
    /// The time that two flushes in a row agree has come.
    agreed: Option<Tick>,
}

impl Keeper {
    pub(crate) fn new(shared: Arc<Shared>, writer: Writer, frozen_through: u64) -> Self {
        Self { shared, writer, frozen_through, last_present: None, agreed: None }
    }

    /// Works until nobody can ask any more.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(request) = requests.recv() {
            // Who no longer waits needs no answer.
            match request {
                Request::Ripe => drop(self.flush_and_note()),
                Request::Flush(answer) => drop(answer.send(self.flush_and_note())),
                Request::Shipped(position, answer) => drop(answer.send(self.note_shipped(position))),
            }
        }
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
            Err(error @ FlushError::Store(_)) => Some(chain(error)),
            Err(FlushError::Log(_) | FlushError::Closed) => return,
        };
        let mut tally = self.shared.tally();
        if let Some(text) = error.as_ref().filter(|_| tally.flush_error.is_none()) {
            warn!(error = text, "the metrics history cannot be written to blocks; going on from memory");
        }
        tally.flush_error = error;
    }

    fn flush(&mut self) -> Result<(), FlushError> {
        // What an earlier attempt left behind comes first.
        let left_behind = self.shared.head().frozen();
        if !left_behind.is_empty() {
            self.store(&left_behind)?;
        }
        if let Some(frozen) = self.freeze()? {
            self.agree();
            self.store(&frozen)?;
        }
        let maintained = self.maintain();
        self.writer.tidy().map_err(FlushError::Store)?;
        maintained
    }

    /// Draws a line under memory and log at the same sweep. Gives back what is above it, if there is anything.
    fn freeze(&mut self) -> Result<Option<Vec<Frozen>>, FlushError> {
        let mut intake = self.shared.intake();
        self.shared.log_pending(&mut intake).map_err(FlushError::Log)?;
        let frozen = self.shared.head_mut().freeze();
        self.frozen_through = intake.log.rotate();
        self.shared.tally().freeze();
        Ok((!frozen.is_empty() || !intake.log.is_empty()).then_some(frozen))
    }

    fn store(&mut self, frozen: &[Frozen]) -> Result<(), FlushError> {
        let settings = self.shared.settings;
        let tracks = self.new_tracks();
        let change = self.writer.edit("storing blocks in", |edit| {
            tracks.iter().try_for_each(|(id, track)| edit.store_track(*id, track))?;
            gather::gather(edit, frozen, &settings)?;
            edit.flushed_log(self.frozen_through)
        });
        let change = change.map_err(FlushError::Store)?;
        self.shared.head_mut().settle(change);
        self.shared.intake().log.remove_through(self.frozen_through);
        self.shared.tally().settle();
        Ok(())
    }

    fn new_tracks(&self) -> Vec<(TrackId, Track)> {
        let head = self.shared.head();
        let tracks = head.catalogue.tracks().iter().zip(0..).filter(|(track, _)| !track.is_stored);
        tracks.map(|(track, number)| (TrackId(number), track.clone())).collect()
    }

    /// Asks what time it is. Stamps are all there is to judge it by, and a clock may have jumped ahead: time counts as
    /// passed only when two flushes in a row say so, each of them of something new, and at each of them the last two
    /// sweeps: a sweep that is ahead is what a flush often comes of.
    fn agree(&mut self) {
        let present = self.shared.head().agreed();
        self.agreed = present.min(std::mem::replace(&mut self.last_present, present));
    }

    /// Does all that is due on blocks.
    fn maintain(&mut self) -> Result<(), FlushError> {
        let Some(agreed) = self.agreed else { return Ok(()) };
        let (shards, shipped): (Vec<(Shard, Arc<ShardBlocks>)>, _) = {
            let head = self.shared.head();
            (head.index.shards().map(|(shard, blocks)| (shard, Arc::clone(blocks))).collect(), head.index.shipped)
        };
        let all: Vec<BlockMeta> = shards.iter().flat_map(|(_, blocks)| blocks.all()).copied().collect();
        let deadlines = Deadlines::new(agreed, &self.shared.settings, &all.iter(), shipped);
        // A shard with a damaged page must not hold up the others.
        let done: Vec<_> = shards.iter().map(|(shard, _)| self.maintain_shard(*shard, &deadlines)).collect();
        done.into_iter().collect()
    }

    fn maintain_shard(&mut self, shard: Shard, deadlines: &Deadlines) -> Result<(), FlushError> {
        let settings = self.shared.settings;
        loop {
            let blocks = self.shared.head().index.shard(shard).cloned();
            let Some(blocks) = blocks else { return Ok(()) };
            let Some(job) = jobs::next(&blocks, settings.calendar, deadlines) else { return Ok(()) };
            let change = self
                .writer
                .edit("uniting blocks in", |edit| Work { edit, blocks: &blocks, settings: &settings, shard }.run(&job));
            let change = change.map_err(FlushError::Store)?;
            let gone: u64 = match &job {
                Job::Delete { block } => block.points,
                Job::Fade { raw, is_wanted: false } => raw.points,
                Job::Fade { is_wanted: true, .. }
                | Job::Unite { .. }
                | Job::Absorb { .. }
                | Job::Collect { .. }
                | Job::AbsorbSums { .. } => 0,
            };
            self.shared.tally().expire(gone);
            self.shared.head_mut().apply(change);
        }
    }
}
