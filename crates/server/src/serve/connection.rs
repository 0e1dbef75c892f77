//! One connection from its first byte to its end: handshake, requests, and every reason to end it.
//!
//! Nothing about it may take for ever: its first byte, the handshake, the head of a request, the pause between requests, and
//! the time in which its other end takes nothing are all bounded, so that a slow client costs a place for a while and
//! nothing else.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::Watcher},
};
use muster_runtime::{Shutdown, Tasks};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tracing::debug;

use super::{
    activity::{Activity, Busy, Patience},
    patient::Patient,
    slots::Slot,
};
use crate::{
    app::App,
    remote::{RemoteAddr, Scheme},
    settings::Limits,
};

/// Streams of one HTTP/2 connection at a time. Each may hold an answer in memory for as long as a client is waited for.
const STREAMS: u32 = 32;

/// Bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// The first byte of every TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// For whoever speaks plain text to a port that does not.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 47\r\n\
    connection: close\r\n\r\nThis port speaks TLS. Use an https:// address.\n";

/// How to speak with whoever comes. Cheap to clone; each connection has its own.
#[derive(Clone)]
pub(super) struct Conversation {
    pub(super) app: App,
    pub(super) tasks: Tasks,
    pub(super) routes: Router,
    /// Without it, plain text is spoken.
    pub(super) tls: Option<TlsAcceptor>,
    /// Ends what did not finish within the drain time.
    pub(super) cut_off: Shutdown,
}

/// The place of the connection that a request came by. What outlives its connection, as a live stream does, holds it.
#[derive(Debug, Clone)]
pub(crate) struct HeldSlot(#[expect(dead_code, reason = "it is there to be dropped")] Arc<Slot>);

impl Conversation {
    /// Speaks with one client until one of them ends it.
    pub(super) async fn hold(self, stream: TcpStream, peer: SocketAddr, slot: Slot, watcher: Watcher) {
        let slot = HeldSlot(Arc::new(slot));
        let cut_off = self.cut_off.clone();
        // Cancel-safe: what is cut off is not asked again.
        tokio::select! {
            () = self.speak(stream, peer, slot, watcher) => {}
            () = cut_off.requested() => debug!("connection cut off"),
        }
    }

    async fn speak(self, mut stream: TcpStream, peer: SocketAddr, slot: HeldSlot, watcher: Watcher) {
        let patience = self.app.limits().header_timeout;
        let Some(first) = self.within(patience, first_byte(&stream)).await.flatten() else { return };
        match self.tls.clone() {
            None => self.serve(stream, RemoteAddr(peer, Scheme::Http), slot, watcher).await,
            Some(_) if first != HANDSHAKE => {
                // Whether it is heard or not, nothing else can be said.
                let _ = self.within(patience, stream.write_all(SPEAK_TLS)).await;
            }
            Some(acceptor) => match self.within(patience, acceptor.accept(stream)).await {
                Some(Ok(stream)) => self.serve(stream, RemoteAddr(peer, Scheme::Https), slot, watcher).await,
                Some(Err(error)) => debug!(%error, "TLS handshake failed"),
                None => debug!("TLS handshake took too long"),
            },
        }
    }

    /// Serves requests until the connection ends or nothing happens on it for too long.
    async fn serve<S>(self, stream: S, remote: RemoteAddr, slot: HeldSlot, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (app, limits) = (self.app.clone(), self.app.limits());
        let activity = Arc::new(Activity::starting(app.clock().monotonic()));
        let stream = Patient::new(stream, app.shared_clock(), limits.stall_timeout);
        let builder = builder(limits.header_timeout);
        let seen = Arc::clone(&activity);
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(remote);
            request.extensions_mut().insert(slot.clone());
            answer(self.routes.clone(), request, self.tasks.clone(), seen.begin(self.app.shared_clock()))
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let Limits { header_timeout: first, idle_timeout: idle, stall_timeout: stall, .. } = limits;
        // Cancel-safe: a connection that is given up is not asked again.
        tokio::select! {
            ended = watcher.watch(connection) => if let Err(error) = ended {
                debug!(%error, "connection ended early");
            },
            over = activity.over(app.clock(), Patience { first, idle, stall }) => debug!(?over, "connection given up"),
        }
    }

    /// Does a part of the work in its time. `None` when that has passed.
    async fn within<T>(&self, time: Duration, part: impl Future<Output = T>) -> Option<T> {
        // Cancel-safe: a part that is given up is not asked again.
        tokio::select! {
            done = part => Some(done),
            () = self.app.clock().sleep(time) => None,
        }
    }
}

/// The first byte, which stays to be read. A connection that says nothing would not even start the time limit of its first
/// head.
async fn first_byte(stream: &TcpStream) -> Option<u8> {
    let mut byte = [0];
    match stream.peek(&mut byte).await {
        Ok(1..) => Some(byte[0]),
        Ok(0) | Err(_) => None,
    }
}

/// Answers one request. What may change something runs to its end even when the client has gone: otherwise a change
/// could be made and its audit row not be written.
async fn answer(routes: Router, request: Request, tasks: Tasks, busy: Busy) -> Result<Response, Infallible> {
    if request.method().is_safe() {
        return routes.oneshot(request).await.map(|answer| answer.map(|body| busy.until_sent(body)));
    }
    let (answer, answered) = oneshot::channel();
    tasks.spawn("request", async move {
        // A client that has gone needs no answer.
        let _ = answer.send(routes.oneshot(request).await);
    });
    let answer = answered.await.unwrap_or_else(|_| Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()));
    answer.map(|answer| answer.map(|body| busy.until_sent(body)))
}

fn builder(header_timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(HEAD_BYTES).expect("the limit is small"))
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}
