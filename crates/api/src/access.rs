//! Signing in, users, tokens, audit.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use muster_model::{Role, Scope, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
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
    /// The role that named its scopes.
    pub role: Role,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it stops working; `null` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Creates an API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewToken {
    /// 1 to 64 characters; unique among live tokens.
    pub name: String,
    /// Names the scopes that it carries.
    pub role: Role,
    /// When it stops working; `null` or absent for never.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
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

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    /// The id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who: `user:NAME`, `token:NAME`, `cli` or `anonymous`.
    pub actor: String,
    /// What, such as `token.create`.
    pub action: String,
    /// To what.
    pub target: Option<String>,
    /// `ok`, or the problem code.
    pub outcome: String,
    /// From where.
    pub remote_addr: Option<String>,
    /// The request, as in the server's log.
    pub request_id: Option<String>,
}

/// Which rows of the audit log. Newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Rows to a page: 1 to 500, 100 if absent.
    pub limit: Option<u32>,
    /// `nextPageToken` of the page before.
    pub page_token: Option<String>,
}

/// One of one's own browser sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActiveSession {
    /// The id; ends the session through `DELETE /api/sessions/{id}`.
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
