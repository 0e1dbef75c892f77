//! What is in memory: the open rows of each plan, rows on their way to disk, and what is known of the blocks on disk.
//!
//! For one series and one tick the newest word counts, and this is how the newest is told apart: open rows are newer
//! than frozen ones, frozen ones newer than blocks, and of two blocks the one with the higher id is newer. Within the
//! open rows a write takes the value away from rival plans, so that a series has at most one value there.
//!
//! A sweep is placed as a whole under the owner's lock. Nothing here touches a file.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_model::Metric;

use crate::{
    calendar::{Level, Window},
    catalogue::Catalogue,
    grid::{Period, Tick},
    index::{Change, Index, Room},
    options::Settings,
    plan::{Plan, PlanId, TrackId},
    query::Tier,
    segment::Segment,
    sweep::Row,
};

/// How far beyond the memory window packs are held: a query that begins exactly at its edge comes a little later.
const SLACK_TICKS: i64 = 12;

/// Sums are held for so many hours: what an overview of the last day is drawn from.
const SUMMED_HOURS: i64 = 24;

/// How long after a window's end its blocks are written: what is a little late still goes into them.
pub(crate) const GRACE_TICKS: i64 = 6;

/// Open rows may take so many bytes a series, whatever the budget says: 32 samples. Fewer are not worth a block.
pub(crate) const LEAST_BYTES_A_SERIES: usize = 256;

/// Rows that wait to become blocks.
#[derive(Debug, Clone)]
pub(crate) struct Frozen {
    pub(crate) plan: Arc<Plan>,
    pub(crate) rows: Arc<Segment>,
}

/// What is held of one plan.
#[derive(Debug, Default)]
struct Holding {
    open: Segment,
    frozen: Option<Arc<Segment>>,
    /// The last tick that was written.
    last: Option<Tick>,
}

/// What placing a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) samples: u64,
    pub(crate) replaced: u64,
    pub(crate) late: u64,
}

/// Samples of one series as one plan recorded them.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) period: Period,
    pub(crate) samples: Vec<(Tick, f64)>,
}

/// All that is in memory.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) settings: Settings,
    pub(crate) catalogue: Catalogue,
    pub(crate) index: Index,
    holdings: BTreeMap<PlanId, Holding>,
    /// The newest stamp of the latest sweep. It may go back, when clocks do: a stamp in the far future must not make
    /// everything after it look old.
    present: Option<Tick>,
    /// The same of the sweep before it.
    before: Option<Tick>,
    open_bytes: usize,
    /// No open row of a sweep is older. What tells of the past may wait until memory is full.
    oldest_open: Option<Tick>,
    /// Series of the plans that hold anything.
    held_series: usize,
    /// The windows of two hours that open rows lie in.
    open_windows: BTreeSet<Window>,
    /// Those that frozen rows lie in.
    frozen_windows: BTreeSet<Window>,
}

impl Head {
    pub(crate) fn new(settings: Settings, catalogue: Catalogue, index: Index) -> Self {
        Self {
            settings,
            catalogue,
            index,
            holdings: BTreeMap::new(),
            present: None,
            before: None,
            open_bytes: 0,
            oldest_open: None,
            held_series: 0,
            open_windows: BTreeSet::new(),
            frozen_windows: BTreeSet::new(),
        }
    }

    /// The newest stamp of the latest sweep.
    pub(crate) fn present(&self) -> Option<Tick> {
        self.present
    }

    /// The time that the last two sweeps agree has come. A clock that is ahead for a single one says nothing.
    pub(crate) fn agreed(&self) -> Option<Tick> {
        self.present.min(self.before)
    }

    /// Places a whole sweep.
    pub(crate) fn place(&mut self, rows: &[Row]) -> Placed {
        let placed = self.place_past(rows);
        let oldest = rows.iter().map(|row| row.tick).min();
        self.oldest_open = self.oldest_open.into_iter().chain(oldest).min();
        if let Some(newest) = rows.iter().map(|row| row.tick).max() {
            self.before = self.present.replace(newest);
        }
        placed
    }

    /// Places rows that tell of the past: the present stays where it is.
    pub(crate) fn place_past(&mut self, rows: &[Row]) -> Placed {
        let window_start = self.present.map(|present| present.plus(-self.settings.memory_ticks));
        let mut placed = Placed::default();
        for row in rows {
            let known = row.known() as u64;
            if known == 0 {
                continue;
            }
            placed.samples += known;
            placed.late += if window_start.is_some_and(|start| row.tick < start) { known } else { 0 };
            placed.replaced += self.place_row(row);
        }
        placed
    }

