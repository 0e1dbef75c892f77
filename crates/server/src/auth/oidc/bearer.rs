//! A provider's token as a bearer credential. It works for as long as it says, while its user is not disabled; no session
//! is opened for it.

use jiff::Timestamp;
use muster_runtime::chain;
use secrecy::{ExposeSecret, SecretString};
use tracing::debug;

use super::{NotAdmitted, admit, vouched_at};
use crate::{
    app::App,
    auth::{
        audit::Audit,
        caller::{Caller, Federated, Principal},
        secret,
    },
    problem::ApiError,
};

/// The caller behind a provider's token; `None` for one that does not hold. Whoever is vouched for and not let in is told
/// so: unlike a stranger, that person can do something about it.
pub(crate) async fn caller(app: &App, presented: &SecretString) -> Result<Option<Caller>, ApiError> {
    let Some(identity) = app.identity_provider() else { return Ok(None) };
    let token = presented.expose_secret();
    if !identity.provider.may_have_issued(token) {
        return Ok(None);
    }
    let person = match identity.provider.check_bearer(token).await {
        Ok(person) => person,
        Err(error) => {
            debug!(error = chain(&error), "a bearer token of the identity provider was refused");
            return Ok(None);
        }
    };
    let tenant = app.settings().tenant.clone();
    let audit = Audit::of_credential(format!("oidc:{}", person.subject));
    let user = match admit(app, &audit, &identity.provider, &person).await {
        Ok(user) => user,
        Err(NotAdmitted::Disabled) => return Ok(None),
        Err(refusal @ (NotAdmitted::NoRole | NotAdmitted::Failed(_))) => return Err(refusal.into()),
    };
    let principal = Principal::Federated(Federated {
        user_id: user.id,
        name: user.name,
        vouched_at: vouched_at(app, &person),
        expires_at: person.expires_at.min(longest(app)),
    });
    let (role, scopes) = (user.role, user.role.scopes());
    Ok(Some(Caller { tenant, role, scopes, principal, credential: secret::hash(token) }))
}

/// However long a token says that it lives, a stream that rests on it ends with our own limit for sessions.
fn longest(app: &App) -> Timestamp {
    app.now() + app.changeable().session_lifetime
}
