//! Every call ends, and no body fills the memory.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use muster_outbound::{Limits, Outbound, OutboundError, Request, Trust};
use muster_runtime::ManualClock;

use crate::harness::{Fake, Names, get, ok, outbound};

#[tokio::test]
async fn a_body_larger_than_wanted_is_given_up() {
    // D-23
    let declared = Fake::start("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx").await;
    let endless = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}",
        "400\r\n".to_owned() + &"x".repeat(1024) + "\r\n"
    );
    let chunked = Fake::start(endless).await;
    let exact = Fake::start(ok(&"x".repeat(1000))).await;
    for fake in [&declared, &chunked] {
        let error = get(&outbound(0, &Names::default()), &fake.url()).await.unwrap_err();
        assert!(matches!(error, OutboundError::TooLarge { most_bytes: 1000, .. }), "{error}");
    }
    assert_eq!(get(&outbound(0, &Names::default()), &exact.url()).await.unwrap().len(), 1000);
}

#[tokio::test]
async fn the_beginning_of_a_body_is_no_more_than_asked_for() {
    let fake = Fake::start(ok(&"x".repeat(5000))).await;
    let answer = outbound(0, &Names::default()).send(Request::get(fake.url().parse().unwrap())).await.unwrap();
    assert_eq!(answer.beginning(100).await, [b'x'; 100]);
}

#[tokio::test]
async fn a_silent_server_is_left() {
    // D-23
    ends_in_time("").await;
}

#[tokio::test]
async fn a_body_that_does_not_end_is_left() {
    // D-23
    ends_in_time("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nslow").await;
}

async fn ends_in_time(answer: &str) {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let (fake, outbound) = (Fake::start(answer).await, timed(&clock));
    let whole = async {
        let answer = outbound.send(Request::get(fake.url().parse().unwrap())).await?;
        answer.body(1000).await
    };
    let error = tokio::select! {
        read = whole => read.unwrap_err(),
        never = pass_time(&clock, &fake) => never,
    };
    assert!(matches!(error, OutboundError::TooSlow { seconds: 30, .. }), "{error}");
}

/// Moves simulated time on once the server was asked.
async fn pass_time(clock: &ManualClock, fake: &Fake) -> OutboundError {
    loop {
        if !fake.heads().is_empty() {
            clock.advance(Duration::from_secs(1));
        }
        tokio::task::yield_now().await;
    }
}

fn timed(clock: &ManualClock) -> Outbound {
    Outbound::new(Limits::default(), Trust::System, Arc::new(clock.clone())).unwrap()
}
