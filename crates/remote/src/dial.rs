//! What may be dialled: http and https, any address but link-local ones (D-23).
//!
//! Behind link-local addresses are the metadata services of clouds, which hand out credentials to whoever asks.

use std::net::{IpAddr, SocketAddr};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::error::InvalidSettings;

/// Parses an address of the settings.
///
/// # Errors
/// When it is none, has more than scheme, host, port and path, or is link-local.
pub(crate) fn address(text: &str) -> Result<Url, InvalidSettings> {
    let invalid = || InvalidSettings::Address(text.to_owned());
    let url: Url = text.trim().parse().map_err(|_| invalid())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain {
        return Err(invalid());
    }
    let host = url.host_str().ok_or_else(invalid)?;
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    match literal {
        Some(ip) if is_link_local(ip) => Err(InvalidSettings::LinkLocal(text.to_owned())),
        Some(_) | None => Ok(url),
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
        let check = |text, allowed| assert_eq!(address(text).is_ok(), allowed, "{text}");
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
}
