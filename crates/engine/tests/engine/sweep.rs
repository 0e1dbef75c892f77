//! Whole sweeps: from a report to log, history, snapshot, timeline and live news, under simulated time.

use std::{
    num::NonZeroU32,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use crate::world::{World, host};
use jiff::{SignedDuration, Timestamp};
use muster_engine::{RESTART_SKIP, RestError, SubmitError};
use muster_history::{Cancel, Query};
use muster_model::{
    ChangeKind, GapReason, Metric, NativeKey, Reading, Record, ResourceId, ResourceKind, SourceFreshness, SourceId,
    Status, TenantId,
};
use muster_runtime::Clock;
use muster_store::ChangeQuery;

fn the_host() -> ResourceId {
    ResourceId::mint(ResourceKind::Agent, &format!("machine:machine-{}", crate::world::MACHINE))
}

async fn timeline(world: &World) -> Vec<(ChangeKind, Option<String>, Option<String>)> {
    let query = ChangeQuery { resources: Some(vec![the_host()]), ..ChangeQuery::newest(100) };
    let rows = world.store.change_list(&TenantId::DEFAULT, &query).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.from, row.to)).collect()
}

fn recorded(world: &World, from: Timestamp, to: Timestamp) -> Vec<f64> {
    let query = Query {
        tenant: TenantId::DEFAULT,
        resources: vec![the_host()],
        metrics: vec![Metric::Load1],
        from,
        to,
        points: NonZeroU32::new(5000).unwrap(),
    };
    let answer = world.history.query(&query, &Cancel::default()).unwrap();
    answer.columns[0].avg.iter().copied().flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_reaches_log_history_snapshot_timeline_and_listeners() {
    // D-2, R-41
    let mut world = World::new().await;
    let at = world.clock.now();
    let accepted = world.engine.submit(host(at, "nas", 12.3)).await.unwrap();
    let publication = world.publication().await;

    assert_eq!(publication.snapshot.revision(), accepted.revision);
    assert_eq!(publication.fresh, [the_host()]);
    let snapshot = world.engine.snapshot(&TenantId::DEFAULT);
    assert_eq!(snapshot.rows().len(), 1);
    assert!(matches!(snapshot.reading(the_host(), Metric::Load1), Reading::Known { value: 12.3, .. }));
    assert_eq!(timeline(&world).await, [(ChangeKind::StateTransition, Some("absent".into()), Some("online".into()))]);
    assert_eq!(recorded(&world, at - SignedDuration::from_secs(60), at + SignedDuration::from_secs(60)), [12.3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_report_moves_readings_and_nothing_else() {
    // R-29, D-1
    let mut world = World::new().await;
    let first = world.engine.submit(host(world.clock.now(), "nas", 1.0)).await.unwrap();
    world.publication().await;
    let commits = world.log.commits.load(Ordering::SeqCst);

    world.pass(10).await;
    let second = world.engine.submit(host(world.clock.now(), "nas", 2.0)).await.unwrap();
    let publication = world.publication().await;

    assert_eq!(second.revision, first.revision);
    assert_eq!(publication.snapshot.revision(), first.revision);
    assert_eq!(publication.fresh, [the_host()]);
    assert_eq!(world.log.commits.load(Ordering::SeqCst), commits, "an unchanged report writes no state");
    assert_eq!(timeline(&world).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_is_let_go_of_leaves_a_tombstone_and_no_open_gap() {
    // D-11: what was handed in before it does not bring it back, and neither does a restart.
    let mut world = World::new().await;
    let heard = world.clock.now();
    world.engine.submit(host(heard, "nas", 1.0)).await.unwrap();
    world.pass(90).await;
    let (tenant, source) = (TenantId::DEFAULT, SourceId::local_agent());
    let gaps = async |world: &World| {
        let end = world.clock.now() + SignedDuration::from_secs(1);
        world.store.gap_list(&tenant, std::slice::from_ref(&source), heard, end).await.unwrap()
    };
    assert_eq!(gaps(&world).await[0].to, None);

    let late = world.engine.submit(host(world.clock.now(), "nas", 2.0));
    let gone = world.engine.dismiss(&tenant, &source);
    let (late, gone) = futures::join!(late, gone);
    assert!(late.unwrap().revision <= gone.unwrap().revision);
    while !world.engine.snapshot(&TenantId::DEFAULT).is_empty() {
        world.publication().await;
    }
    assert_eq!(world.engine.snapshot(&TenantId::DEFAULT).sources().count(), 0);
    let lines = timeline(&world).await;
    assert!(lines.iter().any(|(_, _, to)| to.as_deref() == Some("absent")), "{lines:?}");
    assert!(gaps(&world).await.iter().all(|gap| gap.to.is_some()));

    let world = world.restart(Duration::from_secs(600)).await;
    let snapshot = world.engine.snapshot(&TenantId::DEFAULT);
    assert_eq!((snapshot.len(), snapshot.sources().count()), (0, 0));
    let reports = world.engine.stats().reports;
    world.engine.dismiss(&tenant, &source).await.unwrap();
    assert_eq!(world.engine.stats().reports, reports, "nobody reported");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rest_lies_between_two_sweeps() {
    // D-17: what was applied before is stored, and nothing is applied until it ends.
    let world = World::new().await;
    let accepted = world.engine.submit(host(world.clock.now(), "nas", 1.0)).await.unwrap();
    let rest = world.engine.rest().await.unwrap();
    assert_eq!((rest.revisions[&TenantId::DEFAULT], rest.sweeps), (accepted.revision, 1));
    let later = world.engine.submit(host(world.clock.now(), "renamed", 2.0));
    tokio::pin!(later);
    assert!(futures::poll!(&mut later).is_pending());
    assert_eq!(world.engine.stats().sweeps, 1);
    assert!(rest.end(), "the engine has rested all the time");
    assert!(later.await.unwrap().revision > accepted.revision);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_no_rest_while_the_log_refuses_writes() {
    // D-17: a line through a state that lacks what history has would be no line.
    let world = World::new().await;
    world.log.refuse.store(true, Ordering::SeqCst);
    world.engine.submit(host(world.clock.now(), "nas", 1.0)).await.unwrap_err();
    assert_eq!(world.engine.rest().await.err(), Some(RestError::NotDurable));
    world.log.refuse.store(false, Ordering::SeqCst);
    world.pass(2).await;
    assert!(world.engine.rest().await.unwrap().end());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rest_that_takes_too_long_holds_up_nobody() {
    let world = World::new().await;
    let rest = world.engine.rest().await.unwrap();
    world.pass(10).await;
    world.engine.submit(host(world.clock.now(), "nas", 1.0)).await.unwrap();
    assert!(!rest.end(), "and who rested is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publications_keep_their_distance_and_acknowledgements_do_not_wait() {
    // D-2: at most every 250 ms.
    let mut world = World::new().await;
    world.engine.submit(host(world.clock.now(), "nas", 1.0)).await.unwrap();
    world.publication().await;
    world.engine.submit(host(world.clock.now(), "renamed", 1.0)).await.unwrap();
    world.rest().await;
    assert_eq!(world.engine.snapshot(&TenantId::DEFAULT).rows()[0].name, "nas");
    assert!(world.news.is_empty());

    let publication = world.publication().await;
    assert_eq!(publication.snapshot.rows()[0].name, "renamed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_is_not_amnesia() {
    // D-3: the snapshot is there at once, stale until the source reports again, at a revision never used before.
    let mut world = World::new().await;
    let stopped_at = world.clock.now();
    let accepted = world.engine.submit(host(stopped_at, "nas", 1.0)).await.unwrap();
    world.publication().await;

    let mut world = world.restart(Duration::from_secs(600)).await;
    let snapshot = world.engine.snapshot(&TenantId::DEFAULT);
    let row = snapshot.get(the_host()).expect("the host is remembered");
    assert_eq!(row.status, Status::Warning);
    assert_eq!(snapshot.source(&SourceId::local_agent()).unwrap().freshness, SourceFreshness::Stale);
    assert!(snapshot.revision().0 >= accepted.revision.0 + RESTART_SKIP);
    assert!(matches!(snapshot.reading(the_host(), Metric::Load1), Reading::Unknown { .. }));

    let now = world.clock.now();
    world.engine.submit(host(now, "nas", 2.0)).await.unwrap();
    let publication = world.publication().await;
    assert_eq!(publication.snapshot.get(the_host()).unwrap().status, Status::Online);
    assert_eq!(timeline(&world).await.len(), 1, "a restart of ours is no event of the host");
    assert_eq!(
        recorded(&world, stopped_at - SignedDuration::from_secs(60), now + SignedDuration::from_secs(60)),
        [1.0, 2.0]
    );

    let gaps = world.store.gap_list(&TenantId::DEFAULT, &[SourceId::local_agent()], stopped_at, now).await.unwrap();
    let [gap] = gaps.as_slice() else { panic!("one gap, not {gaps:?}") };
    assert_eq!((gap.from, gap.to, gap.reason), (stopped_at, Some(now), GapReason::ServerStopped));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_noticed_shown_and_forgiven() {
    // R-9 with D-8, D-11
    let mut world = World::new().await;
    let heard = world.clock.now();
    world.engine.submit(host(heard, "nas", 1.0)).await.unwrap();
    world.publication().await;
    world.pass(58).await;
    assert_eq!(world.engine.snapshot(&TenantId::DEFAULT).get(the_host()).unwrap().status, Status::Online);
    world.pass(8).await;
    assert_eq!(world.engine.snapshot(&TenantId::DEFAULT).get(the_host()).unwrap().status, Status::Warning);
    let gaps = |world: &World| {
        let store = world.store.clone();
        async move {
            let end = heard + SignedDuration::from_hours(1);
            store.gap_list(&TenantId::DEFAULT, &[SourceId::local_agent()], heard, end).await.unwrap()
        }
    };
    assert_eq!(gaps(&world).await[0].to, None);

    let back = world.clock.now();
    world.engine.submit(host(back, "nas", 1.0)).await.unwrap();
    world.pass(1).await;
    assert_eq!(world.engine.snapshot(&TenantId::DEFAULT).get(the_host()).unwrap().status, Status::Online);
    let closed = gaps(&world).await;
    assert_eq!(closed.len(), 1, "closing a gap does not make a second one");
    assert_eq!((closed[0].from, closed[0].to, closed[0].reason), (heard, Some(back), GapReason::SourceSilent));
    let kinds: Vec<_> = timeline(&world).await.into_iter().map(|(_, from, to)| (from.unwrap(), to.unwrap())).collect();
    let expected = [("warning", "online"), ("online", "warning"), ("absent", "online")];
    assert_eq!(kinds, expected.map(|(from, to)| (from.to_owned(), to.to_owned())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_refuses_writes_costs_nothing_but_the_acknowledgement() {
    // D-12: acknowledged means stored. The picture stays live meanwhile, and what is owed is written later.
    let mut world = World::new().await;
    world.log.refuse.store(true, Ordering::SeqCst);
    let refused = world.engine.submit(host(world.clock.now(), "nas", 1.0)).await;
    assert_eq!(refused, Err(SubmitError::NotDurable));
    assert_eq!(world.publication().await.snapshot.rows().len(), 1);
    let stats = world.engine.stats();
    assert!(stats.store_error.is_some() && stats.uncommitted_entries > 0, "{stats:?}");

    world.log.refuse.store(false, Ordering::SeqCst);
    world.pass(2).await;
    let stats = world.engine.stats();
    assert!(stats.store_error.is_none() && stats.uncommitted_entries == 0, "{stats:?}");
    assert_eq!(timeline(&world).await.len(), 1);
    let world = world.restart(Duration::from_secs(1)).await;
    assert!(world.engine.snapshot(&TenantId::DEFAULT).get(the_host()).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_without_an_answer_is_no_other_servers() {
    // D-3: the second host speaks again before it is known that its first word is in the log.
    let world = World::new().await;
    let two = |name: &str| {
        let (mut first, second) = (host(world.clock.now(), "nas", 1.0), host(world.clock.now(), name, 1.0));
        let mut other = Record::clone(&second.records[0]);
        other.key = NativeKey::new("second").unwrap();
        other.identity.machine_id = Some("second".into());
        first.records.push(Arc::new(other));
        first
    };
    world.log.lose_answers.store(true, Ordering::SeqCst);
    assert_eq!(world.engine.submit(two("web")).await, Err(SubmitError::NotDurable));
    world.log.refuse.store(true, Ordering::SeqCst);
    world.log.lose_answers.store(false, Ordering::SeqCst);
    assert_eq!(world.engine.submit(two("shop")).await, Err(SubmitError::NotDurable));
    world.pass(3).await;
    world.log.refuse.store(false, Ordering::SeqCst);
    world.pass(60).await;
    let stats = world.engine.stats();
    assert!(stats.store_error.is_none() && stats.uncommitted_entries == 0, "{stats:?}");
    world.engine.submit(two("shop")).await.unwrap();
    let world = world.restart(Duration::from_secs(1)).await;
    let snapshot = world.engine.snapshot(&TenantId::DEFAULT);
    assert!(snapshot.rows().iter().any(|row| row.display_name == "shop"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_tenants_state_cannot_be_read_nothing_is_applied_and_it_may_be_asked_again() {
    // D-4, D-12
    let world = World::new().await;
    let mut report = host(world.clock.now(), "nas", 1.0);
    report.tenant = "other".parse().unwrap();
    world.store.close().await;
    assert_eq!(world.engine.submit(report).await, Err(SubmitError::Busy));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_with_a_clock_ahead_is_stamped_with_ours() {
    let world = World::new().await;
    let now = world.clock.now();
    world.engine.submit(host(now + SignedDuration::from_hours(1), "nas", 7.0)).await.unwrap();
    assert_eq!(recorded(&world, now - SignedDuration::from_secs(60), now + SignedDuration::from_secs(60)), [7.0]);
    assert_eq!(world.engine.stats().skewed_reports, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_do_not_see_each_other() {
    // D-4
    let world = World::new().await;
    let other: TenantId = "other".parse().unwrap();
    let mut report = host(world.clock.now(), "nas", 1.0);
    report.tenant = other.clone();
    world.engine.submit(report).await.unwrap();
    world.pass(1).await;
    assert_eq!(world.engine.snapshot(&other).rows().len(), 1);
    assert!(world.engine.snapshot(&TenantId::DEFAULT).is_empty());
}
