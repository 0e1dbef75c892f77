//! How the engine itself is doing.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

/// The engine's own health, for the System page and for operators.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngineStats {
    /// Sweeps since start.
    pub sweeps: u64,
    /// Reports applied since start.
    pub reports: u64,
    /// Records and samples that broke their report's own rules and were left out.
    pub rejected: u64,
    /// Reports whose source's clock runs ahead; their samples were stamped with ours.
    pub skewed_reports: u64,
    /// Reports that wait to be applied.
    pub queued_reports: usize,
    /// How long the last sweep took, writes included.
    pub last_sweep: Option<Duration>,
    /// When the last sweep ended.
    pub last_sweep_at: Option<Timestamp>,
    /// Log entries and timeline rows that could not be written yet; 0 when all is well.
    pub uncommitted_entries: usize,
    /// Timeline rows given up because the log could not be written for too long.
    pub lost_changes: u64,
    /// Why the log could not be written, while it cannot.
    pub store_error: Option<String>,
    /// Why history could not be written, while it cannot.
    pub history_error: Option<String>,
}

/// The statistics, shared between the engine and those who ask.
#[derive(Debug, Default)]
pub(crate) struct SharedStats(Mutex<EngineStats>);

impl SharedStats {
    pub(crate) fn read(&self) -> EngineStats {
        self.lock().clone()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut EngineStats)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, EngineStats> {
        // Plain numbers cannot be left half-updated in a way that matters.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
