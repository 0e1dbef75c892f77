//! One call to the remote store: build, send, classify.
//!
//! It dials through the one client for everything that the server dials (`muster_outbound`), so that every call is bounded
//! and no redirect is followed. It decides nothing: what a refusal means for the samples is the shipper's matter.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use muster_outbound::{Limits, Outbound, OutboundError, Request, Response, Target};
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue},
};
use secrecy::ExposeSecret;

use crate::{
    answer::{self, Samples},
    error::{InvalidSettings, RemoteError},
    question::Question,
    refusal,
    settings::{Credentials, Settings},
};

/// Larger answers are given up, and the question is asked again for a shorter span.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// More of a refusal is not read: only its beginning is shown.
const MAX_REFUSAL_BYTES: usize = 16 * 1024;

const VERSION: HeaderName = HeaderName::from_static("x-prometheus-remote-write-version");

/// A remote store: the two addresses of one server or cluster. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Remote {
    outbound: Outbound,
    write: Target,
    query: Target,
    authorization: Option<HeaderValue>,
}

impl Remote {
    /// What a call to a remote store may cost: the limits for the client that it is given.
    pub const LIMITS: Limits =
        Limits { total: Duration::from_secs(60), connect: Duration::from_secs(10), redirects: 0, idle: Limits::IDLE };

    /// Prepares calls; nothing is sent yet.
    ///
    /// # Errors
    /// When the credentials cannot be used.
    pub fn new(settings: &Settings, outbound: Outbound) -> Result<Self, InvalidSettings> {
        let write = settings.write_address.target().clone();
        let query = settings.read_address.target().with(|url| {
            url.path_segments_mut().expect("http addresses have a path").pop_if_empty().extend(["api", "v1", "query"]);
        });
        Ok(Self { outbound, write, query, authorization: authorization(&settings.credentials)? })
    }

    /// Hands over the body of one remote write request.
    pub(crate) async fn write(&self, body: Vec<u8>) -> Result<(), RemoteError> {
        let request = Request::post(self.write.clone(), body)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"))
            .header(CONTENT_ENCODING, HeaderValue::from_static("snappy"))
            .header(VERSION, HeaderValue::from_static("0.1.0"));
        self.checked(request).await.map(drop)
    }

    /// Asks for raw samples. As a form, since two hundred ids are more than some servers take in an address.
    pub(crate) async fn ask(&self, question: &Question) -> Result<Samples, RemoteError> {
        if question.span.length_ms() == 0 {
            return Ok(Samples::new());
        }
        let (query, time) = question.promql();
        let request = Request::post(self.query.clone(), form(&[("query", &query), ("time", &time)]))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let response = self.checked(request).await?;
        let body = response.body(MAX_ANSWER_BYTES).await.map_err(failed)?;
        answer::parse(&body, question).map_err(|why| RemoteError::Malformed { server: self.query.origin(), why })
    }

    /// Sends, and turns a refusal into an error.
    async fn checked(&self, request: Request) -> Result<Response, RemoteError> {
        let request = match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization.clone()),
            None => request,
        };
        let response = self.outbound.send(request).await.map_err(failed)?;
        let (server, status) = (response.target().origin(), response.status());
        if status.is_success() {
            return Ok(response);
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(RemoteError::Unauthorised { server, status: status.as_u16() });
        }
        let retry_after = refusal::retry_after(response.headers());
        let text = refusal::safe_text(status, &response.beginning(MAX_REFUSAL_BYTES).await);
        Err(RemoteError::Refused { server, status: status.as_u16(), text, retry_after })
    }
}

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

/// The header that lets us in, marked so that no log shows it.
fn authorization(credentials: &Credentials) -> Result<Option<HeaderValue>, InvalidSettings> {
    credentials.check()?;
    let text = match credentials {
        Credentials::None => return Ok(None),
        Credentials::Basic { user, password } => {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{}", password.expose_secret())))
        }
        Credentials::Bearer(token) => format!("Bearer {}", token.expose_secret()),
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| InvalidSettings::Credentials)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn failed(error: OutboundError) -> RemoteError {
    match error {
        OutboundError::TooLarge { origin, most_bytes } => RemoteError::TooLarge { server: origin, most_bytes },
        OutboundError::Unreachable { ref origin, .. }
        | OutboundError::NoConnection { ref origin, .. }
        | OutboundError::TooSlow { ref origin, .. }
        | OutboundError::NotVerified { ref origin, .. }
        | OutboundError::PinMismatch { ref origin, .. }
        | OutboundError::NotTls { ref origin }
        | OutboundError::Tls { ref origin, .. }
        | OutboundError::Packing { ref origin, .. }
        | OutboundError::Redirect { ref origin, .. }
        | OutboundError::TooManyRedirects { ref origin, .. } => {
            RemoteError::Unreachable { server: origin.clone(), cause: error }
        }
    }
}
