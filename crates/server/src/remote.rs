//! Where a request comes from, and whether it came over TLS.
//!
//! The connection says so itself; a proxy that is trusted says it for its clients ([`crate::http::arrival`]). What anybody
//! else claims is not believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::{extract::FromRequestParts, http::request::Parts};

/// The client: its address, and how it speaks. The port is 0 where a proxy speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RemoteAddr(pub(crate) SocketAddr, pub(crate) Scheme);

/// How a client speaks, up to the last machine that is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// In plain text.
    Http,
    /// Over TLS.
    Https,
}

impl RemoteAddr {
    /// What its requests and its guesses are counted by; `None` for whoever is connected from this machine itself. Behind a
    /// proxy here that is not trusted to say more, everybody comes from its address, and one must not make all others
    /// wait. Where a proxy speaks for a client, the address is counted whatever it is: it is only said to be so.
    pub(crate) fn counted(self) -> Option<IpAddr> {
        let is_here = self.0.port() != 0 && self.0.ip().to_canonical().is_loopback();
        (!is_here).then(|| network(self.0.ip()))
    }

    /// Whether what is said cannot be heard on the way.
    pub(crate) fn is_secure(self) -> bool {
        self.1 == Scheme::Https
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RemoteAddr {
    type Rejection = std::convert::Infallible;

    /// Without a connection, as in a test of the router alone, it is nobody's address.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let nobody = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        Ok(parts.extensions.get().copied().unwrap_or(Self(nobody, Scheme::Http)))
    }
}

/// What is counted as one client: an IPv4 address, or the /64 that one customer has of IPv6.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_connected_from_here_is_not_counted_and_who_claims_to_be_is() {
        let check = |address: &str, expected: Option<&str>| {
            let counted = RemoteAddr(address.parse().unwrap(), Scheme::Http).counted();
            assert_eq!(counted, expected.map(|address| address.parse().unwrap()), "{address}");
        };
        check("127.0.0.1:4711", None);
        check("[::1]:4711", None);
        check("[::ffff:127.0.0.1]:4711", None);
        check("127.0.0.1:0", Some("127.0.0.1"));
        check("[::1]:0", Some("::"));
        check("192.0.2.7:4711", Some("192.0.2.7"));
        check("[::ffff:192.0.2.7]:4711", Some("192.0.2.7"));
    }

    #[test]
    fn one_ipv6_customer_is_one_address() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }
}
