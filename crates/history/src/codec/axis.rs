//! When the rows of a column are: runs of equal distances, no timestamp column (D-10), shared by all columns of a pack
//! that have the same ticks.
//!
//! The count of rows, the first tick, then runs of distances until all rows are placed, then runs of periods until all
//! rows have one. A run is its number, doubled, and one more if a length follows; a length of 0 reaches to the last row.
//! A steady day is so one run of each.

use std::num::NonZeroU32;

use super::bytes::{Malformed, Reader, put_number, unzigzag, zigzag};
use crate::grid::{Period, Tick};

/// The most rows of a column. Bounds what a reader may be made to allocate.
pub(crate) const MOST_ROWS: usize = 16_384;

/// When the rows of a column are, and how often its source sampled at the time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Axis {
    /// Ascending, unique, at least one, at most [`MOST_ROWS`].
    pub(crate) ticks: Vec<Tick>,
    /// The periods of the rows in their order; the counts add up to the rows.
    pub(crate) periods: Vec<PeriodRun>,
}

/// So many rows in a row of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeriodRun {
    pub(crate) period: Period,
    pub(crate) count: u32,
}

impl Axis {
    /// Appends the axis.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let Some(first) = self.ticks.first() else { return put_number(out, 0) };
        put_number(out, self.ticks.len() as u64);
        put_number(out, zigzag(first.0));
        let mut rest = self.ticks.len() - 1;
        for run in self.ticks.windows(2).map(|pair| pair[1].0 - pair[0].0).collect::<Vec<_>>().chunk_by(i64::eq) {
            put_run(out, run[0].unsigned_abs(), run.len(), &mut rest);
        }
        let mut rest = self.ticks.len();
        for run in self.periods.iter().filter(|run| run.count > 0) {
            put_run(out, u64::from(run.period.ticks().get()), run.count as usize, &mut rest);
        }
    }

    /// Reads an axis.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let rows = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
        if !(1..=MOST_ROWS).contains(&rows) {
            return Err(Malformed("it has no rows, or too many"));
        }
        Ok(Self { ticks: read_ticks(reader, rows)?, periods: read_periods(reader, rows)? })
    }

    /// The tick and the period of each row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Tick, Period)> {
        let periods = self.periods.iter().flat_map(|run| std::iter::repeat_n(run.period, run.count as usize));
        self.ticks.iter().copied().zip(periods)
    }
}

/// Appends a run of so many of the rest.
fn put_run(out: &mut Vec<u8>, number: u64, length: usize, rest: &mut usize) {
    let reaches_the_last = length == *rest;
    *rest = rest.saturating_sub(length);
    match length {
        1 => put_number(out, number << 1),
        length => {
            put_number(out, number << 1 | 1);
            put_number(out, if reaches_the_last { 0 } else { length as u64 });
        }
    }
}

/// Reads a run of at most the rest: its number and its length.
fn read_run(reader: &mut Reader<'_>, rest: &mut usize) -> Result<(u64, usize), Malformed> {
    let number = reader.number()?;
    let length = if number & 1 == 0 { 1 } else { usize::try_from(reader.number()?).unwrap_or(usize::MAX) };
    let length = if length == 0 { *rest } else { length };
    *rest = rest.checked_sub(length).ok_or(Malformed("a run is longer than its axis"))?;
    Ok((number >> 1, length))
}

fn read_ticks(reader: &mut Reader<'_>, rows: usize) -> Result<Vec<Tick>, Malformed> {
    const OUTSIDE: Malformed = Malformed("an axis lies outside of time");
    let mut tick = Tick::checked(unzigzag(reader.number()?)).ok_or(OUTSIDE)?;
    let mut ticks = Vec::with_capacity(rows);
    ticks.push(tick);
    let mut rest = rows - 1;
    while rest > 0 {
        let (distance, length) = read_run(reader, &mut rest)?;
        let distance = i64::try_from(distance).ok().filter(|distance| *distance > 0);
        let distance = distance.ok_or(Malformed("an axis does not ascend"))?;
        let reach = i64::try_from(length).ok().and_then(|length| distance.checked_mul(length));
        let last = reach.and_then(|reach| tick.0.checked_add(reach)).and_then(Tick::checked).ok_or(OUTSIDE)?;
        ticks.extend((1..=length as i64).map(|row| tick.plus(row * distance)));
        tick = last;
    }
    Ok(ticks)
}

