//! The shipper's answers to single outcomes: waits, refusals, stops, and what is dropped.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use muster_model::{Metric, ResourceId, ResourceKind, TenantId};
use muster_runtime::Entropy;

use super::{Next, Shipper};
use crate::{
    answer::{RawSample, Samples},
    error::RemoteError,
    feed::{Batch, FeedSample, FeedSeries, Position},
    settings::Pace,
    status::{Dropped, State},
};

const NOW: Duration = Duration::from_secs(1_000);

#[test]
fn a_batch_is_written_settled_seen_and_confirmed() {
    let mut shipper = busy(&[1, 2]);
    assert!(matches!(shipper.step(NOW), Next::Write(_)));
    shipper.written(NOW, Ok(()));
    assert_eq!(shipper.step(NOW), Next::Wait(Pace::default().settle));
    let later = NOW + Pace::default().settle;
    let Next::Ask(question) = shipper.step(later) else { panic!("nothing is asked") };
    assert_eq!((question.metric, question.span.from_ms, question.span.to_ms), (Metric::Cpu, 1, 3));
    shipper.answered(later, Ok(holding(&[1, 2])));
    assert_eq!(shipper.step(later), Next::Confirm(Position(7)));
    shipper.confirmed(later, Ok(()));
    assert_eq!((shipper.status().confirmed, shipper.status().shipped), (Some(Position(7)), 2));
    assert_eq!(shipper.step(later), Next::Fetch(Pace::default().batch_samples));
}

#[test]
fn the_first_batch_after_a_start_is_looked_for_before_it_is_written() {
    let mut shipper = Shipper::new(Pace::default(), Arc::new(Entropy::seeded(1)));
    shipper.fetched(NOW, Ok(Some(batch(&[1, 2]))));
    // What was written a moment ago may not show yet.
    assert_eq!(shipper.step(NOW), Next::Wait(Pace::default().settle));
    let later = NOW + Pace::default().settle;
    assert!(matches!(shipper.step(later), Next::Ask(_)));
    shipper.answered(later, Ok(holding(&[1, 2])));
    // All is there; whether it is on disk there is another matter.
    assert_eq!(shipper.step(later), Next::Wait(Pace::default().settle));
}

#[test]
fn a_write_whose_outcome_is_unknown_gets_time_to_show() {
    let mut shipper = busy(&[1]);
    shipper.written(NOW, Err(refused(503, "the connection broke behind a proxy", None)));
    let Next::Wait(wait) = shipper.step(NOW) else { panic!("no wait") };
    assert!(wait >= Pace::default().settle, "{wait:?}");
    assert!(matches!(shipper.step(NOW + wait), Next::Ask(_)));
}

#[test]
fn the_remote_says_how_long_it_wants_to_be_left_alone() {
    let check = |after, at_least, at_most| {
        let mut shipper = busy(&[1]);
        shipper.written(NOW, Err(refused(429, "slow down", after)));
        let Next::Wait(wait) = shipper.step(NOW) else { panic!("no wait") };
        assert!(wait >= Duration::from_secs(at_least) && wait <= Duration::from_secs(at_most), "{wait:?}");
        // What was not taken is written again without a look.
        assert!(matches!(shipper.step(NOW + wait), Next::Write(_)));
    };
    check(None, 1, 2);
    check(Some(Duration::from_secs(90)), 90, 90);
    check(Some(Duration::from_secs(86_400)), 3_600, 3_600);
}

#[test]
fn waits_grow_while_writing_fails_even_if_reading_works() {
    let mut shipper = busy(&[1]);
    let mut now = NOW;
    for _ in 0..10 {
        shipper.written(now, Err(refused(503, "starting", None)));
        let Next::Wait(wait) = shipper.step(now) else { panic!("no wait") };
        now += wait;
        assert!(matches!(shipper.step(now), Next::Ask(_)));
        shipper.answered(now, Ok(Samples::new()));
        assert!(matches!(shipper.step(now), Next::Write(_)));
    }
    assert!(matches!(shipper.status().state, State::Retrying { failures: 10, .. }));
    assert!(now - NOW > Duration::from_secs(250), "{:?}", now - NOW);
}

#[test]
fn what_somebody_must_correct_stops_shipping_and_drops_nothing() {
    let unauthorised = || RemoteError::Unauthorised { server: "http://s".into(), status: 401 };
    let check = |error: RemoteError, words: &str| {
        let mut shipper = busy(&[1]);
        shipper.written(NOW, Err(error));
        let State::Stopped { why } = &shipper.status().state else { panic!("{:?}", shipper.status()) };
        assert!(why.contains(words), "{why}");
        assert_eq!(shipper.status().dropped, Dropped::default());
        assert_eq!(shipper.step(NOW), Next::Wait(Pace::default().stopped));
        // Whoever corrects it at the remote need not restart us.
        assert!(matches!(shipper.step(NOW + Pace::default().stopped), Next::Write(_)));
    };
    check(unauthorised(), "refuses our credentials");
    check(refused(404, "remote write is not enabled", None), "remote write is not enabled");
    check(refused(400, "snappy: corrupt input", None), "corrupt input");
    check(refused(302, "it has moved", None), "302");
}

