//! The settings that may change while the server runs: which ones hold now, and news of others.
//!
//! The server asks here whenever a connection or a request begins; whoever reads the configuration again says here what
//! holds from then on ([`InForce::change`]). What was begun goes on with what it began with. What is counted, such as
//! requests of a client, is kept elsewhere and outlives every change.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::watch;

use crate::{
    http::host::AllowedHosts,
    settings::{Changeable, Settings},
};

/// The settings in force. Clones share them.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The server's own address is a name of it, whatever the settings say.
    listen: IpAddr,
    current: watch::Sender<Current>,
}

/// What holds, and what follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) settings: Arc<Changeable>,
    pub(crate) hosts: Arc<AllowedHosts>,
}

impl InForce {
    /// What a server begins with.
    pub(crate) fn beginning(settings: &Settings) -> Self {
        let listen = settings.listen.ip();
        let (current, _) = watch::channel(Current::of(listen, settings.changeable.clone()));
        Self { listen, current }
    }

    /// Brings other settings into force, for everything that begins after this call.
    pub fn change(&self, settings: Changeable) {
        self.current.send_replace(Current::of(self.listen, settings));
    }

    /// What holds now.
    pub(crate) fn now(&self) -> Current {
        self.current.borrow().clone()
    }

    /// What holds, and news of each other settings.
    pub(crate) fn listen(&self) -> watch::Receiver<Current> {
        self.current.subscribe()
    }
}

impl Current {
    fn of(listen: IpAddr, settings: Changeable) -> Self {
        Self { hosts: Arc::new(AllowedHosts::new(listen, &settings.allowed_hosts)), settings: Arc::new(settings) }
    }
}
