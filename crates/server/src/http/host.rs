//! Refuses requests for host names that are not ours (D-22).
//!
//! A page of a stranger can make a browser resolve the stranger's own name to 127.0.0.1 and then talk to this server as
//! if it were the stranger's. Its requests still carry the stranger's name in `Host`, and are refused here.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use muster_api::ProblemCode;

use crate::{app::App, problem::ApiError};

/// The host names that this server answers for.
#[derive(Debug, Clone)]
pub(crate) struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Loopback names, the address listened on, and what is configured (names without port, in any case).
    pub(crate) fn new(listen: IpAddr, configured: &[String]) -> Self {
        let names = configured.iter().map(|name| normal(name));
        // The unspecified address is a wildcard to listen on, not a name that anybody asks for.
        let listen = (!listen.is_unspecified()).then(|| listen.to_string());
        Self(names.chain(listen).collect())
    }

    /// Whether requests for this host are ours to answer.
    pub(crate) fn allows(&self, host: &str) -> bool {
        let host = normal(host);
        host == "localhost" || is_loopback(&host) || self.0.contains(&host)
    }
}

/// Lower-case, without brackets and without the root's dot.
fn normal(host: &str) -> String {
    host.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// Whether it is a name of its own, and neither an address nor this machine's name for itself.
pub(crate) fn is_name(host: &str) -> bool {
    let host = normal(host);
    host != "localhost" && host.parse::<IpAddr>().is_err()
}

fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The host and port that a request is for: its absolute or HTTP/2 authority, else its one `Host` header.
pub(crate) fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return Some(authority.clone());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?.parse().ok()?;
    hosts.next().is_none().then_some(host)
}

/// The layer.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    let authority = authority(request.uri(), request.headers());
    // A user part is never sent by a browser and confuses whoever compares texts.
    let allowed = authority.is_some_and(|it| !it.as_str().contains('@') && app.allowed_hosts().allows(it.host()));
    if allowed {
        return Ok(next.run(request).await);
    }
    let detail = "Use an address that the server is configured for, or add the host name to `server.allowed_hosts`.";
    Err(ApiError::new(ProblemCode::HostNotAllowed, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_allowed() {
        // D-22
        let hosts = AllowedHosts::new("10.0.0.5".parse().unwrap(), &["Muster.Lan.".into()]);
        for good in
            ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]", "muster.lan", "MUSTER.lan.", "10.0.0.5"]
        {
            assert!(hosts.allows(good), "{good}");
        }
        for bad in
            ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "muster.lan.evil", "10.0.0.6"]
        {
            assert!(!hosts.allows(bad), "{bad}");
        }
    }

    #[test]
    fn a_wildcard_address_is_no_name() {
        assert!(!AllowedHosts::new("0.0.0.0".parse().unwrap(), &[]).allows("0.0.0.0"));
    }

    #[test]
    fn two_host_headers_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert_eq!(authority(&Uri::from_static("/"), &headers).unwrap().host(), "localhost");
        headers.append(header::HOST, "evil.example".parse().unwrap());
        assert!(authority(&Uri::from_static("/"), &headers).is_none());
    }
}
