//! One node's address: a port of its own on this machine that speaks TLS and HTTP/1.1.
//!
//! The port stays taken while the node is down, so that nobody else gets it, and connecting to it is refused.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use hyper::{Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use muster_runtime::{Shutdown, Tasks};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::{exchange, simulation::Simulation};

/// The first byte of every TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(5);

/// Requests that one connection may carry.
const REQUESTS: u32 = 100;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 128;

/// A port that is taken for a node.
pub(super) struct Entry {
    simulation: Arc<Simulation>,
    node: usize,
    /// Bound and never listening: it holds the port.
    _taken: TcpSocket,
    pub(super) address: SocketAddr,
}

impl Entry {
    /// Takes a port: the given one, or with 0 any that is free.
    ///
    /// # Errors
    /// When it cannot be had.
    pub(super) fn take(simulation: Arc<Simulation>, node: usize, address: SocketAddr) -> io::Result<Self> {
        let taken = socket(address)?;
        let address = taken.local_addr()?;
        Ok(Self { simulation, node, _taken: taken, address })
    }

    /// Starts to listen, so that whoever connects from now on is heard.
    ///
    /// # Errors
    /// When the port was taken by somebody else after all.
    pub(super) fn listen(&self) -> io::Result<TcpListener> {
        socket(self.address)?.listen(BACKLOG)
    }

    /// Answers whoever comes while the node is up, until the end.
    pub(super) async fn serve(self, first: TcpListener, tasks: Tasks) {
        let mut up = self.simulation.watch(self.node);
        let mut listener = Some(first);
        loop {
            if *up.borrow_and_update() {
                let open = tasks.shutdown().child();
                let Some(listener) = listener.take().or_else(|| self.listen().ok()) else { return };
                // Cancel-safe: whoever is not accepted yet is refused when the listener goes.
                tokio::select! {
                    () = self.accept(&listener, &tasks, &open) => {}
                    _ = up.changed() => {}
                    () = tasks.shutdown().requested() => return,
                }
                open.begin();
            } else {
                listener = None;
                // Cancel-safe: the end is the end.
                tokio::select! {
                    _ = up.changed() => {}
                    () = tasks.shutdown().requested() => return,
                }
            }
        }
    }

    async fn accept(&self, listener: &TcpListener, tasks: &Tasks, open: &Shutdown) {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let (simulation, node, open) = (Arc::clone(&self.simulation), self.node, open.clone());
            tasks.spawn("simulated connection", async move {
                // Cancel-safe: a connection of a node that went down is not asked again.
                tokio::select! {
                    () = speak(simulation, node, stream) => {}
                    () = open.requested() => {}
                }
            });
        }
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Speaks with one client, with or without TLS as the node does at the moment.
async fn speak(simulation: Arc<Simulation>, node: usize, stream: TcpStream) {
    simulation.connected();
    let mut first = [0];
    let Ok(1) = stream.peek(&mut first).await else { return };
    // An answer is small; it must not wait for the client to acknowledge the one before.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let stream = Resettable { stream, reset: Arc::clone(&reset) };
    match simulation.tls(node) {
        None => answer(simulation, node, stream, reset, Scheme::Plain).await,
        Some(_) if first[0] != HANDSHAKE => answer(simulation, node, stream, reset, Scheme::Wrong).await,
        Some(config) => {
            let Ok(stream) = TlsAcceptor::from(config).accept(stream).await else { return };
            answer(simulation, node, stream, reset, Scheme::Tls).await;
        }
    }
}

/// How a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// With TLS.
    Tls,
    /// Without, where none is spoken.
    Plain,
    /// Without, where TLS is spoken.
    Wrong,
}

async fn answer<S>(simulation: Arc<Simulation>, node: usize, stream: S, reset: Arc<AtomicBool>, scheme: Scheme)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let left = AtomicU32::new(REQUESTS);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (simulation, reset) = (Arc::clone(&simulation), Arc::clone(&reset));
        let is_last = left.fetch_sub(1, Ordering::Relaxed) == 1;
        async move {
            let mut answered: Result<Response<Body>, Ended> = match scheme {
                Scheme::Tls | Scheme::Plain => exchange::answer(&simulation, node, request).await,
                Scheme::Wrong => Ok(exchange::redirect(&request)),
            };
            if let Ok(answer) = &mut answered
                && is_last
            {
                answer.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            }
            if matches!(answered, Err(Ended::Reset)) {
                reset.store(true, Ordering::Relaxed);
            }
            answered
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(IDLE);
    // However it ends, there is nobody to tell.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// Why a connection ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Ended {
    #[error("the connection is reset")]
    Reset,
    #[error("the connection is closed")]
    Closed,
}

/// A stream that ends with a reset once that was asked for.
struct Resettable {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Resettable {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // A stream that is closed already needs none.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Resettable {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Resettable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Not even a farewell may come before a reset.
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
