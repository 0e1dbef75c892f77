//! Damage does not stop upkeep: what can be read goes on its way, what cannot stays until its time has come.

use std::{fs, path::Path, sync::mpsc};

use jiff::SignedDuration;
use muster_history::{Cancel, History, Options, Progress, Recorded, Retention, SeriesQuery};
use muster_model::{Metric, ResourceId, TenantId};

use crate::common::{append, at, averages, options, plan, vm};

const METRICS: [Metric; 4] =
    [Metric::SmartPowerOnHours, Metric::SmartPowerCycles, Metric::SmartMediaErrors, Metric::SmartUnsafeShutdowns];

const DAY: i64 = 8640;

/// The first whole window of two hours, and how much goes into one.
const FIRST: i64 = 360;
const ROWS: i64 = 720;

/// How the second resource's pack in the first block is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// Its content is not what was written.
    Content,
    /// A page of it is not what was written.
    Page,
    /// Its second page cannot be found: it can be neither read nor deleted.
    Chain,
}

#[test]
fn damage_stops_no_upkeep_and_takes_nothing_else_along() {
    for harm in [Harm::Content, Harm::Page, Harm::Chain] {
        let directory = tempfile::tempdir().unwrap();
        fill(directory.path());
        let block = damage(directory.path(), harm);

        // The day ends: its blocks become one, and are summed up.
        let history = open(directory.path());
        go_on(&history, FIRST + 2 * ROWS, 2 * DAY);
        let stats = history.stats();
        assert_eq!((stats.damaged_blocks, stats.last_error), (1, None), "{harm:?}");
        let left = blocks(directory.path(), "level < 2 AND last < ", DAY);
        assert_eq!(left, [block], "{harm:?}: only what is damaged stays as it was");
        check_raw(&history, harm);
        history.close().unwrap();

        // Nothing of it is added a second time, whenever that is looked at.
        let history = open(directory.path());
        assert_eq!(history.stats().damaged_blocks, 1, "{harm:?}");
        go_on(&history, 2 * DAY, 5 * DAY);
        let counts = ["0", "1", "2"].map(|name| counted(&history, vm(name)));
        assert_eq!(counts, [2, 1, 2].map(|windows| (windows * ROWS) as u64), "{harm:?}: samples of the two windows");

        // Its time has come.
        assert!(blocks(directory.path(), "last < ", 2 * DAY).is_empty(), "{harm:?}");
        assert_eq!(history.stats().damaged_blocks, 0, "{harm:?}");
        assert_eq!(history.stats().last_error, None, "{harm:?}");
    }
}

#[test]
fn a_leaf_of_the_file_that_cannot_be_read_holds_up_nothing() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let database = directory.path().join("history.db");
    let sql = rusqlite::Connection::open(&database).unwrap();
    let root: i64 =
        sql.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'pack'", [], |row| row.get(0)).unwrap();
    drop(sql);
    // All packs are so large that the root has them in one leaf: itself.
    let mut bytes = fs::read(&database).unwrap();
    let page = (root as usize - 1) * 4096;
    bytes[page + 8..page + 64].fill(0xff);
    fs::write(&database, &bytes).unwrap();
    let history = open(directory.path());
    // Blocks cannot be written either, and that is said.
    for tick in FIRST + 2 * ROWS..FIRST + 4 * ROWS {
        append(&history, plan_of(&history), tick, &values(tick));
    }
    assert!(history.flush().is_err());
    assert!(history.stats().last_error.unwrap().contains("restore a backup"));
    let known = averages(&history, vm("0"), METRICS[0], FIRST + 2 * ROWS, FIRST + 4 * ROWS - 1);
    assert_eq!(known.iter().flatten().count() as i64, 2 * ROWS, "it goes on from memory");
}

#[test]
fn a_check_raises_no_false_alarm_while_blocks_become_others() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let history = open(directory.path());
    let (begin, begun) = mpsc::sync_channel(1);
    let history = &history;
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            begun.recv().unwrap();
            go_on(history, FIRST + 2 * ROWS, 5 * DAY);
        });
        let mut checks = 0;
        while checks < 2 || !writer.is_finished() {
            let before = history.stats().flushes;
            // Each step of the first check waits for something to happen.
            let progress = |progress: Progress| {
                if checks == 0 && progress.done == 0 {
                    begin.send(()).unwrap();
                }
                while checks == 0 && history.stats().flushes <= before + progress.done {
                    std::thread::yield_now();
                }
            };
            let verified = history.verify(&Cancel::default(), progress).unwrap();
            assert!(verified.damaged.is_empty(), "{:?}", verified.damaged);
            assert!(checks > 0 || history.stats().flushes > before + 1, "blocks became others meanwhile");
            checks += 1;
        }
    });
}

