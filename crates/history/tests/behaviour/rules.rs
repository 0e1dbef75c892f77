//! The rules of the specification, one by one.

use jiff::SignedDuration;
use muster_history::{
    AppendError, BackfillSeries, Cancel, Gap, History, ManyQuery, Options, PlanSamples, QueryError, Sync, Tier,
};
use muster_model::{Metric, SourceId, TenantId};

use crate::common::{append, ask, at, averages, only_column, open, options, plan, vm};

#[test]
fn one_series_has_one_key_on_every_path() {
    // memory, log and blocks answer under the same id; the tenant is part of the key (D-4, D-11).
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    append(&history, cpu, 0, &[1.0]);
    history.flush().unwrap();
    append(&history, cpu, 1, &[2.0]);
    drop(history);
    let history = open(directory.path());
    assert_eq!(plan(&history, 1, &[(vm("a"), Metric::Cpu)]), cpu);
    append(&history, cpu, 2, &[3.0]);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 2), [Some(1.0), Some(2.0), Some(3.0)]);
    assert_eq!(averages(&history, vm("b"), Metric::Cpu, 0, 0), [None]);
    let of_another =
        muster_history::Query { tenant: "other".parse().unwrap(), ..ask(&[vm("a")], &[Metric::Cpu], 0, 2) };
    assert_eq!(only_column(history.query(&of_another, &Cancel::default()).unwrap()).avg, [None, None, None]);
}

#[test]
fn a_second_write_at_one_instant_replaces_the_first() {
    // R-33, D-10: whether the first is in memory or in a block already.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let both = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("a"), Metric::Memory)]);
    append(&history, both, 0, &[1.0, 10.0]);
    assert_eq!(append(&history, both, 0, &[2.0, f64::NAN]).replaced, 1);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [Some(2.0)]);
    history.flush().unwrap();
    append(&history, both, 0, &[3.0, f64::NAN]);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [Some(3.0)]);
    drop(history);
    let history = open(directory.path());
    history.flush().unwrap();
    drop(history);
    let history = open(directory.path());
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [Some(3.0)]);
    assert_eq!(averages(&history, vm("a"), Metric::Memory, 0, 0), [Some(10.0)]);
}

#[test]
fn values_are_rounded_once_at_the_door() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let series = [(vm("a"), Metric::Cpu), (vm("a"), Metric::NetIn), (vm("a"), Metric::Memory)];
    let three = plan(&history, 1, &series);
    append(&history, three, 0, &[12.345, 123_456.0, f64::INFINITY]);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [Some(12.3)]);
    assert_eq!(averages(&history, vm("a"), Metric::NetIn, 0, 0), [Some(123_000.0)]);
    // D-9: what is no number is unknown, not zero.
    assert_eq!(averages(&history, vm("a"), Metric::Memory, 0, 0), [None]);
}

#[test]
fn a_missing_slot_is_a_gap_after_two_and_a_half_periods() {
    // D-10
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let slow = plan(&history, 6, &[(vm("a"), Metric::Cpu)]);
    for tick in [0, 6, 18, 36] {
        append(&history, slow, tick, &[1.0]);
    }
    let column = only_column(history.query(&ask(&[vm("a")], &[Metric::Cpu], 0, 60), &Cancel::default()).unwrap());
    assert_eq!(column.gaps, [Gap { from: at(18), to: at(36) }, Gap { from: at(36), to: at(60) }]);
}

#[test]
fn an_alias_continues_the_series_of_its_resource() {
    // D-11: united by time; where both have a sample, the resource's own counts.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let old = plan(&history, 1, &[(vm("absorbed"), Metric::Cpu)]);
    let new = plan(&history, 1, &[(vm("survivor"), Metric::Cpu)]);
    append(&history, old, 0, &[1.0]);
    append(&history, new, 1, &[2.0]);
    append(&history, old, 1, &[9.0]);
    append(&history, new, 2, &[3.0]);
    let united =
        history.query(&ask(&[vm("survivor"), vm("absorbed")], &[Metric::Cpu], 0, 2), &Cancel::default()).unwrap();
    assert_eq!(only_column(united).avg, [Some(1.0), Some(2.0), Some(3.0)]);
}

#[test]
fn memory_answers_what_it_covers() {
    // of a window of 60 minutes, 45 suffice and 40 do not.
    let check = |minutes: i64, expected: bool| {
        let directory = tempfile::tempdir().unwrap();
        let history = open(directory.path());
        let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("a"), Metric::Memory)]);
        for tick in 360 - minutes * 6..=360 {
            append(&history, cpu, tick, &[1.0, f64::NAN]);
        }
        let answer = |metrics: &[Metric]| {
            history.query(&ask(&[vm("a")], metrics, 0, 360), &Cancel::default()).unwrap().from_memory
        };
        assert_eq!(answer(&[Metric::Cpu, Metric::Memory]), expected, "{minutes} minutes");
        assert!(!answer(&[Metric::Memory]), "a metric that was not asked for does not count");
    };
    check(45, true);
    check(40, false);
}

