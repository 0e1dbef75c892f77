//! A bounded part of an import: samples by series, ready to be handed to history as spans that it may have missed.
//!
//! History takes series that were sampled together as one plan, with a place for each of them at each time. So series go
//! together that share their times. Others go together with those of their resource, as long as the holes cost less than
//! more plans would. A series that was sampled in several rhythms, as exports of long spans are, has a part in a plan of
//! each.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use jiff::{SignedDuration, Timestamp};
use muster_history::{Backfill, BackfillError, BackfillSeries, Backfilled, Cancel, History, Period};
use muster_model::{Metric, ResourceId, SourceId, TenantId};

use super::cadence;

/// Samples held before they are handed over: some ten megabytes while they wait, and several times as much while the rows
/// of a plan are made of them.
const MOST_SAMPLES: usize = 500_000;

/// How often a series is taken to be sampled of which there is a single sample.
const USUAL_INTERVAL: SignedDuration = SignedDuration::from_secs(10);

/// How many places a plan of several series may have for each sample in it. As many series never need more, whatever
/// their times are.
const MOST_PLACES_A_SAMPLE: usize = 4;

/// Samples that wait to be handed over.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    series: BTreeMap<(ResourceId, Metric), Waiting>,
    samples: usize,
}

#[derive(Debug)]
struct Waiting {
    source: SourceId,
    samples: Vec<(Timestamp, f64)>,
}

/// What series have in common that one source sampled equally often.
type Rhythm = (SourceId, Period);

/// Series that make a plan.
type Together = (Rhythm, Vec<BackfillSeries>);

impl Chunk {
    /// Adds a sample of a resource that a source reports.
    pub(super) fn add(&mut self, series: (ResourceId, Metric), source: &SourceId, at: Timestamp, value: f64) {
        let waiting = self.series.entry(series);
        let waiting = waiting.or_insert_with(|| Waiting { source: source.clone(), samples: Vec::new() });
        waiting.samples.push((at, value));
        self.samples += 1;
    }

    /// Whether it is time to hand it over.
    pub(super) fn is_full(&self) -> bool {
        self.samples >= MOST_SAMPLES
    }

    /// Whether there is nothing to hand over.
    pub(super) fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// Hands everything over; `former` tells the ids that a resource had before.
    pub(super) fn write(
        self,
        history: &History,
        tenant: &TenantId,
        former: impl Fn(ResourceId) -> Vec<ResourceId>,
    ) -> Result<Backfilled, BackfillError> {
        let plans = self.plans(history, former);
        let backfills = plans.iter().map(|((source, period), series)| Backfill { source, period: *period, series });
        let backfills: Vec<Backfill<'_>> = backfills.collect();
        history.backfill_all(tenant, &backfills, &Cancel::default())
    }

    fn plans(self, history: &History, former: impl Fn(ResourceId) -> Vec<ResourceId>) -> Vec<Together> {
        let mut plans: Vec<Together> = Vec::new();
        let mut by_resource: BTreeMap<(Rhythm, ResourceId), Vec<BackfillSeries>> = BTreeMap::new();
        for ((rhythm, _, _), series) in self.by_times(history, former) {
            if series.len() > 1 && is_dense(&series) {
                plans.push((rhythm, series));
                continue;
            }
            for one in series {
                by_resource.entry((rhythm.clone(), one.resource)).or_default().push(one);
            }
        }
        for ((rhythm, _), series) in by_resource {
            plans.extend(dense(series).into_iter().map(|series| (rhythm.clone(), series)));
        }
        plans
    }

    /// All series, or their parts of one rhythm, by their first and last time.
    fn by_times(
        self,
        history: &History,
        former: impl Fn(ResourceId) -> Vec<ResourceId>,
    ) -> BTreeMap<(Rhythm, Timestamp, Timestamp), Vec<BackfillSeries>> {
        let mut by_times: BTreeMap<_, Vec<BackfillSeries>> = BTreeMap::new();
        for ((resource, metric), Waiting { source, mut samples }) in self.series {
            // Stable: of two samples at one time, the later line counts.
            samples.sort_by_key(|(at, _)| *at);
            for (period, samples) in by_period(history, &samples) {
                let (Some((first, _)), Some((last, _))) = (samples.first(), samples.last()) else { continue };
                let key = ((source.clone(), period), *first, *last);
                let former = former(resource);
                by_times.entry(key).or_default().push(BackfillSeries { resource, former, metric, samples });
            }
        }
        by_times
    }
}

/// The samples of a series, in ascending order, by how often it was sampled when they were taken.
fn by_period(history: &History, samples: &[(Timestamp, f64)]) -> BTreeMap<Period, Vec<(Timestamp, f64)>> {
    let mut by_period: BTreeMap<Period, Vec<(Timestamp, f64)>> = BTreeMap::new();
    for run in cadence::runs(samples) {
        let period = history.period(cadence::interval(run).unwrap_or(USUAL_INTERVAL));
        by_period.entry(period).or_default().extend_from_slice(run);
    }
    by_period
}

