//! What is handed on, and in which order.

use std::time::Duration;

use crate::world::{Act, Event, World};

#[tokio::test]
async fn a_report_is_handed_on_before_the_look_counts_as_over() {
    let world = World::new();
    let connection = world.poll(1).await;
    let health = world.collector.test(&connection.tenant, connection.id).await.unwrap();
    assert_eq!(world.count("lab 1", &Event::Reported), 2);
    assert_eq!(health.observed.counts["guests"], 3);
    assert!(health.observed.collected_at.is_some());
}

#[tokio::test]
async fn samples_of_the_past_hold_up_no_look_and_are_written_one_after_the_other() {
    //
    let world = World::new();
    world.act("lab 1", "bulk", Act::Remembers);
    world.backfill_takes(Duration::from_secs(35));
    world.poll(1).await;
    world.pass_seconds(36).await;
    assert_eq!(world.count("lab 1", &Event::Backfilled(1)), 1);
    assert!(world.count("lab 1", &Event::Reported) >= 4, "{:?}", world.happened("lab 1"));
    world.pass_seconds(35).await;
    let waited: Vec<_> =
        world.happened("lab 1").into_iter().filter(|(_, event)| matches!(event, Event::Backfilled(_))).collect();
    assert_eq!(waited.len(), 2, "{waited:?}");
    assert!(matches!(waited[1].1, Event::Backfilled(3 | 4)), "what came meanwhile goes together: {waited:?}");
}
