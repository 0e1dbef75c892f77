//! Questions that are large enough for several threads.

use std::num::NonZeroU32;

use muster_history::{Answer, Cancel, History, Query};
use muster_model::Metric;

use crate::common::{append, ask, open, plan, vm};

const METRICS: [Metric; 7] = [
    Metric::Cpu,
    Metric::MemoryUsed,
    Metric::Disk,
    Metric::NetIn,
    Metric::NetOut,
    Metric::Temperature,
    Metric::SmartPowerOnHours,
];

const DAY: i64 = 8640;
const DAYS: i64 = 140;
const SLOW: i64 = 60;

#[test]
fn however_many_threads_read_months_they_tell_the_same() {
    //
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    live(&history);
    for (points, from) in [(300, 0), (300, 11 * DAY / 2), (37, -30 * DAY), (5000, DAY)] {
        let points = NonZeroU32::new(points).unwrap();
        let query = Query { points, ..ask(&[vm("a")], &METRICS, from, DAYS * DAY - 1) };
        let alone = answer(&history, &query, 1);
        assert!(alone.columns.iter().all(|column| column.avg.iter().flatten().count() > 10 && !column.gaps.is_empty()));
        for threads in [2, 3] {
            let shared = answer(&history, &query, threads);
            assert_eq!(shared.times, alone.times);
            assert_eq!(shared.columns, alone.columns, "{points} points from {from} by {threads} threads");
        }
    }
}

/// Months with gaps of hours and days, one of them at the end of ten days, and a metric that begins late.
fn live(history: &History) {
    let all = plan(history, SLOW as u32, &METRICS.map(|metric| (vm("a"), metric)));
    let but_one: Vec<_> = METRICS[1..].iter().map(|metric| (vm("a"), *metric)).collect();
    let but_one = plan(history, SLOW as u32, &but_one);
    for day in (0..DAYS).filter(|day| ![17, 59, 60, 133].contains(day)) {
        for sweep in (0..DAY / SLOW).filter(|sweep| day % 20 != 19 || *sweep < 100) {
            let tick = day * DAY + sweep * SLOW;
            let wave = (tick as f64 / 999.0).sin();
            let values = [50.0 + 40.0 * wave, 8e9 + 1e9 * wave, 33.0, 1e6 * wave.abs(), 7.0, 40.0 + wave, tick as f64];
            if day < 40 {
                append(history, but_one, tick, &values[1..])
            } else {
                append(history, all, tick, &values)
            };
        }
        history.flush().unwrap();
    }
}

fn answer(history: &History, query: &Query, threads: usize) -> Answer {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| history.query(query, &Cancel::default())).unwrap()
}
