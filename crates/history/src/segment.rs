//! Rows of one plan in memory: unique ticks in ascending order, one value for each series, NaN where there is none.

use std::ops::Range;

use crate::{codec::block::MOST_TICKS, grid::Tick};

/// A run of rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Segment {
    width: usize,
    ticks: Vec<Tick>,
    /// Row by row, so that taking in a sweep is one copy.
    values: Vec<f64>,
}

impl Segment {
    pub(crate) fn new(width: usize) -> Self {
        Self { width, ticks: Vec::new(), values: Vec::new() }
    }

    pub(crate) fn ticks(&self) -> &[Tick] {
        &self.ticks
    }

    pub(crate) fn rows(&self) -> usize {
        self.ticks.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ticks.is_empty()
    }

    /// Memory in use for rows, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.rows() * (self.width + 1) * 8
    }

    /// Writes one row. Where the tick has a row already, each value that there is replaces what was there.
    /// Says how many values were replaced.
    pub(crate) fn write(&mut self, tick: Tick, values: &[f64]) -> usize {
        let row = match self.ticks.last() {
            Some(last) if *last >= tick => self.ticks.binary_search(&tick),
            Some(_) | None => Err(self.rows()),
        };
        match row {
            Ok(row) => self.overwrite(row, values),
            Err(row) => {
                self.ticks.insert(row, tick);
                let at = row * self.width;
                self.values.splice(at..at, values.iter().copied());
                0
            }
        }
    }

    fn overwrite(&mut self, row: usize, values: &[f64]) -> usize {
        let mut replaced = 0;
        let start = row * self.width;
        for (old, new) in self.values[start..start + self.width].iter_mut().zip(values) {
            if !new.is_nan() {
                replaced += usize::from(!old.is_nan());
                *old = *new;
            }
        }
        replaced
    }

    /// Removes one value. Says whether there was one.
    pub(crate) fn erase(&mut self, row: usize, column: usize) -> bool {
        let value = &mut self.values[row * self.width + column];
        !std::mem::replace(value, f64::NAN).is_nan()
    }

    /// The row at a tick.
    pub(crate) fn row_at(&self, tick: Tick) -> Option<usize> {
        self.ticks.binary_search(&tick).ok()
    }

    /// One column's values, NaN where there is none, one for each row.
    pub(crate) fn values(&self, column: usize) -> impl DoubleEndedIterator<Item = f64> {
        (0..self.rows()).map(move |row| self.values[row * self.width + column])
    }

    /// One column's samples from one tick to another, both included.
    pub(crate) fn samples(&self, column: usize, from: Tick, to: Tick) -> impl DoubleEndedIterator<Item = (Tick, f64)> {
        let sample = move |row: usize| (self.ticks[row], self.values[row * self.width + column]);
        self.window(from, to).map(sample).filter(|(_, value)| !value.is_nan())
    }

    /// How many values a column has.
    pub(crate) fn known(&self, column: usize) -> u64 {
        self.values(column).filter(|value| !value.is_nan()).count() as u64
    }

    /// How many values there are in all.
    pub(crate) fn samples_count(&self) -> u64 {
        self.values.iter().filter(|value| !value.is_nan()).count() as u64
    }

    /// Whether any row lies from one tick to another, both included.
    pub(crate) fn touches(&self, from: Tick, to: Tick) -> bool {
        !self.window(from, to).is_empty()
    }

    /// Cuts itself into runs short enough for a block each. There is more than one only when clocks have jumped.
    pub(crate) fn pieces(mut self) -> Vec<Self> {
        let mut pieces = Vec::new();
        while let Some(first) = self.ticks.first() {
            let end = first.plus(MOST_TICKS - 1);
            let rows = self.ticks.partition_point(|tick| *tick <= end);
            pieces.push(self.take_oldest(rows));
        }
        pieces
    }

    /// Takes the oldest rows out.
    pub(crate) fn take_oldest(&mut self, rows: usize) -> Self {
        let later = Self {
            width: self.width,
            ticks: self.ticks.split_off(rows),
            values: self.values.split_off(rows * self.width),
        };
        let mut oldest = std::mem::replace(self, later);
        oldest.ticks.shrink_to_fit();
        oldest.values.shrink_to_fit();
        oldest
    }

    fn window(&self, from: Tick, to: Tick) -> Range<usize> {
        let start = self.ticks.partition_point(|tick| *tick < from);
        let end = self.ticks.partition_point(|tick| *tick <= to);
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_write_to_a_tick_replaces_value_by_value() {
        // never two points at one instant. A value that is missing now does not take back one that was there.
        let mut segment = Segment::new(2);
        segment.write(Tick(3), &[1.0, 2.0]);
        segment.write(Tick(1), &[5.0, f64::NAN]);
        assert_eq!(segment.write(Tick(3), &[7.0, f64::NAN]), 1);
        assert_eq!(samples(&segment, 0), [(Tick(1), 5.0), (Tick(3), 7.0)]);
        assert_eq!(samples(&segment, 1), [(Tick(3), 2.0)]);
    }

    #[test]
    fn rows_that_lie_far_apart_become_blocks_of_their_own() {
        let mut segment = Segment::new(1);
        for tick in [0, 5, MOST_TICKS, 1 << 39] {
            segment.write(Tick(tick), &[tick as f64]);
        }
        let pieces = segment.pieces();
        let ticks: Vec<_> = pieces.iter().map(Segment::ticks).collect();
        assert_eq!(ticks, [&[Tick(0), Tick(5)][..], &[Tick(MOST_TICKS)], &[Tick(1 << 39)]]);
        assert_eq!(samples(&pieces[1], 0), [(Tick(MOST_TICKS), MOST_TICKS as f64)]);
    }

    fn samples(segment: &Segment, column: usize) -> Vec<(Tick, f64)> {
        segment.samples(column, Tick(i64::MIN), Tick(i64::MAX)).collect()
    }
}
