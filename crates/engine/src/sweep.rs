//! The engine's loop: drain, apply, commit, append, publish, tell.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use muster_estate::{Order, Refusal, RestoreError};
use muster_history::{AppendError, History, PlanSamples};
use muster_model::{Revision, TenantId};
use muster_runtime::{Backoff, Clock, Entropy, Shutdown, Tasks, chain};
use muster_store::LoadError;
use tokio::sync::{broadcast, mpsc, oneshot};
use tracing::{error, info, warn};

use crate::{
    Accepted, Decision, EngineHandle, Publication, StateLog, SubmitError,
    handle::{Answer, INBOX_CAPACITY, Intake, NEWS_CAPACITY, Submission},
    plans::PlannedSamples,
    publication::Published,
    rest::{LONGEST_REST, RESTS, Rest, RestError, RestRequest},
    stats::SharedStats,
    tenant::{Outcome, Tenant},
};

/// Revisions that a start skips. A snapshot may have been published whose log entries were lost with a crash while the
/// log could not be written; its revisions must not come back with another content. 2^20 is far more than one run
/// publishes without a write. A start skips up to 1024 times as many, at random, because two starts in a row may find a
/// log that cannot be written; that leaves room for millions of starts below 2^53.
pub const RESTART_SKIP: u64 = 1 << 20;

/// Snapshots follow each other at least this far apart (D-2).
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// How often silence is looked for.
const JUDGE_EVERY: Duration = Duration::from_secs(5);

/// Reports applied in one sweep at most, so that a flood cannot hold back publication.
const MAX_REPORTS_PER_SWEEP: usize = 256;

/// What the engine needs from the outside.
pub struct Parts {
    /// Where the log lives.
    pub log: Arc<dyn StateLog>,
    /// Where samples go.
    pub history: History,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Jitter of retries.
    pub entropy: Arc<Entropy>,
    /// Tenants whose state is restored before the engine starts. Others are restored with their first report.
    pub tenants: Vec<TenantId>,
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log could not be read.
    #[error("reading the state of tenant {tenant}")]
    Load {
        /// Whose.
        tenant: TenantId,
        /// Why.
        #[source]
        cause: LoadError,
    },
    /// The log makes no sense.
    #[error("restoring the state of tenant {tenant} from its log")]
    Restore {
        /// Whose.
        tenant: TenantId,
        /// Why.
        #[source]
        cause: RestoreError,
    },
}

/// The one owner of all estates.
pub struct Engine {
    log: Arc<dyn StateLog>,
    history: History,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    inbox: mpsc::Receiver<Submission>,
    rests: mpsc::Receiver<RestRequest>,
    tenants: BTreeMap<TenantId, Tenant>,
    published: Arc<Published>,
    news: broadcast::Sender<Arc<Publication>>,
    stats: Arc<SharedStats>,
    /// When the log may be tried again after a failure, by monotonic time.
    retry: Option<Duration>,
    backoff: Backoff,
    last_publish: Option<Duration>,
    next_judgement: Duration,
}

/// A report that is applied and waits for its acknowledgement.
struct Applied {
    tenant: TenantId,
    rejected: usize,
    /// Of an order only.
    decision: Option<Result<Decision, Refusal>>,
    submission: Submission,
}

