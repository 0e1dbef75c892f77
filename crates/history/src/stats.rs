//! What a history says about itself.

use jiff::Timestamp;

use crate::forecast::TierStats;

/// Counters and sizes. Counts are since start unless they say otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// Series known.
    pub series: u64,
    /// Series that plans in use sample.
    pub active_series: u64,
    /// Samples that they come to in a day.
    pub samples_per_day: f64,
    /// What is stored, by resolution.
    pub tiers: Vec<TierStats>,
    /// Poll plans known.
    pub plans: u64,
    /// Sweeps taken in.
    pub sweeps: u64,
    /// Samples taken in.
    pub samples: u64,
    /// Of these, how many replaced an earlier sample of the same series and tick.
    pub replaced_samples: u64,
    /// Of these, how many lay before the memory window when they came. They are kept like all others.
    pub late_samples: u64,
    /// Samples that memory let go of because blocks could not be written for long; 0 when all is well. Until they come back
    /// questions are answered without them. They come back from the sweep log when blocks can be written again, or with
    /// the next start; 0 then, too.
    pub shed_samples: u64,
    /// Samples that memory has let go of since start, whether they came back since or not: 0 says that blocks were always
    /// written in time.
    pub shed_total: u64,
    /// Of samples that memory let go of, how many could not be logged either, or not be read back from the log, at most:
    /// they are lost.
    pub lost_samples: u64,
    /// Samples on disk, in all time that is retained.
    pub stored_samples: u64,
    /// Samples deleted because they are older than the retention.
    pub expired_samples: u64,
    /// Memory in use for samples, in bytes.
    pub memory_bytes: u64,
    /// Every file of the history, by name.
    pub files: Vec<FileSize>,
    /// Stamp of the last sweep that is safely on disk.
    pub last_durable: Option<Timestamp>,
    /// Sweeps that are in memory only; 0 when all is well.
    pub pending_sweeps: u32,
    /// Sweeps that are in memory only and are no longer tried to be logged, because too many wait. They become safe
    /// with the next block that can be written.
    pub unlogged_sweeps: u64,
    /// Chunks that queries have read from disk: one for each series and block that memory did not have.
    pub chunks_read: u64,
    /// Chunks that turned out to be damaged. They show as gaps.
    pub chunks_damaged: u64,
    /// Blocks that a part of cannot be read or deleted. What can be read is served; nothing more is made of them, and they
    /// go when they are too old.
    pub damaged_blocks: u64,
    /// Files of the sweep log that could be read only in part. They are kept under another name once the part that could
    /// is in blocks, until somebody deletes them.
    pub damaged_logs: u64,
    /// Resources whose entry in the catalogue cannot be read. What is stored of them is hidden.
    pub lost_resources: u64,
    /// How often memory was written to blocks.
    pub flushes: u64,
    /// The last failed write, if the one after it has not succeeded.
    pub last_error: Option<String>,
}

/// A file of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSize {
    /// Its name within the directory.
    pub name: String,
    /// Its length, in bytes.
    pub bytes: u64,
}

impl Stats {
    /// Fewer samples than this say nothing about the cost of one.
    const ENOUGH_SAMPLES: u64 = 10_000;

    /// Length of all files, in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Bytes on disk for each sample stored, all files counted; `None` while too little is stored.
    pub fn bytes_per_sample(&self) -> Option<f64> {
        (self.stored_samples >= Self::ENOUGH_SAMPLES).then(|| self.size_bytes() as f64 / self.stored_samples as f64)
    }
}
