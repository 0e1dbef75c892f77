//! Brings back what the sweep log has when a history is opened.
//!
//! It goes to memory, where it came from, if it fits. If it does not, blocks could not be written for long before: then
//! they are made of the log now, file by file. If they still cannot be written, memory takes the newest of it and the rest
//! stays in the log: a full disk is no reason not to start.

use std::ops::ControlFlow;

use muster_runtime::chain;
use tracing::{info, warn};

use crate::{
    catalogue::Purpose,
    head::Head,
    keeper::Keeper,
    log::{
        self,
        records::Records,
        replay::{ReplayError, failed},
    },
    replayed::Plans,
    shared::Shared,
    sweep::Row,
};

/// Brings back what the log has.
pub(crate) fn recover(shared: &Shared, keeper: &mut Keeper) -> Result<(), ReplayError> {
    let stop = |head: &mut Head| if head.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    if place(shared, stop)?.is_continue() {
        return Ok(());
    }
    info!("the sweep log holds more than memory may; blocks are made of it first");
    forget(shared);
    if let Err(error) = keeper.read_back_all() {
        warn!(error = chain(&error), "blocks cannot be made of the sweep log; memory takes the newest part of it");
        place_newest(shared)?;
    }
    Ok(())
}

/// Places all sweeps of the log in memory, in the order in which they came, until `after_each` has enough. The log does not
/// say which of them told of the past when they came: here each of them says what time it is, until the next one does.
fn place(
    shared: &Shared,
    mut after_each: impl FnMut(&mut Head) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReplayError> {
    for number in shared.logs() {
        let path = log::path(&shared.directory, number);
        let opened = Records::open(&path, shared.settings.grid, number, u64::MAX);
        let (_, mut records) = opened.map_err(failed(&path))?;
        let mut plans = Plans::new(Purpose::Sweeps);
        while let Some(sweep) = records.next() {
            let mut head = shared.head_mut();
            let rows = plans.rows(&mut head.catalogue, sweep);
            take_back(shared, &mut head, &rows);
            if after_each(&mut head).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if plans.note(number, records.ending()) {
            shared.note_damaged_log(number);
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn take_back(shared: &Shared, head: &mut Head, rows: &[Row]) {
    let samples = head.place(rows).samples;
    let latest = rows.iter().map(|row| row.tick).max();
    let mut tally = shared.tally();
    tally.log_samples += samples;
    tally.last_durable = latest.map(|tick| shared.settings.grid.time(tick)).or(tally.last_durable);
}

fn forget(shared: &Shared) {
    shared.head_mut().forget_rows();
    shared.tally().log_samples = 0;
}

fn place_newest(shared: &Shared) -> Result<(), ReplayError> {
    let mut shed = 0;
    let _all = place(shared, |head| {
        shed += head.shed();
        ControlFlow::Continue(())
    })?;
    if shed > 0 {
        shared.intake().note_only_in_log();
        shared.tally().shed(shed);
    }
    Ok(())
}
