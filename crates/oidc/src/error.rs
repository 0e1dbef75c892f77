//! What can go wrong between a browser, this server and a provider, sorted by who can do something about it.

use crate::{TokenError, TransportError};

/// Why a provider could not be asked, or its answer was not accepted. Never contains a token or a code.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OidcError {
    /// No usable answer came.
    #[error("asking the identity provider for {what}: {cause}; check that this server can reach {url}")]
    Unreachable {
        /// What was asked for.
        what: &'static str,
        /// Where.
        url: String,
        /// Why.
        cause: TransportError,
    },
    /// The answer makes no sense.
    #[error("asking the identity provider for {what}: {problem}; check `oidc.issuer` and the provider's settings")]
    Malformed {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The provider says no.
    #[error("the identity provider refused: {code}")]
    Refused {
        /// The error code of the provider, such as `access_denied`; only letters, digits and `_`.
        code: String,
    },
    /// The answer belongs to another provider.
    #[error("the browser came back with the answer of another identity provider; begin again")]
    OtherIssuer,
    /// The token is not acceptable.
    #[error("checking the identity provider's token: {0}")]
    Token(#[from] TokenError),
}

impl OidcError {
    /// An error code from outside, cut down to what an error code may be.
    pub(crate) fn refused(code: &str) -> Self {
        let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
        Self::Refused { code: if code.is_empty() { "unnamed_error".to_owned() } else { code } }
    }
}
