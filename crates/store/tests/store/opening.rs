//! Opening: what is made, and what is said when it cannot be.

use std::{fs, os::unix::fs::PermissionsExt};

use muster_runtime::{Shutdown, Tasks};
use muster_store::{DatabaseUrl, OpenError, Store, Trouble};
use muster_testkit::database::{Database, each};
use serde_json::json;

use crate::common::{DEFAULT, open};

#[tokio::test]
async fn a_store_knows_its_engine_and_size() {
    each(async |database| {
        let store = open(&database).await;
        let engine = if database.sqlite_file().is_some() { "sqlite" } else { "postgresql" };
        assert_eq!(store.stats().engine, engine);
        assert!(store.size_bytes().await.unwrap() > 10_000);
    })
    .await;
}

#[tokio::test]
async fn several_may_open_a_new_database_at_once() {
    each(async |database| {
        let (one, two) = tokio::join!(Box::pin(open(&database)), Box::pin(open(&database)));
        one.setting_set(&DEFAULT, "k", &json!(1)).await.unwrap();
        assert_eq!(two.setting_get(&DEFAULT, "k").await.unwrap(), Some(json!(1)));
    })
    .await;
}

#[tokio::test]
async fn nobody_else_can_read_the_file() {
    let database = Database::sqlite();
    let file = database.sqlite_file().unwrap();
    fs::write(&file, []).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let store = open(&database).await;
    store.setting_set(&DEFAULT, "k", &json!(1)).await.unwrap();
    for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let database = Database::sqlite();
    let garbage = "these are my holiday notes, not a database\n".repeat(100);
    fs::write(database.sqlite_file().unwrap(), &garbage).unwrap();
    let error = open_error(database.url()).await;
    assert!(matches!(&error, OpenError::Database { trouble: Trouble::NotADatabase, .. }), "{error:?}");
    assert_says(&error, &[database.url(), "no SQLite database", "move it away"]);
    assert_eq!(fs::read_to_string(database.sqlite_file().unwrap()).unwrap(), garbage);
}

#[tokio::test]
async fn a_damaged_database_is_recognised() {
    let database = Database::sqlite();
    open(&database).await.close().await;
    let file = database.sqlite_file().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[100..].fill(0x5a);
    fs::write(&file, bytes).unwrap();
    let error = open_error(database.url()).await;
    assert!(matches!(&error, OpenError::Database { trouble: Trouble::Damaged, .. }), "{error:?}");
    assert_says(&error, &["restore a backup"]);
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let error = open_error("sqlite:/nowhere/at/all/state.db").await;
    assert!(matches!(error, OpenError::NoDirectory { .. }), "{error:?}");
    assert_says(&error, &["/nowhere/at/all/state.db", "create it"]);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_named() {
    // Not even root can make a file there.
    let error = open_error("sqlite:/sys/muster-state.db").await;
    assert!(matches!(&error, OpenError::File { trouble: Trouble::ReadOnly, .. }), "{error:?}");
    assert_says(&error, &["/sys/muster-state.db", "writable"]);
}

#[tokio::test]
async fn a_directory_in_place_of_the_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let error = open_error(&format!("sqlite:{}", directory.path().display())).await;
    assert_says(&error, &["no SQLite database"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let error = open_error("postgresql://muster:hunter2@127.0.0.1:1/muster").await;
    assert!(matches!(&error, OpenError::Database { trouble: Trouble::Unreachable, .. }), "{error:?}");
    assert_says(&error, &["postgresql://127.0.0.1:1/muster", "check that its server runs"]);
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_refuses_is_understood() {
    let database = Database::postgres();
    let error = open_error(&database.url().replace("/test_", "/missing_")).await;
    assert!(matches!(&error, OpenError::Database { trouble: Trouble::Refused, .. }), "{error:?}");
    assert_says(&error, &["database name"]);
}

async fn open_error(url: &str) -> OpenError {
    let url: DatabaseUrl = url.parse().unwrap();
    Store::open(&url, &Tasks::new(Shutdown::new())).await.unwrap_err()
}

fn assert_says(error: &OpenError, parts: &[&str]) {
    for part in parts {
        assert!(error.to_string().contains(part), "{error} does not say {part}");
    }
}
