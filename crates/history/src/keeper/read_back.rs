//! Makes blocks of sweeps that only the log has: memory let go of them while nothing else could be written, or has no room
//! for them at start. File by file, oldest first, each in one transaction, so that a crash repeats nothing.

use std::{collections::BTreeMap, io, sync::Arc};

use rusqlite::Result;
use tracing::{info, warn};

use super::{Keeper, gather, new_tracks};
use crate::{
    catalogue::Purpose,
    error::FlushError,
    head::{Frozen, LEAST_BYTES_A_SERIES, take_from_rivals},
    log::{self, LogError, records::Records},
    options::Settings,
    plan::{Plan, PlanId},
    replayed::Plans,
    segment::Segment,
    shared::Shared,
    store::Edit,
    sweep::{LoggedRow, Row},
};

/// The part of memory that rows may take before they become blocks. What they are read back for may fill all of it.
const ROWS_TO_MEMORY: usize = 8;

/// Rows of one file that wait to become blocks.
#[derive(Debug)]
struct Rows {
    settings: Settings,
    by_plan: BTreeMap<PlanId, Held>,
    bytes: usize,
    series: usize,
    /// Samples of the whole file so far.
    samples: u64,
}

#[derive(Debug)]
struct Held {
    plan: Arc<Plan>,
    rows: Segment,
}

impl Keeper {
    /// Makes blocks of all files of the log, before anything else is written.
    pub(crate) fn read_back_all(&mut self) -> Result<(), FlushError> {
        let result = self.read_back(u64::MAX);
        self.note(&result);
        result
    }

    /// Makes blocks of the files of the log up to a number, and lets go of them.
    pub(super) fn read_back(&mut self, through: u64) -> Result<(), FlushError> {
        for number in self.shared.logs().into_iter().filter(|number| *number <= through) {
            let path = log::path(&self.shared.directory, number);
            match Records::open(&path, self.shared.settings.grid, number, u64::MAX) {
                Ok((_, records)) => self.read_back_file(number, records)?,
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => self.do_without(number)?,
                Err(cause) => return Err(FlushError::ReadBack(LogError::while_("reading back", path)(cause))),
            }
        }
        Ok(())
    }

    /// Goes on after a file that somebody deleted: what only it had is lost, and must not hold up everything else.
    fn do_without(&mut self, number: u64) -> Result<(), FlushError> {
        warn!(file = number, "a sweep log is gone; what only it had of the metrics history is lost");
        self.is_log_short = true;
        let change = self.writer.edit("noting what is gone in", |edit| edit.flushed_log(number));
        self.shared.head_mut().apply(change.map_err(FlushError::Store)?);
        self.shared.let_go_of_log(number);
        Ok(())
    }

    fn read_back_file(&mut self, number: u64, mut records: Records) -> Result<(), FlushError> {
        let shared = Arc::clone(&self.shared);
        let (mut plans, mut rows) = (Plans::new(Purpose::ReadBack), Rows::new(shared.settings));
        let change = self.writer.edit("storing blocks in", |edit| {
            while let Some(sweep) = records.next() {
                rows.place(&shared, &mut plans, sweep);
                if rows.are_many() {
                    rows.store(edit)?;
                }
            }
            rows.store(edit)?;
            new_tracks(&shared.head()).iter().try_for_each(|(id, track)| edit.store_track(*id, track))?;
            edit.flushed_log(number)
        });
        plans.forget_new(&mut shared.head_mut().catalogue);
        let change = change.map_err(FlushError::Store)?;
        shared.head_mut().apply(change);
        if plans.note(number, records.ending()) {
            self.is_log_short = true;
            shared.note_damaged_log(number);
        }
        shared.tally().read_back(rows.samples);
        shared.let_go_of_log(number);
        info!(file = number, "a sweep log was read back, and is in blocks");
        Ok(())
    }
}

impl Rows {
    fn new(settings: Settings) -> Self {
        Self { settings, by_plan: BTreeMap::new(), bytes: 0, series: 0, samples: 0 }
    }

    fn place(&mut self, shared: &Shared, plans: &mut Plans, sweep: Vec<LoggedRow>) {
        let catalogue = &mut shared.head_mut().catalogue;
        for row in plans.rows(catalogue, sweep) {
            take_from_rivals(catalogue, &row, &mut self.by_plan, |held| &mut held.rows);
            self.samples += row.known() as u64;
            self.write(row);
        }
    }

    fn write(&mut self, row: Row) {
        let held = self.by_plan.entry(row.plan.id).or_insert_with(|| {
            self.series += row.plan.width();
            Held { plan: Arc::clone(&row.plan), rows: Segment::default() }
        });
        let before = held.rows.bytes();
        held.rows.write(row.tick, row.values);
        self.bytes += held.rows.bytes() - before;
    }

    fn are_many(&self) -> bool {
        self.bytes >= (self.settings.memory_bytes / ROWS_TO_MEMORY).max(self.series * LEAST_BYTES_A_SERIES)
    }

    /// Makes blocks of what has gathered.
    fn store(&mut self, edit: &mut Edit<'_>) -> Result<()> {
        let empty = Self { samples: self.samples, ..Self::new(self.settings) };
        let Self { by_plan, .. } = std::mem::replace(self, empty);
        let frozen = by_plan.into_values().map(|Held { plan, rows }| Frozen { plan, rows: Arc::new(rows) });
        gather::gather(edit, &frozen.collect::<Vec<_>>(), &self.settings).map(drop)
    }
}
