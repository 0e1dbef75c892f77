//! What the handle and the keeper share: memory, the sweep log, counters. Locks are taken in this order: log, memory,
//! tally. Only the log's lock is held while a disk is waited for. No question takes it; a check of all that
//! is stored does, once, to list the files of the log.

use std::{
    collections::VecDeque,
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic::AtomicBool,
    },
};

use muster_runtime::chain;

use crate::{
    archive::Archive,
    forecast::TierStats,
    head::{Head, Placed},
    lock::Lock,
    log::{LogError, SweepLog, aside::is_aside},
    options::Settings,
    query::Tier,
    stats::{FileSize, Stats},
    store::Readers,
    sweep::{AppendError, Appended, PlanSamples, Row},
    tally::Tally,
};

/// A history without its thread.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) directory: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) readers: Readers,
    pub(crate) archive: OnceLock<Arc<dyn Archive>>,
    /// Whether blocks were asked for and not written since.
    pub(crate) asked: AtomicBool,
    head: RwLock<Head>,
    intake: Mutex<Intake>,
    tally: Mutex<Tally>,
    lock: Mutex<Option<Lock>>,
}

/// What rows tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// They were sampled just now.
    Now,
    /// A source remembered them.
    Past,
}

/// The one way in: sweeps pass here one after the other.
#[derive(Debug)]
pub(crate) struct Intake {
    pub(crate) log: SweepLog,
    pub(crate) closed: bool,
    pending: VecDeque<Vec<Row>>,
    pending_values: usize,
    most_pending_values: usize,
    /// Sweeps since blocks were last asked for.
    pub(crate) since_request: u32,
    /// The last file of the log with rows that memory let go of.
    pub(crate) only_in_log: Option<u64>,
    /// Whether memory let go of rows since the log was last written.
    has_shed: bool,
    /// Whether a sweep gave up waiting to be logged since rows were last frozen.
    pub(crate) has_given_up: bool,
}

impl Shared {
    pub(crate) fn new(
        directory: PathBuf,
        settings: Settings,
        readers: Readers,
        head: Head,
        log: SweepLog,
        lock: Lock,
    ) -> Self {
        let intake = Intake {
            log,
            closed: false,
            pending: VecDeque::new(),
            pending_values: 0,
            most_pending_values: settings.memory_bytes / 4 / size_of::<f64>(),
            since_request: 0,
            only_in_log: None,
            has_shed: false,
            has_given_up: false,
        };
        Self {
            directory,
            settings,
            readers,
            archive: OnceLock::new(),
            asked: AtomicBool::new(false),
            head: RwLock::new(head),
            intake: Mutex::new(intake),
            tally: Mutex::default(),
            lock: Mutex::new(Some(lock)),
        }
    }

