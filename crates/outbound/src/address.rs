//! Which addresses may be dialled (D-23). Pure.
//!
//! Private ranges and loopback may: that is where an estate is. Link-local addresses and the metadata services of clouds
//! may not, nor what is no single machine. An IPv6 address that carries an IPv4 address may lead to that one, by a
//! translator or a tunnel, so what it carries is judged too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is never dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// `0.0.0.0/8` and `::`: this machine to some systems, nobody to others.
    #[error("it names no machine")]
    Unspecified,
    /// `169.254.0.0/16` and `fe80::/10`.
    #[error("it is link-local")]
    LinkLocal,
    /// Where a cloud hands out credentials.
    #[error("it belongs to a metadata service")]
    Metadata,
    /// `224.0.0.0/4` and `ff00::/8`.
    #[error("it is a multicast address")]
    Multicast,
    /// `255.255.255.255`.
    #[error("it is the broadcast address")]
    Broadcast,
    /// `240.0.0.0/4`.
    #[error("it is reserved")]
    Reserved,
}

/// Metadata services outside of the link-local ranges.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];
const METADATA_V6: [Ipv6Addr; 6] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
    Ipv6Addr::new(0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
];

/// Whether an address may be dialled, or why not.
pub(crate) fn may_dial(address: IpAddr) -> Result<(), Forbidden> {
    match address {
        IpAddr::V4(v4) => may_dial_v4(v4),
        IpAddr::V6(v6) => may_dial_v6(v6),
    }
}

fn may_dial_v4(address: Ipv4Addr) -> Result<(), Forbidden> {
    let [first, ..] = address.octets();
    match first {
        0 => Err(Forbidden::Unspecified),
        _ if address.is_link_local() => Err(Forbidden::LinkLocal),
        _ if METADATA_V4.contains(&address) => Err(Forbidden::Metadata),
        _ if address.is_multicast() => Err(Forbidden::Multicast),
        _ if address.is_broadcast() => Err(Forbidden::Broadcast),
        240.. => Err(Forbidden::Reserved),
        _ => Ok(()),
    }
}

fn may_dial_v6(address: Ipv6Addr) -> Result<(), Forbidden> {
    if address.is_unspecified() {
        return Err(Forbidden::Unspecified);
    }
    if address.is_unicast_link_local() {
        return Err(Forbidden::LinkLocal);
    }
    if METADATA_V6.contains(&address) {
        return Err(Forbidden::Metadata);
    }
    if address.is_multicast() {
        return Err(Forbidden::Multicast);
    }
    carried(address).into_iter().try_for_each(may_dial_v4)
}

