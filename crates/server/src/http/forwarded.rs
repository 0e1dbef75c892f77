//! What proxies write down about the client behind them: `Forwarded` (RFC 7239) or `X-Forwarded-For`, `-Proto` and
//! `-Host`. Pure.
//!
//! Each proxy adds an element on the right about whoever spoke to it. An element is worth what its writer is worth, so they
//! are read from the right, for as long as the writer is trusted; what stands further left anybody may have made up. Only
//! one of the two families is read, as configured: of the other a proxy may know nothing, and pass on what a client wrote.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header, uri::Authority};
use ipnet::IpNet;

use crate::remote::Scheme;

/// The headers that a trusted proxy writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded`.
    Standard,
}

/// Whom to believe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    /// Where they are.
    pub networks: Vec<IpNet>,
    /// What they write.
    pub header: ForwardedHeader,
}

impl TrustedProxies {
    /// Whether it is one of them.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

const X_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Every header of both families: none of them is for the routes.
pub(crate) const ALL: [HeaderName; 4] = [header::FORWARDED, X_FOR, X_PROTO, X_HOST];

/// What is believed of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// How it spoke to the first machine that is ours; `None` when nobody says.
    pub(crate) scheme: Option<Scheme>,
    /// The host that it asked for; `None` when nobody says.
    pub(crate) host: Option<Authority>,
}

/// What one proxy wrote about whoever spoke to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Element {
    address: Option<IpAddr>,
    scheme: Option<Scheme>,
    host: Option<Authority>,
}

/// The client behind a connection.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Client {
    let mut client = Client { address: peer, scheme: None, host: None };
    if !trusted.contain(peer) {
        return client;
    }
    let elements = match trusted.header {
        ForwardedHeader::XForwarded => x_forwarded(headers),
        ForwardedHeader::Standard => standard(headers),
    };
    for element in elements.into_iter().rev() {
        let Element { address, scheme, host } = element;
        client = Client { address: address.unwrap_or(client.address), scheme, host };
        // Only another proxy of ours has written what stands further left.
        if !address.is_some_and(|address| trusted.contain(address)) {
            break;
        }
    }
    client
}

/// The values of the three headers, put together from the right. A header that has one value for all was replaced by the last
/// proxy and not added to.
fn x_forwarded(headers: &HeaderMap) -> Vec<Element> {
    let (addresses, schemes, hosts) = (list(headers, &X_FOR), list(headers, &X_PROTO), list(headers, &X_HOST));
    let length = addresses.len().max(1);
    let at = |list: &[&str], place: usize| {
        let value = if list.len() == length { list.get(place) } else { list.last() };
        value.map(|value| (*value).to_owned())
    };
    let element = |place: usize| Element {
        address: addresses.get(place).and_then(|address| node(address)),
        scheme: at(&schemes, place).and_then(|scheme| self::scheme(&scheme)),
        host: at(&hosts, place).and_then(|host| authority(&host)),
    };
    (0..length).map(element).collect()
}

fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default());
    lines.flat_map(|line| line.split(',')).map(str::trim).collect()
}

/// The elements of `Forwarded`; none, when it is malformed anywhere: what a client wrote could hide what our proxy did.
fn standard(headers: &HeaderMap) -> Vec<Element> {
    let lines = headers.get_all(header::FORWARDED).iter();
    let elements = lines.map(|line| parse_line(line.to_str().ok()?));
    elements.collect::<Option<Vec<_>>>().unwrap_or_default().concat()
}

fn parse_line(line: &str) -> Option<Vec<Element>> {
    split(line, ',')?.into_iter().map(parse_element).collect()
}

fn parse_element(text: &str) -> Option<Element> {
    let mut element = Element::default();
    for pair in split(text, ';')?.into_iter().map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let value = unquote(value)?;
        match name.to_ascii_lowercase().as_str() {
            "for" => element.address = node(&value),
            "proto" => element.scheme = scheme(&value),
            "host" => element.host = authority(&value),
            _ => {}
        }
    }
    Some(element)
}

/// The parts between separators that stand outside of quotes; `None` when a quote is not closed.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (place, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                parts.push(&text[begin..place]);
                begin = place + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    (!quoted).then_some(parts)
}

fn unquote(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else { return (!value.contains('"')).then(|| value.to_owned()) };
    let inner = inner.strip_suffix('"')?;
    let mut escaped = false;
    let kept = inner.chars().filter(|c| {
        escaped = *c == '\\' && !escaped;
        !escaped
    });
    Some(kept.collect())
}

