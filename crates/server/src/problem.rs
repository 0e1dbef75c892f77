//! Errors of the API, and the one place where they become HTTP answers (RFC 9457).
//!
//! Handlers and middleware return [`ApiError`]. It travels to the outermost layer, [`answer`], which knows the request id,
//! logs what is ours to repair, and writes the body. Answers of libraries (404, 405, 413, 504 …) leave in the same shape.
//! A problem never carries a secret or the text of an internal error.

use std::{error::Error, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use muster_api::{FieldError, Problem, ProblemCode};
use muster_history::QueryError;
use muster_runtime::chain;
use muster_store::{StoreError, Trouble};
use tracing::{error, warn};

use crate::request_id::RequestId;

/// The content type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request is not answered as asked.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    code: ProblemCode,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// An error with its code and what to do about it.
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, cause: None }
    }

    /// A bug or an outage of ours: the cause goes to the log and nowhere else.
    pub(crate) fn caused(code: ProblemCode, detail: &str, cause: impl Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..Self::new(code, detail) }
    }

    /// A bug of ours.
    pub(crate) fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::caused(ProblemCode::Internal, "The server's log has the details under this request id.", cause)
    }

    /// A single field that is wrong; without a name it is the body as a whole.
    pub(crate) fn field(code: ProblemCode, field: impl Into<String>, message: impl Into<String>) -> Self {
        let error = FieldError { field: field.into(), message: message.into() };
        let detail = match error.field.as_str() {
            "" => format!("The body: {}", error.message),
            field => format!("`{field}`: {}", error.message),
        };
        Self { errors: vec![error], ..Self::new(code, detail) }
    }

    /// A query parameter that is wrong.
    pub(crate) fn query(field: &str, message: impl Into<String>) -> Self {
        Self::field(ProblemCode::InvalidQuery, field, message)
    }

    /// No credential, or none that is valid. Says nothing about which.
    pub(crate) fn unauthenticated() -> Self {
        let detail = "Sign in, or send an API token as `Authorization: Bearer …` or `X-API-Key: …`.";
        Self::new(ProblemCode::Unauthenticated, detail)
    }

    /// A name and password that let nobody in. Says nothing about why.
    pub(crate) fn login_failed() -> Self {
        Self::new(ProblemCode::LoginFailed, "Check the name and the password, and try again.")
    }

    /// An account that an administrator has disabled. Only for whoever has proved whose it is.
    pub(crate) fn account_disabled() -> Self {
        Self::new(ProblemCode::AccountDisabled, "Ask an administrator to enable the account.")
    }

    /// Too many guesses; the next is looked at after this long.
    pub(crate) fn login_throttled(wait: Duration) -> Self {
        let seconds = wait.as_secs_f64().ceil();
        Self::new(ProblemCode::LoginThrottled, format!("Wait {seconds} s and try again.")).retry_after(wait)
    }

    /// No such user, token or session.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(ProblemCode::NotFound, format!("There is no such {what}; it may have been removed."))
    }

    /// Says when to try again.
    #[must_use]
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Says one thing more: a sentence.
    #[must_use]
    pub(crate) fn and(mut self, sentence: &str) -> Self {
        for text in self.errors.iter_mut().map(|error| &mut error.message).chain([&mut self.detail]) {
            text.push(' ');
            text.push_str(sentence);
        }
        self
    }

    /// The code, for the audit log.
    pub(crate) fn code(&self) -> ProblemCode {
        self.code
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).expect("problem codes have valid statuses")
    }

    fn log(&self) {
        let Some(cause) = &self.cause else { return };
        let chain = chain(cause);
        if self.code == ProblemCode::Internal {
            error!(problem = self.code.as_str(), error = chain, "request failed");
        } else {
            warn!(problem = self.code.as_str(), error = chain, "request failed");
        }
    }

    fn into_problem(self, request_id: Option<String>) -> Problem {
        Problem {
            problem_type: format!("urn:muster:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            code: self.code,
            detail: self.detail,
            request_id,
            errors: self.errors,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_retryable() || error.trouble() == Trouble::Closed {
            Self::caused(
                ProblemCode::StorageUnavailable,
                "The state database is not available just now; try again.",
                error,
            )
        } else {
            Self::internal(error)
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Nothing | QueryError::Backwards { .. } | QueryError::TooMuch { .. } => {
                Self::new(ProblemCode::InvalidQuery, format!("{error}."))
            }
            QueryError::Cancelled => Self::new(ProblemCode::Unavailable, "The question was given up; ask again."),
            QueryError::Unsettled => Self::new(ProblemCode::Unavailable, "This server is stopping; ask again soon."),
            QueryError::Read(_) => Self::internal(error),
        }
    }
}

impl IntoResponse for ApiError {
    /// Leaves the body to [`answer`], which knows the request.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The outermost layer: turns every error answer into a problem, and logs what is ours.
pub(crate) async fn answer(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.to_string());
    let mut response = next.run(request).await;
    let Some(error) = take_error(&mut response) else { return response };
    error.log();
    render(error, request_id, response)
}

fn take_error(response: &mut Response) -> Option<ApiError> {
    response.extensions_mut().remove::<ApiError>().or_else(|| library_error(response.status()))
}

/// Errors that axum and tower answer on their own.
fn library_error(status: StatusCode) -> Option<ApiError> {
    use ProblemCode as P;
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => (P::RouteNotFound, "Check the path; `/api/openapi.json` lists every route."),
        StatusCode::METHOD_NOT_ALLOWED => (P::MethodNotAllowed, "The `Allow` header lists what the route takes."),
        StatusCode::PAYLOAD_TOO_LARGE => (P::BodyTooLarge, "Send a smaller body."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (P::UnsupportedMediaType, "Send `application/json`, not compressed."),
        StatusCode::GATEWAY_TIMEOUT => (P::Timeout, "The request took too long; ask for less or try again."),
        StatusCode::SERVICE_UNAVAILABLE => (P::Unavailable, "Try again in a moment."),
        other if other.is_client_error() => (P::InvalidBody, "The request is malformed."),
        other if other.is_server_error() => (P::Internal, "The server's log has the details under this request id."),
        _ => return None,
    };
    Some(ApiError::new(code, detail))
}

/// Keeps the headers that the error's origin set, such as `Allow`, and replaces the body.
fn render(error: ApiError, request_id: Option<String>, mut origin: Response) -> Response {
    let retry_after = error.retry_after.map(|wait| HeaderValue::from(wait.as_secs().max(1)));
    let unauthenticated = error.code == ProblemCode::Unauthenticated;
    let mut response = (error.status(), Json(error.into_problem(request_id))).into_response();
    let headers = response.headers_mut();
    for stale in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        origin.headers_mut().remove(stale);
    }
    headers.extend(std::mem::take(origin.headers_mut()));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds);
    }
    if unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"muster\""));
    }
    response
}

/// What a panic in a handler becomes.
#[expect(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
pub(crate) fn from_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    error!(panic = text, "request handler panicked");
    ApiError::new(ProblemCode::Internal, "The server's log has the details under this request id.").into_response()
}
