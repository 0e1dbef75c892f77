//! Unites what several plans, blocks and ids know of one column, a stretch of time after the other.
//!
//! Within a stretch every tick has one slot. Layers are laid over each other from the oldest word to the newest, so
//! that each sample is counted once and the newest counts; ids in reverse, so that the first id's word counts most.

use std::num::NonZeroU32;

use crate::{
    grid::{Period, Tick},
    head::{BlockId, Resident, Strand},
    query::window::Span,
    store::{Blocks, StoreError},
};

/// Ticks in a stretch. Bounds the memory of a query: 12 bytes each.
const TICKS: i64 = 4096;

/// One column of an answer: for each id, what each plan knows of it.
#[derive(Debug)]
pub(crate) struct Braid {
    pub(crate) ids: Vec<Vec<Strand>>,
    /// The newest block that the memory in the strands knows of.
    pub(crate) last_block: BlockId,
}

impl Braid {
    /// The shortest period that any of it was recorded with.
    pub(crate) fn period(&self) -> Option<Period> {
        self.ids.iter().flatten().map(|strand| strand.plan.period).min()
    }

    /// Whether some of it may be on disk only.
    pub(crate) fn is_stored(&self) -> bool {
        self.ids.iter().flatten().any(|strand| strand.stored.is_some())
    }

    /// Hands over every sample of the span, in ascending order of time.
    pub(crate) fn walk(
        &self,
        span: Span,
        blocks: &Blocks<'_>,
        mut sink: impl FnMut(Tick, f64, Period),
    ) -> Result<(), StoreError> {
        let extents = self.ids.iter().flatten().filter_map(Strand::extent);
        let Some((first, last)) = extents.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { return Ok(()) };
        let (mut from, to) = (first.max(span.from), last.min(span.to));
        let mut stretch = Stretch::default();
        while from <= to {
            stretch.clear(from, from.plus(TICKS - 1).min(to));
            for strands in self.ids.iter().rev() {
                stretch.lay(strands, blocks, self.last_block)?;
            }
            stretch.samples(&mut sink);
            from = from.plus(TICKS);
        }
        Ok(())
    }
}

/// A slot for every tick from one to another.
#[derive(Debug)]
struct Stretch {
    from: Tick,
    to: Tick,
    /// NaN where there is none.
    values: Vec<f64>,
    periods: Vec<Period>,
}

impl Default for Stretch {
    fn default() -> Self {
        Self { from: Tick(0), to: Tick(-1), values: Vec::new(), periods: Vec::new() }
    }
}

impl Stretch {
    fn clear(&mut self, from: Tick, to: Tick) {
        (self.from, self.to) = (from, to);
        let slots = usize::try_from(to.0 - from.0 + 1).expect("a stretch ends after it begins");
        self.values.clear();
        self.values.resize(slots, f64::NAN);
        self.periods.resize(slots, Period::of_ticks(NonZeroU32::MIN));
    }

    /// Lays all that is known under one id over what is there.
    fn lay(&mut self, strands: &[Strand], blocks: &Blocks<'_>, last_block: BlockId) -> Result<(), StoreError> {
        let mut layers = Vec::new();
        for strand in strands {
            layers.extend(strand.resident.iter().map(|block| (block.id, strand, Some(block))));
            if strand.stored.is_some_and(|(first, last)| first <= self.to && last >= self.from) {
                let ids = blocks.between(strand.plan.id, self.from, self.to, last_block)?;
                let on_disk_only = |id: &BlockId| strand.resident.iter().all(|resident| resident.id != *id);
                layers.extend(ids.into_iter().filter(on_disk_only).map(|id| (id, strand, None)));
            }
        }
        layers.sort_by_key(|(id, _, _)| *id);
        for (id, strand, resident) in layers {
            self.lay_block(id, strand, resident, blocks)?;
        }
        for strand in strands {
            for rows in &strand.frozen {
                self.lay_samples(rows.samples(strand.column, self.from, self.to), strand.plan.period);
            }
        }
        for strand in strands {
            self.lay_samples(strand.open.iter().copied(), strand.plan.period);
        }
        Ok(())
    }

    fn lay_block(
        &mut self,
        id: BlockId,
        strand: &Strand,
        resident: Option<&Resident>,
        blocks: &Blocks<'_>,
    ) -> Result<(), StoreError> {
        let period = strand.plan.period;
        match resident {
            Some(block) => self.lay_samples(block.rows.samples(strand.column, self.from, self.to), period),
            None => self.lay_samples(blocks.samples(id, strand.column, strand.plan.scale(strand.column))?, period),
        }
        Ok(())
    }

    fn lay_samples(&mut self, samples: impl IntoIterator<Item = (Tick, f64)>, period: Period) {
        let within = self.from..=self.to;
        for (tick, value) in samples.into_iter().filter(|(tick, _)| within.contains(tick)) {
            let slot = (tick.0 - self.from.0) as usize;
            self.values[slot] = value;
            self.periods[slot] = period;
        }
    }

    fn samples(&self, sink: &mut impl FnMut(Tick, f64, Period)) {
        for ((value, period), ticks) in self.values.iter().zip(&self.periods).zip(0..) {
            if !value.is_nan() {
                sink(self.from.plus(ticks), *value, *period);
            }
        }
    }
}
