//! What an operator tells about a provider, checked once.

use std::fmt;

use secrecy::SecretString;
use url::{Host, Url};

use crate::RoleMapping;

/// A provider, and what this server is to it.
#[derive(Clone)]
pub struct Settings {
    /// The issuer identifier, exactly as the provider spells it.
    pub issuer: String,
    /// The client's id at the provider.
    pub client_id: String,
    /// The client's secret; `None` for a public client, which PKCE alone protects.
    pub client_secret: Option<SecretString>,
    /// Where the provider sends the browser back to, exactly as registered there.
    pub redirect_uri: Url,
    /// The scopes to ask for, `openid` among them.
    pub scopes: Vec<String>,
    /// The claim that holds the groups; a dotted path reaches into objects.
    pub group_claim: String,
    /// Which groups make which role.
    pub roles: RoleMapping,
    /// What the audience of a bearer token must contain.
    pub audience: String,
}

/// A setting that cannot be used. The name is the key without its section.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct InvalidSettings {
    /// Which setting.
    pub key: &'static str,
    /// What is wrong with it and what would be right.
    pub problem: String,
}

impl Settings {
    /// Checks what can be checked without asking the provider.
    ///
    /// # Errors
    /// Names the setting.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        let invalid = |key, problem: &str| Err(InvalidSettings { key, problem: problem.to_owned() });
        if endpoint(&self.issuer).is_none() || self.issuer.contains(['?', '#']) {
            return invalid("issuer", "expected the provider's https:// address, without query or fragment");
        }
        if self.client_id.is_empty() {
            return invalid("client_id", "expected the id that the provider gave this client");
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return invalid("scopes", "`openid` must be among them");
        }
        if self.group_claim.is_empty() {
            return invalid("group_claim", "expected the name of a claim, such as groups");
        }
        if self.roles.is_empty() {
            return invalid("admin_groups", "name at least one group that maps to a role, or nobody can sign in");
        }
        Ok(())
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// An address that secrets may be sent to: over TLS, or within this machine.
pub(crate) fn endpoint(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let local = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && local);
    (safe && url.username().is_empty() && url.password().is_none()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_travel_over_tls_or_not_at_all() {
        for good in ["https://id.example.org/realms/x", "http://localhost:3000", "http://127.0.0.1/", "http://[::1]:1/"]
        {
            assert!(endpoint(good).is_some(), "{good}");
        }
        for bad in ["http://id.example.org", "ftp://localhost", "https://user@id.example.org", "id.example.org", ""] {
            assert!(endpoint(bad).is_none(), "{bad}");
        }
    }
}