/// The IPv4 addresses that an IPv6 address may stand for.
fn carried(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let s = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    let last = v4(s[6], s[7]);
    match s {
        // Loopback is no IPv4-compatible address.
        [0, 0, 0, 0, 0, 0, 0, 1] => vec![],
        // Compatible, mapped, translated.
        [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => vec![last],
        // NAT64 with the well-known prefix.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => vec![last],
        // NAT64 of the own network: its prefix may have any of the lengths that fit.
        [0x64, 0xff9b, 1, ..] => nat64_of_any_length(address),
        // 6to4.
        [0x2002, high, low, ..] => vec![v4(high, low)],
        // Teredo: its server, and its client in disguise.
        [0x2001, 0, high, low, _, _, x, y] => vec![v4(high, low), v4(!x, !y)],
        // ISATAP.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => vec![last],
        _ => vec![],
    }
}

/// Where RFC 6052 puts the IPv4 address behind prefixes of 48, 56, 64 and 96 bits. The ninth octet is always left out. What
/// begins with 0 is a place where this prefix has none.
fn nat64_of_any_length(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let o = address.octets();
    let at = |places: [usize; 4]| Ipv4Addr::from(places.map(|place| o[place]));
    let places = [at([6, 7, 9, 10]), at([7, 9, 10, 11]), at([9, 10, 11, 12]), at([12, 13, 14, 15])];
    let found: Vec<_> = places.into_iter().filter(|v4| v4.octets()[0] != 0).collect();
    if found.is_empty() { vec![Ipv4Addr::UNSPECIFIED] } else { found }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(address: &str, expected: Result<(), Forbidden>) {
        assert_eq!(may_dial(address.parse().unwrap()), expected, "{address}");
    }

    #[test]
    fn an_estate_can_be_reached() {
        // D-23: private ranges are allowed.
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.4.2",
            "192.168.1.1",
            "100.64.0.1",
            "198.51.100.7",
            "8.8.8.8",
            "::1",
            "fd12:3456::1",
            "2001:db8::1",
            "2606:4700::1111",
            "::ffff:10.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::8.8.8.8",
            "2002:a00:1::1",
        ] {
            check(address, Ok(()));
        }
    }

    #[test]
    fn plain_forms_are_refused() {
        // D-23
        check("0.0.0.0", Err(Forbidden::Unspecified));
        check("0.1.2.3", Err(Forbidden::Unspecified));
        check("169.254.169.254", Err(Forbidden::LinkLocal));
        check("169.254.0.1", Err(Forbidden::LinkLocal));
        check("100.100.100.200", Err(Forbidden::Metadata));
        check("168.63.129.16", Err(Forbidden::Metadata));
        check("192.0.0.192", Err(Forbidden::Metadata));
        check("224.0.0.1", Err(Forbidden::Multicast));
        check("239.255.255.250", Err(Forbidden::Multicast));
        check("240.0.0.1", Err(Forbidden::Reserved));
        check("255.255.255.255", Err(Forbidden::Broadcast));
        check("::", Err(Forbidden::Unspecified));
        check("fe80::1", Err(Forbidden::LinkLocal));
        check("febf::1", Err(Forbidden::LinkLocal));
        check("ff02::1", Err(Forbidden::Multicast));
        check("fd00:ec2::254", Err(Forbidden::Metadata));
        check("fd20:ce::254", Err(Forbidden::Metadata));
        check("fd00:c1::a9fe:a9fe", Err(Forbidden::Metadata));
    }

    #[test]
    fn what_an_ipv6_address_carries_is_judged() {
        // D-23
        let refused = Err(Forbidden::LinkLocal);
        check("::ffff:169.254.169.254", refused); // mapped
        check("::169.254.169.254", refused); // compatible
        check("::ffff:0:169.254.169.254", refused); // translated
        check("64:ff9b::169.254.169.254", refused); // NAT64
        check("64:ff9b:1::169.254.169.254", refused); // NAT64 of the own network, /96
        check("64:ff9b:1:a9fe:a9:fe00::", refused); // … /48
        check("64:ff9b:1:a9:fe:a9fe::", refused); // … /56
        check("64:ff9b:1:0:a9:fea9:fe00:0", refused); // … /64
        check("2002:a9fe:a9fe::1", refused); // 6to4
        check("2001:0:a9fe:a9fe::1", refused); // Teredo, the server
        check("2001:0:808:808:0:0:5601:5601", refused); // Teredo, the client
        check("2001:db8::5efe:169.254.169.254", refused); // ISATAP
        check("2001:db8::200:5efe:169.254.169.254", refused);
        check("::ffff:0.0.0.0", Err(Forbidden::Unspecified));
        check("::ffff:255.255.255.255", Err(Forbidden::Broadcast));
    }

    proptest! {
        #[test]
        fn no_disguise_lets_an_address_through(bits in any::<u32>(), around in any::<u16>()) {
            // D-23
            let v4 = Ipv4Addr::from_bits(bits);
            let (high, low) = ((bits >> 16) as u16, bits as u16);
            let disguises = [
                v4.to_ipv6_mapped(),
                Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 1, around, around, around, high, low),
                Ipv6Addr::new(0x2002, high, low, around, 0, 0, 0, around),
                Ipv6Addr::new(0x2001, 0, high, low, around, around, around, around),
                Ipv6Addr::new(0x2001, 0, around, around, around, around, !high, !low),
                Ipv6Addr::new(0x2001, 0xdb8, around, 0, 0, 0x5efe, high, low),
            ];
            if bits >> 24 != 0 && may_dial(v4.into()).is_err() {
                for disguise in disguises {
                    prop_assert!(may_dial(disguise.into()).is_err(), "{disguise} stands for {v4}");
                }
            }
        }
    }
}
