//! What an operator can decide about the server. Validated by the composition root; here are the defaults and units.

use std::{net::SocketAddr, time::Duration};

use jiff::SignedDuration;
use muster_history::Retention;
use muster_model::TenantId;

pub use crate::auth::PasswordCost;

/// The settings of a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tenant that unauthenticated routes speak of: set-up, login and readiness.
    pub tenant: TenantId,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Host names that it answers for besides loopback and `listen`; without port.
    pub allowed_hosts: Vec<String>,
    /// Whether browsers reach it over TLS: then cookies are `Secure`, under a `__Host-` name.
    pub tls: bool,
    /// A session that is not used for so long ends.
    pub session_idle: SignedDuration,
    /// A session ends so long after login, used or not.
    pub session_lifetime: SignedDuration,
    /// The work of a password hash.
    pub password_cost: PasswordCost,
    /// The longest that a request may take.
    pub request_timeout: Duration,
    /// The longest that a client may take to send the head of a request.
    pub header_timeout: Duration,
    /// The largest request body in bytes. Nothing that the API takes is large.
    pub body_bytes: usize,
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// How long history is kept, as the history was opened with.
    pub retention: Retention,
    /// How long open requests may go on once the server is asked to stop.
    pub drain: Duration,
}

impl Settings {
    /// The defaults for a server that listens at an address.
    pub fn listening_at(listen: SocketAddr) -> Self {
        Self {
            tenant: TenantId::DEFAULT,
            listen,
            allowed_hosts: Vec::new(),
            tls: false,
            session_idle: SignedDuration::from_hours(12),
            session_lifetime: SignedDuration::from_hours(7 * 24),
            password_cost: PasswordCost::default(),
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            body_bytes: 64 * 1024,
            connections: 1024,
            retention: Retention::default(),
            drain: Duration::from_secs(10),
        }
    }
}
