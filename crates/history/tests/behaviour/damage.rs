//! Damage is named, and hides itself and nothing else; a database that refuses stops nothing and heals.

use std::{fs, path::Path};

use muster_history::{Cancel, DamagedPart, History, Tier};
use muster_model::Metric;

use crate::common::{append, at, averages, open, plan, vm};

/// What noise packs badly: a pack of these fills several pages of the file.
const METRICS: [Metric; 4] =
    [Metric::SmartPowerOnHours, Metric::SmartPowerCycles, Metric::SmartMediaErrors, Metric::SmartUnsafeShutdowns];

/// The first whole window of two hours, and how much goes into one.
const FIRST: i64 = 360;
const ROWS: i64 = 720;

#[test]
fn a_damaged_pack_is_named_and_everything_else_is_served() {
    let directory = filled();
    let database = directory.path().join("history.db");
    let sql = rusqlite::Connection::open(&database).unwrap();
    // The second resource's pack of the first block.
    let (id, mut pack): (i64, Vec<u8>) = sql
        .query_row("SELECT id, data FROM pack WHERE id % 1024 = 1 ORDER BY id LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let middle = pack.len() / 2;
    pack[middle] ^= 0x40;
    sql.execute("UPDATE pack SET data = ?2 WHERE id = ?1", (id, pack)).unwrap();
    drop(sql);
    check_damage(directory.path(), 1);
}

#[test]
fn a_damaged_page_of_the_file_is_named_and_everything_else_is_served() {
    let directory = filled();
    let database = directory.path().join("history.db");
    let pack: Vec<u8> = rusqlite::Connection::open(&database)
        .unwrap()
        .query_row("SELECT data FROM pack WHERE id % 1024 = 1 ORDER BY id LIMIT 1", [], |row| row.get(0))
        .unwrap();
    let mut bytes = fs::read(&database).unwrap();
    let last = &pack[pack.len() - 40..];
    let place = bytes.windows(40).position(|part| part == last).expect("the end of the pack is in the file");
    let page = place / 4096 * 4096;
    bytes[page..page + 4096].fill(0xa5);
    fs::write(&database, &bytes).unwrap();
    check_damage(directory.path(), 1);
}

fn check_damage(directory: &Path, resource: i64) {
    let history = open(directory);
    let mut seen = Vec::new();
    let verified = history.verify(&Cancel::default(), |progress| seen.push(progress)).unwrap();
    assert_eq!(seen.last().map(|last| (last.done, last.total)), Some((verified.blocks, verified.blocks)));
    assert_eq!(verified.damaged.len(), 1, "{:?}", verified.damaged);
    let DamagedPart::Block { number: _, tier, resource: whose, from, to } = verified.damaged[0].part else {
        panic!("{:?}", verified.damaged)
    };
    assert_eq!((tier, whose), (Tier::Raw, Some(vm(&resource.to_string()))));
    assert_eq!((from, to), (at(FIRST), at(FIRST + ROWS - 1)));
    for number in 0..3 {
        for metric in METRICS {
            let first = averages(&history, vm(&number.to_string()), metric, FIRST, FIRST + ROWS - 1);
            let expected = if number == resource { 0 } else { ROWS as usize };
            assert_eq!(first.iter().flatten().count(), expected, "resource {number}");
            let second = averages(&history, vm(&number.to_string()), metric, FIRST + ROWS, FIRST + 2 * ROWS - 1);
            assert_eq!(second.iter().flatten().count(), ROWS as usize, "resource {number}");
        }
    }
    assert!(history.stats().chunks_damaged > 0);
}

#[test]
fn a_torn_end_of_the_log_takes_the_last_sweep_and_no_other() {
    // D-12: whatever byte a power cut leaves as the last.
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let both = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::NetIn)]);
    let log = directory.path().join("sweeps-00000001.log");
    let mut lengths = Vec::new();
    for tick in 0..5 {
        append(&history, both, tick, &[tick as f64, 1000.0]);
        lengths.push(fs::metadata(&log).unwrap().len() as usize);
    }
    drop(history);
    let whole = fs::read(&log).unwrap();
    for length in lengths[3]..=whole.len() {
        for tail in [&[][..], &[0; 30], &[0xff; 3]] {
            let known = if length == whole.len() { 5 } else { 4 };
            fs::write(&log, [&whole[..length], tail].concat()).unwrap();
            let history = open(directory.path());
            let found = averages(&history, vm("a"), Metric::Cpu, 0, 4);
            assert_eq!(found.iter().flatten().count(), known, "cut at {length}, then {} bytes", tail.len());
        }
    }
}

#[test]
fn a_database_that_refuses_stops_nothing_and_heals() {
    // Each step of the keeper in turn: storing, uniting, summing up, deleting.
    for refused in ["INSERT ON pack", "DELETE ON block", "UPDATE ON block", "INSERT ON track"] {
        let directory = tempfile::tempdir().unwrap();
        let history = open(directory.path());
        let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
        let sql = rusqlite::Connection::open(directory.path().join("history.db")).unwrap();
        sql.execute_batch(&format!("CREATE TRIGGER refuse BEFORE {refused} BEGIN SELECT RAISE(ABORT, 'no'); END"))
            .unwrap();
        let mut failures = 0;
        for tick in 0..3000 {
            assert_eq!(append(&history, cpu, tick, &[(tick % 100) as f64]).not_durable, None);
            if tick % 400 == 399 {
                failures += u32::from(history.flush().is_err());
                assert_eq!(known(&history, tick), tick + 1, "{refused}: it goes on serving");
            }
        }
        assert!(failures > 0, "{refused} was never needed");
        assert!(history.stats().last_error.unwrap().contains("history.db"), "{refused}");
        let memory = history.stats().memory_bytes;
        assert!(memory < 2 << 20, "{refused}: {memory} bytes");
        sql.execute_batch("DROP TRIGGER refuse").unwrap();
        append(&history, cpu, 3000, &[0.0]);
        history.flush().unwrap();
        assert_eq!(history.stats().last_error, None, "{refused}");
        assert_eq!(known(&history, 3000), 3001, "{refused}");
        drop(history);
        assert_eq!(known(&open(directory.path()), 3000), 3001, "{refused}");
    }
}

fn known(history: &History, last: i64) -> i64 {
    averages(history, vm("a"), Metric::Cpu, 0, last).iter().flatten().count() as i64
}

/// Three resources, two blocks of two hours, nothing in memory.
fn filled() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let series: Vec<_> = (0..3).flat_map(|number| METRICS.map(|metric| (vm(&number.to_string()), metric))).collect();
    let wide = plan(&history, 1, &series);
    for tick in FIRST..FIRST + 2 * ROWS {
        let values: Vec<f64> = (0..series.len() as i64).map(|column| noise(tick, column)).collect();
        append(&history, wide, tick, &values);
        if tick == FIRST + ROWS - 1 {
            history.flush().unwrap();
        }
    }
    history.close().unwrap();
    directory
}

fn noise(tick: i64, column: i64) -> f64 {
    let mixed = (tick * 7919 + column).unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) as u32 as f64
}
