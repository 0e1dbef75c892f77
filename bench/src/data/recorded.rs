//! The recorded data set: one machine as its agent saw it, many times over.
//!
//! Each copy begins at a place of its own in the recording and goes around once, so that no series repeats itself: a
//! general compressor would profit from repetition that no estate has.

use std::{path::Path, sync::Arc};

use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use muster_model::ResourceId;

use super::{
    BEGINNING, DataSet, Hour, SWEEPS_PER_HOUR, Series,
    recording::{self, Line},
};

/// Where the recording lies; `bench/data/README.md` says where it comes from.
pub(crate) const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/recorded.csv.gz");

/// The data set, as far as it was taken.
#[derive(Debug)]
pub(crate) struct Recorded {
    lines: Vec<Line>,
    copies: usize,
    series: Arc<[Series]>,
    next: Timestamp,
    ticks_taken: usize,
}

impl Recorded {
    /// The recording as that of so many machines.
    pub(crate) fn open(copies: usize) -> Result<Self> {
        Self::of(recording::read(Path::new(FILE))?, copies)
    }

    fn of(lines: Vec<Line>, copies: usize) -> Result<Self> {
        let ticks = lines.first().map_or(0, |line| line.values.len());
        ensure!(ticks >= SWEEPS_PER_HOUR, "the recording {FILE} has {ticks} ticks, which is less than an hour");
        ensure!(lines.iter().all(|line| line.values.len() == ticks), "the recording {FILE} is ragged");
        let series = (0..copies).flat_map(|copy| lines.iter().map(move |line| series_of(copy, line))).collect();
        Ok(Self { lines, copies, series, next: BEGINNING, ticks_taken: 0 })
    }

    /// How many whole hours it has.
    pub(crate) fn hours(&self) -> usize {
        self.ticks() / SWEEPS_PER_HOUR
    }

    fn ticks(&self) -> usize {
        self.lines[0].values.len()
    }

    /// Where in the recording a copy is after so many ticks.
    fn place(&self, copy: usize, tick: usize) -> usize {
        (tick + copy * self.ticks() / self.copies) % self.ticks()
    }
}

impl DataSet for Recorded {
    fn next_hour(&mut self) -> Hour {
        let mut values = Vec::with_capacity(SWEEPS_PER_HOUR * self.series.len());
        for tick in self.ticks_taken..self.ticks_taken + SWEEPS_PER_HOUR {
            for copy in 0..self.copies {
                let place = self.place(copy, tick);
                values.extend(self.lines.iter().map(|line| line.values[place]));
            }
        }
        let (start, source_width) = (self.next, self.lines.len());
        self.ticks_taken += SWEEPS_PER_HOUR;
        self.next += SignedDuration::from_hours(1);
        Hour { start, series: Arc::clone(&self.series), source_width, values }
    }
}

fn series_of(copy: usize, line: &Line) -> Series {
    let Line { kind, number, metric, values: _ } = line;
    let resource = ResourceId::mint(*kind, &format!("recorded:{copy}/{number}"));
    Series { resource, text: resource.to_string(), metric: *metric }
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, ResourceKind};

    use super::*;

    #[test]
    fn copies_begin_at_places_of_their_own_and_do_not_repeat() {
        let values = (0..720).map(f64::from).collect();
        let line = Line { kind: ResourceKind::Agent, number: 0, metric: Metric::Cpu, values };
        let mut recorded = Recorded::of(vec![line], 3).unwrap();
        assert_eq!(recorded.hours(), 2);
        let hours = [recorded.next_hour(), recorded.next_hour()];
        assert_eq!(hours[0].values[..6], [0.0, 240.0, 480.0, 1.0, 241.0, 481.0]);
        for copy in 0..3 {
            let mut taken: Vec<_> = hours.iter().flat_map(|hour| hour.column(copy)).map(|(_, value)| value).collect();
            taken.sort_unstable_by(f64::total_cmp);
            assert_eq!(taken, (0..720).map(f64::from).collect::<Vec<_>>());
        }
        assert_eq!(hours[1].start, BEGINNING + SignedDuration::from_hours(1));
    }

    #[test]
    fn a_recording_that_is_too_short_is_refused() {
        assert!(Recorded::of(Vec::new(), 1).is_err());
    }

    #[test]
    fn the_recording_in_the_repository_can_be_read() {
        assert!(Recorded::open(2).unwrap().hours() >= 1);
    }
}
