//! What an edit replaces, and what it leaves alone.

use std::time::Duration;

use muster_collect::{AskError, Connection, FailureCategory};
use muster_model::{PveOptions, ZfsOptions};
use secrecy::SecretString;

use crate::world::{Act, Event, World, connection, secret};

#[tokio::test]
async fn an_edit_gives_up_what_is_under_way_and_looks_at_once() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Works(Duration::from_secs(25)));
    let before = world.poll(1).await;
    world.pass_seconds(3).await;
    let edited = Connection { endpoints: vec!["https://other.example.org:8006".parse().unwrap()], ..before };
    world.collector.set(edited, Ok(SecretString::from("another")));
    world.settle().await;
    let events: Vec<_> = world.happened("lab 1").into_iter().map(|(_, event)| event).collect();
    let [
        Event::Made(one),
        Event::Began("bulk", _),
        Event::Dropped("bulk"),
        Event::Made(other),
        Event::Began("bulk", _),
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((one.as_str(), other.as_str()), ("s3cret", "another"));
    world.pass_seconds(26).await;
    assert_eq!(world.count("lab 1", &Event::Reported), 1, "only the new owner reports");
}

#[tokio::test]
async fn an_edit_ends_every_wait() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Fails(FailureCategory::Unauthorised));
    let before = world.poll(1).await;
    world.pass_seconds(5).await;
    assert_eq!(world.begins("lab 1", "bulk").len(), 1);
    world.collector.set(before, Ok(SecretString::from("the right one")));
    world.settle().await;
    assert_eq!(world.begins("lab 1", "bulk").len(), 2);
}

#[tokio::test]
async fn how_it_went_is_forgotten_only_where_something_else_is_polled() {
    let world = World::new();
    let first = world.poll(1).await;
    world.act("lab 1", "bulk", Act::Hangs);
    world.act("renamed", "bulk", Act::Hangs);
    let success = world.health(&first).last_success_at;
    assert!(success.is_some());

    let renamed = Connection { name: "renamed".to_owned(), ..first.clone() };
    world.collector.set(renamed.clone(), secret());
    world.settle().await;
    assert_eq!(world.health(&first).last_success_at, success);
    let requests = world.health(&first).requests;
    assert_eq!(requests, 4, "those of both providers");

    let moved = Connection { pins: [muster_outbound::Fingerprint::of(b"ca")].into(), ..renamed };
    world.collector.set(moved, secret());
    world.settle().await;
    assert_eq!(world.health(&first).last_success_at, None);
    assert!(world.health(&first).requests > requests, "requests are counted on");
}

#[tokio::test]
async fn other_options_are_in_force_at_once_and_leave_health_as_it_was() {
    let world = World::new();
    let first = world.poll(1).await;
    world.act("lab 1", "bulk", Act::Hangs);
    let (success, requests) = (world.health(&first).last_success_at, world.health(&first).requests);
    let options = PveOptions { zfs: ZfsOptions { enabled: Some(false) }, ..PveOptions::default() };
    world.collector.set(Connection { options, ..first.clone() }, secret());
    world.settle().await;
    let health = world.health(&first);
    assert_eq!(health.last_success_at, success);
    assert!(health.requests > requests, "another provider looks");
}

#[tokio::test]
async fn setting_the_same_again_changes_nothing() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Works(Duration::from_secs(5)));
    let connection = world.poll(1).await;
    world.collector.set(connection, secret());
    world.settle().await;
    assert_eq!(world.count("lab 1", &Event::Dropped("bulk")), 0);
    assert_eq!(world.begins("lab 1", "bulk").len(), 1);
}

#[tokio::test]
async fn whoever_waits_for_a_look_is_told_that_an_edit_gave_it_up() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Hangs);
    let connection = world.poll(1).await;
    let edited = Connection { interval: jiff::SignedDuration::from_secs(60), ..connection.clone() };
    let edit = async {
        world.settle().await;
        world.collector.set(edited, secret());
    };
    let (answer, ()) = futures::join!(world.collector.test(&connection.tenant, connection.id), edit);
    assert_eq!(answer, Err(AskError::GivenUp));
}

#[tokio::test]
async fn what_is_disabled_is_looked_at_only_by_a_test_and_reports_nothing() {
    let world = World::new();
    let disabled = Connection { enabled: false, ..connection(1) };
    world.collector.set(disabled.clone(), secret());
    world.pass_seconds(60).await;
    assert!(world.begins("lab 1", "bulk").is_empty());
    let health = world.collector.test(&disabled.tenant, disabled.id).await.unwrap();
    assert!(health.last_success_at.is_some());
    assert_eq!(health.next_at, None);
    world.pass_seconds(60).await;
    assert_eq!((world.begins("lab 1", "bulk").len(), world.begins("lab 1", "disks").len()), (1, 0));
    assert_eq!(world.count("lab 1", &Event::Reported), 0);
}

#[tokio::test]
async fn what_is_disabled_while_it_is_polled_is_given_up_at_once() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Works(Duration::from_secs(5)));
    let connection = world.poll(1).await;
    world.collector.set(Connection { enabled: false, ..connection }, secret());
    world.pass_seconds(60).await;
    assert_eq!(world.count("lab 1", &Event::Dropped("bulk")), 1);
    assert_eq!((world.count("lab 1", &Event::Reported), world.count("lab 1", &Event::Disabled)), (0, 1));
}

#[tokio::test]
async fn what_is_removed_is_given_up_and_then_taken_out_of_the_estate() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Works(Duration::from_secs(5)));
    let connection = world.poll(1).await;
    world.collector.remove(&connection.tenant, connection.id);
    assert_eq!(world.collector.health(&connection.tenant, connection.id), None);
    world.pass_seconds(60).await;
    let events: Vec<_> = world.happened("lab 1").into_iter().map(|(_, event)| event).collect();
    assert_eq!(events[2..], [Event::Dropped("bulk"), Event::Withdrawn(connection.source())]);
    world.collector.remove(&connection.tenant, connection.id);
}
