//! What can go wrong between us and the remote store.

use std::time::Duration;

use muster_outbound::{InvalidTarget, OutboundError};

/// Why a text is no address of a remote store. It is not repeated, since it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Nothing that is ever dialled.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// It holds a query or a fragment.
    #[error("an address ends with its path; leave out what follows `?` or `#`")]
    Query,
}

/// Why a remote store cannot be used with these settings.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSettings {
    /// Credentials hold characters that no header may carry.
    #[error(
        "the credentials for the remote store contain characters that no header can carry; check how they were copied"
    )]
    Credentials,
}

/// Why a call to the remote store failed.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Nobody answered, or the answer broke off: whether a write was taken is unknown.
    #[error("no whole answer from the remote store at {server}; check that it runs and that the network leads there")]
    Unreachable {
        /// Where.
        server: String,
        /// Why.
        #[source]
        cause: OutboundError,
    },
    /// The credentials do not suffice.
    #[error(
        "the remote store at {server} refuses our credentials (status {status}); correct them, or what they may do there"
    )]
    Unauthorised {
        /// Where.
        server: String,
        /// 401 or 403.
        status: u16,
    },
    /// The remote refused, and perhaps says why.
    #[error("the remote store at {server} answers with status {status}: {text}")]
    Refused {
        /// Where.
        server: String,
        /// The HTTP status.
        status: u16,
        /// What it says: short, and free of control characters.
        text: String,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The answer is not of the protocol.
    #[error("the answer of the remote store at {server} is not of its protocol: {why}; check the address")]
    Malformed {
        /// Where.
        server: String,
        /// What is wrong.
        why: String,
    },
    /// The answer is larger than we accept at once. Asking for less helps.
    #[error("the answer of the remote store at {server} is larger than {most_bytes} bytes; ask for a shorter span")]
    TooLarge {
        /// Where.
        server: String,
        /// What we accept.
        most_bytes: usize,
    },
}
