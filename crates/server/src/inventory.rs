//! From snapshot rows to answers: the wire form of a resource, filters, pages, entity tags, connected infrastructure.
//!
//! Everything here reads one immutable snapshot and cannot fail half-way.

pub(crate) mod etag;
pub(crate) mod filter;
pub(crate) mod infrastructure;
pub(crate) mod memory;
pub(crate) mod page;
pub(crate) mod resource;
pub(crate) mod search;
pub(crate) mod terms;
