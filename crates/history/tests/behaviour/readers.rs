//! Readers while the keeper unites, sums up and deletes: every answer is complete at any moment.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    thread,
};

use jiff::SignedDuration;
use muster_history::{Cancel, History, ManyQuery, Options, Recorded, Retention, SeriesQuery};
use muster_model::{Metric, TenantId};

use crate::common::{append, ask, at, only_column, options, plan, vm};

const SLOW: i64 = 60;
const SWEEPS: i64 = 25 * 144;

#[test]
fn every_answer_is_complete_whatever_the_keeper_does() {
    let directory = tempfile::tempdir().unwrap();
    let history = open_thinning(directory.path());
    let count = plan(&history, 60, &[(vm("a"), Metric::SmartPowerOnHours)]);
    let (done, latest, looks) = (AtomicBool::new(false), AtomicI64::new(0), AtomicI64::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    look(&history, latest.load(Ordering::Acquire));
                    looks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for sweep in 0..SWEEPS {
            append(&history, count, sweep * SLOW, &[sweep as f64]);
            latest.store(sweep + 1, Ordering::Release);
            if sweep % 12 == 0 {
                history.flush().unwrap();
            }
            // Late for what has faded, been collected, and is left by the hour only.
            if sweep % 333 == 332 {
                late(&history, sweep);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(looks.load(Ordering::Relaxed) > 0);
    println!("{} looks", looks.load(Ordering::Relaxed));
}

/// Sweeps of another metric, so that the blocks change and the count does not.
fn late(history: &History, sweep: i64) {
    let cpu = plan(history, 60, &[(vm("a"), Metric::Cpu)]);
    for age in [300, 700, 2000] {
        if sweep > age {
            append(history, cpu, (sweep - age) * SLOW + 7, &[1.0]);
        }
    }
}

fn look(history: &History, at_least: i64) {
    let (mut count, mut total) = (0, 0.0);
    let query = all_sweeps();
    let add = |recorded| match recorded {
        Recorded::Sample { value, .. } => (count, total) = (count + 1, total + value),
        Recorded::Bucket { count: more, sum, .. } => (count, total) = (count + more as i64, total + sum),
    };
    history.walk(&query, &Cancel::default(), add).unwrap();
    assert!(count >= at_least, "{count} of {at_least}");
    assert_eq!(total, (0..count).sum::<i64>() as f64, "{count} sweeps");
    let column = history.query(&ask(&[vm("a")], &[Metric::SmartPowerOnHours], 0, SWEEPS * SLOW), &Cancel::default());
    let column = only_column(column.unwrap());
    let greatest = column.max.iter().flatten().copied().fold(0.0, f64::max);
    assert!(greatest >= (at_least - 1) as f64, "{greatest} of {at_least}");
    let least = column.min.iter().flatten().next();
    assert!(at_least == 0 || least == Some(&0.0), "{least:?}");
}

#[test]
fn a_large_question_is_answered_while_blocks_are_written() {
    const RESOURCES: usize = 150;
    const TICKS: i64 = 4320;
    // So many that no slow machine gets there before the answer. Who waits for the last of them is found out too.
    const MOST_WRITES: i64 = 5000;
    let directory = tempfile::tempdir().unwrap();
    let memory_window = SignedDuration::from_hours(1);
    let history = History::open(directory.path(), Options { memory_window, ..options() }).unwrap();
    let resources: Vec<_> = (0..RESOURCES).map(|number| vm(&number.to_string())).collect();
    let series: Vec<_> = resources.iter().map(|id| (*id, Metric::Cpu)).collect();
    let (wide, lone) = (plan(&history, 1, &series), plan(&history, 1, &[(vm("lone"), Metric::Cpu)]));
    (0..TICKS).for_each(|tick| drop(append(&history, wide, tick, &[tick as f64 % 100.0; RESOURCES])));
    history.flush().unwrap();
    let (is_answered, writes) = (AtomicBool::new(false), AtomicI64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_answered.load(Ordering::Relaxed) && writes.load(Ordering::Relaxed) < MOST_WRITES {
                let write = writes.fetch_add(1, Ordering::Relaxed);
                append(&history, lone, TICKS + write, &[1.0]);
                history.flush().unwrap();
            }
        });
        while writes.load(Ordering::Relaxed) < 3 {
            thread::yield_now();
        }
        let query = ManyQuery::from(ask(&[], &[Metric::Cpu], 0, TICKS - 1));
        let query = ManyQuery { resources: resources.iter().map(|id| vec![*id]).collect(), ..query };
        let answer = history.query_many(&query, &Cancel::default()).unwrap();
        is_answered.store(true, Ordering::Relaxed);
        let known = answer.resources.iter().map(|columns| columns[0].avg.iter().flatten().count() as i64);
        assert_eq!(known.collect::<Vec<_>>(), vec![TICKS; RESOURCES]);
    });
    assert!(writes.load(Ordering::Relaxed) < MOST_WRITES, "it was answered only after the last write");
}

#[test]
fn a_walk_is_complete_although_all_blocks_become_others_meanwhile() {
    // what was read ten days at a time is told once, whatever holds the rest by then.
    let directory = tempfile::tempdir().unwrap();
    let history = open_thinning(directory.path());
    let count = plan(&history, 60, &[(vm("a"), Metric::SmartPowerOnHours)]);
    let append = |sweep: i64| append(&history, count, sweep * SLOW, &[sweep as f64]);
    (0..SWEEPS).for_each(|sweep| drop(append(sweep)));
    let query = all_sweeps();
    let (mut told, mut next) = (Vec::new(), SWEEPS);
    let add = |recorded| {
        // Days end, samples fade and are summed up while the walk stands.
        if told.len() % 900 == 0 {
            (next..next + 300).for_each(|sweep| drop(append(sweep)));
            history.flush().unwrap();
            next += 300;
        }
        told.push(match recorded {
            Recorded::Sample { value, .. } => (1, value),
            Recorded::Bucket { count, sum, .. } => (count, sum),
        });
    };
    history.walk(&query, &Cancel::default(), add).unwrap();
    assert!(told.len() < SWEEPS as usize, "nothing was summed up meanwhile");
    assert_eq!(told.iter().map(|(count, _)| count).sum::<u64>(), SWEEPS as u64);
    assert_eq!(told.iter().map(|(_, sum)| sum).sum::<f64>(), (0..SWEEPS).sum::<i64>() as f64);
}

/// A history that sums up within days.
fn open_thinning(directory: &Path) -> History {
    let hours = SignedDuration::from_hours;
    let retention = Retention { raw: hours(24), minute: hours(48), ten_minutes: hours(96), hour: hours(24 * 365) };
    History::open(directory, Options { retention, ..options() }).unwrap()
}

fn all_sweeps() -> SeriesQuery {
    SeriesQuery {
        tenant: TenantId::DEFAULT,
        resources: vec![vm("a")],
        metric: Metric::SmartPowerOnHours,
        from: at(0),
        to: at(SWEEPS * SLOW),
    }
}
