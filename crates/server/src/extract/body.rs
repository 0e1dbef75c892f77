//! JSON bodies. Refuses other content types, compressed bodies, and whatever is not of the expected shape; the refusal
//! carries the JSON pointer of the field, never the value, which may be a password.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use muster_api::ProblemCode;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::problem::ApiError;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        check_headers(request.headers())?;
        let bytes = Bytes::from_request(request, state).await.map_err(|_| too_large())?;
        parse(&bytes).map(Self)
    }
}

fn check_headers(headers: &HeaderMap) -> Result<(), ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    if essence.eq_ignore_ascii_case("application/json") && plain {
        return Ok(());
    }
    Err(ApiError::new(ProblemCode::UnsupportedMediaType, "Send `Content-Type: application/json`, not compressed."))
}

fn too_large() -> ApiError {
    ApiError::new(ProblemCode::BodyTooLarge, "The body is larger than this route reads, or broke off.")
}

/// Every body is an object. Left to itself, serde takes an array for an object's fields in their order.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::field(ProblemCode::InvalidBody, "", "expected an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let (field, message) = missing(pointer(error.path()), without_value(error.inner()));
        ApiError::field(ProblemCode::InvalidBody, field, message)
    })?;
    let end = deserializer.end();
    end.map_err(|_| ApiError::field(ProblemCode::InvalidBody, "", "expected one JSON value and nothing after it"))?;
    Ok(value)
}

/// RFC 6901.
fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                format!("/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// Serde's texts quote the offending value in front of what was expected.
fn without_value(error: &serde_json::Error) -> String {
    if !error.is_data() {
        return format!("not valid JSON at line {} column {}", error.line(), error.column());
    }
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text.to_owned(),
    }
}

/// Points at a field that is missing, as if it stood there; serde points at what it should stand in.
fn missing(within: String, text: String) -> (String, String) {
    match text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(name) => (format!("{within}/{name}"), "this field has to be given".to_owned()),
        None => (within, text),
    }
}

#[cfg(test)]
mod tests {
    use muster_api::access::{LoginRequest, NewToken, UserUpdate};

    use super::*;

    fn check<T: DeserializeOwned + std::fmt::Debug>(body: &str, expected: &str) {
        let error = parse::<T>(body.as_bytes()).unwrap_err();
        assert!(format!("{error:?}").contains(expected), "{error:?}");
    }

    #[test]
    fn a_refusal_points_at_the_field() {
        check::<NewToken>(r#"{"name":"ci","role":"god"}"#, r#"field: "/role""#);
        check::<NewToken>(r#"{"name":"ci","role":"viewer","expiresAt":"soon"}"#, r#"field: "/expiresAt""#);
        check::<NewToken>(r#"{"role":"viewer"}"#, r#"field: "/name""#);
        check::<NewToken>(r#"{"name":"ci""#, "The body: not valid JSON at line 1");
        check::<NewToken>(r#"{"name":"ci","role":"viewer"} x"#, "nothing after it");
        check::<NewToken>(r#"{"name":"ci","role":"viewer","scope":"x"}"#, "expected one of");
        check::<NewToken>(r#"["ci","viewer"]"#, "expected an object");
        check::<UserUpdate>(" []", "expected an object");
    }

    #[test]
    fn a_refusal_never_quotes_the_value() {
        let error = parse::<LoginRequest>(br#"{"username":"a","password":73577357}"#).unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains("/password") && text.contains("expected a string"), "{text}");
        assert!(!text.contains("73577357"), "{text}");
    }
}
