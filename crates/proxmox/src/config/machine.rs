//! The configuration of a virtual machine.

use jiff::Timestamp;
use muster_model::GuestDisk;

use super::{Configured, Entries, disk::disk, network, numbered, property::Properties, switch};

/// Buses with how many disks each can have.
const BUSES: &[(&str, u32)] = &[("ide", 4), ("sata", 6), ("scsi", 31), ("virtio", 16)];
/// Interfaces that there can be.
const INTERFACES: u32 = 32;

/// Reads a configuration.
pub(crate) fn machine(entries: &Entries<'_>) -> Configured {
    let interface = |(number, name, value): (u32, &str, &str)| {
        network::machine(name, value, entries.get(format!("ipconfig{number}").as_str()).copied())
    };
    Configured {
        digest: entries.get("digest").map(|digest| (*digest).to_owned()),
        agent: Some(entries.get("agent").is_some_and(|value| agent(value))),
        os_type: entries.get("ostype").map(|os| (*os).to_owned()),
        hostname: None,
        starts_with_node: Some(entries.get("onboot").and_then(|value| switch(value)).unwrap_or(false)),
        uuid: entries.get("smbios1").and_then(|value| uuid(value)),
        created_at: entries.get("meta").and_then(|value| created_at(value)),
        interfaces: numbered(entries, "net", INTERFACES).into_iter().map(interface).collect(),
        disks: disks(entries),
        image: false,
    }
}

/// Whether an agent is configured: `1`, or `enabled=1,…`.
fn agent(value: &str) -> bool {
    let properties = Properties::of(value);
    properties.first.and_then(switch).or_else(|| properties.switch("enabled")).unwrap_or(false)
}

fn uuid(value: &str) -> Option<String> {
    let text = Properties::of(value).get("uuid")?.to_ascii_lowercase();
    let dashes = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let spelled = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| if dashes(at) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    (spelled && !muster_model::is_placeholder_identifier(&text)).then_some(text)
}

fn created_at(value: &str) -> Option<Timestamp> {
    let seconds = Properties::of(value).get("ctime")?.parse().ok().filter(|seconds| *seconds > 0)?;
    Timestamp::from_second(seconds).ok()
}

fn disks(entries: &Entries<'_>) -> Vec<GuestDisk> {
    let buses = BUSES.iter().flat_map(|(bus, below)| numbered(entries, bus, *below));
    let firmware = ["efidisk0", "tpmstate0"].into_iter().filter_map(|slot| Some((0, slot, *entries.get(slot)?)));
    buses
        .chain(firmware)
        .filter(|(_, _, value)| !is_cloud_init(value))
        .filter_map(|(_, slot, value)| disk(slot, value))
        .collect()
}

/// A drive that only hands a configuration to the guest.
fn is_cloud_init(value: &str) -> bool {
    Properties::of(value).first.is_some_and(|volume| volume.ends_with("-cloudinit") || volume.ends_with(":cloudinit"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn agents_are_spelled_in_many_ways() {
        for on in ["1", "enabled=1", "1,fstrim_cloned_disks=1", "enabled=1,type=virtio"] {
            assert!(agent(on), "{on}");
        }
        for off in ["0", "enabled=0", "", "type=virtio", "0,type=isa"] {
            assert!(!agent(off), "{off}");
        }
    }

    #[test]
    fn identity_is_checked() {
        // D-6
        let found = uuid("base64=1,uuid=863B31C3-42CA-4A92-AED7-4111F342F70A");
        assert_eq!(found.as_deref(), Some("863b31c3-42ca-4a92-aed7-4111f342f70a"));
        for bad in ["uuid=", "uuid=863b31c3", "serial=x", "uuid=00000000-0000-0000-0000-000000000000"] {
            assert_eq!(uuid(bad), None, "{bad}");
        }
        assert_eq!(created_at("creation-qemu=10.1.2,ctime=1767225600").map(Timestamp::as_second), Some(1_767_225_600));
        assert_eq!(created_at("ctime=0"), None);
        assert_eq!(created_at("ctime=99999999999999999"), None);
    }

    #[test]
    fn high_numbers_come_in_order() {
        let entries: Entries<'_> = [
            ("net10", "virtio=BC:24:11:00:00:10"),
            ("net2", "virtio=BC:24:11:00:00:02"),
            ("net32", "virtio=BC:24:11:00:00:32"),
            ("net01", "virtio=BC:24:11:00:00:01"),
            ("netty", "x"),
            ("scsi10", "a:1,size=1G"),
            ("scsi9", "a:2,size=1G"),
            ("scsihw", "virtio-scsi-pci"),
        ]
        .into();
        let found = machine(&entries);
        let names: Vec<_> = found.interfaces.iter().map(|interface| interface.name.as_str()).collect();
        assert_eq!(names, ["net2", "net10"]);
        let slots: Vec<_> = found.disks.iter().map(|disk| disk.slot.as_str()).collect();
        assert_eq!(slots, ["scsi9", "scsi10"]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(
            keys in prop::collection::vec("(net|scsi|ide|mp|ipconfig|smbios|meta|agent|efidisk)[0-9]{0,3}", 0..12),
            values in prop::collection::vec(r"[\PC]{0,40}|[a-z0-9=,:;./ -]{0,60}", 12),
        ) {
            let entries: Entries<'_> =
                keys.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
            let found = machine(&entries);
            prop_assert!(found.interfaces.len() <= entries.len());
            let other = super::super::container(&entries);
            prop_assert!(other.disks.len() <= entries.len());
        }
    }
}
