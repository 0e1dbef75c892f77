//! A history in a directory of its own, and short words for what tests say often.

use std::{num::NonZeroU32, path::Path};

use jiff::{SignedDuration, Timestamp};
use muster_history::{Answer, Appended, Cancel, Column, History, Options, PlanId, PlanSamples, Query, Sync};
use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};

/// A Saturday in 2026, on the grid.
pub(crate) const START: i64 = 1_795_251_600;

/// Small blocks, no waiting for the disk.
pub(crate) fn options() -> Options {
    Options { sync: Sync::None, ..Options::default() }
}

pub(crate) fn open(directory: &Path) -> History {
    History::open(directory, options()).unwrap()
}

/// The time so many ticks after the start.
pub(crate) fn at(tick: i64) -> Timestamp {
    Timestamp::from_second(START + tick * 10).unwrap()
}

pub(crate) fn vm(name: &str) -> ResourceId {
    ResourceId::mint(ResourceKind::Vm, name)
}

pub(crate) fn plan(history: &History, period: u32, series: &[(ResourceId, Metric)]) -> PlanId {
    let period = history.period(SignedDuration::from_secs(10 * i64::from(period)));
    history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, series).unwrap()
}

pub(crate) fn append(history: &History, plan: PlanId, tick: i64, values: &[f64]) -> Appended {
    history.append(&[PlanSamples { plan, at: at(tick), values }]).unwrap()
}

/// One bucket a tick, both ends included.
pub(crate) fn ask(resources: &[ResourceId], metrics: &[Metric], from: i64, to: i64) -> Query {
    Query {
        tenant: TenantId::DEFAULT,
        resources: resources.to_vec(),
        metrics: metrics.to_vec(),
        from: at(from),
        to: at(to),
        points: NonZeroU32::new(5000).unwrap(),
    }
}

/// One metric's averages.
pub(crate) fn averages(
    history: &History,
    resource: ResourceId,
    metric: Metric,
    from: i64,
    to: i64,
) -> Vec<Option<f64>> {
    only_column(history.query(&ask(&[resource], &[metric], from, to), &Cancel::default()).unwrap()).avg
}

pub(crate) fn only_column(answer: Answer) -> Column {
    let [column] = <[Column; 1]>::try_from(answer.columns).unwrap();
    column
}

/// How often long loops run: 10, or as `make soak` says (D-30).
pub(crate) fn rounds() -> u32 {
    std::env::var("MUSTER_SOAK_ROUNDS").map_or(10, |rounds| rounds.parse().expect("MUSTER_SOAK_ROUNDS is a number"))
}

/// Where a random test begins: told by `MUSTER_TEST_SEED`, new every time in the long loops, the same in a plain run, so
/// that a change is judged by what it changed. Printed, so that it can be told.
#[expect(clippy::print_stdout, reason = "a failure is repeated by it")]
pub(crate) fn seed() -> u64 {
    let told = std::env::var("MUSTER_TEST_SEED").ok().map(|seed| seed.parse().expect("MUSTER_TEST_SEED is a number"));
    let is_soak = std::env::var_os("MUSTER_SOAK_ROUNDS").is_some();
    let new = || if is_soak { u64::from_le_bytes(muster_runtime::Entropy::system().bytes()) } else { 42 };
    let seed = told.unwrap_or_else(new);
    println!("MUSTER_TEST_SEED={seed}");
    seed
}
