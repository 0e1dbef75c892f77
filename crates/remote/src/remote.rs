//! One call to the remote store: build, send, bound, classify.
//!
//! It dials what it is told and nothing else: no proxy from the environment, no redirects, no link-local address, every
//! call bounded in time and size. It decides nothing: what a refusal means for the samples is the shipper's matter.

use std::time::Duration;

use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
    redirect,
};
use secrecy::ExposeSecret;

use crate::{
    answer::{self, Samples},
    dial,
    error::{InvalidSettings, RemoteError},
    question::Question,
    refusal,
    settings::{Credentials, Settings},
};

/// A whole call takes at most this long.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// Finding the server takes at most this long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Larger answers are given up, and the question is asked again for a shorter span.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// More of a refusal is not read: only its beginning is shown.
const MAX_REFUSAL_BYTES: usize = 16 * 1024;

/// A remote store: the two addresses of one server or cluster. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Remote {
    http: reqwest::Client,
    write: Url,
    query: Url,
    credentials: Credentials,
}

impl Remote {
    /// Prepares calls; nothing is sent yet.
    ///
    /// # Errors
    /// When the credentials cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, InvalidSettings> {
        Self::with_timeout(settings, CALL_TIMEOUT)
    }

    /// Prepares calls that each take at most so long.
    ///
    /// # Errors
    /// When the credentials cannot be used.
    pub fn with_timeout(settings: &Settings, call: Duration) -> Result<Self, InvalidSettings> {
        let write = settings.write_address.url().clone();
        let mut query = settings.read_address.url().clone();
        query.path_segments_mut().expect("http addresses have a path").pop_if_empty().extend(["api", "v1", "query"]);
        settings.credentials.check()?;
        // Only the first installation in a process counts; a later one is refused and changes nothing.
        let _ = rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
        let http = reqwest::Client::builder()
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(call)
            .redirect(redirect::Policy::none())
            .dns_resolver(dial::NoLinkLocal)
            .no_proxy()
            .build()
            .map_err(InvalidSettings::SetUp)?;
        Ok(Self { http, write, query, credentials: settings.credentials.clone() })
    }

    /// Hands over the body of one remote write request.
    pub(crate) async fn write(&self, body: Vec<u8>) -> Result<(), RemoteError> {
        let request = self.http.post(self.write.clone()).body(body);
        let request = request
            .header(CONTENT_TYPE, "application/x-protobuf")
            .header(CONTENT_ENCODING, "snappy")
            .header("X-Prometheus-Remote-Write-Version", "0.1.0");
        self.checked(&self.write, request).await.map(drop)
    }

    /// Asks for raw samples. As a form, since two hundred ids are more than some servers take in an address.
    pub(crate) async fn ask(&self, question: &Question) -> Result<Samples, RemoteError> {
        if question.span.length_ms() == 0 {
            return Ok(Samples::new());
        }
        let (query, time) = question.promql();
        let request = self.http.post(self.query.clone()).form(&[("query", query), ("time", time)]);
        let response = self.checked(&self.query, request).await?;
        let body = self.body(response).await?;
        answer::parse(&body, question).map_err(|why| RemoteError::Malformed { server: server(&self.query), why })
    }

    /// Sends, and turns a refusal into an error.
    async fn checked(&self, url: &Url, request: RequestBuilder) -> Result<Response, RemoteError> {
        let response = self.let_in(request).send().await.map_err(|cause| unreachable(url, cause))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(RemoteError::Unauthorised { server: server(url), status: status.as_u16() });
        }
        let retry_after = refusal::retry_after(response.headers());
        let text = refusal::safe_text(status, &beginning(response).await);
        Err(RemoteError::Refused { server: server(url), status: status.as_u16(), text, retry_after })
    }

    fn let_in(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.credentials {
            Credentials::None => request,
            Credentials::Basic { user, password } => request.basic_auth(user, Some(password.expose_secret())),
            Credentials::Bearer(token) => request.bearer_auth(token.expose_secret()),
        }
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, RemoteError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|cause| unreachable(&self.query, cause))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(RemoteError::TooLarge { server: server(&self.query), most_bytes: MAX_ANSWER_BYTES });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// What there is of a refusal's body; a body that breaks off is no second error.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_REFUSAL_BYTES {
            break;
        }
    }
    body
}

fn unreachable(url: &Url, cause: reqwest::Error) -> RemoteError {
    // The address stands in the message already, without what a path may tell.
    RemoteError::Unreachable { server: server(url), cause: cause.without_url() }
}

fn server(url: &Url) -> String {
    url.origin().ascii_serialization()
}
