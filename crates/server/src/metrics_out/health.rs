//! The server's own health as families.

use jiff::{SignedDuration, Timestamp};
use muster_api::history_stats::RemoteHealth;
use muster_collect::CollectStats;
use muster_engine::EngineStats;
use muster_estate::{Snapshot, SourceState};
use muster_model::{SourceFreshness, TenantId};
use muster_store::StoreStats;

use super::{
    family::{self as f, Family},
    polling, process,
    text::Exposition,
};
use crate::{app::App, memory, problem::ApiError};

/// What has to be asked for before it can be written.
pub(crate) struct Health {
    app: App,
    now: Timestamp,
    sources: std::sync::Arc<Snapshot>,
    engine: EngineStats,
    polling: CollectStats,
    store: StoreStats,
    store_bytes: Option<u64>,
    history: muster_history::Stats,
    remote: Option<RemoteHealth>,
}

impl Health {
    /// Asks the parts.
    pub(crate) async fn ask(app: &App, tenant: &TenantId) -> Result<Self, ApiError> {
        Ok(Self {
            now: app.now(),
            sources: app.engine().snapshot(tenant),
            engine: app.engine().stats(),
            polling: app.connections().collector().stats(tenant),
            store: app.store().stats(),
            store_bytes: app.store().size_bytes().await,
            history: app.ask_history(|history, _| Ok(history.stats())).await?,
            remote: app.remote_history(),
            app: app.clone(),
        })
    }

    /// Writes all of it.
    pub(crate) fn write(&self, text: &mut Exposition, out: &mut String) {
        text.begin(&f::BUILD, out);
        text.sample((&f::BUILD, ""), &[("version", env!("CARGO_PKG_VERSION"))], 1.0, out);
        self.write_process(text, out);
        self.app.request_times().write(text, out);
        text.single(&f::LIVE, Some(self.app.live().clients() as f64), out);
        self.write_engine(text, out);
        self.write_sources(text, out);
        polling::write(&self.polling, text, out);
        self.write_store(text, out);
        text.single(&f::AUDIT_GATHERED, Some(self.app.refusals().gathered() as f64), out);
        self.write_history(text, out);
        self.write_remote(text, out);
    }

    fn write_process(&self, text: &mut Exposition, out: &mut String) {
        text.single(&f::START, Some(seconds(self.app.started_at())), out);
        text.single(&f::MEMORY, memory::resident_bytes().map(whole), out);
        text.single(&f::CPU, process::cpu_seconds(), out);
        text.single(&f::OPEN_FDS, process::open_fds().map(whole), out);
        text.single(&f::MAX_FDS, process::max_fds().map(whole), out);
    }

    fn write_engine(&self, text: &mut Exposition, out: &mut String) {
        let EngineStats {
            sweeps,
            reports,
            rejected,
            skewed_reports,
            queued_reports,
            last_sweep,
            last_sweep_at,
            uncommitted_entries,
            lost_changes,
            store_error: _,
            history_error: _,
            ..
        } = &self.engine;
        text.single(&f::SWEEPS, Some(whole(*sweeps)), out);
        text.single(&f::SWEEP_DURATION, last_sweep.map(|took| took.as_secs_f64()), out);
        text.single(&f::SWEEP_AT, last_sweep_at.map(seconds), out);
        text.single(&f::REPORTS, Some(whole(*reports)), out);
        text.single(&f::QUEUED_REPORTS, Some(*queued_reports as f64), out);
        text.single(&f::REJECTED, Some(whole(*rejected)), out);
        text.single(&f::SKEWED, Some(whole(*skewed_reports)), out);
        text.single(&f::UNCOMMITTED, Some(*uncommitted_entries as f64), out);
        text.single(&f::LOST_CHANGES, Some(whole(*lost_changes)), out);
        text.single(&f::RESOURCES, Some(self.sources.len() as f64), out);
    }

