//! When looks begin, and whom they delay.

use std::time::Duration;

use muster_collect::{AskError, FailureCategory, Standing};
use muster_model::Platform;

use crate::world::{Act, Event, WORKS, World, connection, late, secret};

#[tokio::test]
async fn one_slow_target_of_twenty_delays_nobody() {
    let world = World::new();
    for number in 0..20 {
        world.act(&format!("lab {number}"), "bulk", if number == 7 { Act::Hangs } else { WORKS });
    }
    world.collector.launch((0..20).map(|number| (connection(number), secret())));
    world.pass_seconds(120).await;
    for number in (0..20).filter(|number| *number != 7) {
        let begins = world.begins(&format!("lab {number}"), "bulk");
        assert!(begins.len() >= 12, "{number}: {begins:?}");
        let late = late(&begins, Duration::from_secs(10));
        assert_eq!(late, None, "{number}: {begins:?}");
    }
    let slow = world.happened("lab 7");
    assert!(slow.iter().filter(|(_, event)| matches!(event, Event::Dropped("bulk"))).count() >= 3);
    let stats = world.collector.stats(&connection(0).tenant);
    let bulk = &stats.lanes[&(Platform::ProxmoxPve, "bulk")];
    assert_eq!(bulk.lag.buckets[5..].iter().sum::<u64>(), 0, "nobody was late: {bulk:?}");
    assert!(bulk.failures[&FailureCategory::TimedOut] >= 3);
    assert_eq!((stats.standings[&Standing::Working], stats.standings[&Standing::Failing]), (19, 1));
}

#[tokio::test]
async fn dead_targets_take_no_place_from_those_that_live() {
    let world = World::new();
    for number in 0..310 {
        world.act(&format!("lab {number}"), "bulk", if number < 300 { Act::Hangs } else { WORKS });
    }
    world.collector.launch((0..310).map(|number| (connection(number), secret())));
    // Nobody is known to be dead before the first deadline.
    world.pass_seconds(60).await;
    let before: Vec<_> = (300..310).map(|number| world.begins(&format!("lab {number}"), "bulk").len()).collect();
    world.pass_seconds(60).await;
    for (number, before) in (300..310).zip(before) {
        assert_eq!(world.begins(&format!("lab {number}"), "bulk").len() - before, 6, "{number}");
    }
}

#[tokio::test]
async fn details_that_take_long_hold_up_nobody_elses() {
    let world = World::new();
    for number in 0..120 {
        world.act(&format!("lab {number}"), "disks", if number < 100 { Act::Hangs } else { WORKS });
    }
    world.collector.launch((0..120).map(|number| (connection(number), secret())));
    world.pass_seconds(130).await;
    for number in 100..120 {
        assert!(world.begins(&format!("lab {number}"), "disks").len() >= 3, "{number}");
    }
}

#[tokio::test]
async fn details_that_take_minutes_hold_up_no_short_ones_at_the_same_address() {
    let world = World::new();
    for long in ["agents", "history", "slow", "snapshots", "backups"] {
        world.lane(long, 30, 280);
        world.act("lab 1", long, Act::Works(Duration::from_secs(240)));
    }
    world.lane("guests", 20, 120);
    world.poll(1).await;
    world.pass_seconds(200).await;
    let begins = world.begins("lab 1", "guests");
    let late = late(&begins, Duration::from_secs(20));
    assert!(begins.len() >= 9 && late.is_none(), "{begins:?}");
}

#[tokio::test]
async fn looks_take_turns_at_the_address_that_they_dial() {
    let world = World::new();
    for number in 0..6 {
        let name = format!("lab {number}");
        // Their preferred entry points are gone, and one machine stands in for all of them.
        world.dials(&name, "https://pve7.example.org:8006");
        world.act(&name, "bulk", Act::Works(Duration::from_secs(9)));
    }
    // Whose preferred entry point that machine is, and who is served by another one.
    world.dials("lab 7", "https://pve8.example.org:8006");
    world.collector.launch((0..8).filter(|number| *number != 6).map(|number| (connection(number), secret())));
    world.pass_seconds(60).await;
    let mut under_way: i32 = 0;
    let mut most = 0;
    for (_, _, event) in world.all().into_iter().filter(|(_, name, _)| name != "lab 7") {
        match event {
            Event::Began("bulk", _) => under_way += 1,
            Event::Ended("bulk") | Event::Dropped("bulk") => under_way -= 1,
            _ => {}
        }
        most = most.max(under_way);
    }
    assert_eq!(most, 4, "the others wait for their turn");
    let begins = world.begins("lab 7", "bulk");
    let late = late(&begins, Duration::from_secs(10));
    assert!(begins.len() >= 6 && late.is_none(), "{begins:?}");
}

