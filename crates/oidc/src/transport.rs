//! The seam through which requests to a provider leave. Whoever implements it bounds time and body, and decides which
//! addresses may be dialled.

use futures::future::BoxFuture;
use secrecy::SecretString;
use url::Url;

/// Sends requests to a provider.
pub trait Transport: Send + Sync + 'static {
    /// Reads a document. Redirects are not followed.
    fn get<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Answer, TransportError>>;

    /// Posts `application/x-www-form-urlencoded` and reads the answer. Redirects are not followed.
    fn post_form<'a>(
        &'a self,
        url: &'a Url,
        form: SecretString,
        credentials: Option<&'a Credentials>,
    ) -> BoxFuture<'a, Result<Answer, TransportError>>;
}

/// What a provider answered.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, bounded by the transport. May hold tokens.
    pub body: Vec<u8>,
}

/// Who asks, for the header `Authorization: Basic`. Both parts are form-encoded already (RFC 6749, 2.3.1).
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The client's id.
    pub user: String,
    /// The client's secret.
    pub password: SecretString,
}

/// No answer came.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);
