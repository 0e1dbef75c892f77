//! Where and for whom the server answers: address, TLS, proxies, limits.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Range,
    path::PathBuf,
};

use ipnet::IpNet;
use muster_server::{ForwardedHeader, Hsts, Limits, PairFiles, Rate, TrustedProxies};

use super::{ConfigError, layers::Layers};

/// Where and for whom the server answers.
#[derive(Debug)]
pub(crate) struct ServerConfig {
    pub(crate) listen: SocketAddr,
    pub(crate) allowed_hosts: Vec<String>,
    /// What TLS is spoken with; without it, plain text is.
    pub(crate) tls: Option<TlsConfig>,
    pub(crate) hsts: Hsts,
    pub(crate) redirect: Option<RedirectConfig>,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) limits: Limits,
}

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TlsConfig {
    /// Somebody else keeps it in files.
    Files(PairFiles),
    /// The server makes it.
    SelfSigned,
}

/// A listener that sends plain requests to the one that speaks TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectConfig {
    pub(crate) listen: SocketAddr,
    /// The host that it sends everybody to, without port.
    pub(crate) host: String,
}

/// Reads the sections `server` and `limits`.
pub(super) fn read(layers: &Layers) -> Result<ServerConfig, ConfigError> {
    let tls = tls(layers)?;
    let open = tls.is_some() || layers.flag("server", "plain_http")?;
    let listen = layers.parsed("server", "listen", |text| parse_listen(text, open))?;
    let allowed_hosts = layers.list("server", "allowed_hosts")?;
    Ok(ServerConfig {
        listen,
        hsts: layers.parsed("server", "tls.hsts", parse_hsts)?,
        redirect: redirect(layers, listen, tls.is_some(), &allowed_hosts)?,
        trusted_proxies: trusted_proxies(layers)?,
        limits: limits(layers)?,
        tls,
        allowed_hosts,
    })
}

fn tls(layers: &Layers) -> Result<Option<TlsConfig>, ConfigError> {
    let path = |name| Ok(Some(layers.text("server", name)?).filter(|path| !path.is_empty()).map(PathBuf::from));
    let refuse = |name, problem| Err(layers.refuse("server", name, problem));
    match (path("tls.certificate")?, path("tls.key")?, layers.flag("server", "tls.self_signed")?) {
        (None, None, false) => Ok(None),
        (None, None, true) => Ok(Some(TlsConfig::SelfSigned)),
        (Some(certificate), Some(key), false) => Ok(Some(TlsConfig::Files(PairFiles { certificate, key }))),
        (Some(_), None, _) => refuse("tls.certificate", "needs server.tls.key beside it"),
        (None, Some(_), _) => refuse("tls.key", "needs server.tls.certificate beside it"),
        (Some(_), Some(_), true) => refuse("tls.self_signed", "cannot stand beside server.tls.certificate"),
    }
}

/// What others can reach must not hear passwords in plain text, unless somebody says that they cannot be heard there.
fn parse_listen(text: &str, open: bool) -> Result<SocketAddr, String> {
    let address = parse_address(text)?;
    let loopback = match address.ip() {
        IpAddr::V4(v4) => v4.octets()[0] == Ipv4Addr::LOCALHOST.octets()[0],
        IpAddr::V6(v6) => v6.is_loopback(),
    };
    if loopback || open {
        return Ok(address);
    }
    Err(format!(
        "{} can be reached from other machines; set server.tls.certificate and server.tls.key, or server.tls.self_signed = true, or listen on 127.0.0.1 behind a proxy that speaks TLS (where the network itself is safe: server.plain_http = true)",
        address.ip()
    ))
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an address and a port, such as 127.0.0.1:8420 or [::1]:8420".to_owned())
}

fn parse_hsts(text: &str) -> Result<Hsts, String> {
    match text {
        "auto" => Ok(Hsts::Auto),
        "always" => Ok(Hsts::Always),
        "never" => Ok(Hsts::Never),
        _ => Err("expected auto, always or never".to_owned()),
    }
}

fn redirect(
    layers: &Layers,
    to: SocketAddr,
    tls: bool,
    allowed_hosts: &[String],
) -> Result<Option<RedirectConfig>, ConfigError> {
    if layers.text("server", "http_redirect")?.is_empty() {
        return Ok(None);
    }
    let refuse = |problem| Err(layers.refuse("server", "http_redirect", problem));
    let listen = layers.parsed("server", "http_redirect", parse_address)?;
    let own = || (!to.ip().is_unspecified()).then(|| host_of(to.ip()));
    match allowed_hosts.first().cloned().or_else(own) {
        _ if !tls => refuse("leads to https, which needs server.tls.certificate or server.tls.self_signed"),
        Some(host) => Ok(Some(RedirectConfig { listen, host })),
        None => refuse("needs server.allowed_hosts beside it: it leads to the first of them"),
    }
}

/// An address as it stands in a URL.
fn host_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

fn trusted_proxies(layers: &Layers) -> Result<TrustedProxies, ConfigError> {
    let networks = layers.list("server", "trusted_proxies")?;
    let networks: Result<Vec<IpNet>, String> = networks.iter().map(|text| parse_network(text)).collect();
    let networks = networks.map_err(|problem| layers.refuse("server", "trusted_proxies", &problem))?;
    let header = layers.parsed("server", "forwarded_header", |text| match text.to_ascii_lowercase().as_str() {
        "x-forwarded-for" => Ok(ForwardedHeader::XForwarded),
        "forwarded" => Ok(ForwardedHeader::Standard),
        _ => Err("expected x-forwarded-for or forwarded".to_owned()),
    })?;
    Ok(TrustedProxies { networks, header })
}

/// A network or a single address. Everybody is nobody in particular, so that is refused.
fn parse_network(text: &str) -> Result<IpNet, String> {
    let network = text.parse::<IpNet>().ok().or_else(|| Some(IpNet::from(text.parse::<IpAddr>().ok()?)));
    match network {
        Some(network) if network.prefix_len() == 0 => Err(format!("`{text}` would believe everybody")),
        Some(network) => Ok(network.trunc()),
        None => Err(format!("expected networks or addresses, such as 10.0.0.0/8 or ::1, found `{text}`")),
    }
}

fn limits(layers: &Layers) -> Result<Limits, ConfigError> {
    let count = |name, least, most| layers.parsed("limits", name, |text| parse_count(text, least, most));
    let rate = |name| Ok(Some(count(name, 0, 100_000)?).filter(|rate| *rate > 0).map(Rate::per_second));
    let span = |name, limits: Range<&str>| Ok(layers.span("limits", name, limits)?.unsigned_abs());
    Ok(Limits {
        connections: count("connections", 16, 100_000)? as usize,
        connections_per_address: count("connections_per_address", 1, 100_000)? as usize,
        requests_per_address: rate("requests_per_address")?,
        requests_per_credential: rate("requests_per_credential")?,
        header_timeout: span("header_timeout", "1s".."1m")?,
        request_timeout: span("request_timeout", "5s".."10m")?,
        idle_timeout: span("idle_timeout", "10s".."1h")?,
        stall_timeout: span("stall_timeout", "5s".."10m")?,
        body_bytes: count("body_bytes", 16_384, 16_777_216)? as usize,
    })
}

fn parse_count(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| (least..=most).contains(count));
    count.ok_or_else(|| format!("expected a number from {least} to {most}, found `{text}`"))
}
