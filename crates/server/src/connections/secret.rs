//! Secrets of connections: given by a request, sealed in the store, or kept elsewhere and only named.
//!
//! What begins with `file:` or `env:` names a place below the roots that the configuration allows (D-23). Only an
//! administrator may name one: whoever could, and choose the address too, would have every secret below the roots sent to
//! themselves. What was read there is kept nowhere; it is read anew whenever the connection begins to be polled.

use muster_api::{ProblemCode, access::Secret};
use muster_collect::{Failure, FailureCategory};
use muster_model::{Scope, TenantId};
use muster_outbound::{InvalidReference, Reference};
use muster_runtime::chain;
use muster_store::StoredConnection;
use secrecy::{ExposeSecret, SecretString};

use super::{Draft, Polling};
use crate::{app::App, auth::caller::Caller, problem::ApiError};

/// The longest secret in bytes.
const MOST_BYTES: usize = 4096;

/// A secret as somebody gave it, and what it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// As it was given: what is sealed.
    pub(crate) text: SecretString,
    /// What is sent.
    pub(crate) secret: SecretString,
}

/// Takes a secret out of a request.
///
/// # Errors
/// When it is none, or names a place that the caller or this server may not read.
pub(crate) async fn accept(app: &App, caller: &Caller, secret: Secret) -> Result<Given, ApiError> {
    let Secret(text) = secret;
    if text.is_empty() || text.len() > MOST_BYTES || text.chars().any(char::is_control) {
        return refuse(format!("give 1 to {MOST_BYTES} characters, none of them control"));
    }
    match reference(&text) {
        Ok(None) => {}
        Ok(Some(_)) if caller.has(Scope::SystemAdmin) => {}
        Ok(Some(_)) => {
            return refuse("naming a file or a variable needs the scope `system:admin`; give the secret itself");
        }
        Err(error) => return refuse(error.to_string()),
    }
    let text = SecretString::from(text);
    let secret = resolve(app.connections().polling(), text.clone()).await;
    Ok(Given { secret: secret.or_else(|failure| refuse(failure.message))?, text })
}

/// Opens the secret of a stored connection, as it was given.
///
/// # Errors
/// When it was sealed with another key, or for other places than those that stand there now.
pub(crate) fn unsealed(
    app: &App,
    tenant: &TenantId,
    draft: &Draft,
    stored: &StoredConnection,
) -> Result<SecretString, Failure> {
    let StoredConnection { id, sealed_secret, .. } = stored;
    app.vault().unseal(&draft.context(tenant, *id), sealed_secret).map_err(|error| failure(&chain(&error)))
}

/// What a secret stands for: itself, or what is kept where it names.
///
/// # Errors
/// When that cannot be read.
pub(crate) async fn resolve(polling: &Polling, text: SecretString) -> Result<SecretString, Failure> {
    let Some(reference) = reference(text.expose_secret()).map_err(|error| failure(&error.to_string()))? else {
        return Ok(text);
    };
    let (roots, variable) = (polling.roots.clone(), polling.variable);
    // Whoever mounts roots from elsewhere may make us wait.
    let read = tokio::task::spawn_blocking(move || roots.read(&reference, variable)).await;
    let secret = read.map_err(|panic| failure(&panic.to_string()))?.map_err(|error| failure(&chain(&error)))?;
    if secret.expose_secret().is_empty() || secret.expose_secret().chars().any(char::is_control) {
        return Err(failure("what the secret names is empty, or more than one line"));
    }
    Ok(secret)
}

/// The place that a secret names, if it names one.
fn reference(text: &str) -> Result<Option<Reference>, InvalidReference> {
    if text.starts_with("file:") || text.starts_with("env:") { text.parse().map(Some) } else { Ok(None) }
}

fn failure(what: &str) -> Failure {
    let message = format!("the secret cannot be used: {what}; give it again, or make what it names readable");
    Failure { category: FailureCategory::Secret, message }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, ApiError> {
    Err(ApiError::field(ProblemCode::InvalidValue, "/secret", message))
}
