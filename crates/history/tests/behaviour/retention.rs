//! What is kept for how long: it goes by whole blocks, a little at a time, and its peaks stay in what is coarser.

use jiff::SignedDuration;
use muster_history::{Cancel, History, Options, Recorded, Retention, SeriesQuery, Tier};
use muster_model::{Metric, TenantId};

use crate::common::{append, ask, at, only_column, options, plan, vm};

const DAY: i64 = 8640;

/// Ticks between sweeps: ten minutes.
const SLOW: i64 = 60;

#[test]
fn samples_become_minutes_when_they_are_too_old_and_peaks_stay() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(&directory, short());
    let cpu = plan(&history, 60, &[(vm("a"), Metric::Cpu)]);
    for tick in (0..40 * DAY).step_by(SLOW as usize) {
        append(&history, cpu, tick, &[if tick == 3 * SLOW { 99.9 } else { 1.0 }]);
        if tick % 720 == 0 {
            history.flush().unwrap();
        }
        if tick % DAY == 0 {
            let peak =
                only_column(history.query(&ask(&[vm("a")], &[Metric::Cpu], 0, 720), &Cancel::default()).unwrap());
            let greatest = peak.max.iter().flatten().copied().reduce(f64::max);
            assert_eq!(greatest, (tick > 0).then_some(99.9).or(Some(1.0)), "day {}", tick / DAY);
            // Of two days of samples, the third has no sums by the minute; the day that was just too old has.
            let found = finest(&history, tick - 4 * DAY);
            assert_eq!(found, (tick >= 4 * DAY).then_some(Tier::Minute), "day {}", tick / DAY);
            assert_eq!(finest(&history, tick - DAY), (tick >= DAY).then_some(Tier::Raw), "day {}", tick / DAY);
        }
    }
    assert_eq!(finest(&history, 10 * DAY), Some(Tier::Hour));
    assert_eq!(finest(&history, 25 * DAY), Some(Tier::TenMinutes));
}

#[test]
fn a_clock_that_is_ahead_for_one_sweep_takes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(&directory, short());
    let cpu = plan(&history, 60, &[(vm("a"), Metric::Cpu)]);
    fill(&history, 0, 2 * DAY);
    let before = recorded(&history, 0, 2 * DAY);
    append(&history, cpu, 366 * DAY, &[5.0]);
    for _ in 0..3 {
        history.flush().unwrap();
    }
    append(&history, cpu, 2 * DAY, &[1.0]);
    history.flush().unwrap();
    assert_eq!(recorded(&history, 0, 2 * DAY - 1), before);
    assert_eq!(history.stats().expired_samples, 0);
}

#[test]
fn a_clock_that_is_ahead_again_and_again_takes_nothing() {
    // A sweep that is ahead ends every window, so that a flush comes of it each time.
    let directory = tempfile::tempdir().unwrap();
    let history = open(&directory, short());
    let cpu = plan(&history, 60, &[(vm("a"), Metric::Cpu)]);
    fill(&history, 0, 2 * DAY);
    let before = recorded(&history, 0, 2 * DAY - 1);
    for tick in (2 * DAY..2 * DAY + 720).step_by(SLOW as usize) {
        append(&history, cpu, tick, &[1.0]);
        append(&history, cpu, tick + 366 * DAY, &[5.0]);
        history.flush().unwrap();
    }
    assert_eq!(recorded(&history, 0, 2 * DAY - 1), before);
    assert_eq!(history.stats().expired_samples, 0);
}

#[test]
fn a_clock_that_stays_ahead_takes_little_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(&directory, short());
    let cpu = plan(&history, 60, &[(vm("a"), Metric::Cpu)]);
    fill(&history, 0, 20 * DAY);
    let count = |history: &History| recorded(history, 10 * DAY, 20 * DAY).len();
    let before = count(&history);
    for sweep in 0..2 {
        append(&history, cpu, 366 * DAY + sweep, &[5.0]);
        history.flush().unwrap();
    }
    assert!(count(&history) > before / 2, "{} of {before} are left", count(&history));
}

#[test]
fn less_is_kept_after_a_restart_with_a_shorter_retention() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(&directory, Retention::default());
    fill(&history, 0, 12 * DAY);
    let all = history.stats().tiers[0].points;
    history.close().unwrap();
    drop(history);
    let history = open(&directory, short());
    fill(&history, 12 * DAY, 20 * DAY);
    let stats = history.stats();
    assert!(stats.tiers[0].points < all / 3, "{} of {all} samples are left", stats.tiers[0].points);
    assert!(stats.tiers[0].oldest.unwrap() >= at(16 * DAY));
    assert_eq!(finest(&history, 15 * DAY), Some(Tier::Minute));
    let (count, sum) = counted(&history, 0, 20 * DAY - 1);
    assert_eq!((count, sum), (20 * 144, 20.0 * 144.0), "each is counted once, whatever became of it");
}

