//! How the rest of the process speaks to the engine.

use std::sync::Arc;

use muster_estate::Snapshot;
use muster_model::{Report, Revision, TenantId};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::{
    Publication,
    publication::Published,
    rest::{Rest, RestError, RestRequest},
    stats::{EngineStats, SharedStats},
};

/// Reports that may wait to be applied. When full, [`EngineHandle::submit`] answers [`SubmitError::Busy`]: agents and
/// collectors spool and come again.
pub(crate) const INBOX_CAPACITY: usize = 1024;

/// Publications that a slow listener may fall behind. Beyond it, it is told that it lagged and starts over from the
/// newest snapshot.
pub(crate) const NEWS_CAPACITY: usize = 64;

/// A report on its way in, and where to say what became of it.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) report: Report,
    pub(crate) answer: oneshot::Sender<Result<Accepted, SubmitError>>,
}

/// A report was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The revision that contains it.
    pub revision: Revision,
    /// How many of its records and samples broke the report's own rules and were left out.
    pub rejected: usize,
}

/// Why a report was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Too many reports wait already.
    #[error("too many reports are waiting; send it again later")]
    Busy,
    /// It was applied and shown, and could not be stored: a crash now would lose it.
    #[error("the report was applied but could not be stored; send it again later")]
    NotDurable,
    /// The engine is shutting down.
    #[error("the engine is shutting down")]
    ShuttingDown,
}

/// Hands in reports, reads snapshots. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EngineHandle {
    pub(crate) inbox: mpsc::Sender<Submission>,
    pub(crate) rests: mpsc::Sender<RestRequest>,
    pub(crate) published: Arc<Published>,
    pub(crate) news: broadcast::Sender<Arc<Publication>>,
    pub(crate) stats: Arc<SharedStats>,
}

impl EngineHandle {
    /// Hands in a report and waits until it is applied and stored (D-12).
    ///
    /// # Errors
    /// See [`SubmitError`]; in each case the caller may send the same report again.
    pub async fn submit(&self, report: Report) -> Result<Accepted, SubmitError> {
        let (answer, answered) = oneshot::channel();
        self.inbox.try_send(Submission { report, answer }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => SubmitError::ShuttingDown,
        })?;
        answered.await.unwrap_or(Err(SubmitError::ShuttingDown))
    }

    /// Waits for a moment between two sweeps. Reports wait until the rest ends, so it must be short.
    ///
    /// # Errors
    /// See [`RestError`].
    pub async fn rest(&self) -> Result<Rest, RestError> {
        let (answer, answered) = oneshot::channel();
        self.rests.try_send(answer).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => RestError::Busy,
            mpsc::error::TrySendError::Closed(_) => RestError::ShuttingDown,
        })?;
        answered.await.unwrap_or(Err(RestError::ShuttingDown))
    }

    /// The newest published snapshot of a tenant. Never waits.
    pub fn snapshot(&self, tenant: &TenantId) -> Arc<Snapshot> {
        self.published.get(tenant)
    }

    /// Listens to publications of all tenants from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Publication>> {
        self.news.subscribe()
    }

    /// How the engine itself is doing.
    pub fn stats(&self) -> EngineStats {
        let queued_reports = self.inbox.max_capacity() - self.inbox.capacity();
        EngineStats { queued_reports, ..self.stats.read() }
    }
}
