//! What is in memory: the open rows of each plan, rows on their way to disk, and blocks that are on disk already.
//!
//! For one series and one tick the newest word counts, and this is how the newest is told apart: open rows are newer
//! than frozen ones, frozen ones newer than blocks, and of two blocks the one with the higher id is newer. Within the
//! open rows a write takes the value away from rival plans, so that a series has at most one value there.
//!
//! A sweep is placed as a whole under the owner's lock. Nothing here touches a file.

use std::{collections::BTreeMap, sync::Arc};

use muster_model::TenantId;

use crate::{
    catalogue::Catalogue,
    grid::Tick,
    options::Settings,
    plan::{Plan, PlanId, Series},
    segment::Segment,
    sweep::Row,
};

/// Names a stored block. Later blocks have higher ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BlockId(pub(crate) i64);

/// How far beyond the memory window blocks are held: a query that begins exactly at its edge comes a little later.
const SLACK_TICKS: i64 = 12;

/// A stored block that is also in memory.
#[derive(Debug, Clone)]
pub(crate) struct Resident {
    pub(crate) id: BlockId,
    pub(crate) rows: Arc<Segment>,
}

/// Rows that wait to become a block.
#[derive(Debug, Clone)]
pub(crate) struct Frozen {
    pub(crate) plan: Arc<Plan>,
    pub(crate) rows: Arc<Segment>,
}

/// What is held of one plan.
#[derive(Debug, Default)]
struct Holding {
    open: Segment,
    frozen: Vec<Arc<Segment>>,
    resident: Vec<Resident>,
    /// First and last tick of the blocks that are on disk only; between them there may be holes.
    stored: Option<(Tick, Tick)>,
}

/// What placing a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) samples: u64,
    pub(crate) replaced: u64,
    pub(crate) late: u64,
}

/// One series as one plan recorded it, within a span of time.
#[derive(Debug)]
pub(crate) struct Strand {
    pub(crate) plan: Arc<Plan>,
    pub(crate) column: usize,
    /// Between which ticks blocks that are on disk only may lie in the span.
    pub(crate) stored: Option<(Tick, Tick)>,
    pub(crate) resident: Vec<Resident>,
    pub(crate) frozen: Vec<Arc<Segment>>,
    pub(crate) open: Vec<(Tick, f64)>,
}

/// All that is in memory.
#[derive(Debug)]
pub(crate) struct Head {
    settings: Settings,
    pub(crate) catalogue: Catalogue,
    holdings: BTreeMap<PlanId, Holding>,
    /// The newest stamp of the latest sweep. It may go back, when clocks do: a stamp in the far future must not make
    /// everything after it look old.
    present: Option<Tick>,
    /// The newest block that memory knows of. A reader ignores newer ones: what they hold is in its view already.
    pub(crate) last_block: BlockId,
}

impl Head {
    pub(crate) fn new(settings: Settings, catalogue: Catalogue) -> Self {
        Self { settings, catalogue, holdings: BTreeMap::new(), present: None, last_block: BlockId::default() }
    }

    /// Notes that blocks of a plan are on disk.
    pub(crate) fn note_stored(&mut self, plan: PlanId, first: Tick, last: Tick) {
        self.holdings.entry(plan).or_default().add_stored(first, last);
    }

    /// The newest stamp of the latest sweep.
    pub(crate) fn present(&self) -> Option<Tick> {
        self.present
    }

    /// Places a whole sweep.
    pub(crate) fn place(&mut self, rows: &[Row]) -> Placed {
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
        self.present = rows.iter().map(|row| row.tick).max().or(self.present);
        placed
    }

    fn place_row(&mut self, row: &Row) -> u64 {
        let mut replaced = 0;
        for rival in self.catalogue.rivals(row.plan.id) {
            let Some(holding) = self.holdings.get_mut(&rival) else { continue };
            let Some(at) = holding.open.row_at(row.tick) else { continue };
            for (mine, theirs) in self.catalogue.shared(&row.plan, rival) {
                if !row.values[mine].is_nan() {
                    replaced += u64::from(holding.open.erase(at, theirs));
                }
            }
        }
        let holding = self.holdings.entry(row.plan.id).or_default();
        if holding.open.is_empty() {
            holding.open = Segment::new(row.plan.width());
        }
        replaced + holding.open.write(row.tick, &row.values) as u64
    }