#[test]
fn what_is_late_for_time_that_has_faded_is_added_once() {
    //
    let directory = tempfile::tempdir().unwrap();
    let history = open(&directory, short());
    fill(&history, 0, 28 * DAY);
    let mut expected = 28 * 144;
    assert_eq!(counted(&history, 0, 28 * DAY - 1).0, expected);
    // Into minutes, ten minutes and hours; visible at once, and still after each of several flushes.
    for day in [24, 18, 2, 24, 2] {
        let cpu = plan(&history, 60, &[(vm("a"), Metric::Cpu)]);
        expected += 1;
        let tick = day * DAY + 7 + i64::try_from(expected).unwrap() % 50;
        append(&history, cpu, tick, &[3.0]);
        assert_eq!(counted(&history, 0, 28 * DAY - 1).0, expected, "day {day}, in memory");
        for pass in 0..3 {
            append(&history, cpu, 28 * DAY + i64::try_from(expected).unwrap() * 10 + pass, &[1.0]);
            history.flush().unwrap();
            assert_eq!(counted(&history, 0, 28 * DAY - 1).0, expected, "day {day}, pass {pass}");
        }
        let column = history.query(&ask(&[vm("a")], &[Metric::Cpu], tick, tick), &Cancel::default()).unwrap();
        assert_eq!(only_column(column).max, [Some(3.0)], "day {day}");
    }
}

#[test]
fn a_gap_does_not_make_an_answer_coarser() {
    // Sums that were made around a gap have nothing in it; samples that are there are still told one by one.
    let directory = tempfile::tempdir().unwrap();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let history = open(&directory, Retention { raw: days(30), ..Retention::default() });
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    let burst = |first: i64| (first..first + 60).for_each(|tick| drop(append(&history, cpu, tick, &[1.0])));
    // Some hours are missing, then two days.
    for first in [0, 2000, 3 * DAY, 4 * DAY, 14 * DAY, 15 * DAY] {
        burst(first);
        history.flush().unwrap();
    }
    assert!(history.stats().tiers[Tier::Hour as usize].points > 0, "the first ten days have been collected");
    for (from, to) in [(0, 2059), (2030, 3 * DAY + 30)] {
        let answer = history.query(&ask(&[vm("a")], &[Metric::Cpu], from, to), &Cancel::default()).unwrap();
        assert_eq!(answer.tier, Tier::Raw, "{from} to {to}");
    }
}

fn short() -> Retention {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    Retention { raw: days(2), minute: days(5), ten_minutes: days(12), hour: days(60) }
}

fn open(directory: &tempfile::TempDir, retention: Retention) -> History {
    History::open(directory.path(), Options { retention, ..options() }).unwrap()
}

/// A sweep every ten minutes, and blocks every two hours.
fn fill(history: &History, from: i64, to: i64) {
    let cpu = plan(history, 60, &[(vm("a"), Metric::Cpu)]);
    for tick in (from..to).step_by(SLOW as usize) {
        append(history, cpu, tick, &[1.0]);
        if tick % 720 == 0 {
            history.flush().unwrap();
        }
    }
}

fn recorded(history: &History, from: i64, to: i64) -> Vec<Recorded> {
    let (from, to) = (at(from), at(to));
    let query = SeriesQuery { tenant: TenantId::DEFAULT, resources: vec![vm("a")], metric: Metric::Cpu, from, to };
    let mut all = Vec::new();
    history.walk(&query, &Cancel::default(), |recorded| all.push(recorded)).unwrap();
    all
}

/// How many samples there are in whatever form, and their sum without what came late.
fn counted(history: &History, from: i64, to: i64) -> (u64, f64) {
    recorded(history, from, to).iter().fold((0, 0.0), |(all, total), recorded| match recorded {
        Recorded::Sample { value, .. } => (all + 1, total + value),
        Recorded::Bucket { count, sum, .. } => (all + count, total + sum),
    })
}

/// What the first thing after a tick is.
fn finest(history: &History, from: i64) -> Option<Tier> {
    recorded(history, from, from + 720).first().map(|recorded| match recorded {
        Recorded::Sample { .. } => Tier::Raw,
        Recorded::Bucket { tier, .. } => *tier,
    })
}
