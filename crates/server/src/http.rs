//! What holds for every request, whatever its route: host, origin, headers, time limit.

pub(crate) mod accept;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod origin;
pub(crate) mod timeout;
