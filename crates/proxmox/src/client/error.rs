//! What can go wrong with a call, by what is to be done about it.

use muster_collect::{Failure, FailureCategory};
use muster_outbound::OutboundError;
use muster_runtime::chain;

use super::grant::{Who, grant};

/// Why a call came to nothing. Never carries a secret.
#[derive(Debug, thiserror::Error)]
#[error("{call}{}", if matches!(kind, ErrorKind::Transport(_)) { String::new() } else { format!(" at {origin}") })]
pub struct ApiError {
    /// Method and path, with names filled in.
    pub call: String,
    /// The entry point that was asked: scheme, host and port.
    pub origin: String,
    /// What happened.
    #[source]
    pub kind: ErrorKind,
    pub(crate) who: Who,
}

/// What happened.
#[derive(Debug, thiserror::Error)]
pub enum ErrorKind {
    /// Our own connection failed.
    #[error(transparent)]
    Transport(OutboundError),
    /// The credentials are not accepted, in the platform's words.
    #[error("the credentials are not accepted: {0}")]
    Unauthorised(String),
    /// The account asks for a second factor.
    #[error("the account asks for a second factor")]
    SecondFactor,
    /// A right is missing.
    #[error("{text}")]
    Forbidden {
        /// The path, such as `/nodes/pve`; absent where the platform did not say.
        path: Option<String>,
        /// Privileges of which one would do.
        privileges: Vec<String>,
        /// The platform's words.
        text: String,
    },
    /// This version does not have the call.
    #[error("the platform does not have it: {0}")]
    NotImplemented(String),
    /// The entry point could not reach the node behind it; says nothing about the entry point or the credentials.
    #[error("the entry point cannot reach the node ({status}): {text}")]
    PeerUnreachable {
        /// 595 to 599.
        status: u16,
        /// The platform's words.
        text: String,
    },
    /// The platform answered with an error.
    #[error("the platform answered {status}: {text}")]
    Api {
        /// HTTP status.
        status: u16,
        /// The platform's words.
        text: String,
    },
    /// The answer redirects, which the API never does.
    #[error("the answer is a redirect ({0})")]
    Redirect(u16),
    /// The answer makes no sense.
    #[error("{0}")]
    Malformed(String),
}

impl ApiError {
    /// The platform's own words; empty where it said nothing.
    pub fn text(&self) -> &str {
        match &self.kind {
            ErrorKind::Unauthorised(text) | ErrorKind::NotImplemented(text) | ErrorKind::Malformed(text) => text,
            ErrorKind::Forbidden { text, .. }
            | ErrorKind::PeerUnreachable { text, .. }
            | ErrorKind::Api { text, .. } => text,
            ErrorKind::Transport(_) | ErrorKind::SecondFactor | ErrorKind::Redirect(_) => "",
        }
    }

    /// What sort of failure it is.
    pub fn category(&self) -> FailureCategory {
        match &self.kind {
            ErrorKind::Transport(error) => category_of(error),
            ErrorKind::Unauthorised(_) | ErrorKind::SecondFactor => FailureCategory::Unauthorised,
            ErrorKind::Forbidden { .. } => FailureCategory::Forbidden,
            ErrorKind::PeerUnreachable { .. } => FailureCategory::Unreachable,
            ErrorKind::NotImplemented(_) | ErrorKind::Api { .. } => FailureCategory::Api,
            ErrorKind::Redirect(_) | ErrorKind::Malformed(_) => FailureCategory::Malformed,
        }
    }

    /// The same with what to do about it, for the record of a connection.
    pub fn failure(&self) -> Failure {
        let message = match self.remedy() {
            Some(remedy) => format!("{}; {remedy}", chain(self)),
            None => chain(self),
        };
        Failure { category: self.category(), message }
    }

    fn remedy(&self) -> Option<String> {
        match &self.kind {
            ErrorKind::Transport(error) => remedy_of(error),
            ErrorKind::Unauthorised(_) => Some(format!(
                "check that {} exists, is enabled and has not expired, and enter its secret again",
                self.who.name()
            )),
            ErrorKind::SecondFactor => Some("use an API token, which needs none".to_owned()),
            ErrorKind::Forbidden { path, privileges, .. } => {
                let command = grant(&self.who, path.as_deref()?, privileges.first()?);
                Some(format!("grant it on a node with: {command}"))
            }
            ErrorKind::PeerUnreachable { .. } => Some("check the node and the network between the nodes".to_owned()),
            ErrorKind::Redirect(_) => Some("use https and the port of the API, 8006".to_owned()),
            ErrorKind::Malformed(_) => {
                Some("check that this is the API of Proxmox VE and not a portal in front of it".to_owned())
            }
            ErrorKind::NotImplemented(_) | ErrorKind::Api { .. } => None,
        }
    }
}

impl From<&ApiError> for Failure {
    fn from(error: &ApiError) -> Self {
        error.failure()
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        error.failure()
    }
}

/// What sort of failure a transport error is.
pub(crate) fn category_of(error: &OutboundError) -> FailureCategory {
    match error {
        OutboundError::Unreachable { .. } => FailureCategory::Unreachable,
        OutboundError::NoConnection { .. } | OutboundError::TooSlow { .. } => FailureCategory::TimedOut,
        OutboundError::NotVerified { .. } | OutboundError::NotTls { .. } | OutboundError::Tls { .. } => {
            FailureCategory::Tls
        }
        OutboundError::PinMismatch { .. } => FailureCategory::PinMismatch,
        OutboundError::Packing { .. }
        | OutboundError::TooLarge { .. }
        | OutboundError::Redirect { .. }
        | OutboundError::TooManyRedirects { .. } => FailureCategory::Malformed,
    }
}

/// What to do about a transport error.
pub(crate) fn remedy_of(error: &OutboundError) -> Option<String> {
    match error {
        OutboundError::Unreachable { .. } | OutboundError::NoConnection { .. } => {
            Some("check address, port and firewall".to_owned())
        }
        OutboundError::NotVerified { found, .. } => {
            Some(format!("compare {found} with the node's certificate and pin it, or use one of a known authority"))
        }
        OutboundError::PinMismatch { found, .. } => {
            Some(format!("if the certificate was renewed, compare {found} with the node's and pin it"))
        }
        OutboundError::Tls { .. }
        | OutboundError::NotTls { .. }
        | OutboundError::TooSlow { .. }
        | OutboundError::Packing { .. }
        | OutboundError::TooLarge { .. }
        | OutboundError::Redirect { .. }
        | OutboundError::TooManyRedirects { .. } => None,
    }
}

/// A transport error with what to do about it.
pub(crate) fn failure_of(error: &OutboundError) -> Failure {
    let message = match remedy_of(error) {
        Some(remedy) => format!("{}; {remedy}", chain(error)),
        None => chain(error),
    };
    Failure { category: category_of(error), message }
}
