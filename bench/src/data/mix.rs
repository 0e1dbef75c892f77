//! The mixed data set: what most estates look like. Of all series 60 % never move, 25 % move slowly and 15 % are noise;
//! there are counters that start anew, spans in which nothing was heard, and resources that come and go.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use muster_model::{Metric, ResourceId, ResourceKind};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    BEGINNING, DataSet, Hour, METRICS, SWEEPS_PER_HOUR, Series, as_reported,
    noise::{normal, once_in},
};

/// A count that only grows, until it starts anew.
const COUNTER: Metric = Metric::SmartMediaErrors;

/// Metrics of each resource.
const WIDTH: usize = METRICS.len() + 1;

/// Of so many resources one is replaced by another each hour.
const CHURN: f64 = 50.0;

/// Of so many resources one is not heard of for a while in an hour.
const SILENCE: f64 = 20.0;

/// A single value is missing once in so many.
const MISSING: f64 = 2_000.0;

/// A counter starts anew once in so many sweeps.
const RESET: f64 = 4_000.0;

/// The data set, as far as it was taken.
#[derive(Debug)]
pub(crate) struct Mix {
    rng: StdRng,
    resources: Vec<Resource>,
    minted: usize,
    next: Timestamp,
}

#[derive(Debug)]
struct Resource {
    id: ResourceId,
    walks: [Walk; WIDTH],
}

/// How a series goes on.
#[derive(Debug)]
struct Walk {
    metric: Metric,
    pace: Pace,
    /// Between 0 and 1, or a count.
    level: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Constant,
    Slow,
    Noisy,
}

impl Mix {
    /// The data set of so many resources at a time, from its beginning.
    pub(crate) fn new(resources: usize) -> Self {
        let mut mix = Self { rng: StdRng::seed_from_u64(7), resources: Vec::new(), minted: 0, next: BEGINNING };
        mix.resources = (0..resources).map(|_| mix.mint()).collect();
        mix
    }

    fn mint(&mut self) -> Resource {
        let id = ResourceId::mint(ResourceKind::Vm, &format!("mix:{}", self.minted));
        self.minted += 1;
        let mut metrics = METRICS.into_iter().chain([COUNTER]);
        let walks = std::array::from_fn(|_| {
            let metric = metrics.next().expect("as many metrics as walks");
            Walk { metric, pace: Pace::random(&mut self.rng), level: self.rng.random_range(0.1..0.9) }
        });
        Resource { id, walks }
    }

    fn replace_some(&mut self) {
        for place in 0..self.resources.len() {
            if once_in(CHURN, &mut self.rng) {
                self.resources[place] = self.mint();
            }
        }
    }

    /// For each resource the sweeps of the hour in which it is not heard of.
    fn silences(&mut self) -> Vec<std::ops::Range<usize>> {
        let rng = &mut self.rng;
        let silence = |_: &Resource| {
            if once_in(SILENCE, rng) {
                let start = rng.random_range(0..SWEEPS_PER_HOUR);
                start..start + rng.random_range(3..60)
            } else {
                0..0
            }
        };
        self.resources.iter().map(silence).collect()
    }
}

impl DataSet for Mix {
    fn next_hour(&mut self) -> Hour {
        self.replace_some();
        let silences = self.silences();
        let metrics = METRICS.iter().copied().chain([COUNTER]).collect::<Vec<_>>();
        let series: Arc<[Series]> =
            self.resources.iter().flat_map(|resource| Series::of(resource.id, &metrics)).collect();
        let mut values = Vec::with_capacity(SWEEPS_PER_HOUR * series.len());
        for sweep in 0..SWEEPS_PER_HOUR {
            for (resource, silence) in self.resources.iter_mut().zip(&silences) {
                let heard = !silence.contains(&sweep);
                for walk in &mut resource.walks {
                    let value = walk.step(&mut self.rng);
                    let known = heard && !once_in(MISSING, &mut self.rng);
                    values.push(if known { value } else { f64::NAN });
                }
            }
        }
        let (start, source_width) = (self.next, series.len());
        self.next += SignedDuration::from_hours(1);
        Hour { start, series, source_width, values }
    }
}

