//! A bounded part of an import: samples by series, ready to be handed to history as spans that it may have missed.
//!
//! History takes series that were sampled together as one plan, with a place for each of them at each time. So series go
//! together that share their times. Others go together with those of their resource: a plan for each of them would cost
//! more than the holes do.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use muster_history::{Backfill, BackfillError, BackfillSeries, Backfilled, Cancel, History, Period};
use muster_model::{Metric, ResourceId, SourceId, TenantId};

/// Samples held before they are handed over: some ten megabytes.
const MOST_SAMPLES: usize = 500_000;

/// How often a series is taken to be sampled of which there is a single sample.
const USUAL_INTERVAL: SignedDuration = SignedDuration::from_secs(10);

/// How many places a plan of several resources may have for each sample in it.
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

    /// Hands everything over.
    pub(super) fn write(self, history: &History, tenant: &TenantId) -> Result<Backfilled, BackfillError> {
        let plans = self.plans(history);
        let backfills = plans.iter().map(|((source, period), series)| Backfill { source, period: *period, series });
        let backfills: Vec<Backfill<'_>> = backfills.collect();
        history.backfill_all(tenant, &backfills, &Cancel::default())
    }

    fn plans(self, history: &History) -> Vec<Together> {
        let mut by_times: BTreeMap<(Rhythm, Timestamp, Timestamp), Vec<BackfillSeries>> = BTreeMap::new();
        for ((resource, metric), Waiting { source, mut samples }) in self.series {
            // Stable: of two samples at one time, the later line counts.
            samples.sort_by_key(|(at, _)| *at);
            let (Some((first, _)), Some((last, _))) = (samples.first(), samples.last()) else { continue };
            let rhythm = (source, history.period(interval(&samples)));
            let key = (rhythm, *first, *last);
            by_times.entry(key).or_default().push(BackfillSeries { resource, metric, samples });
        }
        let mut plans: Vec<Together> = Vec::new();
        let mut by_resource: BTreeMap<(Rhythm, ResourceId), Vec<BackfillSeries>> = BTreeMap::new();
        for ((rhythm, _, _), series) in by_times {
            if series.len() > 1 && is_dense(&series) {
                plans.push((rhythm, series));
                continue;
            }
            for one in series {
                by_resource.entry((rhythm.clone(), one.resource)).or_default().push(one);
            }
        }
        plans.extend(by_resource.into_iter().map(|((rhythm, _), series)| (rhythm, series)));
        plans
    }
}

/// How far apart samples lie as a rule: the median.
fn interval(samples: &[(Timestamp, f64)]) -> SignedDuration {
    let mut steps: Vec<SignedDuration> = samples.windows(2).map(|pair| pair[1].0.duration_since(pair[0].0)).collect();
    steps.retain(|step| *step > SignedDuration::ZERO);
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(USUAL_INTERVAL)
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
        let done = chunk.write(&history, &TenantId::DEFAULT).unwrap();
        assert_eq!((done.written, history.stats().sweeps), (200, 1));
    }

    /// Ticks to a period and number of series of each plan.
    fn shapes(chunk: Chunk) -> Vec<(u32, usize)> {
        let directory = tempfile::tempdir().unwrap();
        let history = History::open(directory.path(), muster_history::Options::default()).unwrap();
        let plans = chunk.plans(&history);
        plans.iter().map(|((_, period), series)| (period.ticks().get(), series.len())).collect()
    }

    fn series(name: &str) -> (ResourceId, Metric) {
        (ResourceId::mint(ResourceKind::Agent, name), Metric::Cpu)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }
}
