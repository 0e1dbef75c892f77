//! How requests to a provider leave: through the one outbound client (D-23), each body bounded.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use futures::future::BoxFuture;
use muster_oidc::{Answer, Credentials, Transport, TransportError};
use muster_outbound::{InvalidTarget, Limits, Outbound, Request, Target};
use muster_runtime::chain;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// No document or token of a provider is nearly as large.
const MOST_BYTES: usize = 512 * 1024;

/// The outbound client as an identity provider needs it.
#[derive(Debug)]
pub struct OutboundTransport(Outbound);

impl OutboundTransport {
    /// What a question may cost. One sign-in asks up to three, and has to be answered itself before its browser gives up.
    pub const LIMITS: Limits =
        Limits { total: Duration::from_secs(8), connect: Duration::from_secs(4), redirects: 0, idle: Limits::IDLE };

    /// Sends through a client that was set up with [`Self::LIMITS`].
    pub fn new(outbound: Outbound) -> Self {
        Self(outbound)
    }

    async fn ask(&self, request: Request) -> Result<Answer, TransportError> {
        let answer = self.0.send(request).await.map_err(|error| TransportError(chain(&error)))?;
        let status = answer.status().as_u16();
        let body = answer.body(MOST_BYTES).await.map_err(|error| TransportError(chain(&error)))?;
        Ok(Answer { status, body })
    }
}

impl Transport for OutboundTransport {
    fn get<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(async move {
            let request = Request::get(target(url)?);
            self.ask(request.header(header::ACCEPT, HeaderValue::from_static("application/json"))).await
        })
    }

    fn post_form<'a>(
        &'a self,
        url: &'a Url,
        form: SecretString,
        credentials: Option<&'a Credentials>,
    ) -> BoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(async move {
            let body = form.expose_secret().as_bytes().to_vec();
            let plain = |name: HeaderName, value| (name, HeaderValue::from_static(value));
            let (content_type, form_encoded) = plain(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let (accept, json) = plain(header::ACCEPT, "application/json");
            let request = Request::post(target(url)?, body).header(content_type, form_encoded).header(accept, json);
            let request = match credentials {
                Some(credentials) => request.header(header::AUTHORIZATION, basic(credentials)?),
                None => request,
            };
            self.ask(request).await
        })
    }
}

fn target(url: &Url) -> Result<Target, TransportError> {
    url.as_str().parse().map_err(|error: InvalidTarget| TransportError(error.to_string()))
}

fn basic(credentials: &Credentials) -> Result<HeaderValue, TransportError> {
    let pair = format!("{}:{}", credentials.user, credentials.password.expose_secret());
    let value = format!("Basic {}", BASE64_STANDARD.encode(pair));
    let mut value = HeaderValue::try_from(value).map_err(|error| TransportError(error.to_string()))?;
    value.set_sensitive(true);
    Ok(value)
}
