//! One's own account: who one is, and the second factor.

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_model::{Role, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Secret;

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// What the role allows.
    pub scopes: BTreeSet<Scope>,
    /// When the account was created.
    pub created_at: Timestamp,
    /// The issuer of the identity provider that keeps the account; `null` for one with a password here.
    pub provider: Option<String>,
    /// The second factor.
    pub second_factor: SecondFactorState,
}

/// How an account's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactorState {
    /// Since when signing in asks for a code; `null` while it does not.
    pub enabled_at: Option<Timestamp>,
    /// Recovery codes that were not used.
    pub recovery_codes_left: u64,
}

/// Begins setting up a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactorRequest {
    /// The account's password.
    #[schema(value_type = String, format = Password)]
    pub current_password: Secret,
}

/// A second factor to be put into an authenticator. The only answer that ever shows the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactorOffer {
    /// The secret in base 32, to type.
    #[schema(value_type = String)]
    pub secret: Secret,
    /// The same as an `otpauth://` address, to open.
    #[schema(value_type = String)]
    pub uri: Secret,
    /// The same as a QR code, to photograph.
    pub qr: QrCode,
}

/// A QR code as the path of an SVG: a square of `size` units with its quiet zone, dark where the path is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// Width and height in units.
    pub size: u32,
    /// The `d` of the path.
    #[schema(value_type = String)]
    pub path: Secret,
}

/// Proves that the authenticator has the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactorProof {
    /// What the authenticator shows now: six digits.
    #[schema(value_type = String)]
    pub code: Secret,
}

/// Codes that each replace the authenticator once. The only answer that ever shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// The codes.
    #[schema(value_type = Vec<String>)]
    pub codes: Vec<Secret>,
}

/// Ends asking for a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactorEnd {
    /// The account's password.
    #[schema(value_type = String, format = Password)]
    pub current_password: Secret,
    /// What the authenticator shows now, or a recovery code.
    #[schema(value_type = String)]
    pub code: Secret,
}
