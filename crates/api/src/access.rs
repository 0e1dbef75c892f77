//! Signing in, users, tokens.

mod account;
mod provider;

pub use account::*;
pub use provider::*;

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use muster_model::{Role, Scope, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A secret on its way through a request or response. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whether and as whom the caller is signed in. The one answer that everybody may read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Whether the first user has yet to be created through the set-up link.
    pub setup_required: bool,
    /// Who is signed in; `null` for nobody.
    pub user: Option<SignedInUser>,
    /// Send it as `X-CSRF-Token` with every write that rests on the session cookie; `null` for nobody.
    #[schema(value_type = Option<String>)]
    pub csrf_token: Option<Secret>,
    /// The identity provider that people may sign in through; `null` where there is none.
    pub provider: Option<ProviderLink>,
}

/// The user behind a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInUser {
    /// The user's id.
    pub id: Uuid,
    /// The user's name.
    pub name: String,
    /// The user's role.
    pub role: Role,
    /// What the role allows.
    pub scopes: BTreeSet<Scope>,
    /// When the session ends at the latest.
    pub session_expires_at: Timestamp,
    /// Where to go after signing out here, to sign out of the identity provider too; `null` where that means nothing.
    pub provider_logout_url: Option<String>,
}

/// Creates the first user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetupRequest {
    /// The token of the set-up link.
    #[schema(value_type = String)]
    pub token: Secret,
    /// The administrator's name: 1 to 64 characters.
    pub username: String,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

/// Signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginRequest {
    /// The user's name.
    pub username: String,
    /// The user's password.
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
    /// What the authenticator shows now, or a recovery code; for users with a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub code: Option<Secret>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When the user last signed in; `null` for never.
    pub last_sign_in_at: Option<Timestamp>,
    /// Since when the user is not let in; `null` for a user who is.
    pub disabled_at: Option<Timestamp>,
    /// The issuer of the identity provider that keeps the user; `null` for one with a password here.
    pub provider: Option<String>,
    /// Whether signing in asks for a second factor.
    pub has_second_factor: bool,
}

/// Creates a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUser {
    /// 1 to 64 characters; names compare without case.
    pub name: String,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
    /// The role.
    pub role: Role,
}

/// Changes a user. What is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct UserUpdate {
    /// A new password; ends all of the user's sessions.
    #[schema(value_type = Option<String>, format = Password)]
    pub password: Option<Secret>,
    /// A new role.
    pub role: Option<Role>,
    /// Whether the user is kept out.
    pub disabled: Option<bool>,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The tenant that it belongs to.
    #[schema(value_type = String)]
    pub tenant: TenantId,
    /// The role whose scopes these are; `null` where they were chosen one by one.
    pub role: Option<Role>,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: String,
    /// When it stops working; `null` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Until when the secret before the last rotation works; `null` where it does not.
    pub previous_secret_until: Option<Timestamp>,
}

/// Creates an API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewToken {
    /// 1 to 64 characters; unique among live tokens.
    pub name: String,
    /// Names the scopes that it carries. Either this or `scopes`.
    #[serde(default)]
    pub role: Option<Role>,
    /// The scopes that it carries, one by one. Either this or `role`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Scope>>)]
    pub scopes: Option<BTreeSet<Scope>>,
    /// When it stops working; `null` or absent for never.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// Gives an API token another secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenRotation {
    /// How long the secret until now works on, in seconds: 0 to 2592000 (30 days).
    #[schema(maximum = 2_592_000)]
    pub overlap_seconds: u32,
}

/// A new API token. The only answer that ever shows the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedToken {
    /// The token's description.
    pub token: Token,
    /// What to send as `Authorization: Bearer …` or `X-API-Key: …`.
    #[schema(value_type = String)]
    pub secret: Secret,
}

/// A browser session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActiveSession {
    /// The id; ends one's own session through `DELETE /api/sessions/{id}`.
    pub id: Uuid,
    /// Whether this is the session that asks.
    pub current: bool,
    /// When it was signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// From where it was signed in.
    pub remote_addr: Option<String>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
}

/// Changes one's own password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now.
    #[schema(value_type = String, format = Password)]
    pub current_password: Secret,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password)]
    pub new_password: Secret,
}
