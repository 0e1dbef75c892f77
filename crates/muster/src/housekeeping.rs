//! Forgets what is too old: timeline rows, ended sessions and dead tokens. History forgets by itself.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use muster_model::TenantId;
use muster_runtime::{Clock, Shutdown, chain};
use muster_store::{Store, StoreError};
use tracing::{info, warn};

/// The first run waits until the start is over.
const FIRST_AFTER: Duration = Duration::from_secs(30);

/// How often.
const EVERY: Duration = Duration::from_secs(3600);

/// Timeline rows are kept this long,
const TIMELINE_AGE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// and at most this many of a tenant.
const TIMELINE_ROWS: u64 = 200_000;

/// Tokens that no longer work, revoked or expired, are kept this long for whoever reads the audit log.
const DEAD_TOKEN_AGE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Rows removed in one transaction: few enough that other writers hardly wait.
const BATCH: u64 = 1000;

/// Runs until shutdown.
pub(crate) async fn run(store: Store, tenants: Vec<TenantId>, clock: Arc<dyn Clock>, shutdown: Shutdown) {
    let mut wait = FIRST_AFTER;
    loop {
        tokio::select! {
            // Cancel-safe: dropping the wait forgets only the wait.
            () = clock.sleep(wait) => {}
            // Cancel-safe: asking again gives the same answer.
            () = shutdown.requested() => return,
        }
        match tidy(&store, &tenants, clock.as_ref(), &shutdown).await {
            Ok(0) => {}
            Ok(removed) => info!(removed, "old timeline rows, sessions and tokens removed"),
            Err(error) => warn!(error = chain(&error), "old rows could not be removed; the next run tries again"),
        }
        wait = EVERY;
    }
}

/// One run. Says how many rows went.
async fn tidy(store: &Store, tenants: &[TenantId], clock: &dyn Clock, shutdown: &Shutdown) -> Result<u64, StoreError> {
    let mut removed = 0;
    for tenant in tenants {
        loop {
            let older_than = clock.now() - TIMELINE_AGE;
            let batch = store.change_prune(tenant, older_than, TIMELINE_ROWS, BATCH).await?;
            removed += batch;
            if batch < BATCH || shutdown.begun() {
                break;
            }
        }
    }
    let sessions = store.session_prune(clock.now()).await?;
    Ok(removed + sessions + store.token_prune(clock.now() - DEAD_TOKEN_AGE).await?)
}

#[cfg(test)]
mod tests {
    use muster_model::{
        ChangeId, ChangeKind, ChangeOrigin, Confidence, ResourceChange, ResourceId, ResourceKind, Revision,
    };
    use muster_runtime::{ManualClock, Tasks};
    use muster_store::{ChangeQuery, DatabaseUrl, NewToken, SweepCommit};

    use super::*;

    fn change(clock: &ManualClock, age: SignedDuration, number: u64) -> ResourceChange {
        let resource_id = ResourceId::mint(ResourceKind::Vm, "v");
        let kind = ChangeKind::StateTransition;
        ResourceChange {
            id: ChangeId::derive(&TenantId::DEFAULT, Revision(number), resource_id, kind),
            resource_id,
            kind,
            observed_at: clock.now() - age,
            occurred_at: None,
            from: None,
            to: None,
            origin: ChangeOrigin::Diff,
            source: None,
            confidence: Confidence::High,
            actor: None,
            reason: None,
            related_resources: vec![],
            metadata: Default::default(),
        }
    }

    fn token(clock: &ManualClock, number: u8, dead_for: SignedDuration) -> NewToken {
        NewToken {
            id: uuid::Uuid::from_u128(number.into()),
            name: format!("token {number}"),
            token_hash: [number; 32],
            role: muster_model::Role::Viewer,
            scopes: [].into(),
            created_at: clock.now() - dead_for - SignedDuration::from_hours(1),
            expires_at: Some(clock.now() - dead_for),
            created_by: "test".to_owned(),
        }
    }

    #[tokio::test]
    async fn tokens_dead_for_ninety_days_go() {
        let directory = tempfile::tempdir().unwrap();
        let tasks = Tasks::new(Shutdown::new());
        let database = DatabaseUrl::Sqlite(directory.path().join("state.db"));
        let store = Store::open(&database, &tasks).await.unwrap();
        let clock = ManualClock::at("2026-06-01T00:00:00Z".parse().unwrap());
        for (number, days) in [(1, 91), (2, 89)] {
            let token = token(&clock, number, SignedDuration::from_hours(24 * days));
            store.token_insert(&TenantId::DEFAULT, &token).await.unwrap();
        }
        let removed = tidy(&store, &[TenantId::DEFAULT], &clock, tasks.shutdown()).await.unwrap();
        assert_eq!(removed, 1);
        assert_eq!(store.token_list(&TenantId::DEFAULT).await.unwrap()[0].name, "token 2");
        store.close().await;
    }

    #[tokio::test]
    async fn timeline_rows_older_than_thirty_days_go() {
        // pruned hourly, first after 30 s; row 31 days old is pruned.
        let directory = tempfile::tempdir().unwrap();
        let (foundation, tasks) = (Tasks::new(Shutdown::new()), Tasks::new(Shutdown::new()));
        let database = DatabaseUrl::Sqlite(directory.path().join("state.db"));
        let store = Store::open(&database, &foundation).await.unwrap();
        let clock = ManualClock::at("2026-06-01T00:00:00Z".parse().unwrap());
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let changes = vec![change(&clock, days(31), 1), change(&clock, days(29), 2)];
        store.sweep_commit(&TenantId::DEFAULT, &SweepCommit { changes, ..SweepCommit::default() }).await.unwrap();

        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let shutdown = tasks.shutdown().clone();
        tasks.spawn("housekeeping", run(store.clone(), vec![TenantId::DEFAULT], shared, shutdown));
        let at_rest = async || {
            while clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
        };
        at_rest().await;
        clock.advance(FIRST_AFTER);
        // It sleeps again only when the run is over.
        at_rest().await;
        let left = store.change_list(&TenantId::DEFAULT, &ChangeQuery::newest(10)).await.unwrap();
        assert_eq!(left.len(), 1);
        assert!(left[0].observed_at > clock.now() - TIMELINE_AGE);
        tasks.shutdown().begin();
        assert!(tasks.finish(Duration::from_secs(30)).await);
        store.close().await;
    }
}
