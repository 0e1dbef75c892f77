//! The handle: opens a history directory, takes sweeps in, answers questions, closes.

use std::{
    fmt,
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io, iter,
    num::NonZeroU32,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::Ordering,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};

use jiff::SignedDuration;
use muster_model::{Metric, ResourceId, SourceId, TenantId};
use tracing::{info, warn};

use crate::{
    archive::Archive,
    calendar::{Level, Window},
    cancel::Cancel,
    catalogue::{Catalogue, MetricSet, Purpose},
    error::{FlushError, OpenError},
    grid::{Grid, Period},
    head::Head,
    index::Index,
    keeper::{Keeper, QUEUE, Request},
    lock::Lock,
    log::{
        SweepLog,
        files::{Disk, Files},
        replay,
    },
    options::{InvalidOptions, Options, Settings},
    plan::{PlanError, PlanId, TrackId},
    query::{
        Answer, ManyAnswer, ManyQuery, Query, QueryError, Recorded, SeriesQuery,
        answer::{Look, Resolution, View},
        older::Older,
    },
    recovery::recover,
    retention::Retention,
    shared::{Intake, Shared, When},
    stats::Stats,
    store::{Readers, Refused, Stored, Writer},
    sweep::{AppendError, Appended, PlanSamples},
};

/// A log longer than this becomes blocks, in bytes: reading it back is what a start waits for.
const RIPE_LOG_BYTES: u64 = 16 << 20;

/// When blocks cannot be written, so many sweeps pass before they are asked for again: trying at every sweep would only
/// cost.
const SWEEPS_BETWEEN_REQUESTS: u32 = 30;

/// A question looks so often for a moment in which memory and database tell of the same blocks. They differ for
/// microseconds, and a write follows the other after milliseconds.
pub(crate) const MOST_LOOKS: usize = 100_000;

/// The metrics history of one directory. A cheap handle: clones share everything.
///
/// All methods block and may be called from any thread; asynchronous callers use the blocking pool. Dropping the last
/// handle stops the history as a crash would: nothing that was acknowledged is lost, and the next start reads the log.
#[derive(Clone)]
pub struct History(Arc<Owner>);

/// Ends the keeper's thread when the last handle goes.
#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    keeper: Mutex<Option<KeeperThread>>,
}

#[derive(Debug)]
struct KeeperThread {
    requests: SyncSender<Request>,
    thread: JoinHandle<()>,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("directory", &self.0.shared.directory).finish_non_exhaustive()
    }
}

impl History {
    /// Opens a directory, which is made when absent, and reads back what the sweep log holds.
    ///
    /// # Errors
    /// When the options make no sense, another process has the directory, a newer version wrote it, or a file refuses.
    pub fn open(directory: &Path, options: Options) -> Result<Self, OpenError> {
        Self::open_on(directory, &options, Arc::new(Disk))
    }

