//! Finding a resource by whatever people know of it.

use muster_model::{ResourceId, ResourceKind, Revision, Status};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use utoipa::{IntoParams, ToSchema};

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, all of which must occur in a name, address, hardware address, serial number, key on the platform, tag or
    /// id; at most 200 characters. Hardware addresses are found however they are written.
    #[param(example = "web 10.0.0")]
    pub q: String,
    /// At most so many hits: 1 to 100, 20 if absent.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

/// What was found, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchResults {
    /// The hits.
    pub hits: Vec<SearchHit>,
    /// How many there are altogether.
    pub total: u32,
    /// The revision that was searched.
    pub revision: Revision,
}

/// A resource that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Which.
    pub id: ResourceId,
    /// What to call it.
    #[schema(value_type = String)]
    pub name: SmolStr,
    /// What it is.
    pub kind: ResourceKind,
    /// How it is.
    pub status: Status,
    /// What it belongs to.
    #[schema(value_type = Option<String>)]
    pub parent_name: Option<SmolStr>,
    /// What of it matches.
    pub field: SearchField,
    /// The text that matches.
    pub value: String,
}

/// By what a resource can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchField {
    /// Its name.
    Name,
    /// A host name.
    Hostname,
    /// An IP address.
    Address,
    /// A hardware address.
    Mac,
    /// The serial number of a chassis or disk.
    Serial,
    /// A tag.
    Tag,
    /// What a platform calls it, such as the number of a guest.
    PlatformId,
    /// A world-wide name, machine id or system UUID.
    HardwareId,
    /// Its id here, or a former one.
    Id,
}