impl Pace {
    fn random(rng: &mut StdRng) -> Self {
        match rng.random_range(0..100) {
            0..60 => Self::Constant,
            60..85 => Self::Slow,
            85.. | ..0 => Self::Noisy,
        }
    }
}

impl Walk {
    fn step(&mut self, rng: &mut StdRng) -> f64 {
        if self.metric == COUNTER {
            return self.count(rng);
        }
        match self.pace {
            Pace::Constant => {}
            // It rests most of the time.
            Pace::Slow if once_in(30.0, rng) => self.wander(0.002, rng),
            Pace::Slow => {}
            Pace::Noisy => self.wander(0.02, rng),
        }
        as_reported(self.metric, amount(self.metric, self.level))
    }

    fn wander(&mut self, step: f64, rng: &mut StdRng) {
        self.level = (self.level + step * normal(rng)).clamp(0.01, 0.99);
    }

    fn count(&mut self, rng: &mut StdRng) -> f64 {
        self.level += match self.pace {
            Pace::Constant => 0.0,
            Pace::Slow if once_in(100.0, rng) => 1.0,
            Pace::Slow => 0.0,
            Pace::Noisy => f64::from(rng.random_range(0..50_u8)),
        };
        if self.pace != Pace::Constant && once_in(RESET, rng) {
            self.level = 0.0;
        }
        self.level.floor()
    }
}

/// What a level between 0 and 1 stands for.
fn amount(metric: Metric, level: f64) -> f64 {
    match metric.unit() {
        muster_model::Unit::Bytes => level * (1_u64 << 34) as f64,
        muster_model::Unit::BytesPerSecond => (8.0 + 8.0 * level).exp(),
        muster_model::Unit::Percent
        | muster_model::Unit::Celsius
        | muster_model::Unit::Number
        | muster_model::Unit::Hours => 100.0 * level,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_is_the_same_every_time() {
        let bits = |hour: Hour| hour.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(Mix::new(5).next_hour()), bits(Mix::new(5).next_hour()));
    }

    #[test]
    fn most_series_rest_and_some_are_noise() {
        let hour = Mix::new(200).next_hour();
        let distinct = |place| {
            let values: BTreeSet<u64> = hour.column(place).map(|(_, value)| value.to_bits()).collect();
            values.len()
        };
        let series = hour.series.len();
        let constant = (0..series).filter(|place| distinct(*place) <= 1).count();
        let noisy = (0..series).filter(|place| distinct(*place) > 100).count();
        let share = |count: usize| count as f64 / series as f64;
        assert!((0.55..0.68).contains(&share(constant)), "{}", share(constant));
        assert!((0.10..0.20).contains(&share(noisy)), "{}", share(noisy));
    }

    #[test]
    fn resources_come_and_go_and_some_are_silent() {
        let mut mix = Mix::new(200);
        let hours: Vec<Hour> = (0..4).map(|_| mix.next_hour()).collect();
        let ids = |hour: &Hour| hour.series.iter().map(|series| series.resource).collect::<BTreeSet<_>>();
        let stayed = ids(&hours[0]).intersection(&ids(&hours[3])).count();
        assert!((150..200).contains(&stayed), "{stayed}");
        let share = hours[0].samples() as f64 / hours[0].values.len() as f64;
        assert!((0.98..0.9999).contains(&share), "{share}");
    }

    #[test]
    fn counters_grow_and_start_anew() {
        let mut mix = Mix::new(50);
        let (mut grew, mut fell) = (false, false);
        for _ in 0..4 {
            let hour = mix.next_hour();
            for place in (WIDTH - 1..hour.series.len()).step_by(WIDTH) {
                let values: Vec<f64> = hour.column(place).map(|(_, value)| value).collect();
                grew |= values.is_sorted() && values.first() < values.last();
                fell |= !values.is_sorted();
            }
        }
        assert!(grew && fell);
    }
}