    fn open_on(directory: &Path, options: &Options, files: Arc<dyn Files>) -> Result<Self, OpenError> {
        let settings = Settings::check(options).map_err(OpenError::Options)?;
        let create = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        create.map_err(OpenError::files(directory))?;
        let lock = Lock::take(directory).map_err(OpenError::lock(directory.to_owned()))?;
        let database = directory.join("history.db");
        let mut writer = open_database(&database, &settings)?;
        let stored = writer.load(settings.ships).map_err(OpenError::Store)?;

        let flushed = stored.flushed_log;
        let head = restore(settings, stored);
        let kept = replay::find(directory, settings.grid, flushed)?;
        let next = kept.last_key_value().map_or(flushed, |(last, _)| *last) + 1;
        let log = SweepLog::new(directory, files, settings, kept, next);

        let readers = Readers::new(&database);
        let shared = Arc::new(Shared::new(directory.to_owned(), settings, readers, head, log, lock));
        let mut keeper = Keeper::new(Arc::clone(&shared), writer, flushed);
        recover(&shared, &mut keeper)?;
        info!(directory = %directory.display(), "metrics history opened");
        let keeper = KeeperThread::start(keeper).map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Owner { shared, keeper: Mutex::new(Some(keeper)) })))
    }

    /// The period nearest to a source's interval, at least one tick.
    pub fn period(&self, interval: SignedDuration) -> Period {
        self.0.shared.settings.grid.period(interval)
    }

    /// Interns the series of one poll plan, so that a sweep is one array of numbers. The same arguments lead to the
    /// same plan. Touches no disk: a plan is stored with its first samples.
    ///
    /// # Errors
    /// When there is no series, too many, or one twice.
    pub fn plan(
        &self,
        tenant: &TenantId,
        source: &SourceId,
        period: Period,
        series: &[(ResourceId, Metric)],
    ) -> Result<PlanId, PlanError> {
        self.0.shared.head_mut().catalogue.intern(tenant, source, period, series)
    }

    /// Takes in one sweep: in memory first, where it becomes visible as a whole, then on disk in one write.
    /// Values are rounded to their metric's precision.
    ///
    /// A failed write is no error: the sweep is kept in memory, [`Appended::not_durable`] says why, and it is written
    /// with the next sweep that can be.
    ///
    /// # Errors
    /// When a plan is unknown, the values do not fit it, or the history is closed. Nothing was taken in then.
    pub fn append(&self, sweep: &[PlanSamples<'_>]) -> Result<Appended, AppendError> {
        self.take_in(sweep, When::Now)
    }

    fn take_in(&self, sweep: &[PlanSamples<'_>], when: When) -> Result<Appended, AppendError> {
        let shared = &*self.0.shared;
        let rows = shared.admit(sweep)?;
        let mut intake = shared.intake();
        if intake.closed {
            return Err(AppendError::Closed);
        }
        let mut appended = shared.place(&mut intake, rows, when)?;
        let logged = shared.log_pending(&mut intake);
        appended.pending_sweeps = shared.tally().pending_sweeps;
        appended.not_durable = logged.err().map(|error| muster_runtime::chain(&error));
        // Who brings the past asks for blocks when memory is full, and not for each of the many windows that have ended.
        if when == When::Now && appended.not_durable.is_none() && self.is_ripe(&mut intake) {
            self.request();
        }
        Ok(appended)
    }

    /// Answers a question about one resource.
    ///
    /// # Errors
    /// When it asks for nothing or too much, or stored blocks cannot be read.
    pub fn query(&self, query: &Query, cancel: &Cancel) -> Result<Answer, QueryError> {
        self.query_many(&query.clone().into(), cancel).map(Answer::from)
    }

    /// Answers the same question about several resources, in one pass and on one time axis.
    ///
    /// # Errors
    /// As [`History::query`].
    pub fn query_many(&self, query: &ManyQuery, cancel: &Cancel) -> Result<ManyAnswer, QueryError> {
        self.ask(query, Resolution::Points, cancel, |view, look, older, readers| {
            view.answer(look, older, readers, cancel)
        })
    }

    /// Hands over everything that was recorded of one series in a span, in ascending order of time. Ten days at a time:
    /// memory is bounded however long the span is, and the database can forget what was replaced meanwhile. However long
    /// `sink` takes, nothing is held open for it.
    ///
    /// # Errors
    /// As [`History::query`].
    pub fn walk(&self, query: &SeriesQuery, cancel: &Cancel, mut sink: impl FnMut(Recorded)) -> Result<(), QueryError> {
        let SeriesQuery { tenant, resources, metric, from, to } = query.clone();
        let points = NonZeroU32::MIN;
        let mut query = ManyQuery { tenant, resources: vec![resources], metrics: vec![metric], from, to, points };
        let Settings { grid, calendar, .. } = self.0.shared.settings;
        let mut extent = View::gather(&self.0.shared.head(), &query, Resolution::Finest)?.extent();
        while let Some(Window { first, last }) = extent {
            let stretch_last = calendar.window(Level::TenDays, first).last.min(last);
            (query.from, query.to) = (grid.time(first), grid.time(stretch_last));
            let mut recorded = Vec::new();
            let mut keep = |one| recorded.push(one);
            self.ask(&query, Resolution::Finest, cancel, |view, _, _, readers| {
                view.recorded(readers, cancel, &mut keep)
            })?;
            recorded.into_iter().for_each(&mut sink);
            extent = (stretch_last < last).then(|| Window { first: stretch_last.plus(1), last });
        }
        Ok(())
    }

    /// Every series of a tenant that anything is known of, in ascending order.
    pub fn series(&self, tenant: &TenantId) -> Vec<(ResourceId, Metric)> {
        let head = self.0.shared.head();
        let of_resource = |(resource, track): (ResourceId, TrackId)| {
            let metrics = head.catalogue.track_by_id(track).map_or_else(MetricSet::default, |track| track.metrics);
            metrics.metrics().map(move |metric| (resource, metric))
        };
        let mut series: Vec<_> = head.catalogue.resources(tenant).flat_map(of_resource).collect();
        series.sort_unstable();
        series
    }

    /// Answers from memory, blocks and a store elsewhere; the latter is asked before any block is read, since it may take
    /// its time.
    fn ask<T>(
        &self,
        query: &ManyQuery,
        resolution: Resolution,
        cancel: &Cancel,
        mut answer: impl FnMut(&View, Look, &Older, &Readers) -> Result<Option<T>, QueryError>,
    ) -> Result<T, QueryError> {
        let shared = &*self.0.shared;
        let archive = shared.archive.get().filter(|_| resolution == Resolution::Points);
        let mut older = Older::default();
        let looks = iter::once(Look::First).chain(iter::repeat(Look::Again));
        for look in looks.take(MOST_LOOKS) {
            cancel.check()?;
            let view = View::gather(&shared.head(), query, resolution)?;
            if let Some(archive) = archive {
                older.ask(query, &view, archive, cancel)?;
            }
            match answer(&view, look, &older, &shared.readers)? {
                Some(answer) => return Ok(answer),
                // Memory hears of a write right after the database has it. In between they tell of different blocks.
                None => thread::yield_now(),
            }
        }
        // Another process writes to a directory that this one has let go of.
        Err(QueryError::Unsettled)
    }

    /// Names the store elsewhere that knows of older spans. The first call counts.
    pub fn set_archive(&self, archive: Arc<dyn Archive>) {
        // Named once, at start; a second store has nothing that was shipped.
        let _ = self.0.shared.archive.set(archive);
    }

    /// Keeps history for other spans from now on. What is too old then goes when blocks are written next.
    ///
    /// # Errors
    /// When the spans make no sense beside the other options. Nothing was changed then.
    pub fn set_retention(&self, retention: Retention) -> Result<(), InvalidOptions> {
        let shared = &*self.0.shared;
        let ticks = shared.settings.retention_ticks(&retention)?;
        shared.head_mut().settings.retention = ticks;
        Ok(())
    }

    /// Counters and sizes. Never waits for a disk write.
    pub fn stats(&self) -> Stats {
        self.0.shared.stats()
    }

    /// Writes all that is in memory to blocks and empties the sweep log. Happens by itself when enough has gathered.
    ///
    /// # Errors
    /// When the disk refuses. Everything is still in memory and, where that could be written, in the log.
    pub fn flush(&self) -> Result<(), FlushError> {
        self.ask_keeper(Request::Flush)
    }

    /// Asks the keeper for something, and waits until it is done.
    pub(crate) fn ask_keeper(
        &self,
        request: impl FnOnce(SyncSender<Result<(), FlushError>>) -> Request,
    ) -> Result<(), FlushError> {
        let requests = self.0.keeper().as_ref().map(|keeper| keeper.requests.clone());
        let answer = ask(&requests.ok_or(FlushError::Closed)?, request);
        if let Err(error @ FlushError::Stopped) = &answer {
            self.0.shared.tally().flush_error = Some(muster_runtime::chain(error));
        }
        answer
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    /// Takes nothing in any more, flushes, and lets another process have the directory. Questions are still answered.
    /// Closing twice changes nothing.
    ///
    /// # Errors
    /// As [`History::flush`]. The history is closed all the same; the next start reads the log.
    pub fn close(&self) -> Result<(), FlushError> {
        self.0.shared.intake().closed = true;
        let keeper = self.0.keeper().take();
        let Some(keeper) = keeper else { return Ok(()) };
        let flushed = ask(&keeper.requests, Request::Flush);
        keeper.stop();
        self.0.shared.release();
        flushed
    }

    pub(crate) fn backfill_plan(
        &self,
        tenant: &TenantId,
        source: &SourceId,
        period: Period,
        series: &[(ResourceId, Metric)],
    ) -> Result<PlanId, PlanError> {
        self.0.shared.head_mut().catalogue.intern_for(Purpose::Backfill, tenant, source, period, series)
    }

    /// Takes in rows of the past: like a sweep, but the present stays where it is.
    pub(crate) fn append_past(&self, rows: &[PlanSamples<'_>]) -> Result<Appended, AppendError> {
        self.take_in(rows, When::Past)
    }

    /// Makes room in memory and log for rows of the past. Who brings them waits for it: they come faster than blocks are
    /// written, and memory would shed what was sampled just now.
    pub(crate) fn make_room(&self) -> Result<(), FlushError> {
        let shared = &*self.0.shared;
        let mut intake = shared.intake();
        if intake.closed {
            return Err(FlushError::Closed);
        }
        shared.log_pending(&mut intake).map_err(FlushError::Log)?;
        drop(intake);
        let is_crowded = shared.head().is_crowded();
        if is_crowded { self.ask_keeper(Request::Room) } else { Ok(()) }
    }

    pub(crate) fn grid(&self) -> Grid {
        self.0.shared.settings.grid
    }

    fn is_ripe(&self, intake: &mut Intake) -> bool {
        intake.since_request = intake.since_request.saturating_add(1);
        let is_long = intake.log.bytes() >= RIPE_LOG_BYTES;
        let ripe = is_long || intake.only_in_log.is_some() || self.0.shared.head().is_ripe();
        let is_asked_for = self.0.shared.asked.load(Ordering::Relaxed);
        let due = ripe && (!is_asked_for || intake.since_request >= SWEEPS_BETWEEN_REQUESTS);
        if due {
            intake.since_request = 0;
        }
        due
    }

    /// Asks for blocks without waiting. A full queue will flush anyway.
    fn request(&self) {
        if let Some(keeper) = &*self.0.keeper() {
            self.0.shared.asked.store(true, Ordering::Relaxed);
            if let Err(TrySendError::Disconnected(_)) = keeper.requests.try_send(Request::Ripe) {
                self.0.shared.tally().flush_error = Some(FlushError::Stopped.to_string());
            }
        }
    }
}

impl Owner {
    fn keeper(&self) -> std::sync::MutexGuard<'_, Option<KeeperThread>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper().take() {
            keeper.stop();
            self.shared.release();
        }
    }
}

impl KeeperThread {
    fn start(keeper: Keeper) -> io::Result<Self> {
        let (requests, received) = sync_channel(QUEUE);
        let thread = thread::Builder::new().name("history".into()).spawn(move || keeper.run(&received))?;
        Ok(Self { requests, thread })
    }

    /// Ends the thread after the requests that it has.
    fn stop(self) {
        drop(self.requests);
        // A panic in it was reported by the panic hook; there is nothing left to do about it here.
        let _ = self.thread.join();
    }
}

fn ask(
    requests: &SyncSender<Request>,
    request: impl FnOnce(SyncSender<Result<(), FlushError>>) -> Request,
) -> Result<(), FlushError> {
    let (answer, answered) = sync_channel(1);
    requests.send(request(answer)).map_err(|_| FlushError::Stopped)?;
    answered.recv().map_err(|_| FlushError::Stopped)?
}

/// Makes sure that the file exists and that only its owner can read it. SQLite gives its side files the same rights.
fn prepare_file(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))
}

