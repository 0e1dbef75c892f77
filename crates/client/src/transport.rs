//! One call: build, send, bound, decode.

use std::time::Duration;

use muster_api::Problem;
use muster_outbound::{Fingerprint, pinned_tls};
use reqwest::{
    Method, RequestBuilder, Response, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};

use crate::{ClientError, InvalidAddress};

/// A whole call takes at most this long.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// Finding the server takes at most this long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Larger answers are refused: a page of resources is a hundred times smaller.
const MAX_ANSWER_BYTES: usize = 256 * 1024 * 1024;

/// A client of one server with one token.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is not `http://` or `https://` with a host, or the token cannot stand in a header.
    pub fn new(server: &str, token: &SecretString) -> Result<Self, InvalidAddress> {
        Self::trusting(server, token, None)
    }

    /// Prepares a client of a server that shows this very certificate, whoever vouches for it; nothing is sent yet.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn pinned(server: &str, token: &SecretString, pin: Fingerprint) -> Result<Self, InvalidAddress> {
        Self::trusting(server, token, Some(pin))
    }

    fn trusting(server: &str, token: &SecretString, pin: Option<Fingerprint>) -> Result<Self, InvalidAddress> {
        let invalid = || InvalidAddress::Address(server.to_owned());
        let base: Url = server.trim().parse().map_err(|_| invalid())?;
        let plain = base.username().is_empty() && base.password().is_none() && base.query().is_none();
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() || !plain {
            return Err(invalid());
        }
        let bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
        let mut bearer = bearer.map_err(|_| InvalidAddress::Token)?;
        bearer.set_sensitive(true);
        // Only the first installation in a process counts; a later one is refused and changes nothing.
        let _ = rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
        let builder = reqwest::Client::builder();
        let builder = match pin {
            Some(pin) => builder.tls_backend_preconfigured(pinned_tls(pin)),
            None => builder,
        };
        let http = builder
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            // A server that writes a part of a long import to its disk takes nothing in meanwhile. The call's own time
            // is the bound.
            .tcp_user_timeout(None)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(InvalidAddress::SetUp)?;
        Ok(Self { http, base })
    }

    pub(crate) fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        // Segments are escaped, so that an id can never become another path.
        url.path_segments_mut().expect("http addresses have a path").pop_if_empty().extend(segments);
        self.http.request(method, url)
    }

    pub(crate) async fn get<Q: Serialize, T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &Q,
    ) -> Result<T, ClientError> {
        self.answer(self.request(Method::GET, segments).query(query)).await
    }

    pub(crate) async fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        segments: &[&str],
        body: &B,
    ) -> Result<T, ClientError> {
        self.answer(self.request(method, segments).json(body)).await
    }

    pub(crate) async fn delete(&self, segments: &[&str]) -> Result<(), ClientError> {
        let response = self.checked(self.request(Method::DELETE, segments)).await?;
        self.body(response).await.map(drop)
    }

    pub(crate) async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = self.checked(request).await?;
        let status = response.status().as_u16();
        let body = self.body(response).await?;
        serde_json::from_slice(&body).map_err(|error| self.unexpected(status, error.to_string()))
    }

    /// Sends, and turns a refusal into an error.
    pub(crate) async fn checked(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await.map_err(|cause| self.transport(cause))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.body(response).await?;
        Err(match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => ClientError::Problem { server: self.server(), problem: Box::new(problem) },
            Err(error) => self.unexpected(status.as_u16(), error.to_string()),
        })
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, ClientError> {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|cause| self.transport(cause))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(self.unexpected(status, format!("it is larger than {MAX_ANSWER_BYTES} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    pub(crate) fn transport(&self, cause: reqwest::Error) -> ClientError {
        // The address stands in the message already, and a query may tell more than a log should know.
        ClientError::Transport { server: self.server(), cause: cause.without_url() }
    }

    pub(crate) fn unexpected(&self, status: u16, why: String) -> ClientError {
        ClientError::Unexpected { server: self.server(), status, why }
    }

    fn server(&self) -> String {
        self.base.origin().ascii_serialization()
    }
}
