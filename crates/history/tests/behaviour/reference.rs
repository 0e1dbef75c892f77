//! Whatever happens in whatever order, a query says what a plain map from (series, tick) to value would say: gaps,
//! duplicates, late and early stamps, plans that take series over from each other, flushes, crashes, restarts.

use std::{collections::BTreeMap, num::NonZeroU32, ops::RangeInclusive};

use jiff::SignedDuration;
use muster_history::{
    Answer, AppendError, Appended, Cancel, Column, Gap, History, Options, PlanId, PlanSamples, Query, Sync, Tier,
};
use muster_model::{Aggregation, Metric, ResourceId};
use proptest::prelude::*;

use crate::common::{START, ask, at, open, plan, rounds, vm};

const METRICS: [Metric; 3] = [Metric::Cpu, Metric::NetIn, Metric::SmartPowerOnHours];

/// Series and period of each plan; they overlap.
const PLANS: [(&[usize], u32); 4] = [(&[0, 1, 2], 1), (&[2, 3], 1), (&[0, 4], 3), (&[5], 1)];

#[derive(Debug, Clone)]
enum Step {
    Sweep(Vec<(usize, i64, Vec<Option<f64>>)>),
    Flush,
    /// Close, or go as in a crash; then open again, with this many hours of memory.
    Restart {
        in_order: bool,
        memory_hours: i64,
    },
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5 * rounds(), max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_query_agrees_with_a_plain_map(steps in prop::collection::vec(step(), 1..40), from in -50..400i64, length in 0..600i64, points in 1..200u32) {
        let directory = tempfile::tempdir().unwrap();
        let mut history = open(directory.path());
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Sweep(rows) => sweep(&history, &mut model, &rows),
                Step::Flush => history.flush().unwrap(),
                Step::Restart { in_order, memory_hours } => {
                    if in_order {
                        history.close().unwrap();
                    }
                    drop(history);
                    let options = Options { memory_window: SignedDuration::from_hours(memory_hours), sync: Sync::None, ..Options::default() };
                    history = History::open(directory.path(), options).unwrap();
                }
            }
        }
        for resources in [vec![resource(0)], vec![resource(1)], vec![resource(0), resource(1)]] {
            let query = Query { points: NonZeroU32::new(points).unwrap(), ..ask(&resources, &METRICS, from, from + length) };
            let answer = history.query(&query, &Cancel::default()).unwrap();
            model.check(&query, &answer);
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly in order and close together, sometimes anywhere.
    let tick = prop_oneof![4 => 0..300i64, 1 => -20_000..20_000i64];
    let value = prop_oneof![2 => Just(None), 5 => (0..100_000i32).prop_map(|value| Some(f64::from(value) / 7.0))];
    let row = (0..PLANS.len(), tick, prop::collection::vec(value, 3));
    prop_oneof![
        12 => prop::collection::vec(row, 1..4).prop_map(Step::Sweep),
        1 => Just(Step::Flush),
        1 => (any::<bool>(), 1..48i64).prop_map(|(in_order, memory_hours)| Step::Restart { in_order, memory_hours }),
    ]
}

fn sweep(history: &History, model: &mut Model, rows: &[(usize, i64, Vec<Option<f64>>)]) {
    for (number, tick, values) in rows {
        let (series, period) = PLANS[*number];
        for (series, value) in series.iter().zip(values) {
            if let Some(value) = value {
                model.samples.entry(key(*series)).or_default().insert(*tick, (*value, period));
            }
        }
    }
    // Blocks that are written meanwhile may let a plan be forgotten before its samples come: sources plan anew then.
    while let Err(error) = append(history, rows) {
        assert!(matches!(error, AppendError::UnknownPlan { .. }), "{error}");
    }
}

fn append(history: &History, rows: &[(usize, i64, Vec<Option<f64>>)]) -> Result<Appended, AppendError> {
    let planned = |(number, tick, values): &(usize, i64, Vec<Option<f64>>)| {
        let (series, period) = PLANS[*number];
        let id = plan(history, period, &series.iter().map(|series| key(*series)).collect::<Vec<_>>());
        (id, *tick, values.iter().take(series.len()).map(|value| value.unwrap_or(f64::NAN)).collect::<Vec<_>>())
    };
    let ready: Vec<(PlanId, i64, Vec<f64>)> = rows.iter().map(planned).collect();
    let batch: Vec<_> =
        ready.iter().map(|(plan, tick, values)| PlanSamples { plan: *plan, at: at(*tick), values }).collect();
    history.append(&batch)
}

