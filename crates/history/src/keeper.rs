//! The thread that owns the writing connection of `history.db` (D-14): it turns what has gathered in memory into
//! blocks, and lets go of what is old. It waits for requests and never for time.

use std::sync::{
    Arc,
    mpsc::{Receiver, SyncSender},
};

use muster_runtime::chain;
use tracing::warn;

use crate::{error::FlushError, grid::Tick, head::Frozen, shared::Shared, store::Writer};

/// Requests that wait. A full queue holds up who asks and waits for an answer; others need not ask again.
pub(crate) const QUEUE: usize = 8;

/// What the keeper may be asked for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Enough has gathered.
    Ripe,
    /// Somebody wants everything to be in blocks, and to hear of it.
    Flush(SyncSender<Result<(), FlushError>>),
}

/// The thread's state.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) shared: Arc<Shared>,
    pub(crate) writer: Writer,
    /// The last log file whose rows are frozen, while they wait to be stored.
    pub(crate) frozen_through: u64,
    /// The newest stamp at the last flush.
    pub(crate) last_present: Option<Tick>,
}

impl Keeper {
    /// Works until nobody can ask any more.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(request) = requests.recv() {
            let result = self.flush();
            self.note(&result);
            match request {
                Request::Ripe => {}
                // Who no longer waits needs no answer.
                Request::Flush(answer) => drop(answer.send(result)),
            }
        }
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
            self.store(left_behind)?;
        }
        match self.freeze()? {
            Some(frozen) => self.store(frozen)?,
            None => return Ok(()),
        }
        self.expire()
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

    fn store(&mut self, frozen: Vec<Frozen>) -> Result<(), FlushError> {
        let (ids, samples) = self.writer.store(&frozen, self.frozen_through).map_err(FlushError::Store)?;
        self.shared.head_mut().settle(frozen.into_iter().zip(ids).collect());
        self.shared.intake().log.remove_through(self.frozen_through);
        self.shared.tally().settle(samples);
        Ok(())
    }

    /// Deletes what is older than the retention. Stamps are all there is to judge by, and a clock may have jumped
    /// ahead: time counts as passed only when two flushes in a row say so, and a single run deletes little.
    fn expire(&mut self) -> Result<(), FlushError> {
        let settings = self.shared.settings;
        let present = self.shared.head().present();
        let agreed = present.min(std::mem::replace(&mut self.last_present, present));
        let Some(agreed) = agreed else { return Ok(()) };
        let most_ticks = i64::try_from(settings.block_rows).unwrap_or(i64::MAX).saturating_mul(2);
        let gone = self.writer.expire(agreed.plus(-settings.retention_ticks), most_ticks).map_err(FlushError::Store)?;
        self.shared.tally().expire(gone);
        self.writer.checkpoint().map_err(FlushError::Store)
    }
}