#[test]
fn memory_does_not_hide_what_blocks_know() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for tick in 0..60 {
        append(&history, cpu, tick, &[1.0]);
    }
    history.close().unwrap();
    drop(history);
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for tick in 60..=360 {
        append(&history, cpu, tick, &[2.0]);
    }
    let answer = history.query(&ask(&[vm("a")], &[Metric::Cpu], 0, 360), &Cancel::default()).unwrap();
    assert!(!answer.from_memory);
    let column = only_column(answer);
    assert_eq!((column.avg[59], column.avg[60]), (Some(1.0), Some(2.0)));
    assert_eq!(column.gaps, []);
}

#[test]
fn the_memory_window_is_answered_without_the_disk() {
    // memory that covers the window is served, and the store sees nothing of it, blocks written or not.
    let directory = tempfile::tempdir().unwrap();
    let hour = SignedDuration::from_hours(1);
    let options = Options { memory_window: hour, block_span: hour / 6, ..options() };
    let history = History::open(directory.path(), options).unwrap();
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for tick in 0..2000 {
        append(&history, cpu, tick, &[1.0]);
        if tick % 60 == 0 {
            history.flush().unwrap();
        }
    }
    assert!(history.query(&ask(&[vm("a")], &[Metric::Cpu], 2000 - 360, 2000), &Cancel::default()).unwrap().from_memory);
    assert_eq!(history.stats().chunks_read, 0);
    let older = history.query(&ask(&[vm("a")], &[Metric::Cpu], 0, 2000), &Cancel::default()).unwrap();
    assert!(!older.from_memory);
    assert_eq!(only_column(older).avg.iter().flatten().count(), 2000);
    assert!(history.stats().chunks_read > 0);
}

#[test]
fn a_narrow_question_reads_narrowly() {
    // one block, eight metrics, two asked for: two chunks.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let series: Vec<_> = Metric::ALL[..8].iter().map(|metric| (vm("a"), *metric)).collect();
    let wide = plan(&history, 1, &series);
    append(&history, wide, 0, &[1.0; 8]);
    history.close().unwrap();
    drop(history);
    let history = open(directory.path());
    let answer = history.query(&ask(&[vm("a")], &[Metric::Cpu, Metric::Disk], 0, 0), &Cancel::default()).unwrap();
    assert_eq!(answer.columns.iter().map(|column| column.avg[0]).collect::<Vec<_>>(), [Some(1.0); 2]);
    assert_eq!(history.stats().chunks_read, 2);
}

#[test]
fn a_sweep_is_one_write() {
    // three plans in one sweep are one record; a reader of the file finds all of it or nothing.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let plans: Vec<_> = ["a", "b", "c"].iter().map(|name| plan(&history, 1, &[(vm(name), Metric::Cpu)])).collect();
    let sweep: Vec<_> = plans.iter().map(|plan| PlanSamples { plan: *plan, at: at(0), values: &[1.0] }).collect();
    history.append(&sweep).unwrap();
    drop(history);
    let log = directory.path().join("sweeps-00000001.log");
    let whole = std::fs::read(&log).unwrap();
    for length in 0..=whole.len() {
        std::fs::write(&log, &whole[..length]).unwrap();
        let history = open(directory.path());
        let known: Vec<_> =
            ["a", "b", "c"].iter().map(|name| averages(&history, vm(name), Metric::Cpu, 0, 0)[0]).collect();
        assert_eq!(known, [(length == whole.len()).then_some(1.0); 3], "cut at {length}");
    }
}

#[test]
fn a_stamp_in_the_far_future_blinds_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    append(&history, cpu, 0, &[1.0]);
    append(&history, cpu, 100_000_000, &[9.0]);
    history.flush().unwrap();
    for tick in 1..100 {
        append(&history, cpu, tick, &[2.0]);
    }
    history.flush().unwrap();
    let column = only_column(history.query(&ask(&[vm("a")], &[Metric::Cpu], 0, 99), &Cancel::default()).unwrap());
    assert_eq!(column.avg[0], Some(1.0));
    assert_eq!(column.avg.iter().flatten().count(), 100);
    assert_eq!(history.stats().late_samples, 1, "only the first one back is older than the window");
}

#[test]
fn a_late_sweep_is_placed_where_it_belongs() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    append(&history, cpu, 20_000, &[3.0]);
    assert_eq!(append(&history, cpu, 19_000, &[2.0]).late, 0);
    append(&history, cpu, 20_001, &[4.0]);
    assert_eq!(append(&history, cpu, 5, &[1.0]).late, 1);
    history.flush().unwrap();
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 5, 5), [Some(1.0)]);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 19_000, 19_000), [Some(2.0)]);
}

