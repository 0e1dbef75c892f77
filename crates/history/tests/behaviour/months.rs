//! Months of simulated time with short retentions: whatever fades, is collected or deleted meanwhile, whatever comes
//! late or twice, every question about time that is kept counts each sample exactly once, in every resolution.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use jiff::SignedDuration;
use muster_history::{
    Answer, BackfillSeries, Cancel, Column, History, ManyQuery, Options, Period, PlanSamples, Query, Recorded,
    Retention, SeriesQuery, Sync, Tier,
};
use muster_model::{Aggregation, Metric, ResourceId, SourceId, TenantId};
use muster_runtime::Entropy;

use crate::common::{START, ask, at, plan, rounds, vm};

const METRICS: [Metric; 3] = [Metric::Cpu, Metric::NetIn, Metric::SmartPowerOnHours];

const DAY: i64 = 8640;
const HOUR: i64 = 360;

/// How long the simulated time is.
const DAYS: i64 = 80;

const RAW: i64 = 2;
const MINUTE: i64 = 6;
const TEN_MINUTES: i64 = 20;
const ALL: i64 = 60;

#[test]
fn months_of_history_agree_with_a_plain_map() {
    // R-35 (lengths are ours), R-37 to R-40, D-10.
    let seed = crate::common::seed();
    for round in 0..rounds().div_ceil(10) {
        let mut world = World::new(seed.wrapping_add(u64::from(round)));
        for hour in 0..DAYS * 24 {
            world.live_an_hour(hour * HOUR);
            if hour % 100 == 99 {
                world.check();
            }
        }
        world.check_what_is_kept();
    }
}

struct World {
    directory: tempfile::TempDir,
    /// `None` only between two processes' lives.
    history: Option<History>,
    chance: Entropy,
    seed: u64,
    now: i64,
    /// The plain map. What was rewritten is there once.
    samples: BTreeMap<(ResourceId, Metric), BTreeMap<i64, f64>>,
    /// Rows that have been handed in, so that nothing is written to time that has faded where something was before.
    used: BTreeSet<i64>,
}

impl World {
    fn new(seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let history = Some(open(&directory));
        let (chance, samples, used) = (Entropy::seeded(seed), BTreeMap::new(), BTreeSet::new());
        Self { directory, history, chance, seed, now: 0, samples, used }
    }

    fn history(&self) -> &History {
        self.history.as_ref().unwrap()
    }

    fn happens(&self, in_a_thousand: f64) -> bool {
        self.chance.fraction() * 1000.0 < in_a_thousand
    }

    fn between(&self, from: i64, to: i64) -> i64 {
        from + (self.chance.fraction() * (to - from) as f64) as i64
    }

    /// Ten minutes between sweeps, sometimes ten seconds, sometimes silence, and everything that goes wrong in a month.
    fn live_an_hour(&mut self, from: i64) {
        let (is_busy, is_silent) = (self.happens(15.0), self.happens(30.0));
        let step = if is_busy { 1 } else { 60 };
        for tick in (from + self.between(0, step)..from + HOUR).step_by(step as usize) {
            if is_silent || self.happens(50.0) {
                continue;
            }
            self.now = tick;
            self.sweep(tick, true);
        }
        if self.happens(40.0) {
            self.sweep(self.between(self.now - DAY, self.now), true);
        }
        if self.happens(15.0) {
            self.late_by_days();
        }
        if self.happens(10.0) {
            self.backfill();
        }
        if from / HOUR % 2 == 0 && self.happens(800.0) {
            self.history().flush().unwrap();
        }
        if self.happens(10.0) {
            self.jump_ahead();
        }
        if self.happens(10.0) {
            self.restart();
        }
    }

    /// A clock that is a year ahead for one sweep takes nothing.
    fn jump_ahead(&mut self) {
        self.sweep(self.now + 366 * DAY + self.between(0, 1000), true);
        self.history().flush().unwrap();
        self.sweep(self.now, true);
    }

    fn sweep(&mut self, tick: i64, with_count: bool) {
        let (a, b) = (vm("a"), vm("b"));
        let series: Vec<_> = [a, b].into_iter().flat_map(|id| METRICS.map(|metric| (id, metric))).collect();
        let values: Vec<f64> = series.iter().map(|(_, metric)| self.value(*metric, tick, with_count)).collect();
        for (key, value) in series.iter().zip(&values).filter(|(_, value)| !value.is_nan()) {
            self.samples.entry(*key).or_default().insert(tick, key.1.precision().apply(*value));
        }
        self.used.insert(tick);
        let plan = plan(self.history(), 60, &series);
        self.history().append(&[PlanSamples { plan, at: at(tick), values: &values }]).unwrap();
    }

    fn value(&self, metric: Metric, tick: i64, with_count: bool) -> f64 {
        match metric {
            Metric::SmartPowerOnHours if with_count => (tick + 100 * DAY) as f64,
            Metric::SmartPowerOnHours => f64::NAN,
            _ if self.happens(50.0) => f64::NAN,
            _ if self.happens(5.0) => 1e7 + self.chance.fraction() * 1e6,
            _ => 1.0 + self.chance.fraction() * 99.0,
        }
    }

