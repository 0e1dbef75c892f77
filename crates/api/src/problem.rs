//! Problem answers (RFC 9457).

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// A problem answer, sent as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:muster:problem:` and the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// The code's meaning in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The code, for programs. Stable.
    pub code: ProblemCode,
    /// What went wrong this time and what to do about it. Never carries a secret.
    pub detail: String,
    /// Names this request in the server's log.
    pub request_id: Option<String>,
    /// Each field that is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field of a request that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The query parameter, or the JSON pointer of the body field.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

/// What can go wrong. A 4xx is for the caller to change, a 503 to try again, a 500 is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProblemCode {
    /// No credential, or one that is not (or no longer) valid.
    Unauthenticated,
    /// The credential is valid and lacks the scope.
    Forbidden,
    /// Wrong name or password.
    LoginFailed,
    /// The password is right, and the user has a second factor.
    SecondFactorRequired,
    /// The code is wrong, used or too old.
    SecondFactorFailed,
    /// An administrator has disabled the account.
    AccountDisabled,
    /// Too many failed attempts.
    LoginThrottled,
    /// The set-up token is wrong, used or expired.
    SetupTokenInvalid,
    /// The first user exists already.
    SetupDone,
    /// A cookie-authenticated write without its CSRF token, or from a foreign origin.
    CsrfFailed,
    /// The `Host` header names no host that this server answers for.
    HostNotAllowed,
    /// No such route.
    RouteNotFound,
    /// The route exists and does not take this method.
    MethodNotAllowed,
    /// No such resource.
    ResourceNotFound,
    /// No such user, token, session or other named thing.
    NotFound,
    /// A query parameter is malformed or out of range.
    InvalidQuery,
    /// A page token that this list did not issue.
    InvalidPageToken,
    /// The body is not JSON, or not of the expected shape.
    InvalidBody,
    /// The body is well-formed and a value in it is not acceptable.
    InvalidValue,
    /// A stored secret may not be sent where this request would send it.
    SecretRequired,
    /// The name is taken.
    NameTaken,
    /// What was to be changed has changed since it was read.
    ChangedMeanwhile,
    /// What a person decided on who is who stands against it.
    RulingConflict,
    /// The last administrator cannot be removed or demoted.
    LastAdministrator,
    /// Too many requests in a short time.
    RateLimited,
    /// The request has more headers than the server reads.
    HeadersTooLarge,
    /// The body is larger than the server reads.
    BodyTooLarge,
    /// The body's content type is not one that the route reads.
    UnsupportedMediaType,
    /// The server is busy or shutting down.
    Unavailable,
    /// The disk has too little room for what was asked.
    InsufficientStorage,
    /// The configuration cannot be brought into force.
    ConfigurationRefused,
    /// The state database does not accept writes just now.
    StorageUnavailable,
    /// The request took too long.
    Timeout,
    /// A bug of ours; the log has the details.
    Internal,
}

impl ProblemCode {
    /// Every code.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The code's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        use ProblemCode as P;
        match self {
            P::Unauthenticated | P::LoginFailed | P::SecondFactorRequired | P::SecondFactorFailed => 401,
            P::AccountDisabled | P::Forbidden | P::CsrfFailed | P::SetupTokenInvalid => 403,
            P::LoginThrottled | P::RateLimited => 429,
            P::HeadersTooLarge => 431,
            P::SetupDone | P::NameTaken | P::ChangedMeanwhile | P::RulingConflict | P::LastAdministrator => 409,
            P::HostNotAllowed => 421,
            P::RouteNotFound | P::ResourceNotFound | P::NotFound => 404,
            P::MethodNotAllowed => 405,
            P::InvalidQuery | P::InvalidPageToken | P::InvalidBody => 400,
            P::InvalidValue | P::SecretRequired | P::ConfigurationRefused => 422,
            P::InsufficientStorage => 507,
            P::BodyTooLarge => 413,
            P::UnsupportedMediaType => 415,
            P::Unavailable | P::StorageUnavailable => 503,
            P::Timeout => 504,
            P::Internal => 500,
        }
    }

    /// The meaning in a few words.
    pub fn title(self) -> &'static str {
        use ProblemCode as P;
        match self {
            P::Unauthenticated => "Sign in or send a valid token",
            P::Forbidden => "The credential lacks a scope",
            P::LoginFailed => "Wrong name or password",
            P::SecondFactorRequired => "A code is needed",
            P::SecondFactorFailed => "The code is not right",
            P::AccountDisabled => "The account is disabled",
            P::LoginThrottled => "Too many failed attempts",
            P::SetupTokenInvalid => "The set-up link is not valid",
            P::SetupDone => "Set-up is already done",
            P::CsrfFailed => "The request did not come from this application",
            P::HostNotAllowed => "The server does not answer for this host name",
            P::RouteNotFound => "No such route",
            P::MethodNotAllowed => "Method not allowed",
            P::ResourceNotFound => "No such resource",
            P::NotFound => "Not found",
            P::InvalidQuery => "Invalid query parameter",
            P::InvalidPageToken => "Invalid page token",
            P::InvalidBody => "Invalid request body",
            P::InvalidValue => "Unacceptable value",
            P::SecretRequired => "The secret is needed again",
            P::NameTaken => "The name is taken",
            P::ChangedMeanwhile => "It was changed meanwhile",
            P::RulingConflict => "Another decision stands against it",
            P::LastAdministrator => "The last administrator must stay",
            P::RateLimited => "Too many requests",
            P::HeadersTooLarge => "Too many headers",
            P::BodyTooLarge => "The request body is too large",
            P::UnsupportedMediaType => "Unsupported content type",
            P::Unavailable => "The server is busy",
            P::InsufficientStorage => "Too little free space",
            P::ConfigurationRefused => "The configuration is wrong",
            P::StorageUnavailable => "The database does not accept writes",
            P::Timeout => "The request took too long",
            P::Internal => "Internal error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_spelled_alike_and_have_an_error_status() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..600).contains(&code.status()), "{code:?}");
        }
    }
}
