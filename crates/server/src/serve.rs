//! Accepts connections and serves them until shutdown.
//!
//! A connection has limits of its own: how many there are, how long the head of a request may take, how many streams
//! HTTP/2 may open. On shutdown nothing new is accepted, open requests are finished, live streams are closed with 1001,
//! and whatever remains after the drain time is cut off.

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
    server::{conn::auto, graceful::GracefulShutdown},
};
use muster_runtime::{Shutdown, Tasks};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
};
use tower::ServiceExt;
use tracing::{debug, info, warn};

use crate::{app::App, charts::warm, remote::RemoteAddr, service::service};

/// Streams of one HTTP/2 connection at a time.
const STREAMS: u32 = 128;

/// Bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// How long to wait after a failed accept, which mostly means that the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A server that is ready to run.
pub struct Server {
    app: App,
    tasks: Tasks,
}

impl Server {
    /// A server over an application. Connections run as tasks of `tasks`.
    pub fn new(app: App, tasks: Tasks) -> Self {
        Self { app, tasks }
    }

    /// Serves until shutdown, then drains.
    pub async fn serve(self, listener: TcpListener) {
        let shutdown = self.app.shutdown().clone();
        self.follow_engine(&shutdown);
        let accept = Accept {
            service: service(self.app.clone()),
            builder: builder(self.app.settings().header_timeout),
            graceful: GracefulShutdown::new(),
            room: Arc::new(Semaphore::new(self.app.settings().connections)),
            cut_off: Shutdown::new(),
            app: self.app.clone(),
            tasks: self.tasks,
        };
        let cut_off = accept.cut_off.clone();
        let graceful = accept.run(listener, &shutdown).await;
        drain(&self.app, graceful).await;
        cut_off.begin();
    }

    fn follow_engine(&self, shutdown: &Shutdown) {
        let (app, shutdown) = (self.app.clone(), shutdown.clone());
        let follow = async move { app.live().run(app.engine(), app.clock(), &shutdown).await };
        self.tasks.spawn("live updates", follow);
        self.tasks.spawn("charts", warm::run(self.app.clone()));
    }
}

struct Accept {
    service: Router,
    builder: auto::Builder<TokioExecutor>,
    graceful: GracefulShutdown,
    room: Arc<Semaphore>,
    /// Ends what did not finish within the drain time.
    cut_off: Shutdown,
    app: App,
    tasks: Tasks,
}

impl Accept {
    async fn run(self, listener: TcpListener, shutdown: &Shutdown) -> GracefulShutdown {
        loop {
            let room = self.room.clone().acquire_owned();
            // Cancel-safe: a connection that was not accepted waits in the system's queue.
            let accepted = tokio::select! {
                accepted = async { (room.await, listener.accept().await) } => accepted,
                () = shutdown.requested() => return self.graceful,
            };
            match accepted {
                (Ok(room), Ok((stream, remote))) => self.spawn(stream, remote, room),
                (_, Err(error)) => {
                    warn!(%error, "could not accept a connection");
                    self.app.clock().sleep(ACCEPT_PAUSE).await;
                }
                (Err(_), Ok(_)) => unreachable!("the semaphore is never closed"),
            }
        }
    }

    fn spawn(&self, stream: TcpStream, remote: SocketAddr, room: tokio::sync::OwnedSemaphorePermit) {
        // Small answers leave at once.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "could not disable write coalescing");
        }
        let (routes, tasks) = (self.service.clone(), self.tasks.clone());
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(RemoteAddr(remote));
            answer(routes.clone(), request, tasks.clone())
        });
        let (builder, watcher, cut_off) = (self.builder.clone(), self.graceful.watcher(), self.cut_off.clone());
        let (app, header_timeout) = (self.app.clone(), self.app.settings().header_timeout);
        self.tasks.spawn("connection", async move {
            // Held until the connection ends.
            let _room = room;
            // A connection that says nothing would not even start the time limit of its first head. Cancel-safe: what is
            // looked at stays to be read.
            let mut byte = [0];
            tokio::select! {
                first = stream.peek(&mut byte) => if !matches!(first, Ok(1..)) { return },
                () = app.clock().sleep(header_timeout) => return,
                () = cut_off.requested() => return,
            }
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
            // Cancel-safe: what is cut off is not asked again.
            tokio::select! {
                ended = watcher.watch(connection) => if let Err(error) = ended {
                    debug!(%error, "connection ended early");
                },
                () = cut_off.requested() => debug!("connection cut off"),
            }
        });
    }
}

/// Answers one request. What may change something runs to its end even when the client has gone: otherwise a change
/// could be made and its audit row not be written.
async fn answer(routes: Router, request: Request, tasks: Tasks) -> Result<Response, Infallible> {
    if request.method().is_safe() {
        return routes.oneshot(request).await;
    }
    let (answer, answered) = oneshot::channel();
    tasks.spawn("request", async move {
        // A client that has gone needs no answer.
        let _ = answer.send(routes.oneshot(request).await);
    });
    answered.await.unwrap_or_else(|_| Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()))
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

async fn drain(app: &App, graceful: GracefulShutdown) {
    let open = graceful.count();
    let drained = async {
        graceful.shutdown().await;
        app.live_streams().close();
        app.live_streams().wait().await;
    };
    tokio::select! {
        () = drained => info!(connections = open, "all connections finished"),
        () = app.clock().sleep(app.settings().drain) => warn!("some connections did not finish in time"),
    }
}
