//! Opening: who may, what is refused, what is damaged.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use jiff::SignedDuration;
use muster_history::{Cancel, DamagedPart, History, OpenError, Options};
use muster_model::Metric;

use crate::common::{append, averages, open, options, plan, vm};

#[test]
fn one_process_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path());
    let refused = History::open(directory.path(), options()).unwrap_err();
    assert!(matches!(refused, OpenError::Held { holder: Some(pid), .. } if pid == std::process::id()), "{refused}");
    assert!(refused.to_string().contains("stop that one"), "{refused}");
    first.close().unwrap();
    open(directory.path());
}

#[test]
fn nobody_else_can_read_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join("deep/history");
    let history = open(&below);
    let cpu = plan(&history, 1, &[(vm("a"), Metric::Cpu)]);
    append(&history, cpu, 0, &[1.0]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&below), 0o700);
    let files: Vec<_> = fs::read_dir(&below).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3);
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn files_of_a_newer_version_are_refused_untouched() {
    // D-15
    let directory = filled();
    let log = directory.path().join("sweeps-00000002.log");
    let mut bytes = fs::read(&log).unwrap();
    bytes[8] = 2;
    fs::write(&log, &bytes).unwrap();
    let refused = History::open(directory.path(), options()).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 2, .. }), "{refused}");
    assert!(refused.to_string().contains("start the newer version"), "{refused}");
    assert_eq!(fs::read(&log).unwrap(), bytes);

    let directory = filled();
    sql(directory.path(), "UPDATE meta SET value = 9 WHERE key = 'min_reader'");
    let refused = History::open(directory.path(), options()).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 9, .. }), "{refused}");

    let directory = filled();
    sql(directory.path(), "UPDATE meta SET value = 9 WHERE key = 'version'");
    open(directory.path());
}

#[test]
fn another_tick_or_another_program_is_refused() {
    let directory = filled();
    let other = Options { tick: SignedDuration::from_secs(20), ..options() };
    let refused = History::open(directory.path(), other).unwrap_err();
    assert!(matches!(refused, OpenError::OtherTick { found_ms: 10_000, wanted_ms: 20_000, .. }), "{refused}");

    let directory = tempfile::tempdir().unwrap();
    sql(directory.path(), "CREATE TABLE something (else_ INTEGER)");
    let refused = History::open(directory.path(), options()).unwrap_err();
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");

    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("history.db"), "x".repeat(8192)).unwrap();
    let refused = History::open(directory.path(), options()).unwrap_err();
    assert!(matches!(refused, OpenError::Store(_)), "{refused}");
}

#[test]
fn a_log_with_a_damaged_header_is_set_aside() {
    let directory = filled();
    let log = directory.path().join("sweeps-00000002.log");
    let mut bytes = fs::read(&log).unwrap();
    bytes[0] ^= 1;
    fs::write(&log, &bytes).unwrap();
    let history = open(directory.path());
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [Some(1.0)], "blocks are not concerned");
    assert_eq!(fs::read(directory.path().join("sweeps-00000002.log.damaged")).unwrap(), bytes);
}

#[test]
fn a_damaged_chunk_is_a_gap_and_nothing_more() {
    let directory = filled();
    fs::remove_file(directory.path().join("sweeps-00000002.log")).unwrap();
    sql(directory.path(), "UPDATE pack SET data = zeroblob(9) WHERE id % 1024 = 0");
    let history = open(directory.path());
    assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [None]);
    assert_eq!(averages(&history, vm("b"), Metric::Memory, 0, 0), [Some(2.0)]);
    assert_eq!(history.stats().chunks_damaged, 1);
}

#[test]
fn a_resource_whose_entry_is_lost_hides_itself_and_its_number_stays_taken() {
    let lose = [
        "UPDATE track SET tenant = 'no tenant!' WHERE id = 0",
        "UPDATE track SET resource = 'gizmo-0123456789abcdef' WHERE id = 0",
        "UPDATE track SET resource = (SELECT resource FROM track WHERE id = 1) WHERE id = 0",
        "DELETE FROM track WHERE id = 0",
    ];
    for statement in lose {
        let directory = filled();
        fs::remove_file(directory.path().join("sweeps-00000002.log")).unwrap();
        sql(directory.path(), statement);
        let history = open(directory.path());
        assert_eq!(history.stats().lost_resources, 1, "{statement}");
        let verified = history.verify(&Cancel::default(), |_| ()).unwrap();
        assert!(matches!(verified.damaged[0].part, DamagedPart::Resource { .. }), "{statement}: {verified:?}");
        assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 0), [None], "{statement}");

        // It is begun anew beside what is lost, and so is whoever comes next.
        let all = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::Memory), (vm("c"), Metric::Cpu)]);
        append(&history, all, 1, &[5.0, 6.0, 7.0]);
        history.close().unwrap();
        let history = open(directory.path());
        assert_eq!(averages(&history, vm("a"), Metric::Cpu, 0, 1), [None, Some(5.0)], "{statement}");
        assert_eq!(averages(&history, vm("c"), Metric::Cpu, 0, 1), [None, Some(7.0)], "{statement}");
        let b = averages(&history, vm("b"), Metric::Memory, 0, 1);
        let is_doubled = statement.contains("SELECT");
        assert_eq!(b, if is_doubled { [None, Some(6.0)] } else { [Some(2.0), Some(6.0)] }, "{statement}");
    }
}

#[test]
fn a_list_of_resources_that_cannot_be_read_loses_those_that_were_in_it_and_no_others() {
    let directory = filled();
    fs::remove_file(directory.path().join("sweeps-00000002.log")).unwrap();
    let database = directory.path().join("history.db");
    let schema = rusqlite::Connection::open(&database).unwrap();
    let root: i64 =
        schema.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'track'", [], |row| row.get(0)).unwrap();
    drop(schema);
    let mut bytes = fs::read(&database).unwrap();
    let page = (root as usize - 1) * 4096;
    bytes[page + 8..page + 64].fill(0xff);
    fs::write(&database, &bytes).unwrap();
    assert_eq!(open(directory.path()).stats().lost_resources, 2);
}

#[test]
fn a_file_that_only_looks_like_a_log_is_left_alone() {
    let directory = filled();
    let other = directory.path().join("sweeps-2.log");
    fs::write(&other, "mine").unwrap();
    open(directory.path()).close().unwrap();
    assert_eq!(fs::read(&other).unwrap(), b"mine");
}

/// A directory with a block and a log.
fn filled() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let history = open(directory.path());
    let both = plan(&history, 1, &[(vm("a"), Metric::Cpu), (vm("b"), Metric::Memory)]);
    append(&history, both, 0, &[1.0, 2.0]);
    history.flush().unwrap();
    append(&history, both, 1, &[3.0, 4.0]);
    drop(history);
    directory
}

fn sql(directory: &Path, statement: &str) {
    rusqlite::Connection::open(directory.join("history.db")).unwrap().execute_batch(statement).unwrap();
}
