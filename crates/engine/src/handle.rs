//! How the rest of the process speaks to the engine.

use std::sync::Arc;

use muster_estate::Snapshot;
use muster_model::{Report, Revision, SourceId, TenantId};
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

/// Something on its way in, and where to say what became of it.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) intake: Intake,
    pub(crate) answer: oneshot::Sender<Result<Accepted, SubmitError>>,
}

/// What is applied to an estate, in the order in which it comes.
#[derive(Debug)]
pub(crate) enum Intake {
    /// What a source says.
    Report(Report),
    /// That a source is let go of.
    Dismissal(TenantId, SourceId),
}

impl Intake {
    /// Whose estate it is about.
    pub(crate) fn tenant(&self) -> &TenantId {
        match self {
            Self::Report(report) => &report.tenant,
            Self::Dismissal(tenant, _) => tenant,
        }
    }
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
        self.hand_in(Intake::Report(report)).await
    }

    /// Takes all that a source has said out of its estate, after every report that was handed in before, and waits until
    /// that is applied and stored. A source that is not known is nothing to do about.
    ///
    /// # Errors
    /// See [`SubmitError`]; in each case the caller may ask again.
    pub async fn dismiss(&self, tenant: &TenantId, source: &SourceId) -> Result<Accepted, SubmitError> {
        self.hand_in(Intake::Dismissal(tenant.clone(), source.clone())).await
    }

    async fn hand_in(&self, intake: Intake) -> Result<Accepted, SubmitError> {
        let (answer, answered) = oneshot::channel();
        self.inbox.try_send(Submission { intake, answer }).map_err(|refused| match refused {
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