/// Series of a resource as one plan, or as few plans that are dense whatever their times are.
fn dense(mut series: Vec<BackfillSeries>) -> Vec<Vec<BackfillSeries>> {
    let mut plans = Vec::new();
    while !is_dense(&series) {
        let rest = series.split_off(MOST_PLACES_A_SAMPLE);
        plans.push(mem::replace(&mut series, rest));
    }
    plans.push(series);
    plans
}

fn is_dense(series: &[BackfillSeries]) -> bool {
    let times: BTreeSet<Timestamp> = series.iter().flat_map(|series| &series.samples).map(|(at, _)| *at).collect();
    let samples: usize = series.iter().map(|series| series.samples.len()).sum();
    times.len() * series.len() <= samples * MOST_PLACES_A_SAMPLE
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn series_that_were_sampled_together_go_together() {
        let mut chunk = Chunk::default();
        for step in 0..10 {
            chunk.add(series("a"), &SourceId::local_agent(), at(step * 10), 1.0);
            chunk.add(series("b"), &SourceId::local_agent(), at(step * 10), 1.0);
            chunk.add(series("c"), &SourceId::local_agent(), at(step * 60), 1.0);
        }
        let shapes = shapes(chunk);
        assert_eq!(shapes, [(1, 2), (6, 1)]);
    }

    #[test]
    fn series_that_share_no_times_make_a_plan_a_resource() {
        let mut chunk = Chunk::default();
        for number in 0..20 {
            let (resource, cpu) = series(&format!("host-{number}"));
            for (place, metric) in [cpu, Metric::Memory, Metric::NetIn].into_iter().enumerate() {
                let offset = number * 30 + i64::try_from(place).unwrap() * 10;
                for time in [0, 1000, 2000, 3000] {
                    chunk.add((resource, metric), &SourceId::local_agent(), at(time + offset), 1.0);
                }
            }
        }
        assert_eq!(shapes(chunk), [(100, 3); 20]);
    }

    #[test]
    fn single_samples_of_many_series_wait_for_the_disk_once() {
        let directory = tempfile::tempdir().unwrap();
        let history = History::open(directory.path(), muster_history::Options::default()).unwrap();
        let mut chunk = Chunk::default();
        for number in 0..200 {
            chunk.add(series(&format!("host-{number}")), &SourceId::local_agent(), at(number * 7200), 1.0);
        }
        let done = chunk.write(&history, &TenantId::DEFAULT, |_| Vec::new()).unwrap();
        assert_eq!((done.written, history.stats().sweeps), (200, 1));
    }

    #[test]
    fn the_rows_of_series_that_share_no_times_are_bounded() {
        let mut chunk = Chunk::default();
        let (resource, _) = series("host");
        let metrics = &Metric::ALL[..Metric::ALL.len().min(31)];
        for (place, metric) in (0..).zip(metrics) {
            for step in 0..20 {
                chunk.add((resource, *metric), &SourceId::local_agent(), at(step * 1000 + place * 10), 1.0);
            }
        }
        let shapes = shapes(chunk);
        assert_eq!(shapes.iter().map(|(_, series)| series).sum::<usize>(), metrics.len());
        assert!(shapes.iter().all(|(_, series)| *series <= MOST_PLACES_A_SAMPLE), "{shapes:?}");
    }

    #[test]
    fn a_series_in_several_rhythms_has_a_part_in_a_plan_of_each() {
        let mut chunk = Chunk::default();
        let mut time = 0;
        for (seconds, steps) in [(3600, 10), (600, 10), (60, 10), (10, 10), (60, 10)] {
            for _ in 0..steps {
                time += seconds;
                chunk.add(series("a"), &SourceId::local_agent(), at(time), 1.0);
                chunk.add(series("b"), &SourceId::local_agent(), at(time), 1.0);
            }
        }
        assert_eq!(shapes(chunk), [(1, 2), (6, 2), (60, 2), (360, 2)]);
    }

    /// Ticks to a period and number of series of each plan.
    fn shapes(chunk: Chunk) -> Vec<(u32, usize)> {
        let directory = tempfile::tempdir().unwrap();
        let history = History::open(directory.path(), muster_history::Options::default()).unwrap();
        let plans = chunk.plans(&history, |_| Vec::new());
        plans.iter().map(|((_, period), series)| (period.ticks().get(), series.len())).collect()
    }

    fn series(name: &str) -> (ResourceId, Metric) {
        (ResourceId::mint(ResourceKind::Agent, name), Metric::Cpu)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }
}
