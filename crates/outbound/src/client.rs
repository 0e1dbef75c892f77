//! One call: dial what may be dialled, send, follow if asked to, within its time.

use std::{future::Future, sync::Arc, time::Duration};

use muster_runtime::Clock;
use reqwest::{header::LOCATION, redirect};
use rustls::crypto::{CryptoProvider, ring};

use crate::{
    error::{OutboundError, SetUpError},
    failure,
    lookup::{Judged, Lookup, SystemLookup},
    request::Request,
    response::Response,
    target::Target,
    trust::Trust,
};

/// What a call may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the look-up to the last byte of the body, redirects included.
    pub total: Duration,
    /// Until a connection stands.
    pub connect: Duration,
    /// Redirects that are followed. Only reading is redirected; a refused write is the caller's to judge.
    pub redirects: u8,
    /// How long a connection is kept for the next call. Shorter than the server keeps it, or calls break off.
    pub idle: Duration,
}

impl Limits {
    /// How long a connection is kept where nothing is known of the server.
    pub const IDLE: Duration = Duration::from_secs(90);
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Duration::from_secs(30), connect: Duration::from_secs(10), redirects: 0, idle: Self::IDLE }
    }
}

/// The client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Outbound {
    http: reqwest::Client,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lookup: Arc<dyn Lookup>,
}

impl Outbound {
    /// Prepares calls; nothing is dialled yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(limits: Limits, trust: Trust, clock: Arc<dyn Clock>) -> Result<Self, SetUpError> {
        Self::with_lookup(limits, trust, clock, Arc::new(SystemLookup))
    }

    /// Prepares calls that look names up elsewhere. What that finds is judged all the same.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn with_lookup(
        limits: Limits,
        trust: Trust,
        clock: Arc<dyn Clock>,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, SetUpError> {
        // Only the first installation in a process counts; a later one is refused and changes nothing.
        let _ = CryptoProvider::install_default(ring::default_provider());
        let tls = trust.tls().map_err(|cause| SetUpError(cause.into()))?;
        let builder = reqwest::Client::builder()
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .redirect(redirect::Policy::none())
            .pool_idle_timeout(limits.idle)
            .dns_resolver(Judged(Arc::clone(&lookup)))
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy();
        let http = builder.build().map_err(|cause| SetUpError(cause.into()))?;
        Ok(Self { http, limits, clock, lookup })
    }

    /// Sends a request. An answer of any status is an answer, a redirect that is not followed too.
    ///
    /// # Errors
    /// When there is no answer in time, or a redirect leads where nothing of ours goes.
    pub async fn send(&self, mut request: Request) -> Result<Response, OutboundError> {
        let time = Time::starting_now(Arc::clone(&self.clock), request.total.unwrap_or(self.limits.total));
        let mut followed = 0;
        loop {
            let answer = self.exchange(&request, &time).await?;
            let Some(next) = self.next(&request, &answer)? else {
                return Ok(Response::new(answer, request.target, time));
            };
            if followed == self.limits.redirects {
                let origin = request.target.origin();
                return Err(OutboundError::TooManyRedirects { origin, most: self.limits.redirects });
            }
            followed += 1;
            request = request.redirected(next);
        }
    }

    async fn exchange(&self, request: &Request, time: &Time) -> Result<reqwest::Response, OutboundError> {
        let Request { method, target, headers, body, total: _ } = request.clone();
        let call = self.http.request(method, target.url().clone()).headers(headers).body(body).send();
        time.limit(&target, call).await?.map_err(|cause| failure::of_call(&target, self.limits.connect, cause))
    }

    /// Where the answer redirects to, if it does and redirects are followed.
    fn next(&self, request: &Request, answer: &reqwest::Response) -> Result<Option<Target>, OutboundError> {
        let redirects = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        if !redirects || !request.may_follow() || self.limits.redirects == 0 {
            return Ok(None);
        }
        let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let next = location.map(|location| request.target.join(location)).transpose();
        next.map_err(|cause| OutboundError::Redirect { origin: request.target.origin(), cause })
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The time of one call.
pub(crate) struct Time {
    clock: Arc<dyn Clock>,
    total: Duration,
    /// By monotonic time.
    end: Duration,
}

impl Time {
    pub(crate) fn starting_now(clock: Arc<dyn Clock>, total: Duration) -> Self {
        let end = clock.monotonic().saturating_add(total);
        Self { clock, total, end }
    }

    /// Does a part of the call within what is left.
    pub(crate) async fn limit<T>(&self, target: &Target, part: impl Future<Output = T>) -> Result<T, OutboundError> {
        let left = self.end.saturating_sub(self.clock.monotonic());
        // Cancel-safe: a part that is given up is not asked again.
        tokio::select! {
            biased;
            done = part => Ok(done),
            () = self.clock.sleep(left) => {
                Err(OutboundError::TooSlow { origin: target.origin(), seconds: self.total.as_secs() })
            }
        }
    }
}
