//! Query strings. A refusal names the parameter; an unknown one is refused with the nearest name that exists, because a
//! misspelt filter that is silently ignored answers a different question than was asked.

use std::collections::BTreeSet;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::{problem::ApiError, text::nearest};

/// The query string.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + IntoParams, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned + IntoParams>(query: &str) -> Result<T, ApiError> {
    let pairs = serde_urlencoded::Deserializer::new(form_pairs(query));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let known: Vec<String> = T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        fault_of_names(query, &known)
            .unwrap_or_else(|| ApiError::query(&error.path().to_string(), error.into_inner().to_string()))
    })
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

/// A parameter that does not exist or stands there twice; serde does not say which.
fn fault_of_names(query: &str, known: &[&str]) -> Option<ApiError> {
    let mut seen = BTreeSet::new();
    form_pairs(query).find_map(|(name, _)| {
        if !known.contains(&name.as_ref()) {
            return Some(unknown_parameter(&name, known));
        }
        let twice = !seen.insert(name.clone());
        twice.then(|| ApiError::query(&name, "stands there twice"))
    })
}

fn unknown_parameter(name: &str, known: &[&str]) -> ApiError {
    let name: String = name.chars().take(80).collect();
    let hint = match nearest(&name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    ApiError::query(&name, format!("unknown parameter; {hint}"))
}

#[cfg(test)]
mod tests {
    use muster_api::resource::ResourceQuery;

    use super::*;

    fn check(query: &str, field: &str, hint: &str) {
        let error = format!("{:?}", parse::<ResourceQuery>(query).unwrap_err());
        assert!(error.contains(&format!("field: \"{field}\"")) && error.contains(hint), "{error}");
    }

    #[test]
    fn a_refusal_names_the_parameter() {
        check("limit=many", "limit", "invalid digit");
        check("limit=1&limit=2", "limit", "twice");
        check("kinds=vm", "kinds", "did you mean `kind`?");
        check("xyzzy=1", "xyzzy", "there are kind, status");
    }

    #[test]
    fn a_good_query_is_read() {
        let query = parse::<ResourceQuery>("kind=agent%2Cvm&limit=5&q=a+b").unwrap();
        assert_eq!(query.kind.as_deref(), Some("agent,vm"));
        assert_eq!((query.limit, query.q.as_deref()), (Some(5), Some("a b")));
    }
}
