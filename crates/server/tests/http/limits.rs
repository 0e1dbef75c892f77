//! Clients that ask too often, say too much, or take for ever.

use std::time::Duration;

use jiff::SignedDuration;
use muster_model::Role;
use muster_server::{ForwardedHeader, Hsts, Rate, TrustedProxies};
use reqwest::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::{
    exposure::over_tls,
    harness::{Harness, send},
};

const RATE: Rate = Rate { per_second: 1, burst: 3 };

/// The sort of HTTP/2 frame that begins an answer.
const HEADERS: u8 = 1;

#[tokio::test]
async fn a_credential_asks_so_often_and_no_more() {
    let harness = Harness::with(|settings| settings.changeable.limits.requests_per_credential = Some(RATE)).await;
    let (one, other) = (harness.token(Role::Viewer).await, harness.token(Role::Viewer).await);
    for _ in 0..3 {
        assert_eq!(harness.get("/api/system", &one).await.status, StatusCode::OK);
    }
    let refused = harness.get("/api/system", &one).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(harness.get("/api/system", &other).await.status, StatusCode::OK);
    harness.pass(SignedDuration::from_secs(1));
    assert_eq!(harness.get("/api/system", &one).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_asks_so_often_whatever_it_asks_for() {
    let harness = Harness::with(|settings| {
        settings.changeable.limits.requests_per_address = Some(RATE);
        let networks = vec!["127.0.0.0/8".parse().unwrap()];
        settings.changeable.trusted_proxies = TrustedProxies { networks, header: ForwardedHeader::XForwarded };
    })
    .await;
    let ask =
        async |path: &str, from: &str| send(harness.request(Method::GET, path).header("x-forwarded-for", from)).await;
    for path in ["/healthz", "/", "/api/nothing"] {
        assert_ne!(ask(path, "192.0.2.9").await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(ask("/healthz", "192.0.2.9").await.code(), "rate_limited");
    assert_eq!(ask("/healthz", "192.0.2.10").await.status, StatusCode::OK);
    // An address of a machine itself is worth no more than others where a proxy only says so.
    let claimed = async || ask("/healthz", "127.0.0.9").await.status;
    for _ in 0..3 {
        assert_eq!(claimed().await, StatusCode::OK);
    }
    assert_eq!(claimed().await, StatusCode::TOO_MANY_REQUESTS);
    // This machine's own address is everybody's behind a proxy that says nothing.
    for _ in 0..10 {
        assert_eq!(send(harness.request(Method::GET, "/healthz")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let harness = Harness::start().await;
    let ask = async |count: usize| {
        let many = (0..count)
            .fold(harness.request(Method::GET, "/healthz"), |request, n| request.header(format!("x-{n}"), "1"));
        send(many).await
    };
    assert_eq!(ask(50).await.status, StatusCode::OK);
    assert_eq!(ask(80).await.code(), "headers_too_large");
    assert_eq!(ask(200).await.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn a_live_stream_holds_its_place() {
    let harness = Harness::with(|settings| settings.changeable.limits.connections = 1).await;
    let (_, token) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), None).await;
    let mut request = format!("ws://{}/ws", harness.address).into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let (stream, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let mut second = Box::pin(send(harness.request(Method::GET, "/healthz")));
    for _ in 0..1000 {
        assert!(futures::poll!(&mut second).is_pending(), "there is one place, and it is taken");
        tokio::task::yield_now().await;
    }
    drop(stream);
    assert_eq!(ends(&harness, second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_says_too_little_is_let_go() {
    // A head that begins like HTTP/2 and never decides itself, one that trickles, and HTTP/2 that asks nothing.
    let settings_frame = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for said in [&b"P"[..], b"PRI * HT", b"GET / HTTP/1.1\r\nhost: lo", settings_frame] {
        let harness = Harness::start().await;
        let mut stream = TcpStream::connect(harness.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        ends(&harness, async { while let Ok(1..) = stream.read(&mut [0; 1024]).await {} }).await;
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_given_up() {
    let (harness, _files) = over_tls(Hsts::Auto).await;
    let mut stream = TcpStream::connect(harness.address).await.unwrap();
    stream.write_all(&[0x16, 0x03, 0x01, 0x02]).await.unwrap();
    ends(&harness, async { while let Ok(1..) = stream.read(&mut [0; 1024]).await {} }).await;
}

#[tokio::test]
async fn whoever_trickles_gains_no_time() {
    let harness = Harness::start().await;
    let mut stream = TcpStream::connect(harness.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    let trickle = async {
        loop {
            harness.clock.advance(Duration::from_secs(1));
            // A closed connection is noticed with the second write at the latest.
            if stream.write_all(b"x-a: b\r\n").await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), trickle).await.expect("the head has a time of its own");
}

#[tokio::test]
async fn whoever_takes_nothing_is_let_go() {
    // Nothing else that takes time is to end it.
    let ages = Duration::from_secs(100 * 365 * 24 * 3600);
    let harness = Harness::with(|settings| {
        let limits = &mut settings.changeable.limits;
        (limits.connections, limits.request_timeout, limits.idle_timeout) = (1, ages, ages);
    })
    .await;
    let viewer = harness.token(Role::Viewer).await;
    let mut deaf = TcpStream::connect(harness.address).await.unwrap();
    let request =
        format!("GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {viewer}\r\n\r\n");
    // More answers than the buffers between the two hold.
    deaf.write_all(request.repeat(200).as_bytes()).await.unwrap();
    let next = send(harness.request(Method::GET, "/healthz"));
    assert_eq!(ends(&harness, next).await.status, StatusCode::OK, "its place is free again");
    drop(deaf);
}

#[tokio::test]
async fn whoever_opens_no_window_for_an_answer_is_let_go() {
    // HTTP/2 holds back what its other end has no room for; on the socket all goes well, and there is nothing to write.
    let harness = Harness::start().await;
    let mut deaf = TcpStream::connect(harness.address).await.unwrap();
    let no_window = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    // GET http://localhost/healthz, which ends its stream.
    let head = b"\x82\x86\x04\x08/healthz\x41\x09localhost";
    let request = [&[0, 0, head.len() as u8, 1, 5, 0, 0, 0, 1], &head[..]].concat();
    deaf.write_all(&[&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &no_window, &request].concat()).await.unwrap();
    // The head of the answer needs no room; the body does.
    while next_frame(&mut deaf).await != HEADERS {}
    let closed = async { while let Ok(1..) = deaf.read(&mut [0; 1024]).await {} };
    // Soon, and not by the server's own pings, which stay without an answer here.
    tokio::time::timeout(Duration::from_secs(40), ends(&harness, closed)).await.expect("it is let go");
}

#[tokio::test]
async fn a_quiet_connection_is_closed() {
    let harness = Harness::start().await;
    let mut stream = TcpStream::connect(harness.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = vec![];
    ends(&harness, async { stream.read_to_end(&mut answer).await.unwrap() }).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

/// What sort of HTTP/2 frame comes next.
async fn next_frame(stream: &mut TcpStream) -> u8 {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    let [_, _, _, kind, ..] = head;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    stream.read_exact(&mut vec![0; length as usize]).await.unwrap();
    kind
}

/// Moves simulated time on until something ends.
async fn ends<T>(harness: &Harness, work: impl Future<Output = T>) -> T {
    let pass = async {
        loop {
            harness.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    let ended = async {
        tokio::select! {
            done = work => done,
            never = pass => never,
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("it ends")
}