    /// Several sweeps into time that has faded; each to a tick that had nothing before.
    fn late_by_days(&mut self) {
        let day = self.now - self.between((RAW + 2) * DAY, (ALL - 15) * DAY);
        for _ in 0..1 + self.between(0, 4) {
            let tick = day + self.between(0, DAY);
            if tick > 0 && !self.used.contains(&tick) {
                self.sweep(tick, false);
            }
        }
    }

    /// A source remembers everything of some hours, and has other values.
    fn backfill(&mut self) {
        let first = self.now - self.between(HOUR, DAY);
        let (resource, metric) = (vm("a"), Metric::Cpu);
        let ours = self.samples.get(&(resource, metric)).cloned().unwrap_or_default();
        let offered: Vec<(i64, f64)> = (first..first + 6 * HOUR).step_by(60).map(|tick| (tick, 55.5)).collect();
        let covered = |tick: i64| {
            let (before, after) = (ours.range(..=tick).next_back(), ours.range(tick..).next());
            before.zip(after).is_some_and(|((before, _), (after, _))| after - before <= 150)
        };
        let missing: Vec<_> = offered.iter().copied().filter(|(tick, _)| !covered(*tick)).collect();
        let samples = offered.iter().map(|(tick, value)| (at(*tick), *value)).collect();
        let series = [BackfillSeries { resource, former: Vec::new(), metric, samples }];
        let done = self.history().backfill(
            &TenantId::DEFAULT,
            &SourceId::local_agent(),
            period(60),
            &series,
            &Cancel::default(),
        );
        assert_eq!(done.unwrap().written, missing.len() as u64, "seed {}", self.seed);
        self.used.extend(missing.iter().map(|(tick, _)| *tick));
        self.samples.entry((resource, metric)).or_default().extend(missing);
    }

    fn restart(&mut self) {
        if self.happens(500.0) {
            self.history().close().unwrap();
        }
        drop(self.history.take());
        self.history = Some(open(&self.directory));
    }

    fn check(&mut self) {
        let oldest = (self.now - (ALL - 12) * DAY).max(0);
        for _ in 0..8 {
            let from = self.between(oldest, self.now);
            let length = [10, HOUR, DAY, 10 * DAY, DAYS * DAY][self.between(0, 5) as usize];
            let to = (from + self.between(0, length)).min(self.now);
            let points = NonZeroU32::new(1 + self.between(0, 400) as u32).unwrap();
            let query = Query { points, ..ask(&[vm("a")], &METRICS, from, to) };
            self.check_query(&query);
        }
        for _ in 0..4 {
            self.check_walk(self.between(oldest, self.now));
        }
    }

    fn check_query(&self, query: &Query) {
        let answer = self.history().query(query, &Cancel::default()).unwrap();
        let many = ManyQuery { resources: vec![vec![vm("b")], vec![vm("a")]], ..query.clone().into() };
        let many = self.history().query_many(&many, &Cancel::default()).unwrap();
        // Blocks may have been dealt with between both questions: then gaps within sums are not known any more.
        if many.times == answer.times {
            let values = |columns: &[Column]| -> Vec<[Vec<Option<f64>>; 3]> {
                columns.iter().map(|column| [column.avg.clone(), column.min.clone(), column.max.clone()]).collect()
            };
            assert_eq!(values(&many.resources[1]), values(&answer.columns));
        }
        self.check_columns(vm("a"), query, &answer, &answer.columns);
        let many_answer =
            Answer { columns: Vec::new(), times: many.times.clone(), step: many.step, tier: many.tier, ..answer };
        self.check_columns(vm("b"), query, &many_answer, &many.resources[0]);
    }

    fn check_columns(&self, resource: ResourceId, query: &Query, answer: &Answer, columns: &[Column]) {
        let step = answer.step.as_secs() / 10;
        assert!(answer.times.len() as u32 <= query.points.get());
        for column in columns {
            for (point, start) in answer.times.iter().enumerate() {
                // A point may begin long before the span, in time that is no longer kept.
                if (start / 1000 - START).div_euclid(10) < self.now - ALL * DAY {
                    continue;
                }
                let inside = self.inside(resource, column.metric, *start, step, query, answer.tier);
                let label = || {
                    format!(
                        "seed {}: {} at point {point} of {query:?}, {:?}, now {}",
                        self.seed, column.metric, answer.tier, self.now
                    )
                };
                assert_eq!(column.min[point], inside.iter().copied().reduce(f64::min), "{}", label());
                assert_eq!(column.max[point], inside.iter().copied().reduce(f64::max), "{}", label());
                let mean = match column.metric.aggregation() {
                    Aggregation::Mean | Aggregation::Sum if inside.is_empty() => None,
                    Aggregation::Mean | Aggregation::Sum => Some(inside.iter().sum::<f64>() / inside.len() as f64),
                    Aggregation::Last => inside.last().copied(),
                };
                assert!(is_near(column.avg[point], mean), "{mean:?} is {:?}, {}", column.avg[point], label());
            }
        }
    }