    /// Whether so much has gathered that it should become blocks.
    pub(crate) fn is_ripe(&self) -> bool {
        let full = |holding: &Holding| holding.open.rows() >= self.settings.block_rows;
        self.open_bytes() >= self.settings.memory_bytes / 4 || self.holdings.values().any(full)
    }

    /// Freezes what is open, unless something frozen still waits. Gives back all that is frozen.
    pub(crate) fn freeze(&mut self) -> Vec<Frozen> {
        if self.holdings.values().all(|holding| holding.frozen.is_empty()) {
            for holding in self.holdings.values_mut() {
                let open = std::mem::take(&mut holding.open);
                holding.frozen = open.pieces().into_iter().map(Arc::new).collect();
            }
        }
        self.frozen()
    }

    /// What is frozen and waits.
    pub(crate) fn frozen(&self) -> Vec<Frozen> {
        let of_plan = |(id, holding): (&PlanId, &Holding)| {
            let plan = self.catalogue.get(*id).expect("only interned plans hold rows").clone();
            holding
                .frozen
                .iter()
                .map(move |rows| Frozen { plan: Arc::clone(&plan), rows: Arc::clone(rows) })
                .collect::<Vec<_>>()
        };
        self.holdings.iter().flat_map(of_plan).collect()
    }

    /// What was frozen is on disk now; `None` stands for rows that were not worth a block. Lets go of what is old.
    pub(crate) fn settle(&mut self, stored: Vec<(Frozen, Option<BlockId>)>) {
        for (Frozen { plan, rows }, id) in stored {
            let holding = self.holdings.entry(plan.id).or_default();
            holding.frozen.retain(|frozen| !Arc::ptr_eq(frozen, &rows));
            if let Some(id) = id {
                self.last_block = self.last_block.max(id);
                holding.resident.push(Resident { id, rows });
            }
        }
        self.evict_old();
        self.evict_beyond(self.settings.memory_bytes / 4 * 3);
    }

    fn evict_old(&mut self) {
        let Some(present) = self.present else { return };
        let start = present.plus(-self.settings.memory_ticks - SLACK_TICKS);
        for holding in self.holdings.values_mut() {
            holding.evict(|resident| resident.last() < start);
        }
    }

    /// Lets go of the oldest blocks until the rest fits.
    fn evict_beyond(&mut self, most_bytes: usize) {
        let residents = self.holdings.values().flat_map(|holding| &holding.resident);
        let mut by_age: Vec<_> =
            residents.map(|resident| (resident.last(), resident.id, resident.rows.bytes())).collect();
        by_age.sort_unstable();
        let mut kept = 0;
        let newest_first = by_age.iter().rev();
        let too_much = newest_first.skip_while(|(_, _, bytes)| {
            kept += bytes;
            kept <= most_bytes
        });
        let Some((last, id, _)) = too_much.copied().next() else { return };
        for holding in self.holdings.values_mut() {
            holding.evict(|resident| (resident.last(), resident.id) <= (last, id));
        }
    }

    /// Drops the older half of what is not on its way to disk, when there is more of it than memory allows: nothing
    /// can be written, and has not been for long. Gives back how many samples are gone from memory.
    pub(crate) fn shed(&mut self) -> u64 {
        if self.open_bytes() + self.frozen_bytes() <= self.settings.memory_bytes {
            return 0;
        }
        let mut shed = 0;
        for holding in self.holdings.values_mut() {
            let gone = holding.open.take_oldest(holding.open.rows() / 2);
            shed += gone.samples_count();
        }
        shed
    }

