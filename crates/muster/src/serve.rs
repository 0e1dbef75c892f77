//! `muster serve`: puts the parts together, runs them, and ends them in order.

mod certificate;
mod link;
mod supervisor;
mod wall_clock;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::SignedDuration;
use muster_agent::Agent;
use muster_collect::{Collector, Sink};
use muster_engine::{Engine, EngineHandle, Parts};
use muster_history::History;
use muster_model::{SourceId, TenantId};
use muster_outbound::Roots;
use muster_runtime::{Clock, Entropy, Shutdown, SystemClock, Tasks, telemetry};
use muster_server::{App, Certificates, Polling, Server, Settings, TellRemoteHealth};
use muster_store::Store;
use muster_vault::{KeyPlace, Vault};
use tokio::{net::TcpListener, signal::unix};
use tracing::{info, warn};

use crate::{
    access,
    audit_retention::Retention,
    cli::ServeArgs,
    collecting::{self, Drivers},
    commands::CommandError,
    config::{Config, Flags, RedirectConfig},
    data_dir::{DataDir, Held},
    doctor::running::Patient,
    housekeeping, local_agent,
    operations::{Backups, ServerOperations},
    reload::{self, Reloader},
    remote_history,
};

use self::supervisor::Supervisor;

/// How long the parts may take to finish once they are told to stop.
const STOP_DEADLINE: Duration = Duration::from_secs(20);

/// How long samples gather before they are shipped to a remote store.
const SHIPPED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Runs a server until it is told to stop.
pub(crate) async fn run(args: ServeArgs) -> Result<(), CommandError> {
    let flags = flags(args);
    let config = Config::load(&flags, std::env::vars()).map_err(|error| CommandError::Usage(error.to_string()))?;
    let config = Arc::new(config);
    let log = telemetry::init(&config.log.level, config.log.format)
        .map_err(|error| CommandError::Usage(format!("log.level: {error}")))?;
    let outside = Outside::real();
    let now = outside.clock.now();
    wall_clock::check(now).map_err(CommandError::Failed)?;
    let data_dir = DataDir::create(&config.data_dir)?;
    let held = data_dir.hold()?;
    if let Err(error) = muster_backup::clear_leftovers(data_dir.path()) {
        warn!(%error, "copies that a killed backup has left could not be removed");
    }
    let certificates = certificate::load(&config, &data_dir, now)?;
    let listeners = Listeners::bind(&config).await?;
    let running = Running::start(&config, &data_dir, outside).await?;
    let reloader = Reloader::new(flags, config, Some(log), running.history.clone());
    running.serve(Arc::new(reloader), listeners, certificates, held).await
}

/// A server inside another command, for as long as that command takes. It watches nothing and tells nobody where it is.
pub(crate) struct Embedded {
    running: Running,
    address: SocketAddr,
    held: Held,
}

