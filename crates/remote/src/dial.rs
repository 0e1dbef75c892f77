//! What may be dialled: http and https, any address but link-local ones (D-23).
//!
//! Behind link-local addresses are the metadata services of clouds, which hand out credentials to whoever asks.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::error::InvalidAddress;

/// Where a remote store takes samples or answers questions: scheme, host, perhaps port and path, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let url: Url = text.trim().parse().map_err(|_| InvalidAddress::Form)?;
        let host = url.host_str().ok_or(InvalidAddress::Form)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidAddress::Form);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidAddress::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidAddress::Query);
        }
        let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        match literal {
            Some(ip) if is_link_local(ip) => Err(InvalidAddress::LinkLocal),
            Some(_) | None => Ok(Self(url)),
        }
    }
}

/// Resolves names as the system does and leaves link-local addresses out. The connection goes to an address of the answer,
/// so that a second look-up cannot lead elsewhere.
#[derive(Debug)]
pub(crate) struct NoLinkLocal;

impl Resolve for NoLinkLocal {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| !is_link_local(address.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("{} has no address that may be dialled", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_dialled() {
        // D-23
        let check = |text: &str, allowed| assert_eq!(text.parse::<Address>().is_ok(), allowed, "{text}");
        check("http://127.0.0.1:8428/api/v1/write", true);
        check(" https://metrics.example.org/insert/0/prometheus ", true);
        check("http://[::1]:9090", true);
        check("http://10.0.0.7", true);
        check("ftp://example.org", false);
        check("example.org:9090", false);
        check("https://user:pass@example.org", false);
        check("https://example.org?token=1", false);
        check("http://169.254.169.254/", false);
        check("http://[fe80::1]/", false);
        check("http://[::ffff:169.254.169.254]/", false);
    }

    #[test]
    fn a_refused_address_is_not_repeated() {
        // D-24: it may hold a password.
        let error = "https://user:s3cret@example.org".parse::<Address>().unwrap_err();
        assert!(matches!(error, InvalidAddress::Credentials));
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}
