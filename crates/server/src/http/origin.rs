//! Whether a browser sent a request on behalf of our own page (D-22).

use axum::http::{HeaderMap, Uri, header, uri::Authority};

use super::host;

/// Where a request says that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// No browser says; programs never do.
    Absent,
    /// A page of this very host and port.
    Same,
    /// Any other page, or a header that makes no sense.
    Foreign,
}

/// Compares the `Origin` header with the host that the request is for.
///
/// The scheme is not compared: behind a proxy that speaks TLS for us, the page is `https` and we are not.
pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Origin {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return Origin::Absent };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let ours = host::authority(uri, headers);
    match (origin, ours) {
        (Some(origin), Some(ours)) if origins.next().is_none() && same(&origin, &ours) => Origin::Same,
        (Some(_) | None, Some(_) | None) => Origin::Foreign,
    }
}

fn same(origin: &Uri, ours: &Authority) -> bool {
    let Some(theirs) = origin.authority() else { return false };
    let default = match origin.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return false,
    };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(default);
    theirs.host().eq_ignore_ascii_case(ours.host()) && port(theirs) == port(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origin: &[&str], host: &str, expected: Origin) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        for origin in origin {
            headers.append(header::ORIGIN, origin.parse().unwrap());
        }
        assert_eq!(of(&Uri::from_static("/ws"), &headers), expected, "{origin:?} at {host}");
    }

    #[test]
    fn only_our_own_page_is_the_same() {
        // D-22
        check(&[], "localhost:7777", Origin::Absent);
        check(&["http://localhost:7777"], "localhost:7777", Origin::Same);
        check(&["https://muster.lan"], "Muster.lan", Origin::Same);
        check(&["https://muster.lan:443"], "muster.lan", Origin::Same);
        check(&["http://localhost:8080"], "localhost:7777", Origin::Foreign);
        check(&["http://evil.example"], "localhost:7777", Origin::Foreign);
        check(&["null"], "localhost:7777", Origin::Foreign);
        check(&["file://localhost:7777"], "localhost:7777", Origin::Foreign);
        check(&["http://localhost:7777", "http://evil.example"], "localhost:7777", Origin::Foreign);
    }
}