#[test]
fn several_resources_share_one_time_axis() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::Cpu)]);
    append(&history, cpu, 0, &[1.0, 5.0]);
    append(&history, cpu, 1, &[2.0, f64::NAN]);
    let one = ask(&[vm("a")], &[Metric::Cpu], 0, 1);
    let query = ManyQuery { resources: vec![vec![vm("a")], vec![vm("b")], vec![vm("c")]], ..one.clone().into() };
    let answer = history.query_many(&query, &Cancel::default()).unwrap();
    assert_eq!(answer.resources[0], history.query(&one, &Cancel::default()).unwrap().columns);
    assert_eq!(answer.resources[1][0].avg, [Some(5.0), None]);
    assert_eq!(answer.resources[2][0].avg, [None, None]);
    assert_eq!(answer.times.len(), 2);
}

#[test]
fn senseless_input_is_refused_whole() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    let good = PlanSamples { plan: cpu, at: at(0), values: &[1.0] };
    let bad = PlanSamples { values: &[1.0, 2.0], ..good };
    assert!(matches!(history.append(&[good, bad]), Err(AppendError::Width { expected: 1, given: 2, .. })));
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [None]);
    assert!(matches!(history.query(&ask(&[], &[Metric::Cpu], 0, 1), &Cancel::default()), Err(QueryError::Nothing)));
    assert!(matches!(
        history.query(&ask(&[vm("a")], &[Metric::Cpu], 1, 0), &Cancel::default()),
        Err(QueryError::Backwards { .. })
    ));
    history.close().unwrap();
    assert_eq!(history.append(&[good]), Err(AppendError::Closed));
    history.close().unwrap();
}

#[test]
fn enough_becomes_blocks_by_itself() {
    // D-12: the log is compacted without anybody asking.
    let directory = tempfile::tempdir().unwrap();
    let options = Options { block_span: SignedDuration::from_mins(10), sync: Sync::Full, ..Options::default() };
    let history = History::open(directory.path(), options).unwrap();
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for round in 0..2 {
        (0..100).for_each(|tick| drop(append(&history, cpu, round * 100 + tick, &[1.0])));
        // It is done on another thread.
        let mut looks = (0..100_000_000).map(|_| {
            std::thread::yield_now();
            history.stats().flushes
        });
        assert!(looks.any(|flushes| flushes > round as u64), "nobody wrote a block");
    }
    history.close().unwrap();
    assert!(!history.stats().files.iter().any(|file| file.name.ends_with(".log")));
    assert_eq!(history.stats().stored_samples, 200);
}

#[test]
fn a_window_is_summed_up_as_soon_as_it_has_ended() {
    // What is not summed up yet is read sample by sample.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    (0..1080 + 8).for_each(|tick| drop(append(&history, cpu, tick, &[1.0])));
    history.flush().unwrap();
    let ten_minutes = history.stats().tiers.into_iter().find(|tier| tier.tier == Tier::TenMinutes).unwrap();
    assert_eq!(ten_minutes.newest, Some(at(1079)));
}

#[test]
fn sources_that_see_the_same_thing_are_counted_once() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let agent = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    let other: SourceId = "proxmox:lab".parse().unwrap();
    let period = history.period(SignedDuration::from_secs(10));
    let proxmox = history.plan(&TenantId::DEFAULT, &other, period, &[(vm("a"), Metric::Cpu)]).unwrap();
    append(&history, agent, 0, &[1.0]);
    append(&history, proxmox, 0, &[3.0]);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [Some(3.0)]);
    append(&history, agent, 0, &[5.0]);
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [Some(5.0)]);
}

#[test]
fn a_backfill_that_is_larger_than_memory_loses_nothing() {
    // R-40, D-12: it comes faster than blocks are written.
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(directory.path(), Options { memory_bytes: 1 << 20, ..options() }).unwrap();
    let period = history.period(SignedDuration::from_secs(10));
    for first in (0..300_000).step_by(50_000) {
        let samples = (first..first + 50_000).map(|tick| (at(tick), (tick % 97) as f64)).collect();
        let series = [BackfillSeries { resource: vm("a"), former: Vec::new(), metric: Metric::Cpu, samples }];
        let source = SourceId::local_agent();
        let done = history.backfill(&TenantId::DEFAULT, &source, period, &series, &Cancel::default()).unwrap();
        assert_eq!(done.written, 50_000);
    }
    assert_eq!(history.stats().shed_samples, 0);
    history.flush().unwrap();
    assert_eq!(history.stats().stored_samples, 300_000);
}
