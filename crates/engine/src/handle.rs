//! How the rest of the process speaks to the engine.

use std::sync::Arc;

use muster_estate::{Order, Refusal, Snapshot};
use muster_model::{EvidenceKind, IgnoredMachine, Report, Revision, Ruling, SourceId, TenantId};
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
    pub(crate) answer: oneshot::Sender<Result<Answer, SubmitError>>,
}

/// What is applied to an estate, in the order in which it comes.
#[derive(Debug)]
pub(crate) enum Intake {
    /// What a source says.
    Report(Report),
    /// That a source is let go of.
    Dismissal(TenantId, SourceId),
    /// That nobody asks a source any more until it says something again.
    Disabling(TenantId, SourceId),
    /// That a machine is ignored from here on.
    Ignoring(TenantId, Box<IgnoredMachine>),
    /// That a machine is ignored no more, and who wanted it so.
    Restoring(TenantId, Box<IgnoredMachine>, String),
    /// What a person rules on who is who.
    Order(TenantId, Box<Order>),
}

/// What became of something that came in.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) accepted: Accepted,
    /// Of an order only.
    pub(crate) decision: Option<Result<Decision, Refusal>>,
}

impl Intake {
    /// Whose estate it is about.
    pub(crate) fn tenant(&self) -> &TenantId {
        match self {
            Self::Report(report) => &report.tenant,
            Self::Dismissal(tenant, _) | Self::Disabling(tenant, _) => tenant,
            Self::Ignoring(tenant, _) | Self::Restoring(tenant, ..) | Self::Order(tenant, _) => tenant,
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

/// A ruling was made, stood already, or was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The ruling.
    pub ruling: Ruling,
    /// Whether anything changed. What stood already is only told again.
    pub is_new: bool,
    /// Of a join: what speaks against the two being one.
    pub against: Vec<EvidenceKind>,
}

/// Why there is no ruling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It cannot be. Nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be handed in, or not be stored.
    #[error(transparent)]
    Submit(#[from] SubmitError),
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
    /// People ignore the machine that reports: nothing of it was applied.
    #[error(
        "the machine is ignored; restore it under connected infrastructure, or with `muster infrastructure restore`, and \
         it is listened to again"
    )]
    Ignored,
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

    /// Tells that a source will be silent because nobody asks it, until it is heard again, after every report that was
    /// handed in before. A source that is not known is nothing to do about.
    ///
    /// # Errors
    /// See [`SubmitError`]; in each case the caller may ask again.
    pub async fn disabled(&self, tenant: &TenantId, source: &SourceId) -> Result<Accepted, SubmitError> {
        self.hand_in(Intake::Disabling(tenant.clone(), source.clone())).await
    }

    /// Takes all that an ignored machine's source has said out of its estate, after every report that was handed in before,
    /// refuses every one that is handed in later, and waits until that is applied and stored. The stored list of what is
    /// ignored must have the machine already: it is what an engine starts from.
    ///
    /// # Errors
    /// See [`SubmitError`]; in each case the caller may ask again.
    pub async fn ignore(&self, tenant: &TenantId, machine: IgnoredMachine) -> Result<Accepted, SubmitError> {
        self.hand_in(Intake::Ignoring(tenant.clone(), Box::new(machine))).await
    }

    /// Listens to an ignored machine's source again, which the stored list must not name any more. `by` is who wanted it so.
    ///
    /// # Errors
    /// See [`SubmitError`]; in each case the caller may ask again.
    pub async fn restore(&self, tenant: &TenantId, machine: IgnoredMachine, by: &str) -> Result<Accepted, SubmitError> {
        self.hand_in(Intake::Restoring(tenant.clone(), Box::new(machine), by.to_owned())).await
    }

    /// Rules on who is who, after every report that was handed in before, and waits until that is stored and shown.
    ///
    /// # Errors
    /// See [`RuleError`]. What could not be stored yet stands all the same, is shown, and is stored as soon as the database
    /// takes writes again; [`Snapshot::rulings`] tells what stands. What stands is told again when it is asked for
    /// again; only a withdrawal that is carried out is refused the second time.
    pub async fn rule(&self, tenant: &TenantId, order: Order) -> Result<Decision, RuleError> {
        let answer = self.hand_over(Intake::Order(tenant.clone(), Box::new(order))).await?;
        Ok(answer.decision.expect("an order is answered with a decision")?)
    }

    async fn hand_in(&self, intake: Intake) -> Result<Accepted, SubmitError> {
        Ok(self.hand_over(intake).await?.accepted)
    }

    async fn hand_over(&self, intake: Intake) -> Result<Answer, SubmitError> {
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

    /// The machines of a tenant that are not listened to, by source. Never waits.
    pub fn ignored(&self, tenant: &TenantId) -> Arc<[IgnoredMachine]> {
        self.published.ignored(tenant)
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
