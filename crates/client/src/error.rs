//! What can go wrong between client and server.

use muster_api::Problem;

/// Why a client cannot be made for an address.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAddress {
    /// Not an address of a server.
    #[error("`{0}` is no server address; expected http://HOST:PORT or https://HOST:PORT")]
    Address(String),
    /// The token holds characters that no header may carry.
    #[error("the token contains characters that no token has; check how it was copied")]
    Token,
    /// The HTTP client could not be set up.
    #[error("setting up the HTTP client")]
    SetUp(#[source] reqwest::Error),
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server could not be reached, or the answer broke off.
    #[error("asking {server}")]
    Transport {
        /// Where.
        server: String,
        /// Why.
        #[source]
        cause: reqwest::Error,
    },
    /// The server refused, and says why.
    #[error("{server} answers: {} ({})", problem.detail, problem.code.as_str())]
    Problem {
        /// Where.
        server: String,
        /// What the server says.
        problem: Box<Problem>,
    },
    /// The answer is not what the contract says.
    #[error(
        "{server} answers with status {status} and a body that is not of Muster's contract: {why}; is it a Muster server of this version?"
    )]
    Unexpected {
        /// Where.
        server: String,
        /// The HTTP status.
        status: u16,
        /// What is wrong with the body.
        why: String,
    },
}

impl ClientError {
    /// Whether nobody answered, as opposed to somebody refusing.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Transport { .. } => true,
            Self::Problem { .. } | Self::Unexpected { .. } => false,
        }
    }
}
