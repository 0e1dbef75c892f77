//! Concurrent writes share commits, and one that fails fails alone.

use futures::future::join_all;
use muster_store::{Store, StoreError, Trouble};
use muster_testkit::database::each;
use serde_json::json;

use crate::common::{DEFAULT, at, open, uuid};

const WRITERS: u64 = 40;

#[tokio::test]
async fn concurrent_writes_share_commits() {
    // D-12, D-14
    each(async |database| {
        let store = open(&database).await;
        let outcomes = join_all((0..WRITERS).map(|number| set(&store, number))).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let stats = store.stats();
        assert_eq!(stats.writes, WRITERS);
        assert!(stats.commits < WRITERS / 2, "{stats:?}");
        assert_eq!((stats.queued_writes, stats.last_error), (0, None));
        for number in 0..WRITERS {
            assert_eq!(store.setting_get(&DEFAULT, &number.to_string()).await.unwrap(), Some(json!(number)));
        }
    })
    .await;
}

#[tokio::test]
async fn a_write_at_fault_fails_alone() {
    each(async |database| {
        let store = open(&database).await;
        let (before, fault, after) = tokio::join!(set(&store, 1), orphan(&store), set(&store, 2));
        assert_eq!(fault.unwrap_err().trouble(), Trouble::Contradiction);
        before.unwrap();
        after.unwrap();
        let stats = store.stats();
        assert_eq!((stats.commits, stats.last_error), (1, None));
        assert_eq!(store.setting_get(&DEFAULT, "1").await.unwrap(), Some(json!(1)));
        assert_eq!(store.setting_get(&DEFAULT, "2").await.unwrap(), Some(json!(2)));
    })
    .await;
}

#[tokio::test]
async fn closing_carries_out_what_waits() {
    each(async |database| {
        let store = open(&database).await;
        let writes = join_all((0..WRITERS).map(|number| set(&store, number)));
        let (outcomes, ()) = tokio::join!(writes, store.close());
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let store = open(&database).await;
        assert_eq!(store.setting_get(&DEFAULT, &(WRITERS - 1).to_string()).await.unwrap(), Some(json!(WRITERS - 1)));
    })
    .await;
}

async fn set(store: &Store, number: u64) -> Result<(), StoreError> {
    store.setting_set(&DEFAULT, &number.to_string(), &json!(number)).await
}

/// A second factor of nobody: the foreign key refuses it.
async fn orphan(store: &Store) -> Result<bool, StoreError> {
    store.second_factor_propose(&DEFAULT, uuid(404), &"sealed".into(), at(0)).await
}
