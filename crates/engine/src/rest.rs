//! A moment between two sweeps, for whoever draws a line across state and history: what was applied before is committed
//! and recorded, and nothing is half done.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use muster_model::{Revision, TenantId};
use tokio::sync::oneshot;

/// Wishes for a rest that may wait. One more is told to come again.
pub(crate) const RESTS: usize = 4;

/// The longest that the engine rests, whatever becomes of who asked for it: reports wait meanwhile.
pub(crate) const LONGEST_REST: Duration = Duration::from_secs(10);

/// Where to say that the engine rests.
pub(crate) type RestRequest = oneshot::Sender<Result<Rest, RestError>>;

/// The engine rests until this is dropped, or for ten seconds at most.
#[derive(Debug)]
pub struct Rest {
    /// The engine's clock.
    pub at: Timestamp,
    /// Sweeps since the engine was started.
    pub sweeps: u64,
    /// The revision of each tenant's estate.
    pub revisions: BTreeMap<TenantId, Revision>,
    pub(crate) end: oneshot::Sender<()>,
}

impl Rest {
    /// Lets the engine go on. Says whether it rested all the time: if not, sweeps may have come in between.
    pub fn end(self) -> bool {
        self.end.send(()).is_ok()
    }
}

/// Why the engine does not rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// Others wait for the same.
    #[error("others wait for a moment between two sweeps; try again")]
    Busy,
    /// What was applied before could not be stored, so that state and history would not show the same moment.
    #[error("the state database does not take writes; see what `muster doctor` says, and try again")]
    NotDurable,
    /// It is shutting down.
    #[error("the engine is shutting down")]
    ShuttingDown,
}