    /// What the plain map has in a point: of samples what lies in the span, of sums whole points.
    fn inside(
        &self,
        resource: ResourceId,
        metric: Metric,
        start: i64,
        step: i64,
        query: &Query,
        tier: Tier,
    ) -> Vec<f64> {
        let first = (start / 1000 - START).div_euclid(10);
        let (first, last) = match tier {
            Tier::Raw => {
                let [from, to] = [query.from, query.to].map(|time| (time.as_second() - START).div_euclid(10));
                (first.max(from), (first + step - 1).min(to))
            }
            Tier::Minute | Tier::TenMinutes | Tier::Hour => (first, first + step - 1),
        };
        self.of(resource, metric, first, last).map(|(_, value)| value).collect()
    }

    fn of(&self, resource: ResourceId, metric: Metric, first: i64, last: i64) -> impl Iterator<Item = (i64, f64)> {
        let known = self.samples.get(&(resource, metric)).filter(|_| first <= last);
        known.into_iter().flat_map(move |known| known.range(first..=last)).map(|(tick, value)| (*tick, *value))
    }

    /// A walk over whole windows has every sample once, as itself or in a sum.
    fn check_walk(&self, near: i64) {
        let from = near.div_euclid(HOUR) * HOUR;
        let to = from + self.between(1, 5) * DAY - 1;
        let query = walk_of(vm("b"), from, to);
        let (mut count, mut sum, mut least, mut greatest) = (0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
        let take = |recorded| {
            let (of, total, min, max) = match recorded {
                Recorded::Sample { value, .. } => (1, value, value, value),
                Recorded::Bucket { count, sum, min, max, .. } => (count, sum, min, max),
            };
            (count, sum, least, greatest) = (count + of, sum + total, least.min(min), greatest.max(max));
        };
        self.history().walk(&query, &Cancel::default(), take).unwrap();
        let inside: Vec<f64> = self.of(vm("b"), Metric::Cpu, from, to).map(|(_, value)| value).collect();
        let label = format!("seed {} from {from} to {to}, now {}", self.seed, self.now);
        assert_eq!(count, inside.len() as u64, "{label}");
        assert!(is_near(Some(sum), Some(inside.iter().sum())), "{label}");
        assert_eq!(least, inside.iter().copied().fold(f64::INFINITY, f64::min), "{label}");
        assert_eq!(greatest, inside.iter().copied().fold(f64::NEG_INFINITY, f64::max), "{label}");
    }

    /// Every resolution is there for as long as it should be, and not for much longer.
    fn check_what_is_kept(&mut self) {
        // What is too old goes two days a flush, and what was backfilled late goes first.
        for later in 1..=30 {
            self.sweep(self.now + later, true);
            self.history().flush().unwrap();
        }
        let ages =
            [(Tier::Raw, 1), (Tier::Minute, MINUTE - 1), (Tier::TenMinutes, TEN_MINUTES - 1), (Tier::Hour, ALL - 1)];
        for (tier, days) in ages {
            let from = self.now - days * DAY;
            let query = walk_of(vm("a"), from, from + HOUR);
            let check = |recorded| match recorded {
                Recorded::Sample { .. } => {}
                Recorded::Bucket { tier: found, .. } => assert!(found <= tier, "seed {}: {found:?}", self.seed),
            };
            self.history().walk(&query, &Cancel::default(), check).unwrap();
        }
        let kept = [
            (Tier::Raw, RAW + 2),
            (Tier::Minute, MINUTE + 2),
            (Tier::TenMinutes, TEN_MINUTES + 11),
            (Tier::Hour, ALL + 11),
        ];
        let stats = self.history().stats();
        for (tier, days) in kept {
            let oldest = stats.tiers[tier as usize].oldest.unwrap();
            assert!(oldest >= at(self.now - days * DAY), "seed {}: {tier:?} since {oldest}", self.seed);
        }
    }
}

fn open(directory: &tempfile::TempDir) -> History {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let retention = Retention { raw: days(RAW), minute: days(MINUTE), ten_minutes: days(TEN_MINUTES), hour: days(ALL) };
    let options =
        Options { sync: Sync::None, retention, memory_window: SignedDuration::from_hours(6), ..Options::default() };
    History::open(directory.path(), options).unwrap()
}

fn walk_of(resource: ResourceId, from: i64, to: i64) -> SeriesQuery {
    let (from, to) = (at(from), at(to));
    SeriesQuery { tenant: TenantId::DEFAULT, resources: vec![resource], metric: Metric::Cpu, from, to }
}

fn period(ticks: u32) -> Period {
    Period::of_ticks(NonZeroU32::new(ticks).unwrap())
}

fn is_near(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * expected.abs().max(1e-9),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
