//! The identity provider: whole or not at all.

use std::net::SocketAddr;

use muster_model::Role;
use muster_oidc::{InvalidSettings, RoleMapping, Settings};
use url::{Host, Url};

use super::{ConfigError, layers::Layers};

/// An identity provider as an operator describes it.
#[derive(Debug, Clone)]
pub(crate) struct OidcConfig {
    pub(crate) settings: Settings,
    pub(crate) label: String,
    /// Where browsers reach this server.
    pub(crate) address: Url,
}

/// Which groups make which role.
const GROUPS: [(&str, Role); 3] =
    [("viewer_groups", Role::Viewer), ("operator_groups", Role::Operator), ("admin_groups", Role::Admin)];

/// Reads the section; `None` where no issuer is named.
pub(super) fn read(
    layers: &Layers,
    listen: SocketAddr,
    allowed_hosts: &[String],
) -> Result<Option<OidcConfig>, ConfigError> {
    let text = |name| layers.text("oidc", name);
    if text("issuer")?.is_empty() {
        let idle =
            ["client_id", "client_secret", "address"].into_iter().find(|name| layers.given("oidc", name).is_some());
        return match idle {
            Some(name) => Err(layers.refuse("oidc", name, "needs oidc.issuer beside it")),
            None => Ok(None),
        };
    }
    let address = layers.parsed("oidc", "address", |text| parse_address(text, listen, allowed_hosts))?;
    let client_id = text("client_id")?;
    let audience = Some(text("audience")?).filter(|audience| !audience.is_empty());
    let mut groups = Vec::new();
    for (name, role) in GROUPS {
        groups.extend(layers.list("oidc", name)?.into_iter().map(|group| (group, role)));
    }
    let settings = Settings {
        issuer: text("issuer")?,
        audience: audience.unwrap_or_else(|| client_id.clone()),
        client_id,
        client_secret: Some(text("client_secret")?).filter(|secret| !secret.is_empty()).map(Into::into),
        redirect_uri: address.join(muster_server::CALLBACK_PATH).expect("the path is well-formed"),
        scopes: layers.list("oidc", "scopes")?,
        group_claim: text("group_claim")?,
        roles: RoleMapping::new(groups),
    };
    let refuse = |InvalidSettings { key, problem }| layers.refuse("oidc", key, &problem);
    settings.check().map_err(refuse)?;
    Ok(Some(OidcConfig { settings, label: text("label")?, address }))
}

/// The provider sends browsers and codes there, so it must be a host that this server answers for.
fn parse_address(text: &str, listen: SocketAddr, allowed_hosts: &[String]) -> Result<Url, String> {
    let expected = "expected where browsers reach this server, such as https://muster.example.org";
    let url = Url::parse(text).map_err(|_| expected.to_owned())?;
    let host = url.host().filter(|_| url.path() == "/" && url.query().is_none() && url.fragment().is_none());
    let host = host.ok_or_else(|| expected.to_owned())?;
    let loopback = match &host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err("must begin with https://, since codes travel there".to_owned()),
    }
    let name = host.to_string();
    let name = name.trim_matches(['[', ']']);
    let ours = loopback
        || listen.ip().to_string() == name
        || allowed_hosts.iter().any(|allowed| allowed.trim_end_matches('.').eq_ignore_ascii_case(name));
    if !ours {
        return Err(format!("the server does not answer for `{name}`; add it to server.allowed_hosts"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back_to_a_host_that_is_ours() {
        let listen = "127.0.0.1:8420".parse().unwrap();
        let check = |text: &str| parse_address(text, listen, &["Muster.lan".to_owned()]).map(|url| url.to_string());
        assert_eq!(check("https://muster.lan"), Ok("https://muster.lan/".to_owned()));
        assert_eq!(check("http://localhost:8420/"), Ok("http://localhost:8420/".to_owned()));
        for (bad, part) in [
            ("http://muster.lan", "https://"),
            ("https://evil.example", "allowed_hosts"),
            ("https://muster.lan/path", "expected where"),
            ("muster.lan", "expected where"),
            ("", "expected where"),
        ] {
            let error = check(bad).unwrap_err();
            assert!(error.contains(part), "{bad}: {error}");
        }
    }
}
