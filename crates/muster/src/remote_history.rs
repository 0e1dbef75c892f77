//! Connects the embedded history with a remote store: the history is the queue that samples are shipped from, and asks the
//! remote store for what is older than itself.

mod archive;
mod health;
mod queue;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use muster_history::History;
use muster_outbound::{Outbound, Trust};
use muster_remote::{Pace, Reader, Remote, Settings, Shipper, Shipping};
use muster_runtime::{Clock, Entropy, SystemClock, Tasks};
use tokio::runtime::Handle;

use self::{archive::RemoteArchive, queue::Queue};
use crate::commands::CommandError;

pub(crate) use health::Health;

/// Starts shipping, and lets history ask for what is older.
pub(crate) fn start(
    settings: &Settings,
    history: &History,
    tasks: &Tasks,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
) -> Result<Health, CommandError> {
    // Another machine's answers take real time, whatever time it is for whoever ships.
    let outbound = Outbound::new(Remote::LIMITS, Trust::System, Arc::new(SystemClock::new()));
    let outbound = outbound.map_err(|error| CommandError::failed(&error))?;
    let remote = Remote::new(settings, outbound).map_err(|error| CommandError::failed(&error))?;
    let reader = Reader::new(remote.clone());
    history.set_archive(Arc::new(RemoteArchive::new(reader, Arc::clone(&clock), Handle::current())));
    let (queue, confirmed_at) = Queue::new(history.clone(), Arc::clone(&clock));
    let shipper = Shipper::new(Pace::default(), entropy);
    let (shipping, status) = Shipping::new(Box::new(queue), remote, shipper, clock);
    tasks.spawn("remote history", shipping.run(tasks.shutdown().clone()));
    Ok(Health::new(status, confirmed_at))
}
