//! What happens between two steps of one sweep, step by step.

use jiff::Timestamp;
use muster_model::ResourceKind;

use super::*;
use crate::options::Sync;

#[test]
fn a_plan_that_is_forgotten_between_door_and_memory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(directory.path(), Options { sync: Sync::None, ..Options::default() }).unwrap();
    let cpu = |name| {
        let series = [(ResourceId::mint(ResourceKind::Vm, name), Metric::Cpu)];
        let period = history.period(SignedDuration::from_secs(10));
        history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series).unwrap()
    };
    let (old, new) = (cpu("a"), cpu("b"));
    let sample = |plan, minutes| {
        let at = "2026-11-21T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes);
        PlanSamples { plan, at, values: &[1.0] }
    };
    history.append(&[sample(old, 0)]).unwrap();
    let shared = &history.0.shared;
    let rows = shared.admit(&[sample(old, 120)]).unwrap();
    history.append(&[sample(new, 120)]).unwrap();
    history.flush().unwrap();
    let placed = shared.place(&mut shared.intake(), rows, When::Now);
    assert_eq!(placed, Err(AppendError::UnknownPlan { plan: old }));
    history.flush().unwrap();
    history.append(&[sample(new, 121)]).unwrap();
}

#[test]
fn memory_that_is_full_of_the_past_does_not_say_what_time_it_is() {
    // A clock is a year ahead for two sweeps, and a single flush has seen it.
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(directory.path(), Options { sync: Sync::None, ..Options::default() }).unwrap();
    let series = [(ResourceId::mint(ResourceKind::Vm, "a"), Metric::Cpu)];
    let period = history.period(SignedDuration::from_secs(10));
    let cpu = history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series).unwrap();
    let sample = |ticks: i64| {
        let at = "2026-11-21T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(10 * ticks);
        PlanSamples { plan: cpu, at, values: &[1.0] }
    };
    for ticks in [[0, 1], [365 * 8640, 365 * 8640 + 1]] {
        ticks.into_iter().for_each(|tick| drop(history.append(&[sample(tick)]).unwrap()));
        history.flush().unwrap();
    }
    history.append_past(&[sample(-8640)]).unwrap();
    history.ask_keeper(Request::Room).unwrap();
    history.flush().unwrap();
    let raw = |history: &History| history.stats().tiers[0].points;
    assert_eq!((raw(&history), history.stats().expired_samples), (5, 0));
}
