//! What a failure costs, and what ends it.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::SignedDuration;
use muster_collect::{Failure, FailureCategory};
use tracing_subscriber::fmt::MakeWriter;

use crate::world::{Act, Event, WORKS, World, connection};

#[tokio::test]
async fn a_look_ends_at_its_deadline() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Hangs);
    let connection = world.poll(1).await;
    world.pass_seconds(29).await;
    assert_eq!(world.health(&connection).last_error, None);
    world.pass_seconds(2).await;
    let (_, failure) = world.health(&connection).last_error.unwrap();
    assert_eq!(failure.category, FailureCategory::TimedOut);
    assert!(failure.message.contains("30 seconds"), "{failure}");
}

#[tokio::test]
async fn a_target_that_is_away_is_asked_at_its_pace_and_then_a_little_slower() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Fails(FailureCategory::Unreachable));
    let connection = world.poll(1).await;
    world.pass_seconds(300).await;
    let begins = world.begins("lab 1", "bulk");
    let pauses: Vec<_> = begins.windows(2).map(|two| (two[1] - two[0]).as_secs_f64().round()).collect();
    assert!(pauses[1..6].iter().all(|pause| *pause == 10.0), "{pauses:?}");
    assert!(pauses[6..].iter().all(|pause| (30.0..=40.0).contains(pause)), "{pauses:?}");
    assert_eq!(u32::try_from(begins.len()).unwrap(), world.health(&connection).consecutive_failures);
    assert!(world.begins("lab 1", "disks").is_empty(), "nobody asks for details");

    world.act("lab 1", "bulk", WORKS);
    world.pass_seconds(40).await;
    let health = world.health(&connection);
    assert_eq!((health.consecutive_failures, health.last_error), (0, None));
    let next_at = health.next_at.unwrap();
    assert!(next_at.duration_since(health.last_attempt_at.unwrap()) <= SignedDuration::from_secs(10));
    assert_eq!(world.begins("lab 1", "disks").len(), 1);
}

#[tokio::test]
async fn refused_credentials_are_not_hammered() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Fails(FailureCategory::Unauthorised));
    world.poll(1).await;
    world.pass_seconds(900).await;
    let pauses: Vec<_> = world.begins("lab 1", "bulk").windows(2).map(|two| (two[1] - two[0]).as_secs()).collect();
    assert!(pauses[0] >= 60 && pauses[1] >= 120 && pauses[2] >= 240, "{pauses:?}");
    assert!(pauses.len() <= 5, "{pauses:?}");
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_a_failure_and_nobody_is_asked() {
    let world = World::new();
    let failure = Failure { category: FailureCategory::Secret, message: "the file is gone".to_owned() };
    let connection = connection(1);
    world.collector.set(connection.clone(), Err(failure.clone()));
    world.pass_seconds(60).await;
    let health = world.health(&connection);
    assert_eq!(health.last_error.unwrap().1, failure);
    assert_eq!((health.next_at, health.consecutive_failures), (None, 1));
    assert!(world.happened("lab 1").is_empty());
    let told = world.collector.test(&connection.tenant, connection.id).await.unwrap();
    assert_eq!(told, world.health(&connection));
}

#[tokio::test]
async fn an_answer_that_ends_our_own_code_costs_one_look() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Panics);
    let connection = world.poll(1).await;
    let (_, failure) = world.health(&connection).last_error.unwrap();
    assert_eq!(failure.category, FailureCategory::Malformed);
    world.act("lab 1", "bulk", WORKS);
    world.pass_seconds(11).await;
    assert_eq!(world.health(&connection).last_error, None);
    assert!(!world.tasks.panicked());
}

#[tokio::test]
async fn the_log_tells_begin_change_and_end_and_nothing_in_between() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_writer(lines.clone()).with_ansi(false).finish();
    // With one listener alone, the first thread that comes upon a line decides for all whether anybody wants it.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::new();
    let connection = world.poll(1).await;
    world.pass_seconds(60).await;
    assert_eq!(lines.take(), [""; 0], "nothing is wrong");
    for (act, expected) in [
        (Act::Fails(FailureCategory::Unreachable), "category=\"unreachable\""),
        (Act::Fails(FailureCategory::Tls), "category=\"tls\""),
        (WORKS, "works again"),
    ] {
        world.act("lab 1", "bulk", act);
        world.pass_seconds(120).await;
        let told = lines.take();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(expected) && told[0].contains(&connection.id.to_string()), "{told:?}");
        assert!(!told[0].contains("s3cret"), "{told:?}");
    }
    world.act("lab 1", "disks", Act::Fails(FailureCategory::Forbidden));
    world.pass_seconds(300).await;
    let told = lines.take();
    assert!(told.len() == 1 && told[0].contains("cannot read everything"), "{told:?}");
}

#[tokio::test]
async fn a_probe_that_never_ends_is_given_up() {
    let world = World::new();
    let connection = connection(1);
    let good = world.collector.probe(&connection, Some("s3cret".into())).await;
    assert_eq!(good.version.as_deref(), Some("9.0"));
    let (report, ()) = futures::join!(world.collector.probe(&connection, None), world.pass_seconds(61));
    assert_eq!(report.failure.unwrap().category, FailureCategory::TimedOut);
}

#[tokio::test]
async fn the_end_gives_up_what_is_under_way_and_reports_nothing_more() {
    let world = World::new();
    world.act("lab 1", "bulk", Act::Works(Duration::from_secs(20)));
    world.poll(1).await;
    world.poll(2).await;
    world.tasks.shutdown().begin();
    assert!(world.tasks.finish(Duration::from_secs(60)).await);
    assert_eq!(world.count("lab 1", &Event::Dropped("bulk")), 1);
    assert_eq!(world.count("lab 1", &Event::Reported), 0);
}

/// What the log says.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
