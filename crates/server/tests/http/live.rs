//! The live stream over a real websocket (D-25).

use std::{collections::BTreeSet, time::Duration};

use futures::{SinkExt, StreamExt};
use jiff::SignedDuration;
use muster_model::{Role, Scope};
use muster_runtime::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use crate::harness::{Harness, host_report, hosts_report, send};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[tokio::test]
async fn list_state_and_stream_agree() {
    //
    let harness = Harness::start().await;
    harness.submit(hosts_report("local", &["nas", "tower", "printer"], 1.0)).await;
    let token = harness.token(Role::Viewer).await;
    let mut stream = open(&harness, "/ws", &token).await.unwrap();
    let frame = next(&mut stream).await;
    assert_eq!(frame["type"], "state");
    let streamed = ids(&frame["state"]["resources"]);
    assert_eq!(streamed.len(), 3);
    assert_eq!(streamed, ids(&harness.json("/api/resources", &token).await["items"]));
    assert_eq!(streamed, ids(&harness.json("/api/state", &token).await["resources"]));
}

#[tokio::test]
async fn changes_arrive_as_deltas_without_a_gap() {
    let (harness, mut stream, _) = connected().await;
    let mut known = next(&mut stream).await["state"]["revision"].as_u64().unwrap();
    for (names, upserts, removes) in [(&["nas", "tower"][..], 1, 0), (&["tower"][..], 0, 1)] {
        harness.submit(hosts_report("local", names, 1.0)).await;
        let delta = next_of(&mut stream, "delta").await;
        assert_eq!(delta["from"], known);
        assert_eq!(delta["upserts"].as_array().unwrap().len(), upserts, "{delta}");
        assert_eq!(delta["removes"].as_array().unwrap().len(), removes, "{delta}");
        known = delta["to"].as_u64().unwrap();
        assert_eq!(known, harness.engine.snapshot(&muster_model::TenantId::DEFAULT).revision().0);
    }
}

#[tokio::test]
async fn a_client_goes_on_where_it_was() {
    let (harness, mut stream, token) = connected().await;
    let revision = next(&mut stream).await["state"]["revision"].as_u64().unwrap();
    drop(stream);
    harness.submit(host_report("far", "tower", 1.0)).await;
    let mut resumed = open(&harness, &format!("/ws?since={revision}"), &token).await.unwrap();
    let delta = next(&mut resumed).await;
    assert_eq!((&delta["type"], &delta["from"]), (&json!("delta"), &json!(revision)));
    assert_eq!(delta["upserts"][0]["name"], "tower");
    // A revision of another life cannot be honoured.
    let mut fresh = open(&harness, "/ws?since=9000000000", &token).await.unwrap();
    let frame = next(&mut fresh).await;
    assert_eq!(frame["type"], "state", "{frame}");
}

#[tokio::test]
async fn readings_come_for_what_was_subscribed() {
    let (harness, mut stream, _) = connected().await;
    let nas = next(&mut stream).await["state"]["resources"][0]["id"].as_str().unwrap().to_owned();
    harness.submit(host_report("far", "tower", 1.0)).await;
    say(&mut stream, json!({"type": "subscribe", "resources": [nas]})).await;
    // What is known comes at once, what is new with each sweep.
    let known = next_of(&mut stream, "readings").await;
    assert_eq!((&known["resources"], &known["columns"]["cpu"]), (&json!([nas]), &json!([12.5])));
    harness.submit(host_report("local", "nas", 50.0)).await;
    harness.clock.advance(Duration::from_secs(1));
    let fresh = next_of(&mut stream, "readings").await;
    assert_eq!((&fresh["resources"], &fresh["columns"]["cpu"]), (&json!([nas]), &json!([50.0])));
    say(&mut stream, json!({"type": "subscribe", "all": true})).await;
    assert_eq!(next_of(&mut stream, "readings").await["resources"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn readings_need_their_scope() {
    let harness = Harness::start().await;
    let (_, token) = harness.token_with(Role::Viewer, [Scope::InventoryRead].into(), None).await;
    let mut stream = open(&harness, "/ws", &token).await.unwrap();
    next(&mut stream).await;
    say(&mut stream, json!({"type": "subscribe", "all": true})).await;
    assert_eq!(close_code(&mut stream).await, 1008);
}

#[tokio::test]
async fn nonsense_ends_the_stream() {
    for frame in [Message::text("{}"), Message::text("x"), Message::binary(vec![1, 2, 3])] {
        let (_harness, mut stream, _) = connected().await;
        next(&mut stream).await;
        stream.send(frame).await.unwrap();
        assert_eq!(close_code(&mut stream).await, 1008);
    }
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_the_stream() {
    let (_harness, mut stream, _) = connected().await;
    next(&mut stream).await;
    // It would be understood if it were read.
    let padded = format!("{}{}", json!({"type": "subscribe", "all": true}), " ".repeat(64 * 1024));
    stream.send(Message::text(padded)).await.unwrap();
    let ended = async {
        loop {
            match stream.next().await {
                None | Some(Err(_) | Ok(Message::Close(_))) => return,
                Some(Ok(Message::Text(text))) => panic!("it was read: {text}"),
                Some(Ok(_)) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("the stream ends");
}

#[tokio::test]
async fn revoking_the_token_closes_the_stream_at_once() {
    // D-22
    let harness = Harness::start().await;
    let (id, token) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), None).await;
    let mut stream = open(&harness, "/ws", &token).await.unwrap();
    next(&mut stream).await;
    let admin = harness.token(Role::Admin).await;
    let revoke = harness.request(Method::DELETE, &format!("/api/tokens/{id}")).bearer_auth(admin);
    assert_eq!(send(revoke).await.status, StatusCode::NO_CONTENT);
    assert_eq!(close_code(&mut stream).await, 1008);
}

#[tokio::test]
async fn what_is_revoked_elsewhere_closes_the_stream_within_five_seconds() {
    // D-22: revoked in the store, as from the command line, or expired by itself.
    let harness = Harness::start().await;
    let end = crate::harness::START + SignedDuration::from_secs(60);
    let (id, revoked) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), None).await;
    let (_, expiring) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), Some(end)).await;
    let mut first = open(&harness, "/ws", &revoked).await.unwrap();
    let mut second = open(&harness, "/ws", &expiring).await.unwrap();
    next(&mut first).await;
    next(&mut second).await;
    harness.store.token_revoke(&muster_model::TenantId::DEFAULT, id, harness.clock.now()).await.unwrap();
    // The engine and the log of refusals wait once, and each stream twice: to check its credential and to ask for a sign of
    // life.
    settle(&harness, 6).await;
    harness.clock.advance(Duration::from_secs(5));
    assert_eq!(close_code(&mut first).await, 1008);
    settle(&harness, 4).await;
    harness.clock.advance(Duration::from_secs(55));
    assert_eq!(close_code(&mut second).await, 1008);
}

#[tokio::test]
async fn logging_out_closes_the_stream() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    let headers = [("cookie", browser.cookie.clone()), ("origin", harness.url(""))];
    let mut stream = open_with(&harness, "/ws", &headers).await.unwrap();
    next(&mut stream).await;
    send(browser.request(&harness, Method::POST, "/api/logout")).await;
    assert_eq!(close_code(&mut stream).await, 1008);
}