    fn place_row(&mut self, row: &Row) -> u64 {
        let mut replaced = take_from_rivals(&self.catalogue, row, &mut self.holdings, |holding| &mut holding.open);
        let holding = self.holdings.entry(row.plan.id).or_insert_with(|| {
            self.held_series += row.plan.width();
            Holding::default()
        });
        self.open_windows.insert(self.settings.calendar.window(Level::TwoHours, row.tick));
        holding.last = holding.last.max(Some(row.tick));
        let before = holding.open.bytes();
        replaced += holding.open.write(row.tick, Arc::clone(&row.values)) as u64;
        self.open_bytes += holding.open.bytes() - before;
        replaced
    }

    /// Whether so much has gathered that it should become blocks.
    pub(crate) fn is_ripe(&self) -> bool {
        self.is_full() || self.has_ended_window()
    }

    /// Whether open rows take as much as they should.
    pub(crate) fn is_full(&self) -> bool {
        self.open_bytes >= self.most_open_bytes()
    }

    /// Whether open rows, and those that wait to become blocks, take as much as open rows should.
    pub(crate) fn is_crowded(&self) -> bool {
        self.open_bytes + self.frozen_bytes() >= self.most_open_bytes()
    }

    /// Whether a window has ended that there are open rows of, or rows have gathered for long enough.
    fn has_ended_window(&self) -> bool {
        let (Some(present), Some(oldest)) = (self.present, self.oldest_open) else { return false };
        let current = self.settings.calendar.window(Level::TwoHours, present.plus(-GRACE_TICKS)).first;
        oldest < current.max(present.plus(1 - self.settings.block_ticks))
    }

    fn most_open_bytes(&self) -> usize {
        (self.settings.memory_bytes / 2).max(self.held_series * LEAST_BYTES_A_SERIES)
    }

    /// Freezes what is open, unless something frozen still waits. Gives back all that is frozen.
    pub(crate) fn freeze(&mut self) -> Vec<Frozen> {
        if self.holdings.values().all(|holding| holding.frozen.is_none()) {
            for holding in self.holdings.values_mut().filter(|holding| !holding.open.is_empty()) {
                holding.frozen = Some(Arc::new(std::mem::take(&mut holding.open)));
            }
            (self.open_bytes, self.oldest_open) = (0, None);
            self.frozen_windows = std::mem::take(&mut self.open_windows);
        }
        self.frozen()
    }

    /// What is frozen and waits.
    pub(crate) fn frozen(&self) -> Vec<Frozen> {
        let of_plan = |(id, holding): (&PlanId, &Holding)| {
            let plan = Arc::clone(self.catalogue.get(*id).expect("a plan that holds rows is not forgotten"));
            holding.frozen.as_ref().map(|rows| Frozen { plan, rows: Arc::clone(rows) })
        };
        self.holdings.iter().filter_map(of_plan).collect()
    }

    /// What was frozen is on disk now. Forgets plans that nobody writes to any more.
    pub(crate) fn settle(&mut self, change: Change) {
        for holding in self.holdings.values_mut() {
            holding.frozen = None;
        }
        self.frozen_windows.clear();
        self.apply(change);
        self.retire();
    }

    /// Takes over a change of the blocks, and lets go of packs that are old.
    pub(crate) fn apply(&mut self, change: Change) {
        self.catalogue.note_stored(&change.tracks);
        self.index.apply(change);
        let Settings { memory_ticks, memory_bytes, calendar, .. } = self.settings;
        let since = |ticks: i64| self.present.map_or(Tick(i64::MIN), |it| it.plus(-ticks - SLACK_TICKS));
        let samples = Room { since: since(memory_ticks), most_bytes: memory_bytes * 3 / 8 };
        let sums = Room { since: since(calendar.width(Tier::Hour) * SUMMED_HOURS), most_bytes: memory_bytes / 8 };
        self.index.evict(samples, sums);
    }