impl Embedded {
    /// Starts a server on a data directory that no other server holds.
    pub(crate) async fn start(config: &Arc<Config>, data_dir: &DataDir) -> Result<Self, CommandError> {
        let held = data_dir.hold()?;
        let listener = bind(config.server.listen).await?;
        let running = Running::start(config, data_dir, Outside::real()).await?;
        let reloader = Reloader::new(Flags::default(), Arc::clone(config), None, running.history.clone());
        let (app, address) = running.app(&Arc::new(reloader), &listener, None, Polls::Nothing).await?;
        let server = Server::new(app, running.tasks.clone());
        running.tasks.spawn("embedded server", server.serve(listener));
        Ok(Self { running, address, held })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its state.
    pub(crate) fn store(&self) -> &Store {
        &self.running.store
    }

    /// Ends it in order.
    pub(crate) async fn stop(self) {
        self.running.tasks.shutdown().begin();
        if let Err(error) = self.running.stop(self.held).await {
            warn!(%error, "ending the embedded server");
        }
    }
}

fn flags(args: ServeArgs) -> Flags {
    let ServeArgs { config, data_dir, listen, database_url, local_agent, no_local_agent } = args;
    let local_agent = match (local_agent, no_local_agent) {
        (_, true) => Some(false),
        (true, false) => Some(true),
        (false, false) => None,
    };
    Flags { config, data_dir, listen, database_url, local_agent }
}

/// Where the server listens.
struct Listeners {
    main: TcpListener,
    /// Sends plain requests to the other one, which is called so.
    redirect: Option<(TcpListener, String)>,
}

impl Listeners {
    async fn bind(config: &Config) -> Result<Self, CommandError> {
        let main = bind(config.server.listen).await?;
        let redirect = match &config.server.redirect {
            Some(RedirectConfig { listen, host }) => Some((bind(*listen).await?, authority(host, &main)?)),
            None => None,
        };
        Ok(Self { main, redirect })
    }
}

/// Host and port as a browser asks for them.
fn authority(host: &str, listener: &TcpListener) -> Result<String, CommandError> {
    let port = listener.local_addr().map_err(|error| CommandError::failed(&error))?.port();
    Ok(if port == 443 { host.to_owned() } else { format!("{host}:{port}") })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program uses it; stop that one, or choose another with --listen",
            std::io::ErrorKind::PermissionDenied => {
                "this user may not listen there; choose a port from 1024 on with --listen"
            }
            _ => "choose another address with --listen",
        };
        CommandError::Failed(format!("listening on {address}: {error}; {advice}"))
    })
}

/// The parts of a running server, in the order in which they were started.
struct Running {
    /// Ends last: what the others still write is written.
    foundation: Tasks,
    store: Store,
    history: History,
    vault: Vault,
    /// How shipping to a remote store goes, where there is one.
    remote: Option<remote_history::Health>,
    /// Sources, engine and server.
    tasks: Tasks,
    engine: EngineHandle,
    /// Polls connections.
    collector: Collector,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
}

/// What stands between polling and those who take what it sees.
type Between = Box<dyn FnOnce(Arc<dyn Sink>) -> Arc<dyn Sink> + Send>;

/// What a server takes from outside.
struct Outside {
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    drivers: Drivers,
    between: Between,
}

impl Outside {
    fn real() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let drivers = collecting::drivers(&clock);
        Self { clock, entropy: Arc::new(Entropy::system()), drivers, between: Box::new(|sink| sink) }
    }
}

/// Whether stored connections are polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Polls {
    Stored,
    /// A server inside another command looks at what somebody asks for, and reports nothing.
    Nothing,
}

impl Running {
    async fn start(config: &Config, data_dir: &DataDir, outside: Outside) -> Result<Self, CommandError> {
        let Outside { clock, entropy, drivers, between } = outside;
        let (foundation, tasks) = (Tasks::new(Shutdown::new()), Tasks::new(Shutdown::new()));
        let store = Store::open(&config.database, &foundation).await.map_err(|e| CommandError::failed(&e))?;
        let vault = access::vault(config, &store, &entropy).await?;
        let history = open_history(config, data_dir).await?;
        let parts = Parts {
            log: Arc::new(store.clone()),
            history: history.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            tenants: vec![TenantId::DEFAULT],
        };
        let engine = Engine::start(parts, &tasks).await.map_err(|e| CommandError::failed(&e))?;
        wall_clock::warn_if_behind(&engine.snapshot(&TenantId::DEFAULT), clock.now());
        let sink = between(collecting::sink(&engine, &history, &store, &clock));
        let polling = muster_collect::Parts { drivers, sink, clock: Arc::clone(&clock) };
        let collector = Collector::new(polling, &tasks);
        let mut running =
            Self { foundation, store, history, vault, remote: None, tasks, engine, collector, clock, entropy };
        // Without its storage the server would look healthy and keep nothing.
        let (below, above) = (running.foundation.shutdown().clone(), running.tasks.shutdown().clone());
        running.tasks.spawn("storage watch", async move {
            // Cancel-safe: asking again gives the same answer.
            tokio::select! {
                () = below.requested() => above.begin(),
                () = above.requested() => {}
            }
        });
        let (store, clock, shutdown) =
            (running.store.clone(), Arc::clone(&running.clock), running.tasks.shutdown().clone());
        running.tasks.spawn("housekeeping", housekeeping::run(store, vec![TenantId::DEFAULT], clock, shutdown));
        let retention = Retention {
            store: running.store.clone(),
            tenants: vec![TenantId::DEFAULT],
            clock: Arc::clone(&running.clock),
            entropy: Arc::clone(&running.entropy),
            keep: config.audit_retention,
        };
        let shutdown = running.tasks.shutdown().clone();
        running.tasks.spawn("audit retention", retention.run(shutdown));
        if let Some(remote) = &config.history.remote {
            let (clock, entropy) = (Arc::clone(&running.clock), Arc::clone(&running.entropy));
            running.remote = Some(remote_history::start(remote, &running.history, &running.tasks, clock, entropy)?);
        }
        if config.agent.local {
            running.start_local_agent(config);
        }
        Ok(running)
    }