    fn open_bytes(&self) -> usize {
        self.holdings.values().map(|holding| holding.open.bytes()).sum()
    }

    fn frozen_bytes(&self) -> usize {
        self.holdings.values().flat_map(|holding| &holding.frozen).map(|rows| rows.bytes()).sum()
    }

    /// Memory in use for samples, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let residents = self.holdings.values().flat_map(|holding| &holding.resident);
        self.open_bytes() + self.frozen_bytes() + residents.map(|resident| resident.rows.bytes()).sum::<usize>()
    }

    /// What there is of a series between two ticks, both included: one strand for each plan that has any of it.
    pub(crate) fn strands(&self, tenant: &TenantId, series: Series, from: Tick, to: Tick) -> Vec<Strand> {
        let cells = self.catalogue.cells(tenant, series).iter();
        cells
            .filter_map(|cell| {
                let plan = self.catalogue.get(cell.plan).expect("cells are of interned plans");
                self.holdings.get(&cell.plan)?.strand(plan, cell.column as usize, from, to)
            })
            .collect()
    }

    /// The first and last sample of a series that memory holds between two ticks, both included.
    pub(crate) fn memory_span(&self, tenant: &TenantId, series: Series, from: Tick, to: Tick) -> Option<(Tick, Tick)> {
        let cells = self.catalogue.cells(tenant, series).iter();
        cells
            .filter_map(|cell| self.holdings.get(&cell.plan)?.memory_span(cell.column as usize, from, to))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

impl Resident {
    fn last(&self) -> Tick {
        *self.rows.ticks().last().expect("a block has rows")
    }
}

impl Holding {
    fn add_stored(&mut self, first: Tick, last: Tick) {
        let (known_first, known_last) = self.stored.unwrap_or((first, last));
        self.stored = Some((known_first.min(first), known_last.max(last)));
    }

    fn evict(&mut self, is_due: impl Fn(&Resident) -> bool) {
        let (due, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.resident).into_iter().partition(is_due);
        self.resident = kept;
        for resident in due {
            self.add_stored(resident.rows.ticks()[0], resident.last());
        }
    }

    fn in_memory(&self) -> impl Iterator<Item = &Segment> {
        let resident = self.resident.iter().map(|resident| &*resident.rows);
        resident.chain(self.frozen.iter().map(|rows| &**rows)).chain([&self.open])
    }

    fn memory_span(&self, column: usize, from: Tick, to: Tick) -> Option<(Tick, Tick)> {
        let ends = |rows: &Segment| {
            let first = rows.samples(column, from, to).next()?.0;
            Some((first, rows.samples(column, first, to).next_back()?.0))
        };
        self.in_memory().filter_map(ends).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    fn strand(&self, plan: &Arc<Plan>, column: usize, from: Tick, to: Tick) -> Option<Strand> {
        let strand = Strand {
            plan: Arc::clone(plan),
            column,
            stored: self.stored.filter(|(first, last)| *first <= to && *last >= from),
            resident: self.resident.iter().filter(|resident| resident.rows.touches(from, to)).cloned().collect(),
            frozen: self.frozen.iter().filter(|rows| rows.touches(from, to)).cloned().collect(),
            open: self.open.samples(column, from, to).collect(),
        };
        (!strand.is_empty()).then_some(strand)
    }
}

impl Strand {
    /// The first and last tick at which there may be a sample.
    pub(crate) fn extent(&self) -> Option<(Tick, Tick)> {
        let ends = |rows: &Segment| Some((*rows.ticks().first()?, *rows.ticks().last()?));
        let resident = self.resident.iter().filter_map(|resident| ends(&resident.rows));
        let frozen = self.frozen.iter().filter_map(|rows| ends(rows));
        let open = self.open.first().zip(self.open.last()).map(|(first, last)| (first.0, last.0));
        resident.chain(frozen).chain(open).chain(self.stored).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    fn is_empty(&self) -> bool {
        self.stored.is_none() && self.resident.is_empty() && self.frozen.is_empty() && self.open.is_empty()
    }
}
