//! Takes connections from a listener and gives each its place and its task.

use std::{net::SocketAddr, time::Duration};

use hyper_util::server::graceful::GracefulShutdown;
use muster_runtime::{Shutdown, Tasks};
use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, warn};

use super::{
    connection::Conversation,
    slots::{Room, Slot, Slots},
};
use crate::app::App;

/// How long to wait after a failed accept, which mostly means that the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What takes connections.
pub(super) struct Accept {
    pub(super) app: App,
    pub(super) tasks: Tasks,
    /// Shared by all listeners.
    pub(super) slots: Slots,
    /// How to speak with whoever comes.
    pub(super) conversation: Conversation,
    pub(super) graceful: GracefulShutdown,
}

impl Accept {
    /// Accepts until shutdown. Returns what waits for the open connections.
    pub(super) async fn run(self, listener: TcpListener, shutdown: &Shutdown) -> GracefulShutdown {
        let mut settings = self.app.in_force().listen();
        loop {
            let most = settings.borrow_and_update().settings.limits.connections;
            // Cancel-safe: a connection that was not accepted waits in the system's queue.
            let (room, accepted) = tokio::select! {
                biased;
                () = shutdown.requested() => return self.graceful,
                // What there is room for may be another number now.
                Ok(()) = settings.changed() => continue,
                accepted = async { (self.slots.room(most).await, listener.accept().await) } => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.begin(stream, peer, room),
                Err(error) => {
                    warn!(%error, "could not accept a connection");
                    self.app.clock().sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn begin(&self, stream: TcpStream, peer: SocketAddr, room: Room) {
        let Some(slot) = self.slot(room, peer) else {
            debug!(client.address = %peer.ip(), "an address has as many connections as it may");
            return;
        };
        // Small answers leave at once.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "could not disable write coalescing");
        }
        let conversation = self.conversation.clone();
        self.tasks.spawn("connection", conversation.hold(stream, peer, slot, self.graceful.watcher()));
    }

    /// Behind a proxy are many people; so are, perhaps, behind an address of this machine.
    fn slot(&self, room: Room, peer: SocketAddr) -> Option<Slot> {
        let settings = self.app.changeable();
        if peer.ip().to_canonical().is_loopback() || settings.trusted_proxies.contain(peer.ip()) {
            return Some(Slots::uncounted(room));
        }
        self.slots.of_address(room, peer.ip(), settings.limits.connections_per_address)
    }
}
