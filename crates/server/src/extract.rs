//! Extractors whose refusals name what is wrong: the query parameter, the body field, the path.

mod body;
mod bounds;
mod path;
mod query;

pub(crate) use body::JsonBody;
pub(crate) use bounds::within;
pub(crate) use path::{Id, ResourcePath, unknown_resource};
pub(crate) use query::Query;
