//! What plugins, kinds of asset and fields may be called (CC-1).

use std::{borrow::Borrow, fmt, str::FromStr};

/// Longest name of a field, in characters.
const LONGEST_FIELD: usize = 64;

/// Names that stand for something else under `/api/collector/` (CC-14).
const RESERVED: &[&str] = &["pc"];

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Not in the alphabet.
    #[error(
        "`{0}` is no name: it begins with a letter from a to z, and up to 62 letters, digits or hyphens follow, all \
         lower-case"
    )]
    Spelling(String),
    /// Stands for something else.
    #[error("`{0}` is the address of the endpoint from before there were plugins; choose another name")]
    Reserved(String),
}

/// What a plugin is called: `[a-z][a-z0-9-]{0,62}`. It is a part of its endpoint's address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginName(String);

/// What kind of asset a plugin tells of, such as `computer`; spelt like a plugin's name. Assets are told apart within
/// their kind, so that several plugins may feed one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetKind(String);

impl PluginName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The variable of the environment that holds this plugin's own key (CC-5), such as
    /// `COLLECTOR_API_KEY_NETWORK_DEVICES`. No two plugins share one, since names have no underscore.
    pub fn key_variable(&self) -> String {
        format!("COLLECTOR_API_KEY_{}", self.0.to_ascii_uppercase().replace('-', "_"))
    }
}

impl AssetKind {
    /// The kind.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PluginName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if RESERVED.contains(&text) {
            return Err(InvalidName::Reserved(text.to_owned()));
        }
        spelt(text).map(Self)
    }
}

impl FromStr for AssetKind {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        spelt(text).map(Self)
    }
}

fn spelt(text: &str) -> Result<String, InvalidName> {
    let is_first = |byte: &u8| byte.is_ascii_lowercase();
    let is_rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = text.len() <= 63 && text.as_bytes().first().is_some_and(is_first) && text.bytes().all(is_rest);
    if is_name { Ok(text.to_owned()) } else { Err(InvalidName::Spelling(crate::pointer::clip(text, 80))) }
}

/// Whether a field may be called so: up to 64 characters without outer white space or control characters.
pub(crate) fn is_field_name(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= LONGEST_FIELD
        && !text.chars().any(char::is_control)
}

impl Borrow<str> for PluginName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_plugins() {
        // CC-1
        let longest = "a".repeat(63);
        for name in ["a", "computers", "network-devices", "x9-", &longest] {
            assert_eq!(name.parse::<PluginName>().unwrap().as_str(), name);
        }
        let too_long = "a".repeat(64);
        for bad in ["", "9a", "-a", "Computers", "a_b", "a b", "ä", "a\n", "_schemas", "pc", &too_long] {
            assert!(bad.parse::<PluginName>().is_err(), "{bad:?}");
        }
        assert!("pc".parse::<AssetKind>().is_ok());
    }

    #[test]
    fn keys_have_a_variable() {
        // CC-5
        let name: PluginName = "network-devices".parse().unwrap();
        assert_eq!(name.key_variable(), "COLLECTOR_API_KEY_NETWORK_DEVICES");
    }

    #[test]
    fn names_of_fields() {
        for name in ["hostname", "Asset Tag", "größe", "a/b"] {
            assert!(is_field_name(name), "{name}");
        }
        for bad in ["", " a", "a\tb", "a\0", &"a".repeat(65)] {
            assert!(!is_field_name(bad), "{bad:?}");
        }
    }
}
