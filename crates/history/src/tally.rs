//! Counters behind [`Stats`]. Kept apart from everything that may wait for a disk, so that asking never waits.

use jiff::Timestamp;

use crate::{head::Placed, stats::Stats};

/// What has happened since start, and what is on disk.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) sweeps: u64,
    pub(crate) placed: Placed,
    /// Samples that memory let go of, and of those that are on their way to blocks.
    shed: Missing,
    frozen_shed: Missing,
    /// Samples that memory has ever let go of.
    shed_total: u64,
    lost_samples: u64,
    unlogged_sweeps: u64,
    /// Files of the log that are kept and cannot be read to the end.
    pub(crate) damaged_logs: u64,
    /// Blocks that are left alone until the next start, although they are not set aside.
    pub(crate) stuck_blocks: u64,
    pub(crate) pending_sweeps: u32,
    pub(crate) last_durable: Option<Timestamp>,
    pub(crate) log_error: Option<String>,
    pub(crate) flush_error: Option<String>,
    /// Samples in log files that are not being flushed.
    pub(crate) log_samples: u64,
    /// Samples in log files that are, and that were not read back from there yet.
    frozen_samples: u64,
    expired_samples: u64,
    flushes: u64,
}

/// What memory does not have of what was taken in.
#[derive(Debug, Clone, Copy, Default)]
struct Missing {
    /// Samples that memory let go of.
    shed: u64,
    /// Samples that gave up waiting to be logged.
    unlogged: u64,
}

impl Missing {
    /// How many are nowhere, at most: those that memory let go of and the log never had, or has no more.
    fn lost(self, unread: u64) -> u64 {
        self.shed.min(self.unlogged + unread)
    }
}

impl Tally {
    /// Memory let go of so many samples.
    pub(crate) fn shed(&mut self, samples: u64) {
        self.shed.shed += samples;
        self.shed_total += samples;
    }

    /// A sweep of so many samples gave up waiting to be logged.
    pub(crate) fn give_up(&mut self, samples: u64) {
        self.unlogged_sweeps += 1;
        self.shed.unlogged += samples;
    }

    /// A sweep was placed in memory.
    pub(crate) fn place(&mut self, placed: Placed) {
        self.sweeps += 1;
        self.placed.samples += placed.samples;
        self.placed.replaced += placed.replaced;
        self.placed.late += placed.late;
    }

    /// What is in the log is about to become blocks.
    pub(crate) fn freeze(&mut self) {
        self.frozen_samples += std::mem::take(&mut self.log_samples);
        let Missing { shed, unlogged } = std::mem::take(&mut self.shed);
        self.frozen_shed.shed += shed;
        self.frozen_shed.unlogged += unlogged;
    }

    /// So many samples of the log became blocks.
    pub(crate) fn read_back(&mut self, samples: u64) {
        self.frozen_samples = self.frozen_samples.saturating_sub(samples);
    }

    /// It became blocks, with what memory had let go of before, as far as that could be read back.
    pub(crate) fn settle(&mut self) {
        self.flushes += 1;
        let unread = std::mem::take(&mut self.frozen_samples);
        self.lost_samples += std::mem::take(&mut self.frozen_shed).lost(unread);
    }

    /// So many samples were deleted from blocks.
    pub(crate) fn expire(&mut self, samples: u64) {
        self.expired_samples += samples;
    }

    /// The counters as they are shown, with so many samples in blocks; what others count is left at zero.
    pub(crate) fn stats(&self, block_samples: u64) -> Stats {
        Stats {
            sweeps: self.sweeps,
            samples: self.placed.samples,
            replaced_samples: self.placed.replaced,
            late_samples: self.placed.late,
            shed_samples: self.shed.shed + self.frozen_shed.shed,
            shed_total: self.shed_total,
            lost_samples: self.lost_samples,
            damaged_logs: self.damaged_logs,
            damaged_blocks: self.stuck_blocks,
            stored_samples: self.log_samples + self.frozen_samples + block_samples,
            expired_samples: self.expired_samples,
            last_durable: self.last_durable,
            pending_sweeps: self.pending_sweeps,
            unlogged_sweeps: self.unlogged_sweeps,
            flushes: self.flushes,
            last_error: self.log_error.clone().or_else(|| self.flush_error.clone()),
            ..Stats::default()
        }
    }
}
