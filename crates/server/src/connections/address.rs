//! Addresses of entry points: scheme, host and port, and nothing else.
//!
//! People paste what their browser shows, or a bare name. What is stored and shown always names its port, so that the
//! platform's own port and the web's are never mixed up.

use muster_model::Platform;
use muster_outbound::Target;
use url::{Host, Url};

const SHAPE: &str = "use scheme, host and port, such as `https://pve1.example.org:8006`";

/// Reads an address. Without a scheme it is https, without a port the platform's own.
///
/// # Errors
/// When it is none that may be dialled: what would be right. The text is not repeated.
pub(super) fn parse(platform: Platform, text: &str) -> Result<Target, String> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url: Url = whole.parse().map_err(|_| SHAPE.to_owned())?;
    if !names_port(&whole) {
        url.set_port(Some(own_port(platform))).map_err(|()| SHAPE.to_owned())?;
    }
    let target: Target = url.as_str().parse().map_err(|error: muster_outbound::InvalidTarget| error.to_string())?;
    let url = target.url();
    if url.path() != "/" || url.query().is_some() {
        return Err(format!("{SHAPE}, and nothing behind them"));
    }
    if url.scheme() == "http" && !is_here(url) {
        return Err("use https; plain http would show the secret to everybody on the way".to_owned());
    }
    Ok(target)
}

/// An address as it is stored and shown: with its port.
pub(crate) fn written(target: &Target) -> String {
    let url = target.url();
    let host = url.host_str().expect("a target has a host");
    let port = url.port_or_known_default().expect("http and https have ports of their own");
    format!("{}://{host}:{port}", url.scheme())
}

/// The port that a platform listens on unless somebody has changed it.
fn own_port(platform: Platform) -> u16 {
    match platform {
        Platform::ProxmoxPve => 8006,
    }
}

/// Whether an address names a port, be it the scheme's own, which a parsed one no longer tells.
fn names_port(whole: &str) -> bool {
    let behind_scheme = whole.split_once("://").map_or(whole, |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let behind_host = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
    behind_host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty())
}

/// Whether nothing leaves this machine on the way there.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write_becomes_one_form() {
        let check = |text: &str, expected: &str| {
            let target = parse(Platform::ProxmoxPve, text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(written(&target), expected, "{text}");
            let again = parse(Platform::ProxmoxPve, expected).unwrap();
            assert_eq!(again, target, "what is shown leads to the same place");
        };
        check("https://pve1.example.org:8006", "https://pve1.example.org:8006");
        check(" https://PVE1.example.org/ ", "https://pve1.example.org:8006");
        check("pve1", "https://pve1:8006");
        check("pve1:8443", "https://pve1:8443");
        check("https://pve1:443", "https://pve1:443");
        check("10.0.0.9", "https://10.0.0.9:8006");
        check("[2001:db8::9]", "https://[2001:db8::9]:8006");
        check("[2001:db8::9]:443", "https://[2001:db8::9]:443");
        check("https://pve1:8006/#v1:0:18:4", "https://pve1:8006");
        check("http://127.0.0.1:8006", "http://127.0.0.1:8006");
        check("http://localhost", "http://localhost:8006");
    }

    #[test]
    fn what_is_no_entry_point_is_refused() {
        // D-22, D-23
        let check = |text: &str, said: &str| {
            let error = parse(Platform::ProxmoxPve, text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        };
        check("", "scheme, host and port");
        check("https://", "scheme, host and port");
        check("https://pve1:8006/api2/json", "nothing behind them");
        check("https://pve1:8006/?a=b", "nothing behind them");
        check("http://pve1:8006", "use https");
        check("ftp://pve1", "http:// or https://");
        check("https://root:s3cret@pve1:8006", "credentials");
        check("https://169.254.169.254", "link-local");
        check("https://2852039166:8006", "link-local");
        check("https://pve1:70000", "scheme, host and port");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".*") {
            if let Ok(target) = parse(Platform::ProxmoxPve, &text) {
                prop_assert_eq!(parse(Platform::ProxmoxPve, &written(&target)), Ok(target));
            }
        }
    }
}
