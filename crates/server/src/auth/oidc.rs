//! Signing in through an identity provider, and its tokens as a credential.
//!
//! The protocol is `muster_oidc`'s. Here is what it means to this server: which browser an attempt belongs to, which user
//! a person is, and what is said when somebody is not let in. A person is a user by (issuer, subject) alone: never by
//! name or address, since both can be chosen.

pub(crate) mod attempts;
pub(crate) mod bearer;
pub(crate) mod door;
mod transport;

use std::sync::Arc;

use jiff::Timestamp;
use muster_api::{ProblemCode, access::ProviderProblem};
use muster_oidc::{OidcError, Person, Provider};
use muster_store::{FederatedIdentity, FederatedUser, User};
use serde_json::json;
use url::Url;

pub use transport::OutboundTransport;

use super::{
    Revoked,
    audit::{Action, Audit},
};
use crate::{app::App, problem::ApiError};

/// An identity provider as this server offers it.
#[derive(Clone)]
pub struct IdentityProvider {
    /// Asks the provider.
    pub provider: Arc<Provider>,
    /// What stands on the button.
    pub label: String,
    /// Where browsers reach this server.
    pub address: Url,
}

/// Where the button of the login page leads.
pub(crate) const LOGIN_PATH: &str = "/api/oidc/login";

/// Where a provider sends the browser back to, below the address of this server.
pub const CALLBACK_PATH: &str = "/api/oidc/callback";

/// Why somebody whom the provider vouches for is not let in.
#[derive(Debug)]
pub(crate) enum NotAdmitted {
    /// No group maps to a role.
    NoRole,
    /// An administrator has disabled the user.
    Disabled,
    /// The users could not be looked up.
    Failed(ApiError),
}

impl From<&NotAdmitted> for ProviderProblem {
    fn from(refusal: &NotAdmitted) -> Self {
        match refusal {
            NotAdmitted::NoRole => Self::NoRole,
            NotAdmitted::Disabled => Self::AccountDisabled,
            NotAdmitted::Failed(_) => Self::ServerProblem,
        }
    }
}

impl From<NotAdmitted> for ApiError {
    fn from(refusal: NotAdmitted) -> Self {
        match refusal {
            NotAdmitted::NoRole => {
                Self::new(ProblemCode::Forbidden, "None of your groups at the identity provider has a role here.")
            }
            NotAdmitted::Disabled => Self::account_disabled(),
            NotAdmitted::Failed(error) => error,
        }
    }
}

/// What the login page is told about an error.
pub(crate) fn problem_of(error: &OidcError) -> ProviderProblem {
    match error {
        OidcError::Unreachable { .. } => ProviderProblem::ProviderUnreachable,
        OidcError::Malformed { .. } => ProviderProblem::ProviderMisconfigured,
        OidcError::Refused { .. } => ProviderProblem::ProviderRefused,
        OidcError::OtherIssuer => ProviderProblem::AttemptLost,
        OidcError::Token(_) => ProviderProblem::TokenRefused,
    }
}

/// The user that a person is, with the role that the person's groups make; created when it is the first time.
///
/// A token that is older than another that was seen counts, while it lives, for no more than the role is now; and for
/// nothing where the provider has said since that there is no role.
pub(crate) async fn admit(app: &App, audit: &Audit, provider: &Provider, person: &Person) -> Result<User, NotAdmitted> {
    let failed = |error: muster_store::StoreError| NotAdmitted::Failed(error.into());
    let (tenant, settings) = (&app.settings().tenant, provider.settings());
    let identity = FederatedIdentity { issuer: settings.issuer.clone(), subject: person.subject.clone() };
    let known = app.store().user_by_identity(tenant, &identity).await.map_err(failed)?;
    if known.as_ref().is_some_and(|user| user.disabled_at.is_some()) {
        return Err(NotAdmitted::Disabled);
    }
    let role = settings.roles.most_powerful(&person.groups).ok_or(NotAdmitted::NoRole)?;
    let vouched_at = vouched_at(app, person);
    if known.as_ref().is_some_and(|user| is_dismissed(user, vouched_at)) {
        return Err(NotAdmitted::NoRole);
    }
    let is_settled = |user: &User| {
        user.vouched_at.is_some_and(|newest| newest > vouched_at || newest == vouched_at && user.role == role)
    };
    let audit = audit.clone().acting_as(actor(known.as_ref(), person));
    let user = match known {
        Some(user) if is_settled(&user) => user,
        // Also where the role stays: a token that was issued before this one and not used yet must not change it.
        Some(_) | None => {
            let (id, name, at) = (app.new_id(), person.name.clone(), app.now());
            let user = FederatedUser { id, identity, name, role, vouched_at, at };
            let action = Action::done("user.admit", &person.name);
            let action = action.with(json!({"role": role, "subject": person.subject}));
            let recorded = audit.recorded(app, tenant, action);
            recorded.user_admit_federated(tenant, &user).await.map_err(failed)?.user
        }
    };
    // Somebody may have disabled or dismissed the user since it was looked up.
    if user.disabled_at.is_some() {
        return Err(NotAdmitted::Disabled);
    }
    if is_dismissed(&user, vouched_at) {
        return Err(NotAdmitted::NoRole);
    }
    Ok(User { role: role.min(user.role), ..user })
}

/// When the provider said what a person's token says, as finely as it is stored. One that does not say when it was
/// issued is taken for older than any other.
pub(crate) fn vouched_at(app: &App, person: &Person) -> Timestamp {
    let issued = person.issued_at.map_or(Timestamp::UNIX_EPOCH, |issued| issued.min(app.now()));
    Timestamp::from_microsecond(issued.as_microsecond()).expect("a time in microseconds is a time")
}

/// Whether what the provider said at a time is worth nothing any more: then or later it said that there is no role.
pub(crate) fn is_dismissed(user: &User, vouched_at: Timestamp) -> bool {
    user.dismissed_at.is_some_and(|dismissed| vouched_at <= dismissed)
}

/// Whether an identity provider that is no longer asked has vouched for a user. What it said then counts no more.
pub(crate) fn is_orphaned(app: &App, user: &User) -> bool {
    let asked = app.identity_provider().map(|it| it.provider.settings().issuer.as_str());
    user.identity.as_ref().is_some_and(|identity| asked != Some(identity.issuer.as_str()))
}

/// Who a person is in the audit log: never a name that the person may have chosen.
fn actor(known: Option<&User>, person: &Person) -> String {
    known.map_or_else(|| format!("oidc:{}", person.subject), |user| format!("user:{}", user.name))
}

/// Ends the sessions of a person whom the provider has just vouched for without a group that has a role, and what rests on
/// earlier tokens: what was granted before is over too.
pub(crate) async fn dismiss(app: &App, audit: &Audit, provider: &Provider, person: &Person) -> Result<(), ApiError> {
    let (tenant, issuer) = (&app.settings().tenant, provider.settings().issuer.clone());
    let identity = FederatedIdentity { issuer, subject: person.subject.clone() };
    let Some(user) = app.store().user_by_identity(tenant, &identity).await? else { return Ok(()) };
    let audit = audit.clone().acting_as(actor(Some(&user), person));
    let recorded = audit.recorded(app, tenant, Action::done("user.dismiss", &user.name));
    recorded.user_dismiss_federated(tenant, user.id, vouched_at(app, person)).await?;
    app.revocations().announce(Revoked::SessionsOf(user.id));
    Ok(())
}
