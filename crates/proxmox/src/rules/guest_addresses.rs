//! Which interfaces and addresses of a guest are worth knowing, and which configured interface is which inside.

use muster_model::{AddressWithPrefix, GuestInterface, MacAddress};

/// An interface as the system inside sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    pub(crate) name: String,
    pub(crate) mac_address: Option<MacAddress>,
    pub(crate) addresses: Vec<AddressWithPrefix>,
}

/// The interfaces that are kept, sorted by name, with the addresses that others can reach.
pub(crate) fn filter(observed: Vec<Observed>) -> Vec<GuestInterface> {
    let mut kept: Vec<_> = observed.into_iter().filter(is_kept).map(interface).collect();
    kept.sort_by(|a, b| (&a.guest_name, a.mac_address).cmp(&(&b.guest_name, b.mac_address)));
    kept.dedup();
    kept
}

/// A loopback interface only with an address that others can reach: nobody routes to it for nothing.
fn is_kept(observed: &Observed) -> bool {
    let loopback = matches!(observed.name.trim().to_ascii_lowercase().as_str(), "lo" | "loopback");
    let named = !observed.name.trim().is_empty() || observed.mac_address.is_some();
    // One end of a pair whose other end is in a container of the guest: it comes and goes with that.
    let passing = observed.name.starts_with("veth") || observed.name.starts_with("cali");
    named && (!(loopback || passing) || observed.addresses.iter().any(is_reachable))
}

fn interface(observed: Observed) -> GuestInterface {
    let mut addresses: Vec<_> = observed.addresses.into_iter().filter(is_reachable).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let guest_name = Some(observed.name.trim().to_owned()).filter(|name| !name.is_empty());
    let name = guest_name.clone().unwrap_or_default();
    GuestInterface { name, guest_name, mac_address: observed.mac_address, addresses, ..GuestInterface::default() }
}

/// Loopback, link-local, multicast and unset addresses reach nobody.
pub(crate) fn is_reachable(address: &AddressWithPrefix) -> bool {
    match address.address.to_canonical() {
        std::net::IpAddr::V4(v4) => {
            !(v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast())
        }
        std::net::IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast())
        }
    }
}

/// Puts what is seen inside onto what is configured, by hardware address; what matches nothing follows after it. Bonds,
/// bridges and tagged interfaces inside share a hardware address with what is below them: their addresses go there too.
pub(crate) fn join(configured: &[GuestInterface], observed: &[GuestInterface]) -> Vec<GuestInterface> {
    let mut joined = configured.to_vec();
    for seen in observed {
        let same = |known: &&mut GuestInterface| known.mac_address.is_some() && known.mac_address == seen.mac_address;
        match joined.iter_mut().find(same) {
            Some(known) => take_over(known, seen),
            None => joined.push(seen.clone()),
        }
    }
    joined
}

fn take_over(known: &mut GuestInterface, seen: &GuestInterface) {
    if known.guest_name.is_none() {
        known.guest_name.clone_from(&seen.guest_name);
    }
    known.addresses.extend(seen.addresses.iter().copied());
    known.addresses.sort_unstable();
    known.addresses.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_local_interface_stays_listed_without_addresses() {
        //
        let kept = filter(vec![observed("eth0", Some(1), &["fe80::1/64", "169.254.3.4/16"])]);
        assert_eq!((kept.len(), kept[0].addresses.len()), (1, 0));
    }

    #[test]
    fn loopback_and_nameless_ones_are_left_out() {
        //
        let lo = observed("lo", None, &["127.0.0.1/8", "::1/128"]);
        let anonymous = observed("", None, &["10.0.0.1/8"]);
        assert_eq!(filter(vec![lo, anonymous]), []);
        assert_eq!(filter(vec![observed("lo", None, &["10.9.9.9/32"])]).len(), 1);
    }

    #[test]
    fn ends_of_inner_pairs_are_left_out() {
        assert_eq!(filter(vec![observed("veth12ab", Some(3), &["fe80::1/64"])]), []);
    }

    #[test]
    fn addresses_and_names_are_sorted() {
        //
        let kept = filter(vec![
            observed("eth1", Some(2), &["10.0.1.5/24"]),
            observed("eth0", Some(1), &["10.0.0.9/24", "10.0.0.5/24", "10.0.0.5/24"]),
        ]);
        let names: Vec<_> = kept.iter().map(|interface| interface.name.as_str()).collect();
        assert_eq!(names, ["eth0", "eth1"]);
        assert_eq!(kept[0].addresses, [address("10.0.0.5/24"), address("10.0.0.9/24")]);
    }

    #[test]
    fn what_is_seen_inside_is_put_onto_what_is_configured() {
        let configured = GuestInterface { name: "net0".into(), mac_address: Some(mac(1)), ..GuestInterface::default() };
        let inside = filter(vec![
            observed("bond0", Some(1), &["10.0.0.6/24"]),
            observed("docker0", Some(9), &["172.17.0.1/16"]),
            observed("eth0", Some(1), &["10.0.0.5/24"]),
        ]);
        let joined = join(&[configured], &inside);
        assert_eq!(joined.len(), 2);
        assert_eq!((joined[0].name.as_str(), joined[0].addresses.len()), ("net0", 2));
        assert_eq!(joined[1].name, "docker0");
    }

    fn observed(name: &str, last: Option<u8>, addresses: &[&str]) -> Observed {
        let addresses = addresses.iter().map(|text| address(text)).collect();
        Observed { name: name.into(), mac_address: last.map(mac), addresses }
    }

    fn mac(last: u8) -> MacAddress {
        format!("bc:24:11:00:00:{last:02x}").parse().unwrap()
    }

    fn address(text: &str) -> AddressWithPrefix {
        text.parse().unwrap()
    }
}
