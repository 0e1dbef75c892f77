//! Polling Proxmox VE: the program itself beside simulated clusters, each in a process of its own.

mod fifty;
mod large;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use muster_api::{
    access::Secret,
    connection::{Connection, ConnectionAuth, NewConnection},
};
use muster_model::{Platform, PveOptions};
use muster_runtime::{Clock, SystemClock};

pub(super) use self::{fifty::fifty_clusters, large::one_large_cluster};
use crate::{platform::Place, program::Program, punctuality::Histogram};

/// How often each cluster is looked at.
const INTERVAL: Duration = Duration::from_secs(10);

const PAUSE: Duration = Duration::from_millis(500);

/// Makes a connection to each cluster, through the API.
fn connect(program: &Program, clusters: &[Place]) -> Result<()> {
    for (number, place) in (1..).zip(clusters) {
        let (token, secret) = &place.token;
        let (user, token) = token.split_once('!').context("a token is named `user@realm!name`")?;
        let connection = NewConnection {
            platform: Platform::ProxmoxPve,
            name: format!("site {number}"),
            // As many as a connection may have.
            endpoints: place.endpoints.iter().take(16).cloned().collect(),
            auth: ConnectionAuth::Token { user: user.to_owned(), token: token.to_owned() },
            secret: Secret(secret.clone()),
            pins: place.pins.iter().take(16).cloned().collect(),
            interval_seconds: None,
            enabled: None,
            options: PveOptions::default(),
        };
        let made = program.runtime.block_on(program.client.create_connection(&connection));
        made.with_context(|| format!("making the connection to site {number}"))?;
    }
    Ok(())
}

fn connections(program: &Program) -> Result<Vec<Connection>> {
    Ok(program.runtime.block_on(program.client.connections()).context("listing connections")?.items)
}

/// Waits until something is so, and tells how long that took at most; gives up after a while.
fn wait_until(program: &Program, most: Duration, mut so: impl FnMut() -> Result<bool>) -> Result<Duration> {
    let began = now();
    loop {
        let waited = Duration::try_from(now().duration_since(began)).unwrap_or_default();
        if so()? {
            return Ok(waited);
        }
        ensure!(waited < most, "it did not come about within {} seconds", most.as_secs());
        program.pass(PAUSE);
    }
}

fn now() -> Timestamp {
    SystemClock::new().now()
}

/// How punctual looks of the bulk lane were.
#[derive(Debug, Clone)]
struct Punctuality {
    /// From when they were planned until they began.
    lag: Histogram,
    /// From when they were planned until their report could be seen.
    delivery: Histogram,
    /// From their begin to their end.
    duration: Histogram,
}

impl Punctuality {
    fn of(program: &Program) -> Result<Self> {
        let text = program.metrics()?;
        let family = |family| Histogram::of(&text, family, "bulk");
        Ok(Self {
            lag: family("muster_poll_lag_seconds"),
            delivery: family("muster_poll_delivery_seconds"),
            duration: family("muster_poll_duration_seconds"),
        })
    }

    fn since(&self, earlier: &Self) -> Self {
        Self {
            lag: self.lag.since(&earlier.lag),
            delivery: self.delivery.since(&earlier.delivery),
            duration: self.duration.since(&earlier.duration),
        }
    }
}
