//! Slow clients: heads that come byte by byte, bodies that never end, answers that nobody takes. Each holds a connection
//! for as long as the server lets it.

use std::{sync::Arc, time::Duration};

use muster_runtime::{Clock, Shutdown, Tasks};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::site::Site;

/// Slow clients of each kind at a time.
const CLIENTS: usize = 10;

/// A head takes ten seconds at most, unless configured otherwise; a minute means that nobody watches.
const HEAD_PATIENCE: Duration = Duration::from_secs(60);

/// Requests that are sent ahead without taking an answer: more than buffers hold the answers of.
const UNREAD: usize = 200;

/// Starts them.
pub(crate) fn start(site: &Arc<Site>, tasks: &Tasks) {
    for _ in 0..CLIENTS {
        let of = || (Arc::clone(site), tasks.shutdown().clone());
        let (site, end) = of();
        tasks.spawn("client with a slow head", async move {
            while !end.begun() {
                dribble_head(&site, &end).await;
            }
        });
        let (site, end) = of();
        tasks.spawn("client with a slow body", async move {
            while !end.begun() {
                dribble_body(&site, &end).await;
            }
        });
        let (site, end) = of();
        tasks.spawn("client that takes nothing", async move {
            while !end.begun() {
                take_nothing(&site, &end).await;
            }
        });
    }
}

/// The server must not wait for ever.
async fn dribble_head(site: &Site, end: &Shutdown) {
    let Ok(mut stream) = TcpStream::connect(site.server.address).await else { return };
    let began = site.clock.monotonic();
    let head = format!("GET /api/system HTTP/1.1\r\nhost: {}\r\nx-slow: {}", site.server.address, "x".repeat(1000));
    let mut answer = [0; 512];
    for byte in head.bytes() {
        // Cancel-safe: nothing is read that anybody needs.
        let is_over = tokio::select! {
            // Whatever it says to half a request, it is the end.
            _ = stream.read(&mut answer) => true,
            () = site.pause(end, Duration::from_millis(250)) => false,
        };
        if is_over || stream.write_all(&[byte]).await.is_err() {
            return site.answers.event("slow: sent away");
        }
        if end.begun() {
            return;
        }
        if site.clock.monotonic() - began > HEAD_PATIENCE {
            return site.answers.strange("slow: a head may take for ever".to_owned());
        }
    }
}

/// A client that gives up after a while.
async fn dribble_body(site: &Site, end: &Shutdown) {
    let Ok(mut stream) = TcpStream::connect(site.server.address).await else { return };
    let address = site.server.address;
    let head = "content-type: application/json\r\ncontent-length: 1000";
    let head = format!("POST /api/login HTTP/1.1\r\nhost: {address}\r\n{head}\r\n\r\n");
    let mut sent = stream.write_all(head.as_bytes()).await;
    for _ in 0..40 {
        if sent.is_err() || end.begun() {
            break;
        }
        site.pause(end, Duration::from_millis(200)).await;
        sent = stream.write_all(b" ").await;
    }
    site.answers.event("slow: body given up");
}

async fn take_nothing(site: &Site, end: &Shutdown) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let Ok(mut stream) = socket.connect(site.server.address).await else { return };
    let (address, token) = (site.server.address, &site.guest);
    let request = format!("GET /api/state HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n");
    let asked = request.repeat(UNREAD);
    let (asking, enough) = (stream.write_all(asked.as_bytes()), site.clock.sleep(Duration::from_secs(5)));
    // Cancel-safe: what is not sent by then is not missed.
    tokio::select! {
        sent = asking => drop(sent),
        () = enough => {}
        () = end.requested() => {}
    }
    site.pause(end, Duration::from_millis(2000 + site.any(8000) as u64)).await;
    site.answers.event("slow: left without an answer");
}
