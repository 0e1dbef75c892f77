//! Network interfaces of virtual machines and containers, with the addresses that somebody declared for them.

use muster_model::{AddressWithPrefix, GuestInterface, MacAddress};

use super::{address, property::Properties};

/// Device models of virtual machines; the key of the hardware address where it is not spelled out.
const MODELS: &[&str] = &[
    "e1000",
    "e1000-82540em",
    "e1000-82544gc",
    "e1000-82545em",
    "e1000e",
    "i82551",
    "i82557b",
    "i82559er",
    "ne2k_isa",
    "ne2k_pci",
    "pcnet",
    "rtl8139",
    "virtio",
    "vmxnet3",
];

/// An interface of a virtual machine: `virtio=BC:24:11:…,bridge=vmbr0,tag=100`.
pub(super) fn machine(name: &str, value: &str, declared: Option<&str>) -> GuestInterface {
    let properties = Properties::of(value);
    let short = properties.pairs().find(|(key, _)| MODELS.contains(key));
    let mac = properties.get("macaddr").or(short.map(|(_, mac)| mac));
    let model = properties.get("model").or(short.map(|(model, _)| model)).or(properties.first);
    GuestInterface {
        mac_address: mac.and_then(hardware_address),
        model: model.map(str::to_owned),
        addresses: declared.map(|declared| addresses(&Properties::of(declared))).unwrap_or_default(),
        ..plugged(name, &properties)
    }
}

/// An interface of a container: `name=eth0,bridge=vmbr0,hwaddr=BC:24:11:…,ip=192.0.2.20/24`.
pub(super) fn container(name: &str, value: &str) -> GuestInterface {
    let properties = Properties::of(value);
    GuestInterface {
        guest_name: properties.get("name").map(str::to_owned),
        mac_address: properties.get("hwaddr").and_then(hardware_address),
        model: properties.get("type").map(str::to_owned),
        addresses: addresses(&properties),
        ..plugged(name, &properties)
    }
}

/// Whether the node itself sets the address of a container's interface.
pub(super) fn is_host_managed(value: &str) -> bool {
    Properties::of(value).switch("host-managed") == Some(true)
}

fn plugged(name: &str, properties: &Properties<'_>) -> GuestInterface {
    GuestInterface {
        name: name.to_owned(),
        bridge: properties.get("bridge").map(str::to_owned),
        vlan: properties.get("tag").and_then(|tag| tag.parse().ok()).filter(|tag| (1..=4094).contains(tag)),
        up: properties.switch("link_down").map(|down| !down),
        ..GuestInterface::default()
    }
}

fn addresses(properties: &Properties<'_>) -> Vec<AddressWithPrefix> {
    let mut addresses: Vec<_> =
        ["ip", "ip6"].into_iter().filter_map(|key| properties.get(key)).filter_map(address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// A hardware address of a single interface; group addresses are none.
fn hardware_address(text: &str) -> Option<MacAddress> {
    let address: MacAddress = text.parse().ok()?;
    let group = u8::from_str_radix(address.to_string().get(..2)?, 16).ok()? & 1 == 1;
    (!group && address.identifies()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_machines_interface() {
        let short = machine("net0", "virtio=BC:24:11:2E:C5:4A,bridge=vmbr0,firewall=1,tag=100,mtu=1450", None);
        assert_eq!(short.mac_address.unwrap().to_string(), "bc:24:11:2e:c5:4a");
        assert_eq!(
            (short.model.as_deref(), short.bridge.as_deref(), short.vlan),
            (Some("virtio"), Some("vmbr0"), Some(100))
        );
        assert_eq!(short.up, None);
        let long = machine("net2", "model=virtio,macaddr=BC:24:11:2E:C5:4C,bridge=vnet0,rate=12.5", None);
        assert_eq!((long.model.as_deref(), long.mac_address.is_some(), long.vlan), (Some("virtio"), true, None));
        let pulled = machine("net1", "e1000=BC:24:11:2E:C5:4B,bridge=vmbr1,link_down=1,trunks=10;20-30", None);
        assert_eq!(pulled.up, Some(false));
    }

    #[test]
    fn declared_addresses_belong_to_the_interface() {
        let declared = "ip=192.0.2.10/24,gw=192.0.2.1,ip6=2001:db8::10/64,gw6=2001:db8::1";
        let found = machine("net0", "virtio=BC:24:11:2E:C5:4A", Some(declared));
        let texts: Vec<_> = found.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["192.0.2.10/24", "2001:db8::10/64"]);
        assert_eq!(machine("net1", "virtio=BC:24:11:2E:C5:4A", Some("ip=dhcp,ip6=auto")).addresses, []);
    }

    #[test]
    fn a_containers_interface_has_a_name_inside() {
        let value = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:89:67:07,ip=192.0.2.20/24,ip6=manual,tag=100,type=veth";
        let found = container("net0", value);
        assert_eq!((found.guest_name.as_deref(), found.model.as_deref()), (Some("eth0"), Some("veth")));
        assert_eq!((found.addresses.len(), found.vlan), (1, Some(100)));
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        let found = machine("net0", "virtio=01:00:5E:00:00:01,tag=4095,link_down=maybe", None);
        assert_eq!((found.mac_address, found.vlan, found.up), (None, None, None));
        assert_eq!(machine("net0", "virtio=zz", None).mac_address, None);
    }
}