/// An address, perhaps in brackets, perhaps with a port. What is unknown or hidden has none.
fn node(text: &str) -> Option<IpAddr> {
    let plain = text.trim_start_matches('[').trim_end_matches(']');
    let address = plain.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

fn scheme(text: &str) -> Option<Scheme> {
    match text.to_ascii_lowercase().as_str() {
        "https" => Some(Scheme::Https),
        "http" => Some(Scheme::Http),
        _ => None,
    }
}

fn authority(text: &str) -> Option<Authority> {
    text.parse().ok().filter(|authority: &Authority| !authority.host().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    #[test]
    fn strangers_are_not_believed() {
        let lines = [("x-forwarded-for", "192.0.2.9"), ("x-forwarded-proto", "https"), ("forwarded", "for=192.0.2.9")];
        for header in [ForwardedHeader::XForwarded, ForwardedHeader::Standard] {
            let client = read("198.51.100.1", header, &lines);
            assert_eq!((client.address, client.scheme, client.host), (ip("198.51.100.1"), None, None));
        }
    }

    #[test]
    fn the_rightmost_untrusted_address_is_the_client() {
        let check = |value: &str, client: &str| {
            assert_eq!(
                read(PROXY, ForwardedHeader::XForwarded, &[("x-forwarded-for", value)]).address,
                ip(client),
                "{value}"
            );
            let standard: Vec<String> = value
                .split(',')
                .map(|one| {
                    format!(
                        "For=\"{}\"",
                        if one.contains("::") { format!("[{}]", one.trim()) } else { one.trim().to_owned() }
                    )
                })
                .collect();
            let standard = standard.join(", ");
            assert_eq!(
                read(PROXY, ForwardedHeader::Standard, &[("forwarded", &standard)]).address,
                ip(client),
                "{standard}"
            );
        };
        check("192.0.2.9", "192.0.2.9");
        check("203.0.113.7, 192.0.2.9", "192.0.2.9"); // the first one is made up
        check("127.0.0.1, 192.0.2.9", "192.0.2.9");
        check("192.0.2.9, 10.0.0.2", "192.0.2.9"); // two proxies of ours
        check("203.0.113.7, 192.0.2.9, 10.0.0.2", "192.0.2.9");
        check("10.0.0.3, 10.0.0.2", "10.0.0.3"); // a client within our network
        check("2001:db8::7", "2001:db8::7");
        check("unknown", PROXY);
        check("192.0.2.9, unknown", PROXY);
        check("192.0.2.9, garbage, 10.0.0.2", "10.0.0.2");
        check("192.0.2.9:4711", "192.0.2.9");
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = [("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "192.0.2.9")];
        assert_eq!(read(PROXY, ForwardedHeader::XForwarded, &lines).address, ip("192.0.2.9"));
        let lines = [("forwarded", "for=203.0.113.7"), ("forwarded", "for=192.0.2.9;proto=https")];
        assert_eq!(read(PROXY, ForwardedHeader::Standard, &lines).address, ip("192.0.2.9"));
    }

    #[test]
    fn scheme_and_host_are_those_of_the_client() {
        let check = |header, lines: &[(&str, &str)], scheme, host: Option<&str>| {
            let client = read(PROXY, header, lines);
            assert_eq!((client.scheme, client.host.as_ref().map(Authority::as_str)), (scheme, host), "{lines:?}");
        };
        use ForwardedHeader::{Standard, XForwarded};
        let (http, https) = (Some(Scheme::Http), Some(Scheme::Https));
        let with =
            |more: &[(&'static str, &'static str)]| [&[("x-forwarded-for", "192.0.2.9, 10.0.0.2")], more].concat();
        check(XForwarded, &with(&[("x-forwarded-proto", "https")]), https, None);
        check(
            XForwarded,
            &with(&[("x-forwarded-proto", "https, http"), ("x-forwarded-host", "a.lan, b.lan")]),
            https,
            Some("a.lan"),
        );
        // Of a list of another length only the last is surely a proxy's.
        check(XForwarded, &with(&[("x-forwarded-proto", "https, https, http")]), http, None);
        check(XForwarded, &[("x-forwarded-proto", "https")], https, None);
        check(XForwarded, &[("x-forwarded-proto", "gopher"), ("x-forwarded-host", "a b")], None, None);
        check(Standard, &[("forwarded", "for=192.0.2.9;proto=HTTPS;host=\"a.lan:443\"")], https, Some("a.lan:443"));
        check(
            Standard,
            &[("forwarded", "for=1.2.3.4;proto=http;host=evil, for=192.0.2.9;proto=https;host=a.lan")],
            https,
            Some("a.lan"),
        );
        check(Standard, &[("x-forwarded-proto", "https"), ("forwarded", "for=192.0.2.9")], None, None);
    }

    #[test]
    fn a_malformed_line_is_believed_in_no_part() {
        for line in
            ["for=\"192.0.2.9", "for=\"1.2.3.4, for=192.0.2.9", "for", "for=1.2.3.4\"", "garbage, for=192.0.2.9"]
        {
            assert_eq!(read(PROXY, ForwardedHeader::Standard, &[("forwarded", line)]).address, ip(PROXY), "{line}");
        }
        let quoted = "for=\"a\\\"b, for=1.2.3.4\", for=192.0.2.9";
        assert_eq!(read(PROXY, ForwardedHeader::Standard, &[("forwarded", quoted)]).address, ip("192.0.2.9"));
    }

    proptest! {
        #[test]
        fn what_a_client_writes_never_names_it(
            written in "[ -~]{0,80}",
            client in any::<u32>().prop_map(|bits| std::net::Ipv4Addr::from_bits(bits | 0xc000_0000)),
            standard in any::<bool>(),
        ) {
            // Whatever stands on the left, the proxy's own element decides, or nothing does.
            let header = if standard { ForwardedHeader::Standard } else { ForwardedHeader::XForwarded };
            let (name, own) = if standard { ("forwarded", format!("for={client}")) } else { ("x-forwarded-for", client.to_string()) };
            for line in [format!("{written}, {own}"), own.clone()] {
                let read = read(PROXY, header, &[(name, line.as_str())]).address;
                prop_assert!(read == ip(PROXY) || read == IpAddr::V4(client), "{read}");
            }
            let apart = read(PROXY, header, &[(name, written.as_str()), (name, own.as_str())]).address;
            prop_assert!(apart == ip(PROXY) || apart == IpAddr::V4(client), "{apart}");
        }

        #[test]
        fn splitting_loses_nothing(text in "[a-z,;\"\\\\= ]{0,60}") {
            if let Some(parts) = split(&text, ',') {
                prop_assert_eq!(parts.join(","), text);
            }
        }
    }

    fn read(peer: &str, header: ForwardedHeader, lines: &[(&str, &str)]) -> Client {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        client(ip(peer), &headers, &TrustedProxies { networks: vec!["10.0.0.0/8".parse().unwrap()], header })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }
}