    pub(crate) fn intake(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn head(&self) -> RwLockReadGuard<'_, Head> {
        self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn head_mut(&self) -> RwLockWriteGuard<'_, Head> {
        self.head.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a sweep through the door.
    pub(crate) fn admit(&self, sweep: &[PlanSamples<'_>]) -> Result<Vec<Row>, AppendError> {
        let plan = |id| self.head().catalogue.get(id).cloned().ok_or(AppendError::UnknownPlan { plan: id });
        let Settings { grid, rounding, .. } = self.settings;
        sweep.iter().map(|samples| Row::admit(&plan(samples.plan)?, *samples, grid, rounding)).collect()
    }

    /// Places a sweep in memory, where readers see it from then on, and lets it wait to be logged.
    pub(crate) fn place(&self, intake: &mut Intake, rows: Vec<Row>, when: When) -> Result<Appended, AppendError> {
        let (placed, shed) = {
            let mut head = self.head_mut();
            // A plan may have been forgotten since its row came through the door.
            if let Some(row) = rows.iter().find(|row| head.catalogue.get(row.plan.id).is_none()) {
                return Err(AppendError::UnknownPlan { plan: row.plan.id });
            }
            let placed = match when {
                When::Now => head.place(&rows),
                When::Past => head.place_past(&rows),
            };
            (placed, head.shed())
        };
        intake.has_shed |= shed > 0;
        let given_up = intake.wait(rows);
        intake.has_given_up |= !given_up.is_empty();
        let mut tally = self.tally();
        tally.place(placed);
        tally.shed(shed);
        given_up.iter().for_each(|sweep| tally.give_up(sweep.iter().map(|row| row.known() as u64).sum()));
        let Placed { samples, replaced, late } = placed;
        Ok(Appended { samples, replaced, late, ..Appended::default() })
    }

    /// Writes all that waits to the log, and counts what came of it. Earlier failures are forgotten by a success.
    pub(crate) fn log_pending(&self, intake: &mut Intake) -> Result<(), LogError> {
        let latest = intake.pending.back().and_then(|rows| rows.iter().map(|row| row.tick).max());
        let result = intake.log_pending();
        let mut tally = self.tally();
        tally.pending_sweeps = u32::try_from(intake.pending.len()).unwrap_or(u32::MAX);
        match &result {
            Ok(logged) => {
                tally.log_samples += logged;
                tally.log_error = None;
                tally.last_durable = latest.map(|tick| self.settings.grid.time(tick)).or(tally.last_durable);
            }
            Err(error) => tally.log_error = Some(chain(error)),
        }
        result.map(drop)
    }

    /// The files of the log whose rows are not in blocks, oldest first.
    pub(crate) fn logs(&self) -> Vec<u64> {
        self.intake().log.kept().keys().copied().collect()
    }

    /// Notes that a file of the log cannot be read to the end.
    pub(crate) fn note_damaged_log(&self, number: u64) {
        let mut intake = self.intake();
        intake.log.note_damaged(number);
        self.tally().damaged_logs = intake.log.damaged();
    }

    /// Lets go of the files of the log up to a number: their rows are in blocks.
    pub(crate) fn let_go_of_log(&self, number: u64) {
        let mut intake = self.intake();
        intake.log.remove_through(number);
        self.tally().damaged_logs = intake.log.damaged();
    }

    /// Lets another process have the directory.
    pub(crate) fn release(&self) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn stats(&self) -> Stats {
        let head = self.head();
        let (active_series, samples_per_day) = head.activity(self.settings.calendar.width(Tier::Hour) * 24);
        let tiers = self.tiers(&head);
        let series = head.catalogue.series() as u64;
        let (plans, memory_bytes) = (head.catalogue.plans().len() as u64, head.bytes() as u64);
        let damaged_blocks = head.index.shards().flat_map(|(_, shard)| shard.aside()).count() as u64;
        let lost_resources = head.catalogue.lost_tracks().count() as u64;
        drop(head);
        let block_samples = tiers.iter().filter(|it| it.tier <= Tier::Minute).map(|it| it.points).sum();
        let files = self.files();
        let logs_aside = files.iter().filter(|file| is_aside(&file.name)).count() as u64;
        let counted = self.tally().stats(block_samples);
        Stats {
            series,
            active_series,
            samples_per_day,
            tiers,
            plans,
            memory_bytes,
            files,
            chunks_read: self.readers.chunks_read(),
            chunks_damaged: self.readers.chunks_damaged(),
            damaged_blocks: counted.damaged_blocks + damaged_blocks,
            damaged_logs: counted.damaged_logs + logs_aside,
            lost_resources,
            ..counted
        }
    }

    fn tiers(&self, head: &Head) -> Vec<TierStats> {
        let grid = self.settings.grid;
        let of_tier = |tier: Tier| {
            let blocks = head.index.shards().flat_map(|(_, shard)| shard.of_tier(tier));
            let empty = TierStats { tier, points: 0, bytes: 0, oldest: None, newest: None };
            blocks.fold(empty, |known, block| {
                let (first, last) = (grid.time(block.window.first), grid.time(block.window.last));
                TierStats {
                    tier,
                    points: known.points + block.points,
                    bytes: known.bytes + block.bytes,
                    oldest: Some(known.oldest.unwrap_or(first).min(first)),
                    newest: Some(known.newest.unwrap_or(last).max(last)),
                }
            })
        };
        Tier::ALL.map(of_tier).into()
    }

    /// Every file of the directory. One that goes away meanwhile, as sweep logs do, is left out.
    pub(crate) fn files(&self) -> Vec<FileSize> {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let sizes = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(FileSize { name, bytes: entry.metadata().ok()?.len() })
        });
        let mut files: Vec<_> = sizes.collect();
        files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        files
    }
}

impl Intake {
    /// Adds a sweep to those that wait to be logged. Gives back those that had to give up waiting.
    pub(crate) fn wait(&mut self, rows: Vec<Row>) -> Vec<Vec<Row>> {
        self.pending_values += values(&rows);
        self.pending.push_back(rows);
        let mut given_up = Vec::new();
        while self.pending_values > self.most_pending_values && self.pending.len() > 1 {
            let oldest = self.pending.pop_front().expect("more than one waits");
            self.pending_values -= values(&oldest);
            given_up.push(oldest);
        }
        given_up
    }

    fn log_pending(&mut self) -> Result<u64, LogError> {
        if !self.pending.is_empty() {
            self.log.append(self.pending.iter())?;
        }
        self.pending_values = 0;
        if std::mem::take(&mut self.has_shed) {
            self.note_only_in_log();
        }
        Ok(self.pending.drain(..).flatten().map(|row| row.known() as u64).sum())
    }

    /// Notes that memory does not have all that the log has up to now.
    pub(crate) fn note_only_in_log(&mut self) {
        self.only_in_log = self.log.kept().last_key_value().map(|(last, _)| *last);
    }
}

fn values(rows: &[Row]) -> usize {
    rows.iter().map(|row| row.values.len()).sum()
}
