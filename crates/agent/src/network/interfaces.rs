//! Which network interfaces a machine has and what they are, from `/sys/class/net`.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::Path,
};

use muster_model::{InterfaceKind, MacAddress, NetworkInterfaceFacet};

use super::addresses::Addresses;
use crate::{
    read::{Files, ReadError},
    words,
};

/// Interfaces that virtualisation and containers make for their guests, by the start of their name.
const MADE_FOR_GUESTS: &[&str] =
    &["veth", "tap", "vnet", "fwpr", "fwln", "fwbr", "docker", "cni", "flannel", "cali", "virbr", "lxc", "ifb"];

/// `ARPHRD_LOOPBACK`.
const LOOPBACK: u32 = 772;
/// `ARPHRD_TUNNEL`, `ARPHRD_TUNNEL6`, `ARPHRD_SIT`, `ARPHRD_IPGRE`, `ARPHRD_IP6GRE`, and `ARPHRD_NONE` of WireGuard and tun.
const TUNNELS: &[u32] = &[768, 769, 776, 778, 823, 65_534];
/// `NET_ADDR_PERM`: the address is the hardware's own.
const PERMANENT: u8 = 0;

/// One interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interface {
    /// The name as the kernel has it; it need not be UTF-8.
    pub(crate) name: Vec<u8>,
    pub(crate) facet: NetworkInterfaceFacet,
    /// The address burnt into the hardware, where it tells this machine from others.
    pub(crate) hardware_address: Option<MacAddress>,
}

impl Interface {
    /// Names it among the machine's interfaces.
    pub(crate) fn key(&self) -> String {
        format!("net:{}", words::distinct(&self.name))
    }
}

/// The interfaces worth a record, in order of name.
pub(super) fn read(files: &Files<'_>, addresses: &Addresses) -> Result<Vec<Interface>, ReadError> {
    let path = files.roots.sys("class/net");
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(ReadError::Io { path, cause }),
    };
    let mut names: Vec<OsString> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    Ok(names.into_iter().filter_map(|name| interface(files, &path.join(&name), name.into_vec(), addresses)).collect())
}

fn interface(files: &Files<'_>, directory: &Path, name: Vec<u8>, addresses: &Addresses) -> Option<Interface> {
    let shown = words::lossy(&name);
    // The link must lead somewhere: its mere text is no device.
    let has_device = directory.join("device").exists();
    if !has_device && is_made_for_guests(&shown) {
        return None;
    }
    let arp_type: u32 = files.number(&directory.join("type"))?;
    let kind = if has_device { InterfaceKind::Physical } else { kind_of_software(files, directory, arp_type) };
    let addresses = addresses.get(&shown).cloned().unwrap_or_default();
    if arp_type == LOOPBACK || !is_wanted(kind, !addresses.is_empty()) {
        return None;
    }
    let hardware_address = hardware_address(files, directory).filter(|_| has_device);
    let facet = NetworkInterfaceFacet { addresses, ..facet(files, directory, shown, kind) };
    Some(Interface { name, facet, hardware_address })
}

/// An interface made by software without a purpose of its own counts where it has an address, as in a container.
fn is_wanted(kind: InterfaceKind, has_address: bool) -> bool {
    match kind {
        InterfaceKind::Physical
        | InterfaceKind::Bond
        | InterfaceKind::Bridge
        | InterfaceKind::Vlan
        | InterfaceKind::Tunnel => true,
        InterfaceKind::Virtual => has_address,
    }
}

fn facet(files: &Files<'_>, directory: &Path, name: String, interface_kind: InterfaceKind) -> NetworkInterfaceFacet {
    let master = fs::read_link(directory.join("master")).ok();
    NetworkInterfaceFacet {
        name,
        interface_kind,
        mac_address: mac_address(files, &directory.join("address")),
        addresses: Vec::new(),
        speed_bits_per_second: speed(files, directory),
        mtu_bytes: files.number(&directory.join("mtu")),
        up: files.attribute(&directory.join("operstate")).as_deref().and_then(is_up),
        master: master.and_then(|link| Some(words::lossy(link.file_name()?.as_bytes()))),
    }
}

/// The address burnt in. A bond gives its members one address; there their own stands elsewhere.
fn hardware_address(files: &Files<'_>, directory: &Path) -> Option<MacAddress> {
    let permanent = || files.number::<u8>(&directory.join("addr_assign_type")) == Some(PERMANENT);
    mac_address(files, &directory.join("bonding_slave/perm_hwaddr"))
        .or_else(|| mac_address(files, &directory.join("address")).filter(|_| permanent()))
}

fn mac_address(files: &Files<'_>, path: &Path) -> Option<MacAddress> {
    files.attribute(path)?.parse().ok().filter(|mac: &MacAddress| mac.identifies())
}

/// By name: the kernel does not say for whom an interface was made. Docker names its bridges `br-` and 12 digits.
fn is_made_for_guests(name: &str) -> bool {
    let docker_bridge = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    MADE_FOR_GUESTS.iter().any(|prefix| name.starts_with(prefix)) || name.strip_prefix("br-").is_some_and(docker_bridge)
}

fn kind_of_software(files: &Files<'_>, directory: &Path, arp_type: u32) -> InterfaceKind {
    let uevent = files.bytes(&directory.join("uevent")).unwrap_or_default();
    match words::lines(&uevent).find_map(|line| line.strip_prefix(b"DEVTYPE=")) {
        Some(b"bond") => InterfaceKind::Bond,
        Some(b"bridge") => InterfaceKind::Bridge,
        Some(b"vlan") => InterfaceKind::Vlan,
        Some(b"wireguard" | b"vxlan" | b"geneve" | b"gretap" | b"erspan") => InterfaceKind::Tunnel,
        _ if directory.join("bonding").exists() => InterfaceKind::Bond,
        _ if directory.join("bridge").exists() => InterfaceKind::Bridge,
        _ if TUNNELS.contains(&arp_type) => InterfaceKind::Tunnel,
        _ => InterfaceKind::Virtual,
    }
}

/// The kernel says -1, or fails, where there is no speed.
fn speed(files: &Files<'_>, directory: &Path) -> Option<u64> {
    let megabits: i64 = files.number(&directory.join("speed"))?;
    u64::try_from(megabits).ok().filter(|megabits| *megabits > 0)?.checked_mul(1_000_000)
}

fn is_up(operstate: &str) -> Option<bool> {
    match operstate {
        "up" => Some(true),
        "down" | "lowerlayerdown" | "notpresent" | "dormant" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_made_for_guests_are_left_out() {
        for name in ["veth1a2b", "tap100i0", "fwbr100i0", "docker0", "br-0123456789ab", "cali1", "virbr0"] {
            assert!(is_made_for_guests(name), "{name}");
        }
        for name in ["eth0", "br0", "br-lan", "vmbr0", "wg0", "bond0"] {
            assert!(!is_made_for_guests(name), "{name}");
        }
    }
}
