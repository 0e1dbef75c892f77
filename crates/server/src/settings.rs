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
    /// Host names that it answers for besides loopback and `listen`; without port.
    pub allowed_hosts: Vec<String>,
    /// The proxies that are believed about their clients.
    pub trusted_proxies: TrustedProxies,
    /// Whether browsers are told to come over TLS from now on.
    pub hsts: Hsts,
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
    /// Connections from one address at a time, live streams among them; more are closed at once. Addresses of this
    /// machine and of trusted proxies are not counted.
    pub connections_per_address: usize,
    /// A connection on which nothing is asked for so long is closed.
    pub idle_timeout: Duration,
    /// A connection whose other end takes nothing of an answer for so long is closed.
    pub stall_timeout: Duration,
    /// Requests of one address; `None` counts none, which is for tests and measurements.
    pub requests_per_address: Option<Rate>,
    /// Requests with one credential; `None` counts none.
    pub requests_per_credential: Option<Rate>,
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
            trusted_proxies: TrustedProxies::default(),
            hsts: Hsts::default(),
            session_idle: SignedDuration::from_hours(12),
            session_lifetime: SignedDuration::from_hours(7 * 24),
            password_cost: PasswordCost::default(),
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            body_bytes: 64 * 1024,
            connections: 1024,
            connections_per_address: 128,
            idle_timeout: Duration::from_secs(120),
            stall_timeout: Duration::from_secs(60),
            requests_per_address: None,
            requests_per_credential: None,
            retention: Retention::default(),
            drain: Duration::from_secs(10),
        }
    }
}

/// The settings that may change while the server runs. Each has the meaning that it has in [`Settings`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changeable {
    /// Host names that the server answers for besides loopback and the address it listens on.
    pub allowed_hosts: Vec<String>,
    /// A session that is not used for so long ends.
    pub session_idle: SignedDuration,
    /// A session ends so long after login; those that exist keep their end.
    pub session_lifetime: SignedDuration,
    /// How long history is kept.
    pub retention: Retention,
    /// Requests of one address.
    pub requests_per_address: Option<Rate>,
    /// Requests of one credential.
    pub requests_per_credential: Option<Rate>,
}

impl Changeable {
    /// What a server begins with.
    pub fn of(settings: &Settings) -> Self {
        Self {
            allowed_hosts: settings.allowed_hosts.clone(),
            session_idle: settings.session_idle,
            session_lifetime: settings.session_lifetime,
            retention: settings.retention,
            requests_per_address: settings.requests_per_address,
            requests_per_credential: settings.requests_per_credential,
        }
    }
}
