//! Limits and trusted proxies that change while the server runs: what begins afterwards is held to the new ones, and what
//! was counted stays counted.

use std::time::Duration;

use jiff::SignedDuration;
use muster_model::Role;
use muster_runtime::Clock;
use muster_server::{Changeable, ForwardedHeader, Limits, Rate, TrustedProxies};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Harness, send};

/// More than thirteen years: no test waits for it.
const NEVER: Duration = Duration::from_secs(400_000_000);

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn another_rate_holds_at_once_and_forgets_nothing() {
    let slow = Rate { per_second: 1, burst: 3 };
    let harness = Harness::with(|settings| settings.changeable.limits.requests_per_credential = Some(slow)).await;
    let viewer = harness.token(Role::Viewer).await;
    let ask = async || harness.get("/api/system", &viewer).await.status;
    for _ in 0..3 {
        assert_eq!(ask().await, StatusCode::OK);
    }
    assert_eq!(ask().await, StatusCode::TOO_MANY_REQUESTS);
    let limits = |rate| Limits { requests_per_credential: rate, ..Limits::default() };
    change(&harness, Limits { body_bytes: 1, ..limits(Some(slow)) });
    assert_eq!(ask().await, StatusCode::TOO_MANY_REQUESTS, "something else was changed");
    change(&harness, limits(Some(Rate { per_second: 100, burst: 300 })));
    assert_eq!(ask().await, StatusCode::TOO_MANY_REQUESTS, "a share that is used up stays so");
    harness.pass(SignedDuration::from_millis(50));
    for _ in 0..5 {
        assert_eq!(ask().await, StatusCode::OK, "it fills at the new rate");
    }
    assert_eq!(ask().await, StatusCode::TOO_MANY_REQUESTS);
    change(&harness, limits(None));
    assert_eq!(ask().await, StatusCode::OK);
    change(&harness, limits(Some(slow)));
    assert_eq!(ask().await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_proxy_is_believed_from_when_it_is_trusted_until_it_is_not() {
    let rate = Some(Rate { per_second: 1, burst: 1 });
    let limits = Limits { requests_per_address: rate, ..Limits::default() };
    let harness = Harness::with(|settings| settings.changeable.limits = limits).await;
    let asks = async |header: &str, value: &str| {
        let ask = || send(harness.request(Method::GET, "/healthz").header(header, value));
        [ask().await.status.as_u16(), ask().await.status.as_u16()]
    };
    let believe = |header| {
        let networks = vec!["127.0.0.0/8".parse().unwrap()];
        let trusted_proxies = TrustedProxies { networks, header };
        harness.app.in_force().change(Changeable { trusted_proxies, limits, ..Changeable::default() });
    };
    assert_eq!(asks("x-forwarded-for", "192.0.2.1").await, [200, 200]);
    believe(ForwardedHeader::XForwarded);
    assert_eq!(asks("x-forwarded-for", "192.0.2.1").await, [200, 429]);
    believe(ForwardedHeader::Standard);
    assert_eq!(asks("forwarded", "for=192.0.2.2").await, [200, 429]);
    assert_eq!(asks("x-forwarded-for", "192.0.2.3").await, [200, 200]);
    change(&harness, limits);
    assert_eq!(asks("forwarded", "for=192.0.2.4").await, [200, 200]);
}

#[tokio::test]
async fn a_body_may_be_as_large_as_it_may_be_now() {
    let harness = Harness::start().await;
    let of = async |bytes: usize| {
        let body = json!({"username": "a", "password": "x".repeat(bytes)});
        send(harness.request(Method::POST, "/api/login").json(&body)).await.status
    };
    assert_eq!(of(70_000).await, StatusCode::PAYLOAD_TOO_LARGE);
    change(&harness, Limits { body_bytes: 80_000, ..Limits::default() });
    assert_ne!(of(70_000).await, StatusCode::PAYLOAD_TOO_LARGE);
    change(&harness, Limits { body_bytes: 100, ..Limits::default() });
    assert_eq!(of(200).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn there_are_as_many_connections_as_there_may_be_now() {
    let places = |connections| Limits { connections, header_timeout: NEVER, ..Limits::default() };
    let harness = Harness::with(|settings| settings.changeable.limits = places(1)).await;
    let first = asking(&harness).await;
    let mut second = Box::pin(asking(&harness));
    stays(&mut second).await;
    change(&harness, places(3));
    let _second = second.await;
    // A third place was free a moment ago, and waited for somebody.
    change(&harness, places(2));
    let mut third = Box::pin(asking(&harness));
    stays(&mut third).await;
    drop(first);
    third.await;
}

#[tokio::test]
async fn patience_is_what_it_is_when_a_connection_begins() {
    let patient = Limits {
        header_timeout: NEVER,
        request_timeout: NEVER,
        idle_timeout: NEVER,
        stall_timeout: NEVER,
        ..Limits::default()
    };
    let soon = Duration::from_secs(10);
    let trickles = b"POST /api/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        content-length: 10\r\n\r\n";
    let check = async |said: &[u8], limits: Limits, answered: &str| {
        let harness = Harness::with(|settings| settings.changeable.limits = patient).await;
        change(&harness, limits);
        let mut stream = TcpStream::connect(harness.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        let answer = ends(&harness, &mut stream).await;
        assert!(answer.contains(answered), "{answer}");
    };
    check(b"", Limits { header_timeout: soon, ..patient }, "").await;
    check(&http2(ANY_ROOM), Limits { idle_timeout: soon, ..patient }, "").await;
    check(&http2(NO_ROOM), Limits { stall_timeout: soon, ..patient }, "").await;
    check(trickles, Limits { request_timeout: soon, idle_timeout: soon, ..patient }, "504 Gateway Timeout").await;
}

fn change(harness: &Harness, limits: Limits) {
    harness.app.in_force().change(Changeable { limits, ..Changeable::default() });
}

/// A connection on which something was asked and answered.
async fn asking(harness: &Harness) -> TcpStream {
    let mut stream = TcpStream::connect(harness.address).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    stream.read_exact(&mut [0; 12]).await.unwrap();
    stream
}

/// Whatever waits goes on waiting.
async fn stays(waiting: &mut (impl Future<Output = TcpStream> + Unpin)) {
    for _ in 0..1000 {
        assert!(futures::poll!(&mut *waiting).is_pending(), "every place is taken");
        tokio::task::yield_now().await;
    }
}

/// Settings of HTTP/2 that leave everything as it is, and those that leave no room for the body of an answer.
const ANY_ROOM: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const NO_ROOM: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0];

/// A request by HTTP/2, which has no other limit for its connection than the one between requests.
fn http2(settings: &[u8]) -> Vec<u8> {
    // GET http://localhost/healthz, which ends its stream.
    let head = b"\x82\x86\x04\x08/healthz\x41\x09localhost";
    let request = [&[0, 0, head.len() as u8, 1, 5, 0, 0, 0, 1], &head[..]].concat();
    [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], settings, &request].concat()
}

/// Moves simulated time on until the server has closed a connection, and returns what it said.
async fn ends(harness: &Harness, stream: &mut TcpStream) -> String {
    let began = harness.clock.monotonic();
    let mut said = vec![];
    let read = async {
        loop {
            tokio::select! {
                read = stream.read_buf(&mut said) => if !matches!(read, Ok(1..)) { return },
                () = tokio::task::yield_now() => harness.clock.advance(Duration::from_secs(1)),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(40), read).await.expect("it is closed");
    assert!(harness.clock.monotonic() - began < NEVER, "the patience is the new one");
    String::from_utf8_lossy(&said).into_owned()
}
