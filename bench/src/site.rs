//! A whole server on a directory, put together as `muster serve` does, without the agent.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use jiff::SignedDuration;
use muster_engine::{Engine, EngineHandle};
use muster_history::{History, Options};
use muster_model::{Report, TenantId};
use muster_runtime::{Clock, Entropy, Shutdown, SystemClock, Tasks};
use muster_server::{App, Errand, Parts, Server, Settings, TemporaryGrant};
use muster_store::{DatabaseUrl, Store};
use muster_testkit::{EstateSpec, SyntheticEstate};
use muster_vault::{MasterKey, Vault};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::nowhere;

/// Nothing that a bench waits for takes this long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Reports handed in at a time; fewer than the engine lets wait.
const AT_A_TIME: usize = 256;

/// A running server.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) engine: EngineHandle,
    /// Engine, server and whoever asks it.
    pub(crate) tasks: Tasks,
    foundation: Tasks,
    store: Store,
    history: History,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
}

/// A runtime like the server's own.
pub(crate) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")
}

/// The reports of a synthetic estate as if made now. They are good for hours, so that nobody falls silent meanwhile.
pub(crate) fn estate(resources: usize, clock: &dyn Clock) -> Vec<Report> {
    let mut reports = SyntheticEstate::new(EstateSpec { resources, seed: 0 }).reports();
    for report in &mut reports {
        report.reported_at = clock.now();
        report.interval = SignedDuration::from_hours(1);
    }
    reports
}

impl Site {
    /// Starts a server; when this returns it accepts connections.
    pub(crate) async fn start(directory: &Path) -> Result<Self> {
        let (foundation, tasks) = (Tasks::new(Shutdown::new()), Tasks::new(Shutdown::new()));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let entropy = Arc::new(Entropy::system());
        let store = Store::open(&DatabaseUrl::Sqlite(directory.join("state.db")), &foundation).await?;
        let place = history_directory(directory);
        let history = tokio::task::spawn_blocking(move || History::open(&place, Options::default())).await??;
        let parts = muster_engine::Parts {
            log: Arc::new(store.clone()),
            history: history.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            tenants: vec![TenantId::DEFAULT],
        };
        let engine = Engine::start(parts, &tasks).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await.context("listening on loopback")?;
        let address = listener.local_addr()?;
        let site = Self { address, engine, tasks, foundation, store, history, clock, entropy };
        site.serve(listener)?;
        Ok(site)
    }

    fn serve(&self, listener: TcpListener) -> Result<()> {
        let app = App::new(Parts {
            engine: self.engine.clone(),
            store: self.store.clone(),
            history: self.history.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            settings: Settings::listening_at(self.address),
            shutdown: self.tasks.shutdown().clone(),
            remote_history: None,
            certificates: None,
            vault: Vault::new(MasterKey::generate(&self.entropy)),
            identity_provider: None,
            operations: None,
            polling: nowhere::polling(Arc::clone(&self.clock), &self.tasks),
        })?;
        self.tasks.spawn("server", Server::new(app, self.tasks.clone()).serve(listener));
        Ok(())
    }

    /// An administrator's token, good for two minutes.
    pub(crate) async fn grant(&self) -> Result<TemporaryGrant> {
        Ok(TemporaryGrant::issue(&self.store, &self.clock, &self.entropy, Errand::Short).await?)
    }

    /// Hands in reports and waits until so many resources are published.
    pub(crate) async fn fill(&self, reports: Vec<Report>, resources: usize) -> Result<()> {
        let mut news = self.engine.subscribe();
        let mut reports = reports.into_iter().peekable();
        while reports.peek().is_some() {
            let batch = reports.by_ref().take(AT_A_TIME).map(|report| self.engine.submit(report));
            try_join_all(batch).await.context("handing in reports")?;
        }
        let published = async {
            while self.resources() < resources {
                // Having missed some news is fine; what counts is the newest snapshot.
                drop(news.recv().await);
            }
        };
        tokio::time::timeout(PATIENCE, published).await.context("waiting for the estate to be published")?;
        Ok(())
    }

    /// Its metrics history.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// How many resources are published.
    pub(crate) fn resources(&self) -> usize {
        self.engine.snapshot(&TenantId::DEFAULT).len()
    }

    /// Ends it in order: intake, what is queued, storage.
    pub(crate) async fn stop(self) -> Result<()> {
        self.tasks.shutdown().begin();
        ensure!(self.tasks.finish(PATIENCE).await, "the server did not stop");
        let history = self.history.clone();
        tokio::task::spawn_blocking(move || history.close()).await??;
        self.store.close().await;
        ensure!(self.foundation.finish(PATIENCE).await, "the store did not stop");
        Ok(())
    }
}

/// Where a server keeps its history.
pub(crate) fn history_directory(directory: &Path) -> std::path::PathBuf {
    directory.join("history")
}
