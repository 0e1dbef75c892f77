//! Samples on their way to a store elsewhere: in order, resumable, kept until they have arrived; and older spans asked back.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use muster_history::{
    Archive, ArchiveBucket, ArchiveError, ArchiveQuery, Cancel, History, Options, Parcel, Query, Tier,
};
use muster_model::{Metric, ResourceId};

use crate::common::{START, append, ask, at, only_column, options, plan, vm};

#[test]
fn everything_is_shipped_once_and_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = open(directory.path());
    let mut shipped: Vec<(ResourceId, i64, f64)> = Vec::new();
    let mut expected = Vec::new();
    for tick in 0..3000 {
        let both = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::Cpu)]);
        append(&history, both, tick, &[tick as f64 % 100.0, 1.0]);
        expected.extend([(vm("a"), tick, tick as f64 % 100.0), (vm("b"), tick, 1.0)]);
        if tick % 700 == 699 {
            history.flush().unwrap();
        }
        if tick % 1000 == 999 {
            take(&history, &mut shipped, 900);
            history.close().unwrap();
            drop(history);
            history = open(directory.path());
        }
    }
    history.flush().unwrap();
    take(&history, &mut shipped, 900);
    for id in [vm("a"), vm("b")] {
        let of = |all: &[(ResourceId, i64, f64)]| all.iter().filter(|it| it.0 == id).copied().collect::<Vec<_>>();
        assert_eq!(of(&shipped), of(&expected));
    }
    assert_eq!(history.parcel(1).unwrap(), None);
}

#[test]
fn an_unconfirmed_parcel_comes_again_and_its_blocks_wait() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for tick in 0..20_000 {
        append(&history, cpu, tick, &[1.0]);
        if tick % 1000 == 999 {
            history.flush().unwrap();
        }
    }
    let first = history.parcel(1).unwrap().unwrap();
    assert_eq!(history.parcel(1).unwrap().as_ref(), Some(&first));
    let sums = |history: &History| history.stats().tiers[Tier::TenMinutes as usize].points;
    assert_eq!(sums(&history), 0, "what was not shipped is not dealt with");
    take(&history, &mut Vec::new(), 1_000_000);
    history.flush().unwrap();
    assert!(sums(&history) > 300, "what was shipped is: {}", sums(&history));
}

#[test]
fn a_leaf_of_the_file_that_cannot_be_read_does_not_hold_up_what_follows() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let both = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::Cpu)]);
    append(&history, both, 0, &[1.0, 2.0]);
    history.flush().unwrap();
    history.close().unwrap();
    drop(history);
    let pack = damage_leaf(directory.path());

    let history = open(directory.path());
    let parcel = history.parcel(10).unwrap().unwrap();
    assert!(parcel.series.is_empty() && parcel.position >= pack, "{parcel:?}");
    history.confirm(parcel.position).unwrap();
    assert_eq!(history.parcel(10).unwrap(), None);
    assert!(history.stats().chunks_damaged > 0);
}

#[test]
fn opening_without_shipping_forgets_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    append(&history, cpu, 0, &[1.0]);
    history.flush().unwrap();
    let waiting = history.parcel(10).unwrap().unwrap();
    history.close().unwrap();
    drop(history);
    let elsewhere = History::open(directory.path(), options()).unwrap();
    assert_eq!(elsewhere.parcel(10).unwrap(), None);
    elsewhere.close().unwrap();
    drop(elsewhere);
    assert_eq!(open(directory.path()).parcel(10).unwrap(), Some(waiting));
}

#[test]
fn a_gap_is_told_of_after_a_restart_too() {
    // D-10
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    append(&history, cpu, 0, &[1.0]);
    history.flush().unwrap();
    take(&history, &mut Vec::new(), 10);
    history.close().unwrap();
    drop(history);
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for tick in [100, 101, 200] {
        append(&history, cpu, tick, &[1.0]);
    }
    history.flush().unwrap();
    let parcel = history.parcel(10).unwrap().unwrap();
    let gaps: Vec<_> = parcel.series[0].samples.iter().map(|sample| sample.gap_before_ms).collect();
    let ms = |tick| at(tick).as_millisecond();
    assert_eq!(gaps, [Some(ms(0)), None, Some(ms(101))]);
    assert_eq!(parcel.series[0].period_ms, 10_000);
}

#[test]
fn sources_that_stamp_differently_make_no_gaps() {
    // D-10: what two sources stamped overlaps by some ticks wherever a block ends.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let (a, b) = (plan(&history, 1, &[(vm("a"), Metric::Cpu)]), plan(&history, 1, &[(vm("b"), Metric::Cpu)]));
    for tick in 0..600 {
        append(&history, a, tick, &[1.0]);
        append(&history, b, tick - 3, &[1.0]);
        if tick % 100 == 99 {
            history.flush().unwrap();
            assert_eq!(gaps(&history), [], "at {tick}");
        }
    }
}

