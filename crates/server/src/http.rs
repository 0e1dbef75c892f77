//! What holds for every request, whatever its route: where it comes from, host, origin, headers, limits.

pub(crate) mod accept;
pub(crate) mod arrival;
pub(crate) mod forwarded;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod rate;
pub(crate) mod timeout;
