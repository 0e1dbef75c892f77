//! Ignored machines: refused before the estate, for good, whatever happens in between.

use std::time::Duration;

use crate::world::{START, World, host};
use jiff::{SignedDuration, Timestamp};
use muster_engine::SubmitError;
use muster_model::{GapReason, IgnorableKind, IgnoredMachine, ResourceId, ResourceKind, SourceId, TenantId};
use muster_runtime::Clock;
use muster_store::{ChangeQuery, Ignoring};

static TENANT: TenantId = TenantId::DEFAULT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ignored_machine_is_gone_and_refused_until_it_is_restored() {
    //
    let mut world = World::new().await;
    world.engine.submit(report(&world)).await.unwrap();
    world.publication().await;
    ignore(&world).await;
    assert_eq!(world.engine.ignored(&TENANT)[..], [machine()]);
    assert_eq!(world.engine.submit(report(&world)).await, Err(SubmitError::Ignored));
    world.pass(1).await;
    assert!(world.engine.snapshot(&TENANT).is_empty());
    assert_eq!(world.engine.stats().reports, 1, "what is refused is not applied");

    restore(&world).await;
    assert!(world.engine.ignored(&TENANT).is_empty());
    world.engine.submit(report(&world)).await.unwrap();
    world.pass(1).await;
    assert_eq!(world.engine.snapshot(&TENANT).rows()[0].id, machine().resource, "it is known again");
    let told: Vec<_> = lines(&world).await.into_iter().filter_map(|(actor, _)| actor).collect();
    assert_eq!(told, ["user:bob", "user:anna"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_on_their_way_do_not_bring_it_back() {
    // those before it are applied and taken out with the rest, those after it are refused.
    let world = World::new().await;
    let (first, ignored, second) = futures::join!(
        world.engine.submit(report(&world)),
        world.engine.ignore(&TENANT, machine()),
        world.engine.submit(report(&world)),
    );
    assert!(first.is_ok() && ignored.is_ok());
    assert_eq!(second, Err(SubmitError::Ignored));
    world.pass(1).await;
    assert!(world.engine.snapshot(&TENANT).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stays_ignored_across_a_restart() {
    //
    let world = World::new().await;
    world.engine.submit(report(&world)).await.unwrap();
    ignore(&world).await;
    let world = world.restart(Duration::from_secs(60)).await;
    assert_eq!(world.engine.ignored(&TENANT)[..], [machine()]);
    assert_eq!(world.engine.submit(report(&world)).await, Err(SubmitError::Ignored));
    assert!(world.engine.snapshot(&TENANT).is_empty());
    restore(&world).await;
    let world = world.restart(Duration::from_secs(60)).await;
    world.engine.submit(report(&world)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_makes_good_what_was_stored_and_not_done() {
    // killed between the stored list and the estate.
    let world = World::new().await;
    world.engine.submit(report(&world)).await.unwrap();
    assert_eq!(world.store.ignored_insert(&TENANT, &machine()).await.unwrap(), Ignoring::Begun);
    let world = world.restart(Duration::from_secs(60)).await;
    assert!(world.engine.snapshot(&TENANT).is_empty(), "it is gone before anybody looks");
    assert_eq!(world.engine.submit(report(&world)).await, Err(SubmitError::Ignored));
    world.pass(1).await;
    let told: Vec<_> = lines(&world).await.into_iter().filter_map(|(actor, to)| Some((actor?, to?))).collect();
    assert_eq!(told, [("user:anna".to_owned(), "absent".to_owned())]);

    // And the other way round: what is listed no more is listened to.
    world.store.ignored_delete(&TENANT, IgnorableKind::Agent, "local").await.unwrap();
    let world = world.restart(Duration::from_secs(60)).await;
    world.engine.submit(report(&world)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_in_which_it_was_ignored_is_no_outage_of_ours() {
    // D-11
    let world = World::new().await;
    world.engine.submit(report(&world)).await.unwrap();
    ignore(&world).await;
    let world = world.restart(Duration::from_secs(3600)).await;
    restore(&world).await;
    world.engine.submit(report(&world)).await.unwrap();
    world.pass(1).await;
    let (from, to) = (Timestamp::from_second(START).unwrap(), world.clock.now() + SignedDuration::from_secs(1));
    let gaps = world.store.gap_list(&TENANT, &[SourceId::local_agent()], from, to).await.unwrap();
    let [gap] = gaps.as_slice() else { panic!("one gap, not {gaps:?}") };
    let restored = from + SignedDuration::from_secs(3600);
    assert_eq!((gap.from, gap.to, gap.reason), (from, Some(restored), GapReason::MachineIgnored));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_is_refused() {
    // R-175, D-4
    let world = World::new().await;
    ignore(&world).await;
    let mut other = report(&world);
    other.source = "agent:other".parse().unwrap();
    assert_eq!(world.engine.submit(other).await.map(|accepted| accepted.rejected), Ok(0));
    let mut elsewhere = report(&world);
    elsewhere.tenant = "other".parse().unwrap();
    let tenant = elsewhere.tenant.clone();
    assert_eq!(world.engine.submit(elsewhere).await.map(|accepted| accepted.rejected), Ok(0));
    world.pass(1).await;
    assert_eq!([&TENANT, &tenant].map(|tenant| world.engine.snapshot(tenant).len()), [1, 1]);
}

/// As the server does it: the store first.
async fn ignore(world: &World) {
    world.store.ignored_insert(&TENANT, &machine()).await.unwrap();
    world.engine.ignore(&TENANT, machine()).await.unwrap();
}

async fn restore(world: &World) {
    let there = world.store.ignored_delete(&TENANT, IgnorableKind::Agent, "local").await.unwrap();
    world.engine.restore(&TENANT, there.expect("it is ignored"), "user:bob").await.unwrap();
}

fn report(world: &World) -> muster_model::Report {
    host(world.clock.now(), "nas", 1.0)
}

fn machine() -> IgnoredMachine {
    IgnoredMachine {
        kind: IgnorableKind::Agent,
        control_id: "local".into(),
        source: SourceId::local_agent(),
        name: "nas".into(),
        hostname: None,
        resource: ResourceId::mint(ResourceKind::Agent, &format!("machine:machine-{}", crate::world::MACHINE)),
        ignored_at: Timestamp::from_second(START).unwrap(),
        ignored_by: "user:anna".into(),
    }
}

/// Actor and state of the lines about the machine, newest first.
async fn lines(world: &World) -> Vec<(Option<String>, Option<String>)> {
    let query = ChangeQuery { resources: Some(vec![machine().resource]), ..ChangeQuery::newest(100) };
    let rows = world.store.change_list(&TENANT, &query).await.unwrap();
    rows.into_iter().map(|row| (row.actor, row.to)).collect()
}
