//! The configuration of a container.

use super::{Configured, Entries, disk::disk, network, numbered, switch};
use crate::rules::container_kind;

/// Interfaces that there can be.
const INTERFACES: u32 = 32;
/// Mount points that there can be.
const MOUNTS: u32 = 256;

/// Reads a configuration. A container has no UUID and no time of creation.
pub(crate) fn container(entries: &Entries<'_>) -> Configured {
    let interfaces = numbered(entries, "net", INTERFACES);
    let host_managed = interfaces.iter().any(|(_, _, value)| network::is_host_managed(value));
    let root = entries.get("rootfs").map(|value| (0, "rootfs", *value));
    let mounts = root.into_iter().chain(numbered(entries, "mp", MOUNTS));
    Configured {
        digest: entries.get("digest").map(|digest| (*digest).to_owned()),
        agent: None,
        os_type: entries.get("ostype").map(|os| (*os).to_owned()),
        hostname: entries.get("hostname").map(|name| (*name).to_owned()).filter(|name| !name.is_empty()),
        starts_with_node: Some(entries.get("onboot").and_then(|value| switch(value)).unwrap_or(false)),
        uuid: None,
        created_at: None,
        interfaces: interfaces.into_iter().map(|(_, name, value)| network::container(name, value)).collect(),
        disks: mounts.filter_map(|(_, slot, value)| disk(slot, value)).collect(),
        image: container_kind::is_image(|key| entries.get(key).copied(), host_managed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_and_mounts_are_disks() {
        let entries: Entries<'_> = [
            ("rootfs", "local-zfs:subvol-105-disk-0,size=8G"),
            ("mp1", "/srv/data,mp=/data"),
            ("mp0", "nas:105/vm-105-disk-1.raw,mp=/var,size=2T,backup=1"),
            ("hostname", "ct105"),
            ("onboot", "1"),
            ("net0", "name=eth0,hwaddr=BC:24:11:89:67:07"),
        ]
        .into();
        let found = container(&entries);
        let disks: Vec<_> = found.disks.iter().map(|disk| (disk.slot.as_str(), disk.size_bytes)).collect();
        assert_eq!(disks, [("rootfs", Some(8 << 30)), ("mp0", Some(2 << 40)), ("mp1", None)]);
        assert_eq!((found.starts_with_node, found.image), (Some(true), false));
        assert_eq!(found.hostname.as_deref(), Some("ct105"));
    }

    #[test]
    fn an_application_image_is_told_by_its_interface_too() {
        //
        let entries: Entries<'_> = [("net0", "name=eth0,host-managed=1")].into();
        assert!(container(&entries).image);
    }
}
