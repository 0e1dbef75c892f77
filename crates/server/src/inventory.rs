//! From snapshot rows to answers: the wire form of a resource, filters, pages, entity tags, systems.
//!
//! Everything here reads one immutable snapshot and cannot fail half-way.

pub(crate) mod etag;
pub(crate) mod filter;
pub(crate) mod page;
pub(crate) mod resource;
pub(crate) mod search;
pub(crate) mod systems;
pub(crate) mod terms;