#[test]
fn of_refused_samples_only_those_absent_are_dropped() {
    let mut shipper = busy(&[1, 2, 3]);
    let out_of_order = || Err(refused(400, "out of order sample", None));
    shipper.written(NOW, out_of_order());
    // First a look: 1 is there already, and is not written again.
    shipper.answered(NOW, Ok(holding(&[1])));
    shipper.written(NOW, out_of_order()); // 2 and 3
    shipper.written(NOW, out_of_order()); // 2
    shipper.written(NOW, Ok(())); // 3
    let later = NOW + Pace::default().settle;
    assert!(matches!(shipper.step(later), Next::Ask(_)));
    shipper.answered(later, Ok(holding(&[1, 3])));
    shipper.confirmed(later, Ok(()));
    assert_eq!(shipper.status().dropped, Dropped { refused: 1, ..Dropped::default() });
    assert_eq!(shipper.status().shipped, 2);
}

#[test]
fn a_remote_that_keeps_nothing_is_not_written_to_for_ever() {
    let mut shipper = busy(&[1, 2]);
    let (mut now, mut writes) = (NOW, 0);
    loop {
        match shipper.step(now) {
            Next::Write(_) => {
                writes += 1;
                shipper.written(now, Ok(()));
            }
            Next::Ask(_) => shipper.answered(now, Ok(holding(&[2]))),
            Next::Wait(wait) => now += wait,
            Next::Confirm(_) => break shipper.confirmed(now, Ok(())),
            Next::Fetch(_) => panic!("not confirmed"),
        }
    }
    assert_eq!(writes, 4);
    assert_eq!(shipper.status().dropped, Dropped { not_kept: 1, ..Dropped::default() });
}

#[test]
fn what_is_no_number_is_counted_and_not_sent() {
    let mut batch = batch(&[1]);
    batch.series[0].samples[0].value = f64::NAN;
    let mut shipper = idle();
    shipper.fetched(NOW, Ok(Some(batch)));
    assert_eq!(shipper.step(NOW), Next::Confirm(Position(7)));
    shipper.confirmed(NOW, Ok(()));
    assert_eq!(shipper.status().dropped, Dropped { not_a_number: 1, ..Dropped::default() });
}

#[test]
fn too_large_requests_and_questions_are_halved() {
    let mut shipper = busy(&[1, 2]);
    let Next::Write(whole) = shipper.step(NOW) else { panic!("nothing is written") };
    shipper.written(NOW, Err(refused(413, "too large", None)));
    let Next::Write(half) = shipper.step(NOW) else { panic!("nothing is written") };
    assert!(half.len() < whole.len());
    shipper.written(NOW, Ok(()));
    shipper.written(NOW, Ok(()));
    let later = NOW + Pace::default().settle;
    shipper.answered(later, Err(RemoteError::TooLarge { server: "s".into(), most_bytes: 1 }));
    for at_ms in [1, 2] {
        let Next::Ask(question) = shipper.step(later) else { panic!("nothing is asked") };
        assert_eq!((question.span.from_ms, question.span.to_ms), (at_ms, at_ms + 1));
        shipper.answered(later, Ok(holding(&[at_ms])));
    }
    assert_eq!(shipper.step(later), Next::Confirm(Position(7)));
}

#[test]
fn a_quiet_queue_is_asked_again_after_a_rest() {
    let mut shipper = idle();
    shipper.fetched(NOW, Ok(None));
    assert_eq!(shipper.status().state, State::Idle);
    assert_eq!(shipper.step(NOW), Next::Wait(Pace::default().rest));
}

/// A shipper that has confirmed something, so that nothing is in doubt.
fn idle() -> Shipper {
    let mut shipper = Shipper::new(Pace::default(), Arc::new(Entropy::seeded(1)));
    shipper.fetched(NOW - Pace::default().settle, Ok(Some(Batch { position: Position(1), series: vec![] })));
    assert_eq!(shipper.step(NOW), Next::Confirm(Position(1)));
    shipper.confirmed(NOW, Ok(()));
    shipper
}

fn busy(times: &[i64]) -> Shipper {
    let mut shipper = idle();
    shipper.fetched(NOW, Ok(Some(batch(times))));
    shipper
}

fn batch(times: &[i64]) -> Batch {
    let samples = times.iter().map(|at_ms| FeedSample { at_ms: *at_ms, value: 1.5, gap_before: None }).collect();
    let (tenant, metric) = (TenantId::DEFAULT, Metric::Cpu);
    let series = FeedSeries { tenant, resource: host(), metric, period_ms: 10_000, samples };
    Batch { position: Position(7), series: vec![series] }
}

fn holding(times: &[i64]) -> Samples {
    let samples = times.iter().map(|at_ms| RawSample { at_ms: *at_ms, value: 1.5 }).collect();
    BTreeMap::from([(host(), samples)])
}

fn refused(status: u16, text: &str, retry_after: Option<Duration>) -> RemoteError {
    RemoteError::Refused { server: "http://s".into(), status, text: text.into(), retry_after }
}

fn host() -> ResourceId {
    ResourceId::mint(ResourceKind::Agent, "host")
}
