//! Accepts connections and serves them until shutdown.
//!
//! A connection has limits of its own ([`connection`]), and there are only so many of them ([`slots`]). On shutdown nothing
//! new is accepted, open requests are finished, live streams are closed with 1001, and whatever remains after the drain
//! time is cut off.

mod accept;
mod activity;
mod connection;
mod patient;
mod redirect;
mod sending;
mod slots;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use muster_runtime::{Shutdown, Tasks};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use self::{accept::Accept, connection::Conversation, slots::Slots};
use crate::{app::App, auth::audit::refusals, charts::warm, service::service, tls};

pub(crate) use connection::HeldSlot;

/// A server that is ready to run.
pub struct Server {
    app: App,
    tasks: Tasks,
    redirect: Option<(TcpListener, String)>,
}

impl Server {
    /// A server over an application. Connections run as tasks of `tasks`. Where the application has certificates, they
    /// begin with TLS.
    pub fn new(app: App, tasks: Tasks) -> Self {
        Self { app, tasks, redirect: None }
    }

    /// Answers plain requests on another listener with a redirect to `https://` and the given host and port.
    #[must_use]
    pub fn redirecting(self, listener: TcpListener, authority: String) -> Self {
        Self { redirect: Some((listener, authority)), ..self }
    }

    /// Serves until shutdown, then drains.
    pub async fn serve(mut self, listener: TcpListener) {
        let shutdown = self.app.shutdown().clone();
        self.follow_engine(&shutdown);
        let (slots, cut_off) = (Slots::default(), Shutdown::new());
        let accept = |routes: Router, tls: Option<TlsAcceptor>| {
            let (app, tasks) = (self.app.clone(), self.tasks.clone());
            let conversation =
                Conversation { app: app.clone(), tasks: tasks.clone(), routes, tls, cut_off: cut_off.clone() };
            Accept { app, tasks, slots: slots.clone(), conversation, graceful: GracefulShutdown::new() }
        };
        let acceptor = self.app.certificates().map(|certificates| tls::acceptor(certificates.clone()));
        let main = accept(service(self.app.clone()), acceptor);
        if let Some((listener, authority)) = self.redirect.take() {
            let (plain, shutdown) = (accept(redirect::routes(&authority), None), shutdown.clone());
            // Its answers are short; what is left of them at the end is cut off.
            self.tasks.spawn("redirect", async move { drop(plain.run(listener, &shutdown).await) });
        }
        let graceful = main.run(listener, &shutdown).await;
        drain(&self.app, graceful).await;
        cut_off.begin();
    }

    fn follow_engine(&self, shutdown: &Shutdown) {
        let (app, shutdown) = (self.app.clone(), shutdown.clone());
        let follow = async move { app.live().run(app.engine(), app.clock(), &shutdown).await };
        self.tasks.spawn("live updates", follow);
        self.tasks.spawn("charts", warm::run(self.app.clone()));
        self.tasks.spawn("refusals", refusals::run(self.app.clone()));
    }
}

async fn drain(app: &App, graceful: GracefulShutdown) {
    let open = graceful.count();
    let drained = async {
        graceful.shutdown().await;
        app.live_streams().close();
        app.live_streams().wait().await;
        app.connections().settled().await;
    };
    tokio::select! {
        () = drained => info!(connections = open, "all connections finished"),
        () = app.clock().sleep(app.settings().drain) => warn!("some connections did not finish in time"),
    }
}
