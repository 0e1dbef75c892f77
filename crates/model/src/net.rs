//! Network addresses as identity evidence.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::Deserialize;

/// A 48-bit hardware address. Reads any usual spelling, writes `aa:bb:cc:dd:ee:ff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct MacAddress([u8; 6]);

/// Why a text is not a hardware address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a MAC address: expected six hexadecimal bytes, such as aa:bb:cc:dd:ee:ff")]
pub struct InvalidMac(String);

impl MacAddress {
    /// The six bytes.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }

    /// Whether the address can tell one machine from another: not empty, not broadcast, not a group address.
    pub fn identifies(self) -> bool {
        let multicast = self.0[0] & 1 == 1;
        self.0 != [0; 6] && !multicast
    }

    /// Whether the address was made up by software (bridges, bonds, veth) rather than burnt in by a vendor.
    pub fn is_locally_administered(self) -> bool {
        self.0[0] & 2 == 2
    }
}

impl FromStr for MacAddress {
    type Err = InvalidMac;

    fn from_str(text: &str) -> Result<Self, InvalidMac> {
        let invalid = || InvalidMac(text.chars().take(40).collect());
        let digits: Vec<u8> = text.trim().bytes().filter(|b| !matches!(b, b':' | b'-' | b'.')).collect();
        if text.trim().len() > 17 {
            return Err(invalid());
        }
        let mut octets = [0; 6];
        hex::decode_to_slice(&digits, &mut octets).map_err(|_| invalid())?;
        Ok(Self(octets))
    }
}

impl TryFrom<String> for MacAddress {
    type Error = InvalidMac;
    fn try_from(text: String) -> Result<Self, InvalidMac> {
        text.parse()
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// Whether many machines have this address at once, so that it identifies none: unspecified, loopback,
/// link-local, and Docker's default bridges.
pub fn is_shared_address(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_unspecified() || v4.is_loopback() || v4.is_link_local() || (a == 172 && (17..=31).contains(&b))
        }
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_loopback() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macs_have_one_spelling() {
        //
        for text in ["AA:BB:CC:00:11:22", "aa-bb-cc-00-11-22", "aabb.cc00.1122", " aabbcc001122 "] {
            assert_eq!(text.parse::<MacAddress>().unwrap().to_string(), "aa:bb:cc:00:11:22");
        }
        for bad in ["", "aa:bb:cc", "aa:bb:cc:00:11:zz", "+a:bb:cc:00:11:22", "äabbcc00112", ":::::aa:bb:cc:dd:ee:ff"]
        {
            assert!(bad.parse::<MacAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn some_macs_identify_nobody() {
        let identifies = |text: &str| text.parse::<MacAddress>().unwrap().identifies();
        assert!(identifies("52:54:00:12:34:56"));
        assert!(!identifies("00:00:00:00:00:00"));
        assert!(!identifies("ff:ff:ff:ff:ff:ff"));
    }

    #[test]
    fn shared_addresses_are_never_evidence() {
        //
        for text in
            ["0.0.0.0", "127.0.0.1", "::1", "169.254.1.1", "fe80::1", "172.17.0.1", "172.31.9.9", "::ffff:127.0.0.1"]
        {
            assert!(is_shared_address(text.parse().unwrap()), "{text}");
        }
        for text in ["10.0.0.5", "172.16.0.1", "192.168.1.1", "2001:db8::1"] {
            assert!(!is_shared_address(text.parse().unwrap()), "{text}");
        }
    }
}
