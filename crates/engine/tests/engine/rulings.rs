//! A person's word between reports: in order, stored before it is answered, shown at once (D-2, D-3, R-12).

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use muster_engine::{RuleError, SubmitError};
use muster_estate::{Leaving, Order, Refusal, Wish};
use muster_model::{Record, Report, ResourceId, ResourceKind, RulingId, TenantId};
use muster_runtime::Clock;
use uuid::Uuid;

use crate::world::{World, host};

static TENANT: TenantId = TenantId::DEFAULT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ruling_comes_after_what_was_handed_in_before_and_outlives_a_restart() {
    // D-2, D-3, R-12
    let world = World::new().await;
    world.engine.submit(report(&world, "one")).await.unwrap();
    let (second, early) = (report(&world, "two"), order(1, Wish::Join { first: id("one"), second: id("two") }));
    let (submitted, decided) = futures::join!(world.engine.submit(second), world.engine.rule(&TENANT, early));
    submitted.unwrap();
    assert!(decided.unwrap().is_new);
    let snapshot = world.engine.snapshot(&TENANT);
    assert_eq!((snapshot.len(), snapshot.canonical(id("two"))), (1, snapshot.canonical(id("one"))), "shown at once");
    let survivor = snapshot.rows()[0].id;

    let world = world.restart(Duration::from_secs(60)).await;
    world.engine.submit(report(&world, "two")).await.unwrap();
    world.pass(1).await;
    let snapshot = world.engine.snapshot(&TENANT);
    assert_eq!(snapshot.rows().iter().map(|row| row.id).collect::<Vec<_>>(), [survivor]);
    let former = snapshot.aliases_of(survivor)[0];
    let split = order(2, Wish::Split { resource: survivor, leaving: Leaving::Former(former) });
    world.engine.rule(&TENANT, split).await.unwrap();
    assert_eq!(world.store.alias_list(&TENANT, survivor).await.unwrap(), []);

    let world = world.restart(Duration::from_secs(60)).await;
    assert_eq!(world.engine.snapshot(&TENANT).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ruling_that_cannot_be_stored_says_so_and_stands() {
    // D-12
    let world = World::new().await;
    world.engine.submit(report(&world, "one")).await.unwrap();
    world.engine.submit(report(&world, "two")).await.unwrap();
    let apart = || Wish::SetApart { first: id("one"), second: id("two") };
    world.log.refuse.store(true, Ordering::Relaxed);
    let refused = world.engine.rule(&TENANT, order(1, apart())).await;
    assert_eq!(refused, Err(RuleError::Submit(SubmitError::NotDurable)));
    assert_eq!(world.engine.snapshot(&TENANT).rulings().count(), 1);
    world.log.refuse.store(false, Ordering::Relaxed);
    world.pass(60).await;
    let again = world.engine.rule(&TENANT, order(2, apart())).await.unwrap();
    assert_eq!((again.is_new, again.ruling.id), (false, RulingId(Uuid::from_u128(1))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_is_refused_by_the_estate() {
    let world = World::new().await;
    let nobody = id("nobody");
    let refused = world.engine.rule(&TENANT, order(1, Wish::Join { first: nobody, second: nobody })).await;
    assert_eq!(refused, Err(RuleError::Refused(Refusal::UnknownResource { id: nobody })));
}

fn order(number: u128, wish: Wish) -> Order {
    Order { id: RulingId(Uuid::from_u128(number)), by: "user:anna".into(), note: None, wish }
}

/// What the agent of a machine says.
fn report(world: &World, machine: &str) -> Report {
    let mut report = host(world.clock.now(), machine, 1.0);
    report.source = format!("agent:{machine}").parse().unwrap();
    report.samples.clear();
    for record in &mut report.records {
        let mut own = Record::clone(record);
        own.identity.machine_id = Some(machine.into());
        own.identity.dmi_uuid = Some(format!("dmi-{machine}"));
        *record = Arc::new(own);
    }
    report
}

fn id(machine: &str) -> ResourceId {
    ResourceId::mint(ResourceKind::Agent, &format!("machine:{machine}"))
}
