//! The address of a remote store, checked like everything that the server dials (D-23).

use std::str::FromStr;

use muster_outbound::Target;

use crate::error::InvalidAddress;

/// Where a remote store takes samples or answers questions: scheme, host, perhaps port and path, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Target);

impl Address {
    pub(crate) fn target(&self) -> &Target {
        &self.0
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        // A target drops the fragment, which nobody sends.
        if text.contains(['?', '#']) {
            return Err(InvalidAddress::Query);
        }
        Ok(Self(text.parse()?))
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
        check("https://example.org/#fragment", false);
        check("http://169.254.169.254/", false);
        check("http://2852039166/", false);
        check("http://[fe80::1]/", false);
        check("http://[::ffff:169.254.169.254]/", false);
    }

    #[test]
    fn a_refused_address_is_not_repeated() {
        // D-24: it may hold a password.
        let error = "https://user:s3cret@example.org".parse::<Address>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}
