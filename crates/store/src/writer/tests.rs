//! What only shows from inside: trouble of the database itself.

use muster_model::TenantId;
use muster_runtime::{Shutdown, Tasks};
use muster_testkit::database::{Database, Postgres};
use sea_orm::{ConnectionTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use serde_json::json;

use crate::{OpenError, Store, Trouble, backend::Backend};

static TENANT: TenantId = TenantId::DEFAULT;

#[tokio::test]
async fn a_full_disk_fails_writes_until_there_is_room() {
    let database = Database::sqlite();
    let store = open(&database).await.unwrap();
    store.setting_set(&TENANT, "small", &json!(1)).await.unwrap();
    let no_growth = "PRAGMA max_page_count = 1";
    let fill = store.write("filling the disk", move |txn| {
        Box::pin(async move { txn.execute_unprepared(no_growth).await.map(drop) })
    });
    fill.await.unwrap();

    let large = json!("x".repeat(1 << 20));
    let small = json!(2);
    let (one, two) =
        tokio::join!(store.setting_set(&TENANT, "small", &small), store.setting_set(&TENANT, "large", &large));
    let error = two.unwrap_err();
    assert_eq!(error.trouble(), Trouble::DiskFull);
    assert!(error.is_retryable());
    assert_eq!(error.to_string(), "saving a setting: the disk is full; free some space");
    one.unwrap_err();
    assert_eq!(store.setting_get(&TENANT, "small").await.unwrap(), Some(json!(1)), "the group is undone");
    assert_eq!(store.stats().last_error.as_deref(), Some("the disk is full; free some space"));

    // The limit went with the connection, as if somebody had made room.
    store.setting_set(&TENANT, "large", &large).await.unwrap();
    assert_eq!(store.stats().last_error, None);
    assert_eq!(store.setting_get(&TENANT, "large").await.unwrap(), Some(large));
}

#[tokio::test]
async fn a_lost_connection_is_made_anew() {
    let database = Database::postgres();
    let store = open(&database).await.unwrap();
    store.setting_set(&TENANT, "k", &json!(1)).await.unwrap();
    let end_all = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
    Postgres::shared().query(database.url(), end_all);
    // Whether the first write notices depends on who is quicker; the second works.
    let _ = store.setting_set(&TENANT, "k", &json!(2)).await;
    store.setting_set(&TENANT, "k", &json!(3)).await.unwrap();
    assert_eq!(store.setting_get(&TENANT, "k").await.unwrap(), Some(json!(3)));
}

#[tokio::test]
async fn a_locked_database_says_who_must_go() {
    let database = Database::sqlite();
    let url = database.url().parse().unwrap();
    open(&database).await.unwrap().close().await;
    let other = Backend::new(&url).unwrap().connect_writer().await.unwrap();
    let mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
    let _held = other.begin_with_options(options).await.unwrap();
    let error = open(&database).await.unwrap_err();
    assert!(matches!(&error, OpenError::Database { trouble: Trouble::Busy, .. }), "{error:?}");
    assert!(error.to_string().contains("another process holds it locked"), "{error}");
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_is_still_carried_out() {
    let database = Database::sqlite();
    let store = open(&database).await.unwrap();
    let one = json!(1);
    let mut write = Box::pin(store.setting_set(&TENANT, "k", &one));
    assert!(futures::poll!(&mut write).is_pending());
    drop(write);
    store.setting_set(&TENANT, "after", &json!(1)).await.unwrap();
    assert_eq!(store.setting_get(&TENANT, "k").await.unwrap(), Some(json!(1)));
}

async fn open(database: &Database) -> Result<Store, OpenError> {
    Store::open(&database.url().parse().unwrap(), &Tasks::new(Shutdown::new())).await
}
