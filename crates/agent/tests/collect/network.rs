//! Network interfaces.

use muster_model::{Facet, InterfaceKind, Metric, Report};

use crate::{
    TEN_SECONDS,
    machine::{Machine, keys, record, sample},
};

#[test]
fn interfaces_and_what_they_are() {
    let report = Machine::recorded().agent().collect();
    use InterfaceKind as K;
    let expected = [
        ("net:bond0", K::Bond),
        ("net:ens9", K::Physical),
        ("net:eth0p", K::Virtual),
        ("net:vmbr0", K::Bridge),
        ("net:vmbr0.20", K::Vlan),
        ("net:wg0", K::Tunnel),
    ];
    assert_eq!(keys(&report, "net:"), expected.map(|(key, _)| key), "not lo, veth, nor dummies without an address");
    for (key, kind) in expected {
        let Facet::NetworkInterface(facet) = &*record(&report, key).facets[0] else { panic!("{key}") };
        assert_eq!(facet.interface_kind, kind, "{key}");
    }
    let Facet::NetworkInterface(ens9) = &*record(&report, "net:ens9").facets[0] else { panic!("no interface") };
    assert_eq!((ens9.speed_bits_per_second, ens9.mtu_bytes, ens9.up), (None, Some(1500), Some(true)));
    assert_eq!(ens9.master.as_deref(), Some("vmbr0"));
    let Facet::NetworkInterface(vlan) = &*record(&report, "net:vmbr0.20").facets[0] else { panic!("no interface") };
    let addresses: Vec<String> = vlan.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["10.20.0.5/24", "2001:db8:20::5/64"]);
}

#[test]
fn a_member_of_a_bond_keeps_its_own_hardware_address() {
    let machine = Machine::recorded();
    machine.put("sys/class/net/ens9/address", "0a:92:c9:35:f5:2c\n");
    machine.put("sys/class/net/ens9/addr_assign_type", "3\n");
    let macs = |report: &Report| -> Vec<String> {
        record(report, "host").identity.mac_addresses.iter().map(ToString::to_string).collect()
    };
    assert!(macs(&machine.agent().collect()).is_empty(), "an address that somebody set identifies no hardware");
    machine.put("sys/class/net/ens9/bonding_slave/perm_hwaddr", "52:54:00:12:34:56\n");
    assert_eq!(macs(&machine.agent().collect()), ["52:54:00:12:34:56"]);
}

#[test]
fn a_container_counts_the_interface_it_was_given() {
    let machine = Machine::recorded();
    machine.put("run/systemd/container", "lxc");
    std::fs::remove_dir_all(machine.path("sys/class/net")).unwrap();
    machine.put("sys/class/net/eth0p/type", "1");
    let mut agent = machine.agent();
    agent.collect();
    machine.put("proc/net/dev", "\n\n eth0p: 2530 0 0 0 0 0 0 0 1598 0\n");
    machine.clock.advance(TEN_SECONDS);
    let report = agent.collect();
    assert_eq!(sample(&report, "host", Metric::NetIn), Ok(10.0));
    assert_eq!(sample(&report, "host", Metric::NetOut), Ok(0.0));
}