    fn write_sources(&self, text: &mut Exposition, out: &mut String) {
        let now = self.now;
        self.of_sources(&f::SOURCE_ONLINE, |it| Some(truth(it.freshness == SourceFreshness::Online)), text, out);
        self.of_sources(&f::SOURCE_INTERVAL, |it| Some(it.interval.as_secs_f64()), text, out);
        self.of_sources(&f::SOURCE_AT, |it| it.last_seen.map(seconds), text, out);
        self.of_sources(&f::SOURCE_LAG, |it| lag(it, now), text, out);
        self.of_sources(&f::SOURCE_RECORDS, |it| Some(f64::from(it.record_count)), text, out);
        self.of_sources(&f::SOURCE_ISSUES, |it| Some(it.issues.len() as f64), text, out);
    }

    fn of_sources(
        &self,
        family: &Family,
        value: impl Fn(&SourceState) -> Option<f64>,
        text: &mut Exposition,
        out: &mut String,
    ) {
        text.begin(family, out);
        for source in self.sources.sources() {
            if let Some(value) = value(source) {
                text.sample((family, ""), &[("source", &source.id.to_string())], value, out);
            }
        }
    }

    fn write_store(&self, text: &mut Exposition, out: &mut String) {
        let StoreStats { engine, queued_writes, writes, commits, last_error, .. } = &self.store;
        if let Some(bytes) = self.store_bytes {
            text.begin(&f::STORE_SIZE, out);
            text.sample((&f::STORE_SIZE, ""), &[("engine", engine)], whole(bytes), out);
        }
        text.single(&f::STORE_QUEUE, Some(*queued_writes as f64), out);
        text.single(&f::STORE_WRITES, Some(whole(*writes)), out);
        text.single(&f::STORE_COMMITS, Some(whole(*commits)), out);
        let fails = last_error.is_some() || self.engine.store_error.is_some();
        text.single(&f::STORE_FAILING, Some(truth(fails)), out);
    }

    fn write_history(&self, text: &mut Exposition, out: &mut String) {
        let it = &self.history;
        text.single(&f::HISTORY_SERIES, Some(whole(it.series)), out);
        text.single(&f::HISTORY_ACTIVE, Some(whole(it.active_series)), out);
        text.single(&f::HISTORY_SAMPLES, Some(whole(it.samples)), out);
        text.single(&f::HISTORY_STORED, Some(whole(it.stored_samples)), out);
        text.single(&f::HISTORY_SIZE, Some(whole(it.size_bytes())), out);
        text.single(&f::HISTORY_MEMORY, Some(whole(it.memory_bytes)), out);
        text.single(&f::HISTORY_PENDING, Some(f64::from(it.pending_sweeps)), out);
        text.single(&f::HISTORY_DURABLE, it.last_durable.map(seconds), out);
        text.single(&f::HISTORY_LATE, Some(whole(it.late_samples)), out);
        text.single(&f::HISTORY_SHED, Some(whole(it.shed_samples)), out);
        text.single(&f::HISTORY_LOST, Some(whole(it.lost_samples)), out);
        text.single(&f::HISTORY_DAMAGED_CHUNKS, Some(whole(it.chunks_damaged)), out);
        text.single(&f::HISTORY_DAMAGED_BLOCKS, Some(whole(it.damaged_blocks)), out);
        text.single(&f::HISTORY_DAMAGED_LOGS, Some(whole(it.damaged_logs)), out);
        let fails = it.last_error.is_some() || self.engine.history_error.is_some();
        text.single(&f::HISTORY_FAILING, Some(truth(fails)), out);
    }

    fn write_remote(&self, text: &mut Exposition, out: &mut String) {
        let Some(remote) = &self.remote else { return };
        text.single(&f::REMOTE_SHIPPED, Some(whole(remote.shipped)), out);
        text.single(&f::REMOTE_REFUSED, Some(whole(remote.refused)), out);
        text.single(&f::REMOTE_NOT_KEPT, Some(whole(remote.not_kept)), out);
        text.single(&f::REMOTE_AT, remote.confirmed_at.map(seconds), out);
    }
}

/// How long a report is overdue; not known of a source that never reported.
fn lag(source: &SourceState, now: Timestamp) -> Option<f64> {
    let overdue = now.duration_since(source.last_seen?) - source.interval;
    Some(overdue.max(SignedDuration::ZERO).as_secs_f64())
}

pub(super) fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

pub(super) fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

fn whole(number: u64) -> f64 {
    number as f64
}
