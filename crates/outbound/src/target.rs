//! An address that may be asked: http or https, a host, and no address that nothing of ours may dial.
//!
//! The URL parser reads a host as browsers do: `2852039166`, `0xa9fea9fe` and `0251.0376.0251.0376` are all
//! 169.254.169.254 once parsed, so that every spelling is judged as the address it is.

use std::{fmt, net::IpAddr, str::FromStr};

use url::{Host, Url};

use crate::{address::may_dial, error::InvalidTarget};

/// An http or https address that may be dialled as far as its text tells. A name is judged when it is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// The address as a URL: with a host, and without user or password.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port: what is shown in messages, since a path or query may tell secrets.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Another path and query of the same origin.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Url)) -> Self {
        let mut url = self.0.clone();
        change(&mut url);
        assert_eq!(url.origin(), self.0.origin(), "only path and query may change");
        Self(url)
    }

    /// Where a redirect leads.
    pub(crate) fn join(&self, location: &str) -> Result<Self, InvalidTarget> {
        let next = Self::checked(self.0.join(location).map_err(|_| InvalidTarget::Form)?)?;
        if self.0.scheme() == "https" && next.0.scheme() != "https" {
            return Err(InvalidTarget::Downgrade);
        }
        Ok(next)
    }

    fn checked(mut url: Url) -> Result<Self, InvalidTarget> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidTarget::Form);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidTarget::Credentials);
        }
        let literal = match url.host().ok_or(InvalidTarget::Form)? {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        if let Some(address) = literal {
            may_dial(address).map_err(|why| InvalidTarget::Forbidden { address, why })?;
        }
        // It is never sent.
        url.set_fragment(None);
        Ok(Self(url))
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        Self::checked(text.trim().parse().map_err(|_| InvalidTarget::Form)?)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_host_is_judged() {
        // D-23
        for host in [
            "169.254.169.254",
            "169.254.43518",
            "169.16689662",
            "2852039166",
            "0xa9fea9fe",
            "0xA9.0xFE.0xA9.0xFE",
            "0251.0376.0251.0376",
            "025177524776",
            "169.254.169.254.",
            "１６９.254.169.254",
            "169。254。169。254",
            "%31%36%39.254.169.254",
            "[fe80::1]",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[fd00:ec2::254]",
            "0.0.0.0",
            "0",
            "[::]",
            "255.255.255.255",
        ] {
            let parsed = format!("http://{host}/latest/meta-data/").parse::<Target>();
            assert!(matches!(parsed, Err(InvalidTarget::Forbidden { .. })), "{host}: {parsed:?}");
        }
    }

    #[test]
    fn only_plain_web_addresses_are_targets() {
        // D-22: only http(s).
        let check = |text: &str, good: bool| assert_eq!(text.parse::<Target>().is_ok(), good, "{text}");
        check("http://127.0.0.1:8428/api/v1/write", true);
        check(" https://metrics.example.org/a?b=c ", true);
        check("http://[::1]:9090", true);
        check("http://10.0.0.7", true);
        check("ftp://example.org", false);
        check("file:///etc/passwd", false);
        check("gopher://example.org", false);
        check("example.org:9090", false);
        check("http://[fe80::1%25eth0]/", false);
        check("https://user@example.org", false);
        check("https://user:s3cret@example.org", false);
        check("", false);
    }

    #[test]
    fn a_redirect_is_judged_like_a_first_address() {
        // D-23
        let from: Target = "https://example.org/a/b".parse().unwrap();
        let check = |location: &str, origin: Option<&str>| {
            assert_eq!(from.join(location).ok().map(|target| target.origin()).as_deref(), origin, "{location}");
        };
        check("/c", Some("https://example.org"));
        check("../c", Some("https://example.org"));
        check("//other.example/c", Some("https://other.example"));
        check("https://10.0.0.1/", Some("https://10.0.0.1"));
        check("https://169.254.169.254/latest", None);
        check("//2852039166/latest", None);
        check("http://example.org/", None);
        check("file:///etc/shadow", None);
    }

    #[test]
    fn a_refused_address_is_not_repeated() {
        // D-24: it may hold a password.
        let error = "https://user:s3cret@example.org".parse::<Target>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}
