//! Many readers beside one writer.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    thread,
};

use muster_history::{Cancel, ManyQuery, PlanSamples};
use muster_model::Metric;

use crate::common::{ask, at, open, plan, vm};

const SWEEPS: i64 = 600;

#[test]
fn nobody_ever_sees_half_a_sweep() {
    // every sweep writes its own number to all series of both plans. Readers find equal columns at any moment,
    // while blocks are written and taken from memory, too.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let first = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::Cpu)]);
    let second = plan(&history, 1, &[(vm("c"), Metric::Cpu), (vm("d"), Metric::Cpu)]);
    let (done, latest, looks) = (AtomicBool::new(false), AtomicI64::new(-1), AtomicI64::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    look(&history, latest.load(Ordering::Acquire));
                    looks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                history.flush().unwrap();
            }
        });
        for tick in 0..SWEEPS {
            let values = [tick as f64 / 10.0; 2];
            let sweep = [first, second].map(|plan| PlanSamples { plan, at: at(tick), values: &values });
            history.append(&sweep).unwrap();
            latest.store(tick, Ordering::Release);
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(looks.load(Ordering::Relaxed) > 0);
    look(&history, SWEEPS - 1);
}

fn look(history: &muster_history::History, at_least: i64) {
    let resources = ["a", "b", "c", "d"].map(|name| vec![vm(name)]).to_vec();
    let one = ask(&[vm("a")], &[Metric::Cpu], 0, SWEEPS - 1);
    let query = ManyQuery { resources, points: NonZeroU32::new(1000).unwrap(), ..one.into() };
    let answer = history.query_many(&query, &Cancel::default()).unwrap();
    let known = |columns: &Vec<muster_history::Column>| columns[0].avg.iter().flatten().copied().collect::<Vec<f64>>();
    let of_first = known(&answer.resources[0]);
    assert!(of_first.len() as i64 > at_least, "an acknowledged sweep is missing");
    let expected: Vec<_> = (0..of_first.len()).map(|tick| tick as f64 / 10.0).collect();
    assert_eq!(of_first, expected);
    assert!(answer.resources.iter().all(|columns| known(columns) == of_first), "half a sweep");
}