/// Three resources, two blocks of two hours.
fn fill(directory: &Path) {
    let history = open(directory);
    let wide = plan_of(&history);
    for tick in FIRST..FIRST + 2 * ROWS {
        append(&history, wide, tick, &values(tick));
        if tick == FIRST + ROWS - 1 {
            history.flush().unwrap();
        }
    }
    history.close().unwrap();
}

/// A sweep every ten minutes, and a flush every hour.
fn go_on(history: &History, from: i64, to: i64) {
    let wide = plan_of(history);
    for tick in (from..to).step_by(60) {
        append(history, wide, tick, &values(tick));
        if tick % 360 == 0 {
            history.flush().unwrap();
        }
    }
    history.flush().unwrap();
}

/// Damages the second resource's pack in the first block, and says which block that is.
fn damage(directory: &Path, harm: Harm) -> i64 {
    let database = directory.join("history.db");
    let sql = rusqlite::Connection::open(&database).unwrap();
    let first = "SELECT id, data FROM pack WHERE id % 1024 = 1 ORDER BY id LIMIT 1";
    let (id, mut pack): (i64, Vec<u8>) = sql.query_row(first, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    match harm {
        Harm::Content => {
            let middle = pack.len() / 2;
            pack[middle] ^= 0x40;
            sql.execute("UPDATE pack SET data = ?2 WHERE id = ?1", (id, pack)).unwrap();
        }
        Harm::Page => {
            drop(sql);
            // The page before the last one: it says where the last one is.
            let place = pack.len() - 4092 - 60;
            harm_file(&database, &pack[place..place + 40], |bytes, place| {
                let page = place / 4096 * 4096;
                bytes[page..page + 4096].fill(0xa5);
            });
        }
        Harm::Chain => {
            drop(sql);
            // What does not fit into whole pages stands beside the row, and then the number of the first page.
            let local = 489 + (pack.len() + 5 - 489) % 4092 - 5;
            harm_file(&database, &pack[local - 40..local], |bytes, place| {
                bytes[place + 40..place + 44].fill(0x7f);
            });
        }
    }
    id / 1024
}

/// Changes the file where some bytes are found in it.
fn harm_file(database: &Path, bytes: &[u8], change: impl FnOnce(&mut [u8], usize)) {
    let mut file = fs::read(database).unwrap();
    let place = file.windows(bytes.len()).position(|part| part == bytes).expect("the pack is in the file");
    change(&mut file, place);
    fs::write(database, &file).unwrap();
}

fn check_raw(history: &History, harm: Harm) {
    for (name, windows) in [("0", 2), ("1", 1), ("2", 2)] {
        for metric in METRICS {
            let known = averages(history, vm(name), metric, FIRST, FIRST + 2 * ROWS - 1);
            assert_eq!(known.iter().flatten().count() as i64, windows * ROWS, "{harm:?}: resource {name}");
        }
    }
}

/// How many samples of the first two windows there are, by themselves or summed up.
fn counted(history: &History, resource: ResourceId) -> u64 {
    let query = SeriesQuery {
        tenant: TenantId::DEFAULT,
        resources: vec![resource],
        metric: METRICS[0],
        from: at(FIRST),
        to: at(FIRST + 2 * ROWS - 1),
    };
    let mut counted = 0;
    let add = |recorded| match recorded {
        Recorded::Bucket { count, .. } => counted += count,
        Recorded::Sample { .. } => counted += 1,
    };
    history.walk(&query, &Cancel::default(), add).unwrap();
    counted
}

/// The numbers of blocks of which something holds, up to a tick.
fn blocks(directory: &Path, which: &str, tick: i64) -> Vec<i64> {
    let sql = rusqlite::Connection::open(directory.join("history.db")).unwrap();
    let start = at(0).as_second() / 10;
    let mut blocks = sql.prepare(&format!("SELECT id FROM block WHERE tier = 0 AND {which} {}", start + tick)).unwrap();
    blocks.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn open(directory: &Path) -> History {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let retention = Retention { raw: days(2), minute: days(8), ..Retention::default() };
    History::open(directory, Options { retention, ..options() }).unwrap()
}

fn plan_of(history: &History) -> muster_history::PlanId {
    let series: Vec<_> = (0..3).flat_map(|number| METRICS.map(|metric| (vm(&number.to_string()), metric))).collect();
    plan(history, 1, &series)
}

/// What packs badly: a pack fills several pages of the file.
fn values(tick: i64) -> Vec<f64> {
    (0..12).map(|column| noise(tick, column)).collect()
}

fn noise(tick: i64, column: i64) -> f64 {
    let mixed = (tick * 7919 + column).unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) as u32 as f64
}