/// Two resources with the three metrics each.
fn key(series: usize) -> (ResourceId, Metric) {
    (resource(series / METRICS.len()), METRICS[series % METRICS.len()])
}

fn resource(number: usize) -> ResourceId {
    vm(&number.to_string())
}

/// The plain map: value and period.
#[derive(Debug, Default)]
struct Model {
    samples: BTreeMap<(ResourceId, Metric), BTreeMap<i64, (f64, u32)>>,
}

impl Model {
    fn check(&self, query: &Query, answer: &Answer) {
        let step = answer.step.as_secs() / 10;
        assert!(answer.times.len() as u32 <= query.points.get());
        assert!(answer.times.windows(2).all(|pair| pair[1] - pair[0] == step * 10_000));
        assert!(answer.times.iter().all(|time| time % (step * 10_000) == 0));
        let (first, last) = (answer.times[0], answer.times[answer.times.len() - 1]);
        let span = match answer.tier {
            Tier::Raw => tick(query.from.as_second())..=tick(query.to.as_second()),
            // Sums are of whole buckets, so points are whole.
            Tier::Minute | Tier::TenMinutes | Tier::Hour => tick(first / 1000)..=tick(last / 1000) + step - 1,
        };
        for column in &answer.columns {
            self.check_column(query, &span, answer, column);
        }
    }

    fn check_column(&self, query: &Query, span: &RangeInclusive<i64>, answer: &Answer, column: &Column) {
        let (step, times) = (answer.step.as_secs() / 10, &answer.times);
        let mut united = BTreeMap::new();
        for id in query.resources.iter().rev() {
            let samples = self.samples.get(&(*id, column.metric));
            united.extend(
                samples
                    .into_iter()
                    .flatten()
                    .filter(|(tick, _)| span.contains(tick))
                    .map(|(tick, value)| (*tick, *value)),
            );
        }
        for (bucket, start) in times.iter().enumerate() {
            let first = tick(start / 1000);
            let precision = column.metric.precision();
            let inside: Vec<f64> =
                united.range(first..first + step).map(|(_, (value, _))| precision.apply(*value)).collect();
            let mean = match column.metric.aggregation() {
                Aggregation::Mean | Aggregation::Sum => {
                    (!inside.is_empty()).then(|| inside.iter().sum::<f64>() / inside.len() as f64)
                }
                Aggregation::Last => inside.last().copied(),
            };
            assert!(
                is_near(column.avg[bucket], mean),
                "{}: {mean:?} is {:?} at {first}",
                column.metric,
                column.avg[bucket]
            );
            assert_eq!(column.min[bucket], inside.iter().copied().reduce(f64::min));
            assert_eq!(column.max[bucket], inside.iter().copied().reduce(f64::max));
        }
        match answer.tier {
            Tier::Raw => assert_eq!(column.gaps, gaps(*span.start(), *span.end(), step, &united)),
            // Within a sum nobody knows where samples were. Behind the end there is no gap all the same.
            Tier::Minute | Tier::TenMinutes | Tier::Hour => {
                let end = tick(query.to.as_second());
                let last = united.last_key_value().map_or(end, |(last, _)| end.max(*last));
                assert!(column.gaps.iter().all(|gap| gap.to <= at(last)), "{:?} until {end}", column.gaps);
            }
        }
    }
}

/// Sums are added up in another order than here.
fn is_near(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * expected.abs(),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// D-10: a gap is longer than 2.5 periods, and than a bucket.
fn gaps(from: i64, to: i64, step: i64, samples: &BTreeMap<i64, (f64, u32)>) -> Vec<Gap> {
    let gap = |from, to| Gap { from: at(from), to: at(to) };
    if samples.is_empty() {
        return vec![gap(from, to)];
    }
    let inner = samples.iter().map(|(tick, (_, period))| (*tick, *period));
    let points: Vec<_> = [(from, 0)].into_iter().chain(inner).chain([(to, 0)]).collect();
    let is_gap = |pair: &&[(i64, u32)]| {
        let (length, period) = (pair[1].0 - pair[0].0, pair[0].1.max(pair[1].1));
        length as f64 > 2.5 * f64::from(period) && length > if step > 1 { step } else { 0 }
    };
    points.windows(2).filter(is_gap).map(|pair| gap(pair[0].0, pair[1].0)).collect()
}

fn tick(second: i64) -> i64 {
    (second - START).div_euclid(10)
}
