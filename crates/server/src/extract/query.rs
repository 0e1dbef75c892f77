//! Query strings. A refusal names the parameter; an unknown one is refused with the nearest name that exists, because a
//! misspelt filter that is silently ignored answers a different question than was asked.

use std::collections::BTreeSet;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::de::DeserializeOwned;
use utoipa::{
    IntoParams,
    openapi::{Required, path::Parameter},
};

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
        let parameters = T::into_params(|| None);
        let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let field = error.path().to_string();
        fault_of_names(query, &known)
            .or_else(|| fault_of_number(query, parameters.iter().find(|parameter| parameter.name == field)?))
            .or_else(|| fault_of_absence(query, &parameters))
            .unwrap_or_else(|| ApiError::query(&field, error.into_inner().to_string()))
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

/// A parameter that must be there and is not; serde names the place of none.
fn fault_of_absence(query: &str, parameters: &[Parameter]) -> Option<ApiError> {
    let absent = |parameter: &&Parameter| form_pairs(query).all(|(name, _)| name != parameter.name);
    let missing = parameters.iter().filter(|parameter| parameter.required == Required::True).find(absent)?;
    Some(ApiError::query(&missing.name, "is missing"))
}

/// A number that is none, or none that the parameter can hold; the document of the API says what it takes.
fn fault_of_number(query: &str, parameter: &Parameter) -> Option<ApiError> {
    let schema = serde_json::to_value(parameter.schema.as_ref()?).ok()?;
    let is_number = schema["type"] == "integer" || schema["type"].as_array()?.iter().any(|kind| kind == "integer");
    let (_, value) = form_pairs(query).find(|(name, _)| *name == parameter.name)?;
    let least = schema["minimum"].as_u64().unwrap_or_default();
    let allowed = match schema["maximum"].as_u64() {
        Some(most) => format!("use {least} to {most}"),
        None => format!("use a whole number from {least} on"),
    };
    is_number.then(|| ApiError::query(&parameter.name, format!("`{}` does not fit; {allowed}", shortened(&value))))
}

fn unknown_parameter(name: &str, known: &[&str]) -> ApiError {
    let name = shortened(name);
    let hint = match nearest(&name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    ApiError::query(&name, format!("unknown parameter; {hint}"))
}

/// As much of what was sent as an answer repeats.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use muster_api::{
        charts::WorkloadChartsQuery, history::HistoryQuery, resource::ResourceQuery, search::SearchQuery,
        summary::SummaryQuery,
    };

    use super::*;

    #[test]
    fn a_refusal_names_the_parameter() {
        check::<ResourceQuery>("limit=1&limit=2", "limit", "twice");
        check::<ResourceQuery>("kinds=vm", "kinds", "did you mean `kind`?");
        check::<ResourceQuery>("xyzzy=1", "xyzzy", "there are kind, status");
    }

    #[test]
    fn a_number_that_is_none_is_refused_with_what_is_allowed() {
        check::<ResourceQuery>("limit=many", "limit", "`many` does not fit; use ");
        check::<HistoryQuery>("points=-1", "points", "`-1` does not fit; use 1 to 5000");
        check::<HistoryQuery>("points=", "points", "`` does not fit; use 1 to 5000");
        check::<SummaryQuery>("metric=cpu&top=1e3", "top", "`1e3` does not fit; use 0 to 100");
        check::<SummaryQuery>("points=99999999999", "points", "`99999999999` does not fit; use 1 to 500");
        check::<WorkloadChartsQuery>("maxPoints=all", "maxPoints", "`all` does not fit; use 0 to 4294967295");
    }

    #[test]
    fn what_must_be_there_is_asked_for() {
        check::<SearchQuery>("limit=5", "q", "is missing");
        check::<SearchQuery>("", "q", "is missing");
        assert_eq!(parse::<SearchQuery>("q=").unwrap().q, "");
    }

    #[test]
    fn a_good_query_is_read() {
        let query = parse::<ResourceQuery>("kind=agent%2Cvm&limit=5&q=a+b").unwrap();
        assert_eq!(query.kind.as_deref(), Some("agent,vm"));
        assert_eq!((query.limit, query.q.as_deref()), (Some(5), Some("a b")));
    }

    fn check<T: DeserializeOwned + IntoParams + std::fmt::Debug>(query: &str, field: &str, hint: &str) {
        let error = format!("{:?}", parse::<T>(query).unwrap_err());
        assert!(error.contains(&format!("field: \"{field}\"")) && error.contains(hint), "{error}");
    }
}
