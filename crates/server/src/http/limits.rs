//! Refuses those who ask too often or say too much: requests by address and by credential, headers and body of a request.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{DefaultBodyLimit, Request, State},
    middleware::Next,
    response::Response,
};
use muster_api::ProblemCode;

use super::rate::{Buckets, Rate};
use crate::{app::App, auth::secret::SecretHash, problem::ApiError, remote::RemoteAddr};

/// Headers of one request: three times as many as a browser behind two proxies sends.
const MOST_HEADERS: usize = 64;

/// How much was asked for lately. How much may be is a setting; another one forgets nothing of what was counted.
#[derive(Debug, Default)]
pub(crate) struct RequestCounts {
    addresses: Mutex<Buckets<IpAddr>>,
    credentials: Mutex<Buckets<SecretHash>>,
}

impl App {
    /// Counts a request of an address, or says how long to wait.
    fn admit_address(&self, address: IpAddr) -> Result<(), ApiError> {
        let (rate, now) = (self.limits().requests_per_address, self.clock().monotonic());
        take(&self.request_counts().addresses, address, rate, now)
    }

    /// Counts a request that carries a credential which holds, or says how long to wait.
    pub(crate) fn admit_credential(&self, credential: SecretHash) -> Result<(), ApiError> {
        let (rate, now) = (self.limits().requests_per_credential, self.clock().monotonic());
        take(&self.request_counts().credentials, credential, rate, now)
    }
}

/// Without a rate nothing is counted.
fn take<K: std::hash::Hash + Eq>(
    buckets: &Mutex<Buckets<K>>,
    key: K,
    rate: Option<Rate>,
    now: Duration,
) -> Result<(), ApiError> {
    let Some(rate) = rate else { return Ok(()) };
    // A bucket is one number; none is left half-written.
    let taken = buckets.lock().unwrap_or_else(PoisonError::into_inner).take(key, rate, now);
    taken.map_err(|wait| {
        let detail = "There were too many requests in a short time; make fewer, or wait as long as `Retry-After` says.";
        ApiError::new(ProblemCode::RateLimited, detail).retry_after(wait)
    })
}

/// The layer.
pub(crate) async fn check(State(app): State<App>, mut request: Request, next: Next) -> Result<Response, ApiError> {
    if let Some(address) = request.extensions().get::<RemoteAddr>().and_then(|remote| remote.counted()) {
        app.admit_address(address)?;
    }
    if request.headers().len() > MOST_HEADERS {
        let detail = format!("Send at most {MOST_HEADERS} headers.");
        return Err(ApiError::new(ProblemCode::HeadersTooLarge, detail));
    }
    // Whoever reads a body refuses a larger one, but for an import, which has a limit of its own.
    DefaultBodyLimit::max(app.limits().body_bytes).apply(&mut request);
    Ok(next.run(request).await)
}
