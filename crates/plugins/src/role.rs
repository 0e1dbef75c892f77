//! What a field says about who an asset is: its host name, its hardware addresses, its serial number, its addresses.
//!
//! The role decides the normal form of the field's values (CC-6), and it makes evidence of them by which an asset is
//! joined with a live host or guest (CC-13). A field has the role that its schema's `x-identity` names: `hostname`,
//! `mac`, `serial`, `ip`, or `none`. Without that keyword it has the role of its name, in any case, with or without `_`
//! and `-`:
//!
//! | Role | Names | Normal form |
//! |---|---|---|
//! | `hostname` | `hostname`, `fqdn` | lower case, no final dot |
//! | `mac` | `mac`, `macs`, `macaddress`, `macaddresses` | `aa:bb:cc:dd:ee:ff`; what cannot be read so is refused |
//! | `serial` | `serial`, `serialnumber` | as sent |
//! | `ip` | `ip`, `ips`, `ipaddress`, `ipaddresses` | as sent; what is no address is no evidence |
//!
//! A value is a string or a list of strings. Fields inside of fields have no role: an interface's address is not always
//! the asset's. Whether evidence suffices for a join is the estate's to say.

use muster_model::{Identity, MacAddress, is_placeholder_identifier};
use serde_json::Value;

use crate::normalise;

/// The keyword by which a schema names the role of its field.
pub(crate) const KEYWORD: &str = "x-identity";

/// What a field says about who an asset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Its host name.
    Hostname,
    /// A hardware address of its own.
    Mac,
    /// Its maker's serial number.
    Serial,
    /// An address of its own.
    Ip,
}

/// The role that the keyword names; `Some(None)` for `none`, nothing for what is not known.
pub(crate) fn declared(value: &Value) -> Option<Option<Role>> {
    Some(match value.as_str()? {
        "hostname" => Some(Role::Hostname),
        "mac" => Some(Role::Mac),
        "serial" => Some(Role::Serial),
        "ip" => Some(Role::Ip),
        "none" => None,
        _ => return None,
    })
}

impl Role {
    /// The role of a field.
    pub(crate) fn of_field(name: &str, schema: &Value) -> Option<Self> {
        let declared = schema.get(KEYWORD).and_then(declared);
        declared.unwrap_or_else(|| Self::of_name(name))
    }

    fn of_name(name: &str) -> Option<Self> {
        let letters: String = name.to_lowercase().chars().filter(|c| !matches!(c, '_' | '-')).collect();
        match letters.as_str() {
            "hostname" | "fqdn" => Some(Self::Hostname),
            "mac" | "macs" | "macaddress" | "macaddresses" => Some(Self::Mac),
            "serial" | "serialnumber" => Some(Self::Serial),
            "ip" | "ips" | "ipaddress" | "ipaddresses" => Some(Self::Ip),
            _ => None,
        }
    }

    /// The normal form of a trimmed text.
    ///
    /// # Errors
    /// Why it has none, for people.
    pub(crate) fn normal(self, text: &str) -> Result<String, String> {
        match self {
            // White space before a final dot is outer white space once the dot is gone.
            Self::Hostname => {
                Ok(text.to_lowercase().trim_end_matches(|c: char| c == '.' || normalise::is_outer(c)).to_owned())
            }
            Self::Mac => text.parse::<MacAddress>().map(|mac| mac.to_string()).map_err(|fault| fault.to_string()),
            Self::Serial | Self::Ip => Ok(text.to_owned()),
        }
    }

    /// Why a normal value tells no asset from others, if so: many have it, and all of them would become one.
    pub(crate) fn shared_by_many(self, text: &str) -> Option<&'static str> {
        let identifies = |mac: MacAddress| mac.identifies();
        match self {
            Self::Hostname if is_everybody(text) => Some("is the name by which every machine calls itself"),
            Self::Mac if !text.parse().is_ok_and(identifies) => {
                Some("is a hardware address that belongs to no machine")
            }
            Self::Serial if is_placeholder_identifier(text) => {
                Some("is what makers write where there is no serial number")
            }
            Self::Hostname | Self::Mac | Self::Serial | Self::Ip => None,
        }
    }

    /// Adds what a normal value says to what is known of an asset.
    pub(crate) fn tell(self, text: &str, identity: &mut Identity) {
        if text.is_empty() || self.shared_by_many(text).is_some() {
            return;
        }
        match self {
            Self::Hostname => drop(identity.hostnames.insert(text.to_owned())),
            Self::Mac => identity.mac_addresses.extend(text.parse::<MacAddress>()),
            Self::Serial => identity.serial = Some(text.to_owned()),
            Self::Ip => identity.ip_addresses.extend(text.parse::<std::net::IpAddr>()),
        }
    }
}

fn is_everybody(hostname: &str) -> bool {
    hostname.split('.').next() == Some("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn roles_come_from_the_keyword_or_the_name() {
        // CC-13
        let check = |name: &str, schema: Value, expected| assert_eq!(Role::of_field(name, &schema), expected, "{name}");
        check("hostname", json!({}), Some(Role::Hostname));
        check("MAC_Address", json!({}), Some(Role::Mac));
        check("serial-number", json!(true), Some(Role::Serial));
        check("ipaddress", json!({}), Some(Role::Ip));
        check("gateway", json!({}), None);
        check("gateway", json!({"x-identity": "ip"}), Some(Role::Ip));
        check("mac", json!({"x-identity": "none"}), None);
    }

    #[test]
    fn normal_forms() {
        // CC-6
        let check = |role: Role, text: &str, expected: &str| assert_eq!(role.normal(text).unwrap(), expected);
        check(Role::Hostname, "PC-1234.Example.COM.", "pc-1234.example.com");
        check(Role::Hostname, "BÜRO-1", "büro-1");
        for mac in ["AA-BB-CC-00-11-22", "aabb.cc00.1122", "AABBCC001122", "aa:bb:cc:00:11:22"] {
            check(Role::Mac, mac, "aa:bb:cc:00:11:22");
        }
        check(Role::Serial, "Xy 1", "Xy 1");
        assert!(Role::Mac.normal("unknown").unwrap_err().contains("six hexadecimal bytes"));
    }

    #[test]
    fn what_everybody_has_is_no_evidence() {
        let mut identity = Identity::default();
        for (role, text) in [
            (Role::Hostname, "localhost.lan"),
            (Role::Hostname, ""),
            (Role::Mac, "00:00:00:00:00:00"),
            (Role::Mac, "ff:ff:ff:ff:ff:ff"),
            (Role::Serial, "To be filled by O.E.M."),
            (Role::Ip, "none"),
        ] {
            role.tell(text, &mut identity);
        }
        assert_eq!(identity, Identity::default());
        Role::Serial.tell("S1", &mut identity);
        Role::Mac.tell("aa:bb:cc:00:11:22", &mut identity);
        assert_eq!((identity.serial.as_deref(), identity.mac_addresses.len()), (Some("S1"), 1));
    }
}