impl Engine {
    /// Restores the state, publishes it (marked stale until each source reports again) and starts the sweep. The
    /// engine finishes what was handed in when its tasks are told to shut down.
    ///
    /// # Errors
    /// When the stored state cannot be read or makes no sense. Nothing was changed then.
    pub async fn start(parts: Parts, tasks: &Tasks) -> Result<EngineHandle, StartError> {
        let Parts { log, history, clock, entropy, tenants } = parts;
        let (inbox_in, inbox) = mpsc::channel(INBOX_CAPACITY);
        let (rests_in, rests) = mpsc::channel(RESTS);
        let (news, _) = broadcast::channel(NEWS_CAPACITY);
        let (published, stats) = (Arc::<Published>::default(), Arc::<SharedStats>::default());
        let handle = EngineHandle {
            inbox: inbox_in,
            rests: rests_in,
            published: Arc::clone(&published),
            news: news.clone(),
            stats: Arc::clone(&stats),
        };
        let next_judgement = clock.monotonic() + JUDGE_EVERY;
        let mut engine = Self {
            log,
            history,
            clock,
            entropy,
            inbox,
            rests,
            tenants: BTreeMap::new(),
            published,
            news,
            stats,
            retry: None,
            backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(30)),
            last_publish: None,
            next_judgement,
        };
        for tenant in tenants {
            engine.restore(tenant).await?;
        }
        engine.publish();
        let shutdown = tasks.shutdown().clone();
        tasks.spawn("engine", engine.run(shutdown));
        Ok(handle)
    }

    async fn restore(&mut self, tenant: TenantId) -> Result<(), StartError> {
        let stored = match self.log.load(&tenant).await {
            Ok(stored) => stored,
            Err(cause) => return Err(StartError::Load { tenant, cause }),
        };
        let last = stored.last_revision;
        let start = if last == Revision::ZERO { last } else { Revision(last.0 + RESTART_SKIP + self.stride()) };
        let history = self.history.clone();
        let recorded = tokio::task::spawn_blocking(move || history.stats().last_durable).await.ok().flatten();
        match Tenant::restore(tenant.clone(), stored, start, recorded, self.clock.now()) {
            Ok(restored) => {
                self.published.set_ignored(&tenant, restored.ignored());
                self.tenants.insert(tenant, restored);
                Ok(())
            }
            Err(cause) => Err(StartError::Restore { tenant, cause }),
        }
    }

    /// A random number of further skips, so that two starts that could write nothing do not publish the same revisions.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the fraction is from 0 up to 1")]
    fn stride(&self) -> u64 {
        (self.entropy.fraction() * 1024.0) as u64 * RESTART_SKIP
    }

    async fn run(mut self, shutdown: Shutdown) {
        loop {
            let idle = self.until_next_duty();
            let first = tokio::select! {
                // Cancel-safe: a report that is not taken stays in the queue.
                received = self.inbox.recv() => received,
                // Cancel-safe: a wish that is not taken stays in the queue.
                Some(request) = self.rests.recv() => {
                    self.rest(request).await;
                    continue;
                }
                // Cancel-safe: dropping the wait forgets only the wait.
                () = self.clock.sleep(idle) => None,
                // Cancel-safe: asking again gives the same answer.
                () = shutdown.requested() => break,
            };
            self.sweep(first).await;
        }
        self.finish().await;
    }

    /// How long until something is due without a report: judgement, a held-back publication, a retry.
    fn until_next_duty(&self) -> Duration {
        let now = self.clock.monotonic();
        let held_back = self.tenants.values().any(|tenant| tenant.unpublished);
        let publication = held_back.then(|| self.last_publish.map_or(now, |last| last + PUBLISH_EVERY));
        let next = [Some(self.next_judgement), publication, self.retry].into_iter().flatten().min();
        next.map_or(JUDGE_EVERY, |next| next.saturating_sub(now))
    }

    /// Holds still between two sweeps, once all that is owed is written; not while it cannot be.
    async fn rest(&mut self, request: RestRequest) {
        if !self.commit_when_allowed().await.is_empty() {
            // Who no longer waits need not be told.
            let _ = request.send(Err(RestError::NotDurable));
            return;
        }
        let (end, ended) = oneshot::channel();
        let revisions = self.tenants.iter().map(|(id, tenant)| (id.clone(), tenant.estate.revision())).collect();
        let rest = Rest { at: self.clock.now(), sweeps: self.stats.read().sweeps, revisions, end };
        // Who no longer waits needs no rest.
        if request.send(Ok(rest)).is_ok() {
            // Cancel-safe: the wait for the end is over in either case.
            tokio::select! {
                _ = ended => {}
                () = self.clock.sleep(LONGEST_REST) => warn!("somebody kept the engine resting for too long; going on"),
            }
        }
    }

    async fn sweep(&mut self, first: Option<Submission>) {
        let began = self.clock.monotonic();
        let batch = self.drain(first);
        let (applied, samples) = self.apply(batch).await;
        self.judge_when_due();
        let failed = self.commit_when_allowed().await;
        let recorded = self.record(samples).await;
        if applied.iter().any(|applied| applied.decision.is_some()) {
            // A person looks at what came of it next.
            self.publish();
        } else {
            self.publish_when_due();
        }
        self.acknowledge(applied, &failed, recorded);
        self.account(began);
    }

    fn drain(&mut self, first: Option<Submission>) -> Vec<Submission> {
        let mut batch: Vec<_> = first.into_iter().collect();
        while batch.len() < MAX_REPORTS_PER_SWEEP
            && let Ok(next) = self.inbox.try_recv()
        {
            batch.push(next);
        }
        batch
    }

    async fn apply(&mut self, batch: Vec<Submission>) -> (Vec<Applied>, Vec<PlannedSamples>) {
        let (mut applied, mut samples) = (Vec::with_capacity(batch.len()), Vec::new());
        for submission in batch {
            let id = submission.intake.tenant().clone();
            if !self.tenants.contains_key(&id)
                && let Err(cause) = self.restore(id.clone()).await
            {
                error!(tenant.id = %id, error = &cause as &dyn std::error::Error, "a report could not be applied");
                // Nothing was applied: it may be asked for again as it is.
                let _ = submission.answer.send(Err(SubmitError::Busy));
                continue;
            }
            let tenant = self.tenants.get_mut(&id).expect("the tenant was restored just now");
            let outcome = match &submission.intake {
                Intake::Report(report) if tenant.ignores(&report.source) => {
                    // A source that no longer waits for its answer needs none.
                    let _ = submission.answer.send(Err(SubmitError::Ignored));
                    continue;
                }
                Intake::Report(report) => tenant.apply(report, &self.history, self.clock.now()),
                Intake::Dismissal(_, source) => tenant.dismiss(source, self.clock.now()),
                Intake::Disabling(_, source) => tenant.disabled(source),
                Intake::Ignoring(_, machine) => tenant.ignore(machine, self.clock.now()),
                Intake::Restoring(_, machine, by) => tenant.hear_again(machine, by, self.clock.now()),
                Intake::Order(_, order) => tenant.rule(Order::clone(order), self.clock.now()),
            };
            if matches!(submission.intake, Intake::Ignoring(..) | Intake::Restoring(..)) {
                self.published.set_ignored(&id, tenant.ignored());
            }
            self.stats.update(|stats| {
                stats.reports += u64::from(matches!(submission.intake, Intake::Report(_)));
                stats.rejected += outcome.rejected as u64;
                stats.skewed_reports += u64::from(outcome.clock_ahead);
            });
            let Outcome { rejected, clock_ahead: _, samples: planned, decision } = outcome;
            samples.extend(planned);
            applied.push(Applied { tenant: id, rejected, decision, submission });
        }
        (applied, samples)
    }

    fn judge_when_due(&mut self) {
        let monotonic = self.clock.monotonic();
        if monotonic < self.next_judgement {
            return;
        }
        self.next_judgement = monotonic + JUDGE_EVERY;
        let now = self.clock.now();
        for tenant in self.tenants.values_mut() {
            tenant.judge(now);
        }
    }

    /// Writes what is owed, unless a recent failure asks for patience. Names the tenants that still owe.
    async fn commit_when_allowed(&mut self) -> Vec<TenantId> {
        if self.retry.is_none_or(|retry| self.clock.monotonic() >= retry) {
            self.commit().await;
        }
        self.tenants.values().filter(|tenant| !tenant.debt.is_empty()).map(|tenant| tenant.id.clone()).collect()
    }

    async fn commit(&mut self) {
        let mut failure = None;
        for tenant in self.tenants.values_mut() {
            while !tenant.debt.is_empty() {
                let owed = tenant.debt.take();
                if let Err(cause) = self.log.commit(&tenant.id, &owed).await {
                    let lost = tenant.debt.put_back(owed);
                    self.stats.update(|stats| stats.lost_changes += lost as u64);
                    failure = Some(cause);
                    break;
                }
            }
        }
        match failure {
            None if self.retry.take().is_some() => {
                info!(failures = self.backoff.failures(), "the state log accepts writes again");
                self.backoff.succeeded();
                self.stats.update(|stats| stats.store_error = None);
            }
            None => {}
            Some(cause) => {
                let wait = self.backoff.failed(&self.entropy);
                self.retry = Some(self.clock.monotonic() + wait);
                let text = chain(&cause);
                warn!(error = text, retry_in = ?wait, "the state log does not accept writes; going on from memory");
                self.stats.update(|stats| stats.store_error = Some(text));
            }
        }
    }

    /// Hands the sweep's samples to history in one batch. Says whether they are safely on disk.
    async fn record(&mut self, samples: Vec<PlannedSamples>) -> bool {
        if samples.is_empty() {
            return true;
        }
        let history = self.history.clone();
        let write = move || {
            let batch: Vec<_> = samples
                .iter()
                .map(|planned| PlanSamples { plan: planned.plan, at: planned.at, values: &planned.values })
                .collect();
            history.append(&batch)
        };
        let failure = match tokio::task::spawn_blocking(write).await {
            Ok(Ok(appended)) => appended.not_durable,
            Ok(Err(error)) => {
                self.forget_plan(&error);
                Some(chain(&error))
            }
            Err(panic) => Some(panic.to_string()),
        };
        let durable = failure.is_none();
        self.stats.update(|stats| {
            if let Some(text) = failure.as_ref().filter(|_| stats.history_error.is_none()) {
                warn!(error = text, "history does not accept writes; going on from memory");
            }
            stats.history_error = failure;
        });
        durable
    }

    /// History forgets plans that nobody has written to for long and that others followed.
    fn forget_plan(&mut self, error: &AppendError) {
        if let AppendError::UnknownPlan { plan } = error {
            self.tenants.values_mut().for_each(|tenant| tenant.forget_plan(*plan));
        }
    }

    fn publish_when_due(&mut self) {
        let now = self.clock.monotonic();
        if self.last_publish.is_none_or(|last| now >= last + PUBLISH_EVERY) {
            self.publish();
        }
    }

    fn publish(&mut self) {
        let now = self.clock.now();
        for tenant in self.tenants.values_mut().filter(|tenant| tenant.unpublished) {
            let snapshot = tenant.estate.snapshot(now);
            let previous = std::mem::replace(&mut tenant.published, snapshot.revision());
            let fresh = std::mem::take(&mut tenant.fresh).into_iter().collect();
            tenant.unpublished = false;
            self.published.set(Arc::clone(&snapshot));
            // Nobody listening is fine.
            let _ = self.news.send(Arc::new(Publication { tenant: tenant.id.clone(), previous, snapshot, fresh }));
            self.last_publish = Some(self.clock.monotonic());
        }
    }

    fn acknowledge(&self, applied: Vec<Applied>, failed: &[TenantId], recorded: bool) {
        for Applied { tenant, rejected, decision, submission } in applied {
            let durable = match &decision {
                Some(Ok(_)) => !failed.contains(&tenant),
                // What was refused left nothing to store.
                Some(Err(_)) => true,
                None => recorded && !failed.contains(&tenant),
            };
            let revision = self.tenants.get(&tenant).map_or(Revision::ZERO, |tenant| tenant.estate.revision());
            let accepted = Accepted { revision, rejected };
            let answer = if durable { Ok(Answer { accepted, decision }) } else { Err(SubmitError::NotDurable) };
            // A source that no longer waits for its answer needs none.
            let _ = submission.answer.send(answer);
        }
    }

    fn account(&self, began: Duration) {
        let took = self.clock.monotonic().saturating_sub(began);
        let uncommitted = self.tenants.values().map(|tenant| tenant.debt.overdue()).sum();
        let ended_at: Timestamp = self.clock.now();
        self.stats.update(|stats| {
            stats.sweeps += 1;
            stats.last_sweep = Some(took);
            stats.last_sweep_at = Some(ended_at);
            stats.uncommitted_entries = uncommitted;
        });
    }

    /// Stops the intake, applies what was handed in, writes what is owed.
    async fn finish(mut self) {
        self.inbox.close();
        while let Some(submission) = self.inbox.recv().await {
            self.sweep(Some(submission)).await;
        }
        for tenant in self.tenants.values_mut() {
            tenant.stamp_all();
        }
        self.commit().await;
        self.publish();
        info!("engine stopped");
    }
}
