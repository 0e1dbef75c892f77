//! Takes what connections see to the engine and to history.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use muster_collect::{Backfill, BoxFuture, Sink};
use muster_engine::{Accepted, EngineHandle, SubmitError};
use muster_history::{BackfillError, BackfillSeries, Backfilled, Cancel, History, Period};
use muster_model::{Report, Revision, SourceId, TenantId};
use muster_runtime::{Clock, chain};
use muster_store::{Store, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tracing::{debug, warn};

use super::{
    backfill::arrange,
    healing::{Span, covered, left},
};

/// How long an engine that has no room is left alone.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// The engine and history, as polling sees them.
pub(crate) struct EngineSink {
    pub(super) engine: EngineHandle,
    pub(super) history: History,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
}

impl EngineSink {
    /// Waits until everybody can see a revision: samples of the past belong to resources that are published.
    async fn shown(&self, tenant: &TenantId, revision: Revision) {
        let mut news = self.engine.subscribe();
        while self.engine.snapshot(tenant).revision() < revision {
            match news.recv().await {
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn take(&self, report: Report) {
        let (tenant, source) = (report.tenant.clone(), report.source.clone());
        match self.engine.submit(report).await {
            Ok(accepted) => self.shown(&tenant, accepted.revision).await,
            // The engine has said itself why it could not store, or says that it stops.
            Err(SubmitError::NotDurable | SubmitError::ShuttingDown) => {}
            Err(error @ SubmitError::Ignored) => debug!(source.id = %source, %error, "a report was refused"),
            Err(SubmitError::Busy) => warn!(source.id = %source, "the engine is busy; one report is lost"),
        }
    }

    /// Tells the engine something until it has room for it.
    async fn insist<T: Future<Output = Result<Accepted, SubmitError>>>(&self, tell: impl Fn() -> T) {
        while let Err(SubmitError::Busy) = tell().await {
            self.clock.sleep(BUSY_PAUSE).await;
        }
    }

    async fn fill(&self, tenant: &TenantId, source: &SourceId, backfill: Vec<Backfill>) {
        let snapshot = self.engine.snapshot(tenant);
        let by_interval = arrange(&snapshot, source, backfill, self.clock.now());
        let covered = covered(&by_interval);
        let periods = by_interval.into_iter().map(|(interval, series)| (self.history.period(interval), series));
        let work = Work {
            history: self.history.clone(),
            tenant: tenant.clone(),
            source: source.clone(),
            periods: periods.collect(),
        };
        match work.done().await {
            Ok(Backfilled { written: 0, .. }) => {}
            Ok(Backfilled { written, .. }) => {
                debug!(source.id = %source, written, "samples of the past were filled in");
                let interval = snapshot.source(source).map_or(SignedDuration::ZERO, |source| source.interval);
                if let Err(error) = self.heal(tenant, source, &covered, interval).await {
                    warn!(source.id = %source, error = chain(&error), "a known gap that was filled in is still shown");
                }
            }
            Err(error) => warn!(source.id = %source, error, "samples of the past could not be filled in"),
        }
    }

    /// Lets go of known gaps, as far as samples cover them.
    async fn heal(
        &self,
        tenant: &TenantId,
        source: &SourceId,
        covered: &[Span],
        interval: SignedDuration,
    ) -> Result<(), StoreError> {
        let (Some((from, _)), Some((_, to))) = (covered.first(), covered.last()) else { return Ok(()) };
        for gap in self.store.gap_list(tenant, std::slice::from_ref(source), *from, *to).await? {
            if let Some(end) = gap.to {
                self.store.gap_heal(tenant, &gap, &left((gap.from, end), covered, interval)).await?;
            }
        }
        Ok(())
    }
}

impl Sink for EngineSink {
    fn report(&self, report: Report) -> BoxFuture<'_, ()> {
        Box::pin(self.take(report))
    }

    fn backfill<'a>(
        &'a self,
        tenant: &'a TenantId,
        source: &'a SourceId,
        backfill: Vec<Backfill>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(self.fill(tenant, source, backfill))
    }

    fn disabled<'a>(&'a self, tenant: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()> {
        Box::pin(self.insist(move || self.engine.disabled(tenant, source)))
    }

    fn withdraw<'a>(&'a self, tenant: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()> {
        Box::pin(self.insist(move || self.engine.dismiss(tenant, source)))
    }
}

/// Samples of the past on their way into history.
struct Work {
    history: History,
    tenant: TenantId,
    source: SourceId,
    periods: Vec<(Period, Vec<BackfillSeries>)>,
}

impl Work {
    /// Writes what is missing, away from the workers that answer. Ends soon after whoever waits has left.
    async fn done(self) -> Result<Backfilled, String> {
        if self.periods.is_empty() {
            return Ok(Backfilled::default());
        }
        let cancel = Cancel::default();
        let on_drop = CancelOnDrop(cancel.clone());
        let written = tokio::task::spawn_blocking(move || self.write(&cancel)).await;
        drop(on_drop);
        written.map_err(|panic| panic.to_string())?.map_err(|error| chain(&error))
    }

    fn write(&self, cancel: &Cancel) -> Result<Backfilled, BackfillError> {
        let backfills = self.periods.iter().map(|(period, series)| muster_history::Backfill {
            source: &self.source,
            period: *period,
            series,
        });
        self.history.backfill_all(&self.tenant, &backfills.collect::<Vec<_>>(), cancel)
    }
}

/// Lets go of the work of whoever stopped waiting.
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
