//! What an operator can decide about the server. Validated by the composition root; here are the defaults and units.

use std::{net::SocketAddr, time::Duration};

use jiff::SignedDuration;
use muster_history::Retention;
use muster_model::TenantId;

pub use crate::auth::PasswordCost;
use crate::http::{forwarded::TrustedProxies, rate::Rate};

/// Whether browsers are told to come over TLS from now on (HSTS). They are told over TLS alone, and for names, not
/// addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hsts {
    /// Where somebody vouches for the certificate: with one that nobody vouches for, a browser that was told so lets
    /// nobody in any more.
    #[default]
    Auto,
    /// With every certificate.
    Always,
    /// Not at all.
    Never,
}

/// The settings of a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tenant that unauthenticated routes speak of: set-up, login and readiness.
    pub tenant: TenantId,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The work of a password hash.
    pub password_cost: PasswordCost,
    /// How long open requests may go on once the server is asked to stop.
    pub drain: Duration,
    /// What may change while the server runs, as it is in the beginning.
    pub changeable: Changeable,
}

impl Settings {
    /// The defaults for a server that listens at an address.
    pub fn listening_at(listen: SocketAddr) -> Self {
        Self {
            tenant: TenantId::DEFAULT,
            listen,
            password_cost: PasswordCost::default(),
            drain: Duration::from_secs(10),
            changeable: Changeable::default(),
        }
    }
}

/// The settings that may change while the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changeable {
    /// Host names that the server answers for besides loopback and the address it listens on; without port.
    pub allowed_hosts: Vec<String>,
    /// The proxies that are believed about their clients.
    pub trusted_proxies: TrustedProxies,
    /// Whether browsers are told to come over TLS from now on.
    pub hsts: Hsts,
    /// A session that is not used for so long ends.
    pub session_idle: SignedDuration,
    /// A session ends so long after login, used or not; those that exist keep their end.
    pub session_lifetime: SignedDuration,
    /// How long history is kept. The history is told so by others; here it is only shown.
    pub retention: Retention,
    /// What one client may cost.
    pub limits: Limits,
}

impl Default for Changeable {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            hsts: Hsts::default(),
            session_idle: SignedDuration::from_hours(12),
            session_lifetime: SignedDuration::from_hours(7 * 24),
            retention: Retention::default(),
            limits: Limits::default(),
        }
    }
}

/// What one client may cost. Connections and requests go on with the limits that they began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// Connections from one address at a time, live streams among them; more are closed at once. Addresses of this
    /// machine and of trusted proxies are not counted.
    pub connections_per_address: usize,
    /// Requests of one address; `None` counts none.
    pub requests_per_address: Option<Rate>,
    /// Requests with one credential; `None` counts none.
    pub requests_per_credential: Option<Rate>,
    /// The longest that a client may take to send the head of a request.
    pub header_timeout: Duration,
    /// The longest that a request may take.
    pub request_timeout: Duration,
    /// A connection on which nothing is asked for so long is closed.
    pub idle_timeout: Duration,
    /// A connection whose other end takes nothing of an answer for so long is closed.
    pub stall_timeout: Duration,
    /// The largest request body in bytes. Nothing that the API takes is large.
    pub body_bytes: usize,
}

impl Default for Limits {
    /// Those of a server that nobody configured, without rates, which tests and measurements would run into.
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_address: 128,
            requests_per_address: None,
            requests_per_credential: None,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(120),
            stall_timeout: Duration::from_secs(60),
            body_bytes: 64 * 1024,
        }
    }
}
