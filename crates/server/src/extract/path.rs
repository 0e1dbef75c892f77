//! Ids in the path. What is not an id leads to the same 404 as an id that nobody has.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use muster_api::ProblemCode;
use muster_model::ResourceId;
use uuid::Uuid;

use crate::problem::ApiError;

/// The id of a user, token or session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<Uuid>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| ApiError::not_found("thing"))
    }
}

/// The id of a resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResourcePath(pub(crate) ResourceId);

impl<S: Send + Sync> FromRequestParts<S> for ResourcePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path(text)| text.parse().ok());
        id.map(Self).ok_or_else(unknown_resource)
    }
}

/// No resource has this id, and none had it.
pub(crate) fn unknown_resource() -> ApiError {
    ApiError::new(
        ProblemCode::ResourceNotFound,
        "No resource has this id; `/api/resources?q=…` finds resources by name.",
    )
}
