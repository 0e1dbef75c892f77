//! Addresses by interface. IPv4 comes from the kernel by system call, IPv6 from `/proc/net/if_inet6`, because only there
//! are temporary addresses told from lasting ones.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv6Addr},
};

use muster_model::AddressWithPrefix;

use crate::{
    kernel::InterfaceAddress,
    read::{Files, ReadError},
    words,
};

/// Addresses by name of interface, sorted.
pub(super) type Addresses = BTreeMap<String, Vec<AddressWithPrefix>>;

/// `IFA_F_TEMPORARY`: replaced every day for privacy, so no fact of the machine.
const TEMPORARY: u8 = 0x01;
/// `IFA_F_DADFAILED` and `IFA_F_TENTATIVE`: claimed, not held.
const NOT_HELD: u8 = 0x08 | 0x40;

/// Reads them all. A kernel without IPv6 has no such file and no such addresses.
pub(super) fn read(files: &Files<'_>) -> Result<Addresses, ReadError> {
    let named = |cause| ReadError::Io { path: "getifaddrs".into(), cause };
    let mut all = files.kernel.ipv4_addresses().map_err(named)?;
    match files.bytes(&files.roots.proc("net/if_inet6")) {
        Ok(content) => all.extend(parse_ipv6(&content)),
        Err(ReadError::Io { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut addresses = Addresses::new();
    for InterfaceAddress { interface, address } in all {
        addresses.entry(interface).or_default().push(address);
    }
    for list in addresses.values_mut() {
        list.sort();
        list.dedup();
    }
    Ok(addresses)
}

fn parse_ipv6(content: &[u8]) -> Vec<InterfaceAddress> {
    words::lines(content).filter_map(ipv6_line).collect()
}

/// Columns: address, index, prefix length, scope, flags, name; all numbers hexadecimal.
fn ipv6_line(line: &[u8]) -> Option<InterfaceAddress> {
    let columns: Vec<&[u8]> = words::words(line).collect();
    let [address, _, prefix, _, flags, name] = columns.as_slice() else { return None };
    let hexadecimal = |word: &[u8]| u128::from_str_radix(str::from_utf8(word).ok()?, 16).ok();
    let flags = u8::try_from(hexadecimal(flags)?).ok()?;
    if flags & (TEMPORARY | NOT_HELD) != 0 {
        return None;
    }
    let prefix = u8::try_from(hexadecimal(prefix)?).ok().filter(|prefix| *prefix <= 128)?;
    let address = IpAddr::V6(Ipv6Addr::from(hexadecimal(address)?));
    Some(InterfaceAddress { interface: words::lossy(name), address: AddressWithPrefix { address, prefix } })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_lasting_addresses_are_facts() {
        let content = b"20010db8002000000000000000000005 07 40 00 80 vmbr0.20\n\
            20010db80020000099d3a1b2c3d4e5f6 07 40 00 01 vmbr0.20\n\
            20010db8002000000000000000000009 07 40 00 48 vmbr0.20\n\
            fe80000000000000e8042dfffee180f2 03 40 20 80    vmbr0\n\
            truncated";
        let addresses: Vec<_> =
            parse_ipv6(content).into_iter().map(|found| (found.interface, found.address.to_string())).collect();
        let expected = [("vmbr0.20", "2001:db8:20::5/64"), ("vmbr0", "fe80::e804:2dff:fee1:80f2/64")];
        assert_eq!(addresses, expected.map(|(name, address)| (name.to_owned(), address.to_owned())));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(content in prop::collection::vec(any::<u8>(), 0..200)) {
            parse_ipv6(&content);
        }
    }
}
