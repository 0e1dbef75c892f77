//! A bounded part of an import: samples by series, ready to be handed to history as spans that it may have missed.
//!
//! History takes the series of one call as one plan, with a place for each of them at each time. So series go together
//! where they were sampled together, and alone where together they would be mostly holes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use muster_history::{BackfillError, BackfillSeries, Backfilled, Cancel, History};
use muster_model::{Metric, ResourceId, SourceId, TenantId};

/// Samples held before they are handed over: some ten megabytes.
const MOST_SAMPLES: usize = 500_000;

/// How often a series is taken to be sampled of which there is a single sample.
const USUAL_INTERVAL: SignedDuration = SignedDuration::from_secs(10);

/// How many places a call may have for each sample in it.
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

/// What series have in common that were sampled together.
type Rhythm = (SourceId, SignedDuration, Timestamp, Timestamp);

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
        let mut done = Backfilled::default();
        for ((source, interval), series) in self.calls() {
            let period = history.period(interval);
            let Backfilled { written, covered } =
                history.backfill(tenant, &source, period, &series, &Cancel::default())?;
            done.written += written;
            done.covered += covered;
        }
        Ok(done)
    }

    fn calls(self) -> Vec<((SourceId, SignedDuration), Vec<BackfillSeries>)> {
        let mut together: BTreeMap<Rhythm, Vec<BackfillSeries>> = BTreeMap::new();
        for ((resource, metric), Waiting { source, mut samples }) in self.series {
            // Stable: of two samples at one time, the later line counts.
            samples.sort_by_key(|(at, _)| *at);
            let (Some((first, _)), Some((last, _))) = (samples.first(), samples.last()) else { continue };
            let rhythm = (source, interval(&samples), *first, *last);
            together.entry(rhythm).or_default().push(BackfillSeries { resource, metric, samples });
        }
        let calls = together.into_iter().flat_map(|((source, interval, _, _), series)| {
            let calls =
                if is_dense(&series) { vec![series] } else { series.into_iter().map(|one| vec![one]).collect() };
            calls.into_iter().map(move |series| ((source.clone(), interval), series))
        });
        calls.collect()
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
        let calls = chunk.calls();
        let shapes: Vec<_> = calls.iter().map(|((_, interval), series)| (interval.as_secs(), series.len())).collect();
        assert_eq!(shapes, [(10, 2), (60, 1)]);
    }

    #[test]
    fn series_that_share_no_times_cost_no_holes() {
        let mut chunk = Chunk::default();
        for number in 0..20 {
            let name = format!("host-{number}");
            for time in [0, 1000 + number, 2000 + number, 10_000] {
                chunk.add(series(&name), &SourceId::local_agent(), at(time), 1.0);
            }
        }
        assert!(chunk.calls().iter().all(|(_, series)| series.len() == 1));
    }

    fn series(name: &str) -> (ResourceId, Metric) {
        (ResourceId::mint(ResourceKind::Agent, name), Metric::Cpu)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }
}
