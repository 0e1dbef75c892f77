//! Where a connection comes from. Taken from the socket alone: headers that claim an address are not believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{extract::FromRequestParts, http::request::Parts};

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RemoteAddr(pub(crate) SocketAddr);

impl<S: Send + Sync> FromRequestParts<S> for RemoteAddr {
    type Rejection = std::convert::Infallible;

    /// Without a connection, as in a test of the router alone, it is nobody's address.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let nobody = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        Ok(parts.extensions.get().copied().unwrap_or(Self(nobody)))
    }
}
