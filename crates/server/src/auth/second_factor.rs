//! The second factor of local users: an authenticator's codes (RFC 6238), and recovery codes for when it is lost.
//!
//! Whether a name and password are right is decided elsewhere, and attempts at codes are throttled together with those.
//! A code works once, however many requests bring it at the same time.

mod base32;
pub(crate) mod offer;
pub(crate) mod recovery;
pub(crate) mod totp;

use muster_model::TenantId;
use secrecy::SecretString;
use uuid::Uuid;

use crate::{app::App, problem::ApiError};

/// What a secret is sealed for: it opens for this user only.
pub(crate) fn context(tenant: &TenantId, user: Uuid) -> String {
    format!("second-factor/{tenant}/{user}")
}

/// Whether a code is one of the user's and was not used before; afterwards it is. Takes recovery codes too.
pub(crate) async fn accept(
    app: &App,
    tenant: &TenantId,
    user: Uuid,
    sealed: &SecretString,
    code: &str,
) -> Result<bool, ApiError> {
    let code = recovery::normal(code);
    if !totp::looks_like_one(&code) {
        return Ok(app.store().recovery_code_use(tenant, user, &recovery::hash(&code), app.now()).await?);
    }
    match matching_step(app, tenant, user, sealed, &code)? {
        Some(step) => Ok(app.store().second_factor_use(tenant, user, step).await?),
        None => Ok(false),
    }
}

/// The time step, among those that count now, that an authenticator shows a code in.
pub(crate) fn matching_step(
    app: &App,
    tenant: &TenantId,
    user: Uuid,
    sealed: &SecretString,
    code: &str,
) -> Result<Option<i64>, ApiError> {
    let secret = app.vault().unseal(&context(tenant, user), sealed).map_err(ApiError::internal)?;
    let secret = totp::Secret::parse(&secret).ok_or_else(|| ApiError::internal(Unreadable))?;
    Ok(secret.step_of(code, app.now()))
}

#[derive(Debug, thiserror::Error)]
#[error("reading a second factor: what was sealed is no base 32; reset the user's second factor")]
struct Unreadable;