fn read_periods(reader: &mut Reader<'_>, rows: usize) -> Result<Vec<PeriodRun>, Malformed> {
    let (mut periods, mut rest) = (Vec::new(), rows);
    while rest > 0 {
        let (period, length) = read_run(reader, &mut rest)?;
        let ticks = u32::try_from(period).ok().and_then(NonZeroU32::new).ok_or(Malformed("a period is impossible"))?;
        periods.push(PeriodRun { period: Period::of_ticks(ticks), count: length as u32 });
    }
    Ok(periods)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_steady_day_costs_next_to_nothing() {
        // D-10
        let day = axis(179_000_000, &[1; 8639], &[(1, 8640)]);
        assert!(packed(&day).len() < 12, "{}", packed(&day).len());
        let with_a_gap = axis(179_000_000, &[vec![6; 700], vec![90], vec![6; 700]].concat(), &[(6, 1402)]);
        assert!(packed(&with_a_gap).len() < 18, "{}", packed(&with_a_gap).len());
    }

    #[test]
    fn rows_know_their_periods() {
        let rows: Vec<_> =
            axis(5, &[1, 6], &[(1, 2), (6, 1)]).rows().map(|(tick, period)| (tick.0, period.get())).collect();
        assert_eq!(rows, [(5, 1), (6, 1), (12, 6)]);
    }

    #[test]
    fn lies_are_refused() {
        for bytes in [
            &[0][..],                                 // no rows
            &[0x81, 0x80, 1, 0, 3, 0, 3, 0],          // too many of them
            &[2, 0, 0, 3, 0],                         // no distance between two
            &[3, 0, 3, 3, 3, 0],                      // a run beyond the end
            &[1, 0, 1, 0],                            // a period of nothing
            &[1, 0, 3],                               // no end
            &[1, 255, 255, 255, 255, 255, 127, 3, 0], // beyond time
        ] {
            assert!(Axis::read(&mut Reader::new(bytes)).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_axis_round_trips(
            first in -1_000_000_000..1_000_000_000_i64,
            distances in prop::collection::vec(prop_oneof![Just(1), 1..40_i64, 1..100_000_000_i64], 0..300),
            cuts in prop::collection::vec((1..=u32::MAX, 1..50_u32), 0..10),
        ) {
            let axis = axis(first, &distances, &fitted(&cuts, distances.len() as u32 + 1));
            let bytes = packed(&axis);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(Axis::read(&mut reader), Ok(axis));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn any_bytes_are_an_axis_or_refused(bytes: Vec<u8>) {
            if let Ok(axis) = Axis::read(&mut Reader::new(&bytes)) {
                prop_assert!(axis.ticks.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(axis.rows().count(), axis.ticks.len());
            }
        }
    }

    fn axis(first: i64, distances: &[i64], periods: &[(u32, u32)]) -> Axis {
        let mut ticks = vec![Tick(first)];
        ticks.extend(distances.iter().scan(Tick(first), |tick, distance| {
            *tick = tick.plus(*distance);
            Some(*tick)
        }));
        let run = |(ticks, count): &(u32, u32)| PeriodRun {
            period: Period::of_ticks(NonZeroU32::new(*ticks).unwrap()),
            count: *count,
        };
        Axis { ticks, periods: periods.iter().map(run).collect() }
    }

    /// The runs, cut and filled up to so many rows.
    fn fitted(cuts: &[(u32, u32)], rows: u32) -> Vec<(u32, u32)> {
        let (mut runs, mut rest) = (Vec::new(), rows);
        for (period, count) in cuts.iter().copied().chain([(1, rows)]) {
            let count = count.min(rest);
            rest -= count;
            runs.extend((count > 0).then_some((period, count)));
        }
        runs
    }

    fn packed(axis: &Axis) -> Vec<u8> {
        let mut out = Vec::new();
        axis.put(&mut out);
        out
    }
}