    fn start_local_agent(&self, config: &Config) {
        let settings = muster_agent::Config {
            interval: config.agent.interval,
            include_mounts: config.agent.include_mounts.clone(),
            exclude_mounts: config.agent.exclude_mounts.clone(),
            network_filesystems: config.agent.network_filesystems,
            ..muster_agent::Config::default()
        };
        let agent = Agent::new(settings, Arc::clone(&self.clock), SourceId::local_agent(), TenantId::DEFAULT);
        let (engine, clock, shutdown) = (self.engine.clone(), Arc::clone(&self.clock), self.tasks.shutdown().clone());
        self.tasks.spawn("local agent", local_agent::run(agent, engine, config.agent.interval, clock, shutdown));
    }

    async fn app(
        &self,
        reloader: &Arc<Reloader>,
        listener: &TcpListener,
        certificates: Option<Arc<Certificates>>,
        polls: Polls,
    ) -> Result<(App, SocketAddr), CommandError> {
        let address = listener.local_addr().map_err(|error| CommandError::failed(&error))?;
        let config = &reloader.current();
        let operations = self.operations(reloader, address, certificates.clone());
        let app = App::new(muster_server::Parts {
            engine: self.engine.clone(),
            store: self.store.clone(),
            history: self.history.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            settings: Settings { changeable: reload::changeable(config), ..Settings::listening_at(address) },
            shutdown: self.tasks.shutdown().clone(),
            certificates,
            remote_history: self.remote.clone().map(|remote| Box::new(move || remote.tell()) as TellRemoteHealth),
            vault: self.vault.clone(),
            identity_provider: access::identity_provider(config, &self.clock)?,
            operations: Some(Arc::new(operations)),
            polling: self.polling(polls, config.secret_roots.clone()),
        });
        let app = app.map_err(|error| CommandError::failed(&error))?;
        reloader.drives(app.in_force().clone());
        app.launch_connections().await.map_err(|error| CommandError::failed(&error))?;
        Ok((app, address))
    }

    fn polling(&self, polls: Polls, roots: Roots) -> Polling {
        Polling {
            collector: self.collector.clone(),
            roots,
            variable: |name| std::env::var(name).ok(),
            is_idle: polls == Polls::Nothing,
        }
    }

    fn operations(
        &self,
        reloader: &Arc<Reloader>,
        listen: SocketAddr,
        certificates: Option<Arc<Certificates>>,
    ) -> ServerOperations {
        let config = reloader.current();
        ServerOperations {
            backups: Backups {
                data_dir: config.data_dir.clone(),
                database: config.database.clone(),
                store: self.store.clone(),
                history: self.history.clone(),
                engine: self.engine.clone(),
                entropy: Arc::clone(&self.entropy),
                key: match access::key_place(&config) {
                    KeyPlace::Named(path) | KeyPlace::Kept(path) => path,
                },
            },
            patient: Patient {
                reloader: Arc::clone(reloader),
                data_dir: config.data_dir.clone(),
                listen,
                store: self.store.clone(),
                history: self.history.clone(),
                engine: self.engine.clone(),
                certificates,
                remote: self.remote.clone(),
                clock: Arc::clone(&self.clock),
            },
            reloader: Arc::clone(reloader),
        }
    }

