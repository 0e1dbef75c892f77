//! Rows of one plan in memory: unique ticks in ascending order, one value for each series, NaN where there is none.

use std::{ops::Range, sync::Arc};

use crate::grid::Tick;

/// A run of rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Segment {
    ticks: Vec<Tick>,
    /// As they came: taking in a sweep copies nothing, and a row is freed as a whole.
    rows: Vec<Arc<[f64]>>,
}

impl Segment {
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
        let width = self.rows.first().map_or(0, |row| row.len());
        self.rows() * (width + 5) * size_of::<f64>()
    }

    /// Writes one row. Where the tick has a row already, each value that there is replaces what was there.
    /// Says how many values were replaced.
    pub(crate) fn write(&mut self, tick: Tick, values: Arc<[f64]>) -> usize {
        let row = match self.ticks.last() {
            Some(last) if *last >= tick => self.ticks.binary_search(&tick),
            Some(_) | None => Err(self.rows()),
        };
        match row {
            Ok(row) => self.overwrite(row, &values),
            Err(row) => {
                self.ticks.insert(row, tick);
                self.rows.insert(row, values);
                0
            }
        }
    }

    fn overwrite(&mut self, row: usize, values: &[f64]) -> usize {
        let mut replaced = 0;
        for (old, new) in Arc::make_mut(&mut self.rows[row]).iter_mut().zip(values) {
            if !new.is_nan() {
                replaced += usize::from(!old.is_nan());
                *old = *new;
            }
        }
        replaced
    }

    /// Removes one value. Says whether there was one.
    pub(crate) fn erase(&mut self, row: usize, column: usize) -> bool {
        let was_there = !self.rows[row][column].is_nan();
        if was_there {
            Arc::make_mut(&mut self.rows[row])[column] = f64::NAN;
        }
        was_there
    }

    /// The row at a tick.
    pub(crate) fn row_at(&self, tick: Tick) -> Option<usize> {
        self.ticks.binary_search(&tick).ok()
    }

    /// One column's samples from one tick to another, both included.
    pub(crate) fn samples(&self, column: usize, from: Tick, to: Tick) -> impl DoubleEndedIterator<Item = (Tick, f64)> {
        let sample = move |row: usize| (self.ticks[row], self.rows[row][column]);
        self.window(from, to).map(sample).filter(|(_, value)| !value.is_nan())
    }

    /// How many values there are in all.
    pub(crate) fn samples_count(&self) -> u64 {
        self.rows.iter().map(|row| row.iter().filter(|value| !value.is_nan()).count() as u64).sum()
    }

    /// Takes the oldest rows out.
    pub(crate) fn take_oldest(&mut self, rows: usize) -> Self {
        let later = Self { ticks: self.ticks.split_off(rows), rows: self.rows.split_off(rows) };
        std::mem::replace(self, later)
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
        let mut segment = Segment::default();
        segment.write(Tick(3), [1.0, 2.0].into());
        segment.write(Tick(1), [5.0, f64::NAN].into());
        assert_eq!(segment.write(Tick(3), [7.0, f64::NAN].into()), 1);
        assert_eq!(samples(&segment, 0), [(Tick(1), 5.0), (Tick(3), 7.0)]);
        assert_eq!(samples(&segment, 1), [(Tick(3), 2.0)]);
    }

    fn samples(segment: &Segment, column: usize) -> Vec<(Tick, f64)> {
        segment.samples(column, Tick(i64::MIN), Tick(i64::MAX)).collect()
    }
}
