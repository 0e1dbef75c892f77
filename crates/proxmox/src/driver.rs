//! Proxmox VE as the collector knows it: from a connection to its provider, or to what a probe finds.

use std::sync::Arc;

use muster_collect::{BoxFuture, Connection, Driver, Failure, ProbeReport, Provider};
use muster_runtime::Clock;
use secrecy::SecretString;

use tokio::sync::Semaphore;

use crate::{client::Client, probe, provider::Pve};

/// Connections whose past is read at the same time. Half an hour of a cluster of 200 guests takes tens of megabytes until
/// it is written down, and after an outage of our own every connection has such a gap. Who finds no place tries again with
/// its next look: nobody waits, so that one that is slow holds up nobody.
const PASTS: usize = 6;

/// The platform.
#[derive(Clone)]
pub struct Proxmox {
    clock: Arc<dyn Clock>,
    pasts: Arc<Semaphore>,
}

impl Proxmox {
    /// The platform, asked by a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, pasts: Arc::new(Semaphore::new(PASTS)) }
    }
}

impl Driver for Proxmox {
    fn provider(&self, connection: &Connection, secret: SecretString) -> Result<Arc<dyn Provider>, Failure> {
        let client = Client::new(connection, secret, Arc::clone(&self.clock))?;
        Ok(Arc::new(Pve::new(connection, client, Arc::clone(&self.clock), Arc::clone(&self.pasts))))
    }

    fn probe<'a>(&'a self, connection: &'a Connection, secret: Option<SecretString>) -> BoxFuture<'a, ProbeReport> {
        Box::pin(probe::probe(connection, secret, &self.clock))
    }
}

impl std::fmt::Debug for Proxmox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxmox").finish_non_exhaustive()
    }
}