#[test]
fn what_comes_late_makes_no_gap_in_what_comes_after_it() {
    // D-10
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for tick in [1000, 1001, 200, 1002] {
        append(&history, cpu, tick, &[1.0]);
        history.flush().unwrap();
        if tick == 1001 {
            assert_eq!(gaps(&history), []);
        }
    }
    assert_eq!(gaps(&history), []);
}

#[test]
fn what_is_older_is_asked_of_the_store_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let archive = Arc::new(Elsewhere::default());
    history.set_archive(Arc::clone(&archive) as Arc<dyn Archive>);
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    for tick in 0..720 {
        append(&history, cpu, tick, &[5.0]);
    }
    let query =
        |from| Query { points: 20.try_into().unwrap(), ..ask(&[vm("a"), vm("alias")], &[Metric::Cpu], from, 719) };
    let answer = history.query(&query(-720), &Cancel::default()).unwrap();
    let asked = archive.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].resources, [[vm("a"), vm("alias")]]);
    assert!(asked[0].to_ms <= START * 1000, "only what is not here");
    let is_from_memory = answer.from_memory;
    let column = only_column(answer);
    assert_eq!((column.avg[2], column.max[2]), (Some(2.0), Some(3.0)));
    assert_eq!(column.avg.last(), Some(&Some(5.0)));
    assert!(!is_from_memory, "R-37: memory has half of it");
    history.query(&query(60), &Cancel::default()).unwrap();
    assert_eq!(archive.asked.lock().unwrap().len(), 1, "what is here is not asked for");
}

#[test]
fn a_store_elsewhere_that_fails_is_said_and_does_no_harm() {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    history.set_archive(Arc::new(Elsewhere { fails: true, ..Elsewhere::default() }));
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    append(&history, cpu, 0, &[5.0]);
    let answer = history.query(&ask(&[vm("a")], &[Metric::Cpu], -10, 0), &Cancel::default()).unwrap();
    assert!(
        answer.archive_error.as_ref().is_some_and(|error| error.contains("unplugged")),
        "{:?}",
        answer.archive_error
    );
    assert_eq!(only_column(answer).avg.last(), Some(&Some(5.0)));
}

/// A store that knows 1, 2 and 3 in every point that it is asked for, and something absurd.
#[derive(Debug, Default)]
struct Elsewhere {
    asked: Mutex<Vec<ArchiveQuery>>,
    fails: bool,
}

impl Archive for Elsewhere {
    fn buckets(
        &self,
        questions: &[ArchiveQuery],
        _: &Cancel,
        tell: &mut dyn FnMut(Vec<Vec<ArchiveBucket>>),
    ) -> Result<(), ArchiveError> {
        if self.fails {
            return Err(ArchiveError("it is unplugged".into()));
        }
        self.asked.lock().unwrap().extend_from_slice(questions);
        let bucket = |at_ms| ArchiveBucket { at_ms, count: 3, sum: 6.0, min: 1.0, max: 3.0, last: 2.0 };
        for question in questions {
            let times = (question.from_ms..question.to_ms).step_by(usize::try_from(question.width_ms).unwrap());
            tell(vec![times.chain([i64::MAX / 2]).map(bucket).collect(); question.resources.len()]);
        }
        Ok(())
    }
}

/// Damages the leaf that has all packs. Says which pack is the last one.
fn damage_leaf(directory: &std::path::Path) -> i64 {
    let database = directory.join("history.db");
    let sql = rusqlite::Connection::open(&database).unwrap();
    let number = |query: &str| sql.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    let last = number("SELECT max(id) FROM pack");
    let root = number("SELECT rootpage FROM sqlite_schema WHERE name = 'pack'");
    let mut bytes = std::fs::read(&database).unwrap();
    let page = (root as usize - 1) * 4096;
    bytes[page..page + 64].fill(0xff);
    std::fs::write(&database, &bytes).unwrap();
    last
}

fn open(directory: &std::path::Path) -> History {
    let options = Options { ships: true, block_span: SignedDuration::from_mins(5), ..options() };
    History::open(directory, options).unwrap()
}

/// Ships everything. Which samples had a gap before them, as ticks: the sample before, the sample.
fn gaps(history: &History) -> Vec<(i64, i64)> {
    let tick = |ms: i64| (ms / 1000 - START) / 10;
    let mut gaps = Vec::new();
    while let Some(Parcel { position, series }) = history.parcel(1_000_000).unwrap() {
        let samples = series.iter().flat_map(|series| &series.samples);
        gaps.extend(samples.filter_map(|sample| Some((tick(sample.gap_before_ms?), tick(sample.at_ms)))));
        history.confirm(position).unwrap();
    }
    gaps
}

fn take(history: &History, shipped: &mut Vec<(ResourceId, i64, f64)>, most: usize) {
    while let Some(Parcel { position, series }) = history.parcel(most).unwrap() {
        for series in series {
            let tick = |at_ms: i64| (at_ms / 1000 - START) / 10;
            shipped.extend(series.samples.iter().map(|it| (series.resource, tick(it.at_ms), it.value)));
        }
        history.confirm(position).unwrap();
    }
}
