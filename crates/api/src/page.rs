//! Lists, page by page.

use muster_model::Revision;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Pass it as `pageToken` to read on; `null` on the last page.
    pub next_page_token: Option<PageToken>,
    /// The revision of the inventory at the time of the answer.
    pub revision: Revision,
}

/// Where the next page begins: opaque, valid only with the same filters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct PageToken(pub String);