#[tokio::test]
async fn how_late_a_report_is_seen_counts_from_when_it_was_planned() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Works(Duration::from_secs(3)));
    let connection = world.poll(1).await;
    world.pass_seconds(34).await;
    let bulk = &world.collector.stats(&connection.tenant).lanes[&(Platform::ProxmoxPve, "bulk")];
    assert_eq!(bulk.delivery.buckets.iter().sum::<u64>(), bulk.duration.buckets.iter().sum::<u64>());
    assert!(
        bulk.delivery.seconds >= 3.0 * bulk.delivery.buckets[5] as f64 && bulk.delivery.buckets[5] >= 3,
        "{bulk:?}"
    );
}

#[tokio::test]
async fn looks_keep_their_place_on_the_grid() {
    // D-10
    let world = World::new();
    world.poll(1).await;
    world.pass_seconds(60).await;
    let happened = world.happened("lab 1").into_iter();
    let ticks: Vec<i64> = happened
        .filter_map(|(_, event)| match event {
            Event::Began("bulk", due) => Some(due.as_second()),
            _ => None,
        })
        .collect();
    assert!(ticks.iter().all(|tick| tick % 10 == 0), "{ticks:?}");
    assert!(ticks[1..].windows(2).all(|two| two[1] - two[0] == 10), "{ticks:?}");
}

#[tokio::test]
async fn who_asks_joins_the_look_that_is_under_way() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Works(Duration::from_secs(5)));
    let connection = world.poll(1).await;
    let ask = || world.collector.test(&connection.tenant, connection.id);
    let asked = futures::future::join3(ask(), ask(), world.pass_seconds(6));
    let (one, other, ()) = asked.await;
    assert_eq!(one.unwrap().last_success_at, other.unwrap().last_success_at);
    assert_eq!(world.begins("lab 1", "bulk").len(), 1);
}

#[tokio::test]
async fn a_test_looks_now_and_tells_what_the_record_tells() {
    // D-26
    let world = World::new();
    let connection = world.poll(1).await;
    world.pass_seconds(1).await;
    world.act("lab 1", "bulk", Act::Fails(FailureCategory::Unauthorised));
    let before = world.begins("lab 1", "bulk").len();
    let health = world.collector.test(&connection.tenant, connection.id).await.unwrap();
    assert_eq!(world.begins("lab 1", "bulk").len(), before + 1);
    assert_eq!(health.last_error.as_ref().unwrap().1.category, FailureCategory::Unauthorised);
    assert_eq!(health, world.health(&connection));
    assert_eq!(health.requests, 2);
}

#[tokio::test]
async fn one_lane_can_be_asked_for_alone() {
    // D-28
    let world = World::new();
    let connection = world.poll(1).await;
    let (bulk, disks) = (world.begins("lab 1", "bulk").len(), world.begins("lab 1", "disks").len());
    world.collector.refresh(&connection.tenant, connection.id, "disks").await.unwrap();
    assert_eq!((world.begins("lab 1", "bulk").len(), world.begins("lab 1", "disks").len()), (bulk, disks + 1));
    let unknown = world.collector.refresh(&connection.tenant, connection.id, "cellar").await;
    assert_eq!(unknown, Err(AskError::NoSuchLane));
}

#[tokio::test]
async fn another_tenant_knows_nothing_of_it() {
    // D-4
    let world = World::new();
    let connection = world.poll(1).await;
    let other = "other".parse().unwrap();
    assert_eq!(world.collector.health(&other, connection.id), None);
    assert!(world.collector.healths(&other).is_empty());
    assert_eq!(world.collector.test(&other, connection.id).await, Err(AskError::NoSuchConnection));
    assert!(world.collector.stats(&other).requests.is_empty());
    world.collector.remove(&other, connection.id);
    assert!(world.collector.healths(&connection.tenant).contains_key(&connection.id));
}