    /// Serves until a signal, then ends everything in order: intake, what is queued, storage.
    async fn serve(
        self,
        reloader: Arc<Reloader>,
        listeners: Listeners,
        certificates: Option<Arc<Certificates>>,
        held: Held,
    ) -> Result<(), CommandError> {
        let Listeners { main, redirect } = listeners;
        let (app, address) = self.app(&reloader, &main, certificates.clone(), Polls::Stored).await?;
        let shutdown = self.tasks.shutdown().clone();
        let supervisor = Supervisor::catch()?;
        // Before anybody is told that the server runs: who is told may ask it to stop at once.
        self.tasks.spawn("signals", Signals::catch()?.stop(shutdown.clone()));
        held.announce(address, certificates.as_ref().map(|certificates| *certificates.fingerprint().borrow()))?;
        link::show(&app, address, certificates.as_deref(), &held).await?;
        if let Some(certificates) = certificates {
            let (data_dir, clock) = (reloader.current().data_dir.clone(), Arc::clone(&self.clock));
            let upkeep = certificate::Upkeep { certificates, address, data_dir, clock };
            upkeep.begin(reloader.listen(), &self.tasks);
        }
        supervisor.ready(reloader, Arc::clone(&self.clock), &self.tasks);
        let server = Server::new(app, self.tasks.clone());
        let server = match redirect {
            Some((listener, authority)) => server.redirecting(listener, authority),
            None => server,
        };
        server.serve(main).await;
        shutdown.begin();
        self.stop(held).await
    }

    async fn stop(self, held: Held) -> Result<(), CommandError> {
        let finished = self.tasks.finish(STOP_DEADLINE).await;
        let broken = self.tasks.panicked() || self.foundation.panicked();
        let history = self.history.clone();
        match tokio::task::spawn_blocking(move || history.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(error = muster_runtime::chain(&error), "closing history"),
            Err(panic) => warn!(error = %panic, "closing history"),
        }
        self.store.close().await;
        let stored = self.foundation.finish(STOP_DEADLINE).await;
        drop(held);
        if broken {
            return Err(CommandError::Failed("a part of the server failed, so it stopped; the log says which".into()));
        }
        if finished && stored {
            info!("stopped");
            return Ok(());
        }
        Err(CommandError::Failed("some parts did not stop in time; what they still held in memory is lost".into()))
    }
}

async fn open_history(config: &Config, data_dir: &DataDir) -> Result<History, CommandError> {
    let directory = data_dir.path().join("history");
    let options = muster_history::Options {
        memory_window: config.history.memory_window,
        retention: config.history.retention,
        ships: config.history.remote.is_some(),
        // What is shipped is shipped from blocks: a store elsewhere should not be hours behind.
        block_span: match config.history.remote {
            Some(_) => SHIPPED_EVERY,
            None => muster_history::Options::default().block_span,
        },
        ..muster_history::Options::default()
    };
    let opened = tokio::task::spawn_blocking(move || History::open(&directory, options)).await;
    opened.map_err(|panic| CommandError::Failed(panic.to_string()))?.map_err(|error| CommandError::failed(&error))
}

/// The signals that ask a server to stop.
struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    /// Catches them from now on; until here they end the process.
    fn catch() -> Result<Self, CommandError> {
        let catch = |kind| {
            unix::signal(kind)
                .map_err(|error| CommandError::Failed(format!("preparing to be stopped by a signal: {error}")))
        };
        Ok(Self { interrupt: catch(unix::SignalKind::interrupt())?, terminate: catch(unix::SignalKind::terminate())? })
    }

    /// Begins shutdown with the first signal.
    async fn stop(mut self, shutdown: Shutdown) {
        // Cancel-safe: a signal that is not taken stays pending, and shutdown stays requested.
        let name = tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
            () = shutdown.requested() => return,
        };
        info!(signal = name, "stopping");
        shutdown.begin();
    }
}

#[cfg(test)]
mod tests;
