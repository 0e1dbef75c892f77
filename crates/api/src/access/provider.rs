//! Signing in through an identity provider.

use jiff::Timestamp;
use muster_model::Role;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use utoipa::{IntoParams, ToSchema};

/// A way to sign in without a password of this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderLink {
    /// What stands on the button.
    pub label: String,
    /// Where the button leads, on this server.
    pub url: String,
}

/// Where to go after signing in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProviderLoginQuery {
    /// A path of the application; anything else leads to its start.
    pub next: Option<String>,
}

/// What a provider sends a browser back with. Providers add fields of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ProviderCallbackQuery {
    /// What the browser was sent away with.
    pub state: Option<String>,
    /// Can be exchanged for a token.
    pub code: Option<String>,
    /// Who the provider is.
    pub iss: Option<String>,
    /// Why the provider refuses.
    pub error: Option<String>,
}

/// Why signing in through a provider did not work: `problem` of the login page's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProviderProblem {
    /// No identity provider is configured.
    NotConfigured,
    /// The attempt is unknown, too old, was used, or began in another browser.
    AttemptLost,
    /// The provider does not answer.
    ProviderUnreachable,
    /// The provider answers what makes no sense.
    ProviderMisconfigured,
    /// The provider or the person refused.
    ProviderRefused,
    /// The provider's token is not acceptable.
    TokenRefused,
    /// None of the person's groups maps to a role.
    NoRole,
    /// An administrator has disabled the account.
    AccountDisabled,
    /// Something went wrong in this server; its log says what.
    ServerProblem,
}

impl ProviderProblem {
    /// The problem's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How signing in through an identity provider stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderStatus {
    /// The provider; `null` where none is configured.
    pub provider: Option<ProviderDetails>,
}

/// An identity provider as it is configured, and how asking it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderDetails {
    /// What stands on the button.
    pub label: String,
    /// The issuer.
    pub issuer: String,
    /// This server's id there.
    pub client_id: String,
    /// What has to be registered there, exactly.
    pub redirect_uri: String,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
    /// The claim that holds the groups.
    pub group_claim: String,
    /// What the audience of a bearer token must contain.
    pub audience: String,
    /// Which group makes which role; of several the most powerful counts.
    pub mapping: Vec<GroupRole>,
    /// When the provider last described itself; `null` for never.
    pub described_at: Option<Timestamp>,
    /// When its keys were last fetched; `null` for never.
    pub keys_fetched_at: Option<Timestamp>,
    /// How many keys it publishes.
    pub keys: usize,
    /// What last went wrong; `null` for nothing. Never contains a token.
    pub last_error: Option<ProviderError>,
}

/// A group and the role that it makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupRole {
    /// The group as the provider names it.
    pub group: String,
    /// The role.
    pub role: Role,
}

/// What went wrong with a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderError {
    /// When.
    pub at: Timestamp,
    /// What, and what to do.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_have_one_spelling() {
        for problem in ProviderProblem::VARIANTS {
            assert_eq!(serde_json::to_value(problem).unwrap(), problem.as_str());
        }
    }
}
