//! Reads the configuration again while the server runs: on SIGHUP, and when the API asks.
//!
//! A configuration that is wrong in any way changes nothing. A right one becomes the current one as a whole: what running
//! parts can change holds when the reload is answered, and whoever listens ([`Reloader::listen`]) hears of it; what is built
//! into them waits for a restart, and is named.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use muster_api::doctor::Reloaded;
use muster_history::History;
use muster_runtime::{chain, telemetry::LogLevel};
use muster_server::{Changeable, InForce};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::config::{Config, ConfigError, Flags, Key, is_reloadable};

/// The configuration in force, and the way to another one.
pub(crate) struct Reloader {
    flags: Flags,
    started: Arc<Config>,
    current: watch::Sender<Arc<Config>>,
    log: Option<LogLevel>,
    history: History,
    /// The HTTP server's, once there is one.
    server: OnceLock<InForce>,
    /// One reload at a time: each compares with what the one before left.
    turn: Mutex<()>,
}

impl Reloader {
    /// Begins with the configuration that the server was started with.
    pub(crate) fn new(flags: Flags, config: Arc<Config>, log: Option<LogLevel>, history: History) -> Self {
        let (current, _) = watch::channel(Arc::clone(&config));
        Self { flags, started: config, current, log, history, server: OnceLock::new(), turn: Mutex::new(()) }
    }

    /// From now on the HTTP server's settings change with the configuration.
    pub(crate) fn drives(&self, server: InForce) {
        assert!(self.server.set(server).is_ok(), "one server is made for a reloader");
    }

    /// The configuration in force, and news of each other one.
    pub(crate) fn listen(&self) -> watch::Receiver<Arc<Config>> {
        self.current.subscribe()
    }

    /// The configuration in force; where a restart is due, what it will be.
    pub(crate) fn current(&self) -> Arc<Config> {
        Arc::clone(&self.current.borrow())
    }

    /// Reads the configuration again, with the options that the server was started with.
    pub(crate) fn reload(&self) -> Result<Reloaded, ConfigError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Arc::new(Config::load(&self.flags, std::env::vars()).inspect_err(|error| {
            warn!(%error, "the configuration cannot be reloaded; the one before stays in force");
        })?);
        let names = |keys: Vec<&'static Key>, reloadable: bool| -> Vec<String> {
            keys.into_iter().filter(|key| is_reloadable(key) == reloadable).map(Key::path).collect()
        };
        let in_force = names(fresh.layers.different(&self.current().layers), true);
        let need_restart = names(fresh.layers.different(&self.started.layers), false);
        self.bring_into_force(&fresh);
        self.current.send_replace(fresh);
        info!(?in_force, ?need_restart, "configuration reloaded");
        Ok(Reloaded { in_force, need_restart })
    }

    fn bring_into_force(&self, config: &Config) {
        // Both were checked when the configuration was read.
        if let Some(Err(error)) = self.log.as_ref().map(|log| log.set(&config.log.level)) {
            warn!(%error, "the log level stays as it was");
        }
        if let Err(error) = self.history.set_retention(config.history.retention) {
            warn!(error = chain(&error), "the retention of history stays as it was");
        }
        if let Some(server) = self.server.get() {
            server.change(changeable(config));
        }
    }
}

/// What of a configuration the HTTP server may be told while it runs.
pub(crate) fn changeable(config: &Config) -> Changeable {
    Changeable {
        allowed_hosts: config.server.allowed_hosts.clone(),
        trusted_proxies: config.server.trusted_proxies.clone(),
        hsts: config.server.hsts,
        session_idle: config.sessions.idle,
        session_lifetime: config.sessions.absolute,
        retention: config.history.retention,
        limits: config.server.limits,
    }
}
