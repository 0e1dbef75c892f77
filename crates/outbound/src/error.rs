//! What can go wrong between us and whom we dial.

use std::{io, net::IpAddr};

use crate::{address::Forbidden, failure, fingerprint::Fingerprint};

/// A cause of any sort.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a text is no address to dial. The text is not repeated, since it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTarget {
    /// Not an address of the web.
    #[error("expected http:// or https://, a host, and perhaps a port and a path")]
    Form,
    /// It holds a user or a password.
    #[error("an address may not hold credentials; give them apart from it")]
    Credentials,
    /// An address that nothing of ours may dial.
    #[error("{address} is never dialled: {why}; use the server's own address")]
    Forbidden {
        /// The address as it was understood.
        address: IpAddr,
        /// Why.
        why: Forbidden,
    },
    /// A redirect from https to http.
    #[error("a redirect may not lead from https to http")]
    Downgrade,
}

/// Why the client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("setting up the client for outgoing connections; check that the system's certificates are installed")]
pub struct SetUpError(#[source] pub(crate) Box<dyn std::error::Error + Send + Sync>);

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// Nobody answered, or the answer broke off.
    #[error("no whole answer from {origin}: {}", failure::innermost(cause.as_ref()))]
    Unreachable {
        /// Scheme, host and port.
        origin: String,
        /// Why, without the address. No source: the layers between here and what happened tell nothing to anybody.
        cause: BoxError,
    },
    /// The other side's certificate is none that the system vouches for.
    #[error("the certificate of {origin} is not trusted; its SHA-256 is {found}")]
    NotVerified {
        /// Scheme, host and port.
        origin: String,
        /// What it showed.
        found: Fingerprint,
        /// Why.
        #[source]
        cause: Box<rustls::Error>,
    },
    /// The other side's certificate is none of the pinned ones.
    #[error("the certificate of {origin} is not the pinned one; its SHA-256 is {found}")]
    PinMismatch {
        /// Scheme, host and port.
        origin: String,
        /// What it showed.
        found: Fingerprint,
        /// Why.
        #[source]
        cause: Box<rustls::Error>,
    },
    /// The other side answers with something else than TLS, such as plain HTTP.
    #[error("{origin} does not speak TLS; check scheme and port")]
    NotTls {
        /// Scheme, host and port.
        origin: String,
    },
    /// TLS came to nothing for another reason.
    #[error("no TLS connection to {origin}")]
    Tls {
        /// Scheme, host and port.
        origin: String,
        /// Why.
        #[source]
        cause: Box<rustls::Error>,
    },
    /// The body cannot be unpacked.
    #[error("the answer of {origin} cannot be unpacked")]
    Packing {
        /// Scheme, host and port.
        origin: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// No connection came to stand in time.
    #[error("no connection to {origin} within {seconds} s")]
    NoConnection {
        /// Scheme, host and port.
        origin: String,
        /// What was granted.
        seconds: u64,
    },
    /// The call took too long as a whole.
    #[error("no whole answer from {origin} within {seconds} s")]
    TooSlow {
        /// Scheme, host and port.
        origin: String,
        /// What was granted.
        seconds: u64,
    },
    /// The body is larger than the caller takes.
    #[error("the answer of {origin} is larger than {most_bytes} bytes")]
    TooLarge {
        /// Scheme, host and port.
        origin: String,
        /// What the caller takes.
        most_bytes: usize,
    },
    /// A redirect leads where nothing of ours goes.
    #[error("{origin} redirects to an address that is refused")]
    Redirect {
        /// Scheme, host and port of the server that redirects.
        origin: String,
        /// Why.
        #[source]
        cause: InvalidTarget,
    },
    /// One redirect after another.
    #[error("{origin} redirects more than {most} times")]
    TooManyRedirects {
        /// Scheme, host and port of the last server.
        origin: String,
        /// What is followed.
        most: u8,
    },
}

impl OutboundError {
    /// Whether the other side closed the connection before it answered. A request that changes nothing may be sent again
    /// then: a server closes connections that were idle, and ours may have been on its way.
    pub fn broke_off(&self) -> bool {
        matches!(self, Self::Unreachable { cause, .. } if failure::broke_off(cause.as_ref()))
    }
}