#[tokio::test]
async fn a_foreign_page_cannot_open_the_stream() {
    // D-22
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    let token = harness.token(Role::Viewer).await;
    let bearer = ("authorization", format!("Bearer {token}"));
    let cookie = ("cookie", browser.cookie);
    for headers in [
        vec![cookie.clone(), ("origin", "http://evil.example".to_owned())],
        vec![cookie.clone(), ("origin", "null".to_owned())],
        vec![cookie],
        vec![bearer, ("origin", "http://evil.example".to_owned())],
    ] {
        let refused = open_with(&harness, "/ws", &headers).await.unwrap_err();
        assert!(matches!(&refused, Error::Http(answer) if answer.status() == 403), "{headers:?} {refused:?}");
    }
}

#[tokio::test]
async fn shutdown_says_goodbye() {
    let (harness, mut stream, _) = connected().await;
    next(&mut stream).await;
    harness.tasks.shutdown().begin();
    assert_eq!(close_code(&mut stream).await, 1001);
    assert!(harness.tasks.finish(Duration::from_secs(30)).await);
}

#[tokio::test]
async fn a_silent_client_is_let_go() {
    let (harness, mut stream, token) = connected().await;
    next(&mut stream).await;
    let admin = harness.token(Role::Admin).await;
    let clients = async || harness.json("/api/system", &admin).await["liveClients"].as_u64().unwrap();
    assert_eq!(clients().await, 1);
    drop(token);
    // The socket stays open and nobody reads it, so that pings go unanswered.
    for second in 0..400 {
        harness.clock.advance(Duration::from_secs(1));
        if second % 10 == 0 {
            // What goes on in the estate does not put the question off.
            harness.submit(host_report("local", "nas", f64::from(second))).await;
        }
        if clients().await == 0 {
            return;
        }
    }
    panic!("the client is still there");
}

/// A server that knows one machine, an open stream, and its token.
async fn connected() -> (Harness, Socket, String) {
    let harness = Harness::start().await;
    harness.submit(host_report("local", "nas", 12.5)).await;
    let token = harness.token(Role::Viewer).await;
    let stream = open(&harness, "/ws", &token).await.unwrap();
    (harness, stream, token)
}

pub(crate) async fn open(harness: &Harness, path: &str, token: &str) -> Result<Socket, Error> {
    open_with(harness, path, &[("authorization", format!("Bearer {token}"))]).await
}

pub(crate) async fn open_with(
    harness: &Harness,
    path: &str,
    headers: &[(&'static str, String)],
) -> Result<Socket, Error> {
    let mut request = format!("ws://{}{path}", harness.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

async fn receive(stream: &mut Socket) -> Message {
    let received = tokio::time::timeout(Duration::from_secs(30), stream.next()).await;
    received.expect("a frame within 30 s").expect("the stream is open").unwrap()
}

/// The next frame of the server.
pub(crate) async fn next(stream: &mut Socket) -> Value {
    loop {
        match receive(stream).await {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
}

async fn next_of(stream: &mut Socket, kind: &str) -> Value {
    loop {
        let frame = next(stream).await;
        if frame["type"] == kind {
            return frame;
        }
    }
}

pub(crate) async fn close_code(stream: &mut Socket) -> u16 {
    loop {
        if let Message::Close(Some(CloseFrame { code, .. })) = receive(stream).await {
            return code.into();
        }
    }
}

async fn say(stream: &mut Socket, frame: Value) {
    stream.send(Message::text(frame.to_string())).await.unwrap();
}

/// Waits until at least so many tasks wait for time to pass. Some ask the store first, which is another thread's work.
pub(crate) async fn settle(harness: &Harness, sleepers: usize) {
    let settled = async {
        while harness.clock.sleepers() < sleepers {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(60), settled).await;
    assert!(in_time.is_ok(), "{} sleepers", harness.clock.sleepers());
}

fn ids(resources: &Value) -> BTreeSet<String> {
    resources.as_array().unwrap().iter().map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}