/// Opens the database. One in an early format is set aside under another name, and a new one begun.
fn open_database(path: &Path, settings: &Settings) -> Result<Writer, OpenError> {
    prepare_file(path).map_err(OpenError::files(path))?;
    match Writer::open(path, settings).map_err(OpenError::Store)? {
        Ok(writer) => Ok(writer),
        Err(Refused::Older(version)) => {
            let aside = path.with_extension(format!("db.format-{version}"));
            warn!(file = %path.display(), aside = %aside.display(), "metrics history of an early format is set aside");
            fs::rename(path, &aside).map_err(OpenError::files(path))?;
            prepare_file(path).map_err(OpenError::files(path))?;
            let again = Writer::open(path, settings).map_err(OpenError::Store)?;
            again.map_err(OpenError::refused(path.to_owned(), settings.grid.tick_ms()))
        }
        Err(refused) => Err(OpenError::refused(path.to_owned(), settings.grid.tick_ms())(refused)),
    }
}

/// Memory that knows what is in blocks.
fn restore(settings: Settings, stored: Stored) -> Head {
    let Stored { tracks, blocks, aside, flushed_log: _, generation, shipped } = stored;
    let mut catalogue = Catalogue::default();
    tracks.into_iter().for_each(|track| catalogue.restore(track));
    Head::new(settings, catalogue, Index::new(blocks, &aside, generation, shipped))
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod races;
