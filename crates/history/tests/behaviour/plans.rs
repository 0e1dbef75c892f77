//! Plans that come and go, and plans that are slow.

use jiff::SignedDuration;
use muster_history::{AppendError, Cancel, Gap, History, Options, PlanSamples, Query, Retention};
use muster_model::Metric;

use crate::common::{append, ask, at, only_column, open, options, plan, vm};

/// Four hours: even a sum by the hour knows of it.
const SILENCE: i64 = 1440;

#[test]
fn plans_that_are_no_longer_used_are_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let mut most = (0, 0);
    for tick in 0..10 * 360 {
        // What there is to sample changes every minute.
        let number = tick / 6;
        let churning = plan(
            &history,
            1,
            &[
                (vm("a"), Metric::Cpu),
                (vm(&(number % 50).to_string()), Metric::Memory),
                (vm("b"), Metric::ALL[(number % 7) as usize]),
            ],
        );
        append(&history, churning, tick, &[1.0; 3]);
        if tick % 360 == 359 {
            history.flush().unwrap();
            let stats = history.stats();
            most = (most.0.max(stats.plans), most.1.max(stats.memory_bytes));
        }
    }
    // Two hours come to 120 plans; one that was used within the last hour stays.
    assert!(most.0 <= 130, "{} plans", most.0);
    assert!(most.1 < 4 << 20, "{} bytes", most.1);
    let all = only_column(history.query(&ask(&[vm("a")], &[Metric::Cpu], 0, 3599), &Cancel::default()).unwrap());
    assert_eq!(all.avg.iter().flatten().count(), 3600);
}

#[test]
fn only_a_plan_that_was_followed_and_idle_for_long_must_be_named_again() {
    let check = |idle: i64, is_followed: bool, expected: bool| {
        let directory = tempfile::tempdir().unwrap();
        let history = open(directory.path());
        let old = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
        append(&history, old, 0, &[1.0]);
        history.flush().unwrap();
        let other = if is_followed { plan(&history, 1, &[(vm("b"), Metric::Cpu)]) } else { old };
        append(&history, other, idle, &[1.0]);
        history.flush().unwrap();
        let again = history.append(&[PlanSamples { plan: old, at: at(idle + 1), values: &[2.0] }]);
        assert_eq!(matches!(again, Err(AppendError::UnknownPlan { .. })), expected, "{idle} {is_followed}: {again:?}");
        let renamed = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
        append(&history, renamed, idle + 2, &[3.0]);
        let found =
            only_column(history.query(&ask(&[vm("a")], &[Metric::Cpu], 0, idle + 2), &Cancel::default()).unwrap());
        assert_eq!((found.avg[0], found.avg[found.avg.len() - 1]), (Some(1.0), Some(3.0)));
    };
    check(300, true, false);
    check(400, true, true);
    check(4000, false, false);
}

#[test]
fn slow_plans_keep_their_period_through_all_resolutions() {
    // D-10: gaps are judged by the plan's own period, whatever became of its samples.
    for period in [30, 360] {
        let directory = tempfile::tempdir().unwrap();
        let mut history = short(&directory);
        let day = 8640;
        let silent = |tick: i64| (3 * day..3 * day + SILENCE).contains(&tick);
        for tick in (0..40 * day).step_by(period as usize).filter(|tick| !silent(*tick)) {
            let slow = plan(&history, period, &[(vm("a"), Metric::Cpu)]);
            append(&history, slow, tick, &[1.0]);
            if tick % 720 == 0 {
                history.flush().unwrap();
            }
            let age = tick / day;
            if tick % day == 0 && [5, 8, 20, 39].contains(&age) {
                history.close().unwrap();
                drop(history);
                history = short(&directory);
                check_gap(&history, i64::from(period), age);
            }
        }
    }
}

/// The one gap there was is still known, to the bucket, and no other.
fn check_gap(history: &History, period: i64, age: i64) {
    let day = 8640;
    let query = Query { points: 2000.try_into().unwrap(), ..ask(&[vm("a")], &[Metric::Cpu], 2 * day, 5 * day) };
    let answer = history.query(&query, &Cancel::default()).unwrap();
    let width = answer.tier.width().unwrap_or(SignedDuration::from_secs(10));
    let [column] = &answer.columns[..] else { panic!("one metric was asked for") };
    let [Gap { from, to }] = column.gaps[..] else {
        panic!("period {period}, age {age}, {:?}: {:?}", answer.tier, column.gaps)
    };
    let near = |found: jiff::Timestamp, tick| found.duration_since(at(tick)).abs() <= width;
    assert!(near(from, 3 * day - period) && near(to, 3 * day + SILENCE), "{:?}: {from} to {to}", answer.tier);
}

fn short(directory: &tempfile::TempDir) -> History {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let retention = Retention { raw: days(2), minute: days(5), ten_minutes: days(12), hour: days(60) };
    History::open(directory.path(), Options { retention, ..options() }).unwrap()
}