    fn retire(&mut self) {
        let Some(present) = self.present else { return };
        let hour = self.settings.calendar.width(Tier::Hour);
        let holdings = &self.holdings;
        let is_idle = |plan: &Plan| match holdings.get(&plan.id) {
            Some(holding) => {
                let unused = present.0 - holding.last.unwrap_or(Tick(0)).0;
                holding.open.is_empty() && holding.frozen.is_none() && unused > (plan.period.get() * 10).max(hour)
            }
            // Nobody has written to it yet.
            None => false,
        };
        for plan in self.catalogue.retire(is_idle) {
            if self.holdings.remove(&plan.id).is_some() {
                self.held_series -= plan.width();
            }
        }
    }

    /// Drops the older half of what is not on its way to disk, when there is more of it than memory allows: nothing
    /// can be written, and has not been for long. Gives back how many samples are gone from memory.
    pub(crate) fn shed(&mut self) -> u64 {
        if self.open_bytes + self.frozen_bytes() <= self.most_open_bytes() * 2 {
            return 0;
        }
        let mut shed = 0;
        for holding in self.holdings.values_mut() {
            let gone = holding.open.take_oldest(holding.open.rows() / 2);
            self.open_bytes -= gone.bytes();
            shed += gone.samples_count();
        }
        shed
    }

    /// Drops every row with its plan: what the log has is about to become blocks without memory.
    pub(crate) fn forget_rows(&mut self) {
        for plan in std::mem::take(&mut self.holdings).into_keys() {
            self.catalogue.forget(plan);
        }
        (self.open_bytes, self.oldest_open, self.held_series) = (0, None, 0);
        self.open_windows.clear();
    }

    fn frozen_bytes(&self) -> usize {
        self.holdings.values().filter_map(|holding| holding.frozen.as_ref()).map(|rows| rows.bytes()).sum()
    }

    /// Memory in use for samples, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.open_bytes + self.frozen_bytes() + self.index.bytes()
    }

    /// Series of plans that are written to, and how many samples they come to in so many ticks.
    pub(crate) fn activity(&self, ticks: i64) -> (u64, f64) {
        let active = self.holdings.iter().filter_map(|(id, holding)| {
            let plan = self.catalogue.get(*id)?;
            let unused = self.present?.0 - holding.last?.0;
            (unused <= plan.period.get() * 10).then(|| (plan.width() as u64, ticks as f64 / plan.period.get() as f64))
        });
        active.fold((0, 0.0), |(series, samples), (width, rows)| (series + width, samples + width as f64 * rows))
    }

    /// What memory has of a metric of a track from one tick to another, both included: older words first.
    pub(crate) fn fresh(&self, track: TrackId, metric: Metric, from: Tick, to: Tick) -> Vec<Fresh> {
        let cells: Vec<_> = self.catalogue.cells(track, metric).collect();
        let frozen = cells.iter().filter_map(|(plan, column)| {
            let rows = self.holdings.get(plan)?.frozen.as_deref()?;
            Some((plan, rows.samples(*column, from, to).collect()))
        });
        let open = cells.iter().filter_map(|(plan, column)| {
            Some((plan, self.holdings.get(plan)?.open.samples(*column, from, to).collect()))
        });
        let fresh = frozen.chain(open).filter(|(_, samples): &(_, Vec<_>)| !samples.is_empty());
        let period = |plan: &PlanId| self.catalogue.get(*plan).expect("cells are of interned plans").period;
        fresh.map(|(plan, samples)| Fresh { period: period(plan), samples }).collect()
    }

    /// The windows of two hours that memory has rows in.
    pub(crate) fn fresh_windows(&self) -> BTreeSet<Window> {
        self.frozen_windows.union(&self.open_windows).copied().collect()
    }
}

/// Takes the values that a row brings away from other plans, so that a series has one value at a tick. Says how many.
pub(crate) fn take_from_rivals<H>(
    catalogue: &Catalogue,
    row: &Row,
    holdings: &mut BTreeMap<PlanId, H>,
    rows: impl Fn(&mut H) -> &mut Segment,
) -> u64 {
    let mut taken = 0;
    for rival in catalogue.rivals(row.plan.id) {
        let Some(theirs) = holdings.get_mut(&rival).map(&rows) else { continue };
        let Some(at) = theirs.row_at(row.tick) else { continue };
        for (mine, column) in catalogue.shared(&row.plan, rival) {
            if !row.values[mine].is_nan() {
                taken += u64::from(theirs.erase(at, column));
            }
        }
    }
    taken
}
