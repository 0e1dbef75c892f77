//! Refuses those who ask too often or say too much: requests by address and by credential, and headers of a request.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use muster_api::ProblemCode;

use super::rate::{Buckets, Rate};
use crate::{app::App, auth::secret::SecretHash, problem::ApiError, remote::RemoteAddr};

/// Headers of one request: three times as many as a browser behind two proxies sends.
const MOST_HEADERS: usize = 64;

/// Counts requests. Without a rate nothing is counted.
#[derive(Debug)]
pub(crate) struct RequestLimits {
    addresses: Option<Mutex<Buckets<IpAddr>>>,
    credentials: Option<Mutex<Buckets<SecretHash>>>,
}

impl RequestLimits {
    pub(crate) fn new(per_address: Option<Rate>, per_credential: Option<Rate>) -> Self {
        Self { addresses: per_address.map(buckets), credentials: per_credential.map(buckets) }
    }

    /// Counts a request of an address.
    fn of_address(&self, address: IpAddr, now: Duration) -> Result<(), ApiError> {
        self.addresses.as_ref().map_or(Ok(()), |buckets| take(buckets, address, now))
    }

    /// Counts a request that carries a credential which holds.
    pub(crate) fn of_credential(&self, credential: SecretHash, now: Duration) -> Result<(), ApiError> {
        self.credentials.as_ref().map_or(Ok(()), |buckets| take(buckets, credential, now))
    }
}

fn buckets<K: std::hash::Hash + Eq>(rate: Rate) -> Mutex<Buckets<K>> {
    Mutex::new(Buckets::new(rate))
}

fn take<K: std::hash::Hash + Eq>(buckets: &Mutex<Buckets<K>>, key: K, now: Duration) -> Result<(), ApiError> {
    // A bucket is one number; none is left half-written.
    let taken = buckets.lock().unwrap_or_else(PoisonError::into_inner).take(key, now);
    taken.map_err(|wait| {
        let detail = "There were too many requests in a short time; make fewer, or wait as long as `Retry-After` says.";
        ApiError::new(ProblemCode::RateLimited, detail).retry_after(wait)
    })
}

/// The layer.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    if let Some(address) = request.extensions().get::<RemoteAddr>().and_then(|remote| remote.counted()) {
        app.request_limits().of_address(address, app.clock().monotonic())?;
    }
    if request.headers().len() > MOST_HEADERS {
        let detail = format!("Send at most {MOST_HEADERS} headers.");
        return Err(ApiError::new(ProblemCode::HeadersTooLarge, detail));
    }
    Ok(next.run(request).await)
}
