//! Makes blocks of sweeps that only the log has: memory let go of them while nothing else could be written, or has no room
//! for them at start. File by file, oldest first, each in one transaction, so that a crash repeats nothing.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::Result;
use tracing::info;

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

/// Rows of one file that wait to become blocks.
#[derive(Debug)]
struct Rows {
    settings: Settings,
    by_plan: BTreeMap<PlanId, Held>,
    bytes: usize,
    series: usize,
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
            self.read_back_file(number)?;
            info!(file = number, "a sweep log was read back, and is in blocks");
        }
        Ok(())
    }

    fn read_back_file(&mut self, number: u64) -> Result<(), FlushError> {
        let shared = Arc::clone(&self.shared);
        let path = log::path(&shared.directory, number);
        let opened = Records::open(&path, shared.settings.grid, number, u64::MAX);
        let (_, mut records) =
            opened.map_err(|cause| FlushError::Log(LogError::while_("reading back", path)(cause)))?;
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
            shared.note_damaged_log(number);
        }
        shared.let_go_of_log(number);
        Ok(())
    }
}

impl Rows {
    fn new(settings: Settings) -> Self {
        Self { settings, by_plan: BTreeMap::new(), bytes: 0, series: 0 }
    }

    fn place(&mut self, shared: &Shared, plans: &mut Plans, sweep: Vec<LoggedRow>) {
        let catalogue = &mut shared.head_mut().catalogue;
        for row in plans.rows(catalogue, sweep) {
            take_from_rivals(catalogue, &row, &mut self.by_plan, |held| &mut held.rows);
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
        self.bytes >= (self.settings.memory_bytes / 2).max(self.series * LEAST_BYTES_A_SERIES)
    }

    /// Makes blocks of what has gathered.
    fn store(&mut self, edit: &mut Edit<'_>) -> Result<()> {
        let Self { by_plan, .. } = std::mem::replace(self, Self::new(self.settings));
        let frozen = by_plan.into_values().map(|Held { plan, rows }| Frozen { plan, rows: Arc::new(rows) });
        gather::gather(edit, &frozen.collect::<Vec<_>>(), &self.settings).map(drop)
    }
}
